"""The net that reads a reply word by word: what it goes by, its arithmetic, and what it says."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from echo.mind.grounds import judge, net, words
from echo.mind.grounds.claims import candidates
from echo.mind.grounds.support import Support
from echo.nouns import LANGS, Lang

CAT = Support(("우리 고양이 모푸가 왼쪽 다리를 절뚝거렸어",), (), date(2026, 3, 16))


def test_a_cell_is_an_lstm():
    """One cell over one number, reckoned by hand: input, forget, cell and output gates."""
    one = net.Layer(
        np.array([[1.0], [0.0], [2.0], [0.0]], np.float32),
        np.array([[0.0], [1.0], [0.0], [-1.0]], np.float32),
        np.array([0.0, 0.5, 0.0, 0.0], np.float32),
    )
    opened = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731
    cell = opened(1.0) * np.tanh(2.0)
    first = opened(0.0) * np.tanh(cell)
    cell = opened(0.5 + first) * cell + opened(-1.0) * np.tanh(-2.0)
    second = opened(-first) * np.tanh(cell)
    found = one.over(np.array([[1.0], [-1.0]], np.float32))
    assert found[:, 0] == pytest.approx([first, second], abs=1e-6)


def tiny() -> net.Nets:
    """Two attributes, `a` and `b`, which speak for themselves; no cell says anything."""
    still = net.Layer(*(np.zeros(shape, np.float32) for shape in ((4, 2), (4, 1), (4,))))
    names = net.named(["a", "b"])
    alone = np.array([1.0 if name == net.named(["a"])[0] else 0.25 for name in names], np.float32)
    vectors, scale = np.zeros((2, 2), np.int8), np.ones(2, np.float32)
    one = net.Net(vectors, scale, alone, still, still, np.zeros(4, np.float32), -0.5)
    return net.Nets(np.array(names, np.uint32), (one, one))


def test_an_attribute_counts_once_a_word_and_an_unknown_one_not_at_all():
    found = tiny().odds([["a", "a", "zz"], [], ["b", "a"]])
    assert found.tolist() == [0.5, -0.5, 0.75]
    assert tiny().odds([]).tolist() == []


def test_words_bear_the_marks_of_what_may_be_invented_there():
    reply = "모푸 오른쪽 다리지?"
    found = list(candidates(reply, CAT))
    made, covered = words.read(reply, found, "ko", "어디 다쳤지")
    by_word = {own[1].removeprefix("w="): own for own in made if own[0] == "b"}
    assert "m:other_of_class" in by_word["오른쪽"]
    assert "m:held" in by_word["모푸"]
    assert not any(name.startswith("m:with") or "&" in name for name in by_word["오른쪽"])
    assert [made[i][1] for places in covered for i in places] == ["w=오른쪽"]


def test_what_is_answered_is_read_ahead_of_the_reply():
    made, _ = words.read("부산이지.", [], "ko", "나 어디 살지")
    ahead = [own for own in made if own[0].startswith("q:")]
    assert made[: len(ahead)] == ahead
    assert "q:w=어디" in ahead[1]
    assert ahead[-1] == ["q:|"]
    assert words.read("부산이지.", [], "ko", "")[0][0] == ["q:|"]


def test_where_no_word_was_read_the_regression_speaks_for_both():
    assert judge.together(2.0, None, 0.5) == judge.together(2.0, 2.0, 0.5)
    assert judge.together(2.0, -1.0, 0.5) < 2.0 < judge.together(2.0, 1.0, 0.5)


def test_a_reply_beyond_what_is_read_is_judged_to_its_end():
    reply = "오늘은 푹 쉬자. " * 300 + "지난번에 부산에서 수술받았다고 했잖아."
    assert not any("w=부산" in own for own in words.read(reply, [], "ko", "")[0])
    assert any("부산" in claim for claim in judge.ungrounded(reply, CAT))


def test_a_reply_in_two_languages_is_read_by_both():
    reply = "모푸 부산에서 수술했다며. You told me your sister Anna moved to Lisbon."
    found = " / ".join(judge.ungrounded(reply, CAT))
    assert "부산" in found
    assert "Lisbon" in found


@pytest.mark.parametrize("lang", LANGS)
def test_the_kept_nets_are_whole(lang: Lang):
    kept = net.nets(lang)
    assert len(kept.nets) > 1
    assert np.all(np.diff(kept.names.astype(np.int64)) > 0)
    for one in kept.nets:
        assert len(one.vectors) == len(one.scale) == len(one.alone) == len(kept.names)
        assert np.isfinite(one.last).all()


def test_what_is_kept_says_what_was_trained():
    """The arrays in numpy against torch, where it is there."""
    torch = pytest.importorskip("torch")
    from bench import ground_net

    torch.manual_seed(3)
    attributes = [["b", "w=모푸"], ["b", "w=는"], ["b", "w=세", "k=number"]]
    names = np.array(net.named(one for own in attributes for one in own), np.uint32)
    model = ground_net.Model(len(names)).eval()
    model.alone.weight.data.normal_()
    kept = {f"{name}0": array for name, array in ground_net.arrays(model).items()}
    said = net.unpacked({"names": names, **kept}).odds(attributes)
    rows = [np.searchsorted(names, np.array(net.named(own), np.uint32)) for own in attributes]
    starts = np.cumsum([0, *map(len, rows[:-1])])
    there = torch.ones(1, len(rows), dtype=torch.bool)
    with torch.no_grad():
        wanted = model(torch.from_numpy(np.concatenate(rows)), torch.from_numpy(starts), there)
    assert said == pytest.approx(wanted[0].numpy(), abs=0.01)  # vectors are kept as bytes
