"""The forms of a word fall together, on both sides of the index alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echo.terms.english import stem
from echo.terms.korean import stems
from echo.terms.marks import TELLS_NUMBER, TELLS_TIME, asks, marks
from echo.terms.split import exact, runs, terms, terms_of

ONE_WORD = (
    "먹었다 먹은 먹고 먹었지 먹는 먹을 먹었더라 먹던",
    "갔다 갔어 가서 간 갈 가는 갔었지 갔던",
    "봤다 봤지 본 보고 보는 봐서",
    "이사했다 이사한 이사 이사를",
    "춥다 추웠다 추운 추워서",
    "도왔다 돕는 도운",
    "몰랐다 모르는 몰라서 모른",
    "들었다 듣고 들은 듣는",
    "만들었다 만든 만드는 만들고",
    "마셨다 마신 마시고 마셔서",
    "아팠다 아픈 아파서 아프고",
    "시작했다 시작됐다 시작한",
    "그만뒀다 그만둔 그만두고",
    "넘어졌다 넘어진 넘어져서",
    "잃어버렸다 잃어버린 잃어버려서",
    "고양이는 고양이가 고양이 고양이를 고양이에게도 고양이랑",
    "강아지 강아지는 강아지를 강아지한테",
    "지연이가 지연이는 지연한테 지연이랑",
    "회의 회의를 회의에서",
    "차 차를 차는",
    "집 집에 집에서",
    "친구 친구들이 친구들과 친구랑",
    "서울 서울로 서울에서",
    "의사였다 의사 의사가",
)


@pytest.mark.parametrize("forms", ONE_WORD)
def test_the_forms_of_a_korean_word_share_a_stem(forms: str):
    """Particles, tenses, contractions, irregular verbs: a question says it otherwise."""
    first, *others = forms.split()
    for other in others:
        assert set(stems(first)) & set(stems(other)), other


@pytest.mark.parametrize(
    ("one", "other"), [("고양이", "고모"), ("먹었다", "마셨다"), ("회사", "회의"), ("봄", "밤")]
)
def test_other_words_share_none(one: str, other: str):
    assert not set(stems(one)) & set(stems(other))


@given(st.text(alphabet=st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1))
def test_every_run_has_stems_of_hangul(run: str):
    """Whatever is typed; a stem is never empty, so it never stands in every line."""
    found = stems(run)
    assert found
    assert all(stem and all("가" <= c <= "힣" for c in stem) for stem in found)


def test_english_words_by_their_stems():
    assert len({stem(word) for word in ("paint", "painted", "painting", "paints")}) == 1
    assert stem("went") == stem("go")
    assert stem("children") == stem("child")
    assert stem("café") == stem("cafe")


def test_a_text_is_found_by_words_pairs_and_numbers():
    """Written together or apart; three cats of ㅋ are two; Anna's is Anna."""
    assert {"운전", "면허"} <= terms_of("운전면허를 땄다") & (terms_of("운전 면허"))
    assert terms_of("Anna’s CAT ㅋㅋㅋㅋ") == terms_of("anna cat ㅋㅋ")
    assert {"10,000", "10", "000"} <= terms_of("10,000원")
    assert {"東京", "京タ"} <= terms_of("東京タワー")
    assert list(runs("")) == []


@given(st.text())
def test_no_text_breaks_it_and_terms_are_those_of_its_runs(text: str):
    assert terms_of(text) == {term for run in runs(text) for term in terms(run)}
    assert all(exact(run) for run in runs(text))


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("지난주에 샀다", TELLS_TIME),
        ("we met last Friday", TELLS_TIME | 0),
        ("고양이 세 마리", TELLS_NUMBER),
        ("It was three dollars", TELLS_NUMBER),
        ("고양이를 봤다", 0),
    ],
)
def test_marks_of_a_text(text: str, mark: int):
    assert marks(text) == mark


def test_what_asks():
    assert asks("뭐 했지?")
    assert asks('"really?" ~')
    assert not asks("그랬다.")
