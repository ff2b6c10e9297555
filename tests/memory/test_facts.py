"""Facts beside the turns that told them: kept, mended, forgotten, and the same in every rebuild."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from echo.errors import StoreError
from echo.memory import factmends, facts, rights
from echo.memory.rebuild import rebuild
from echo.memory.rights import Choice
from echo.memory.store import Store, random_ref
from echo.nouns import Fact
from echo.recall.search import recall
from tests.memory.homes import NOON, exchange, opened, turn, write
from tests.memory.test_rebuild import boot, how

LATER = NOON + timedelta(days=30)


def open_(home: Path) -> Store:
    return opened(home, new_ref=random_ref, clock=lambda: LATER)


def values(store: Store, relation: str, user: str = "me") -> list[tuple[str, bool]]:
    return [(k.fact.value, k.until is None) for k in store.known(user, (relation,))
            if k.fact.relation == relation]  # fmt: skip


def test_words_said_in_talk_tell_facts_at_once_and_echo_tells_none(tmp_path: Path) -> None:
    with open_(tmp_path) as store:
        store.begin("me", turn("w1", "내 고양이 이름은 모푸야"))
        assert values(store, "name") == [("모푸", True)]
        store.finish("me", exchange(2, "안녕", "나는 에코라고 해."))
        assert values(store, "name") == [("모푸", True)]


def test_imported_words_of_others_tell_nothing_of_the_user(tmp_path: Path) -> None:
    with open_(tmp_path) as store:
        store.ingest("me", [turn("a", "I live in Rome", speaker="Anna")], source="t")
        assert store.known("me") == ()


def test_nobody_sees_another_users_facts(tmp_path: Path) -> None:
    with open_(tmp_path) as store:
        store.ingest("kim", [turn("a", "나 부산에 살아", speaker="kim")], source="t")
        assert store.known("me") == ()
        assert values(store, "home", "kim") == [("부산", True)]


def test_a_day_file_tells_facts_and_an_edit_tells_others(tmp_path: Path) -> None:
    write(tmp_path / "memory/day20260110/part1.txt", "나 부산에 살아\n오늘은 흐림\n")
    with open_(tmp_path) as store:
        boot(store, tmp_path)
        (known,) = store.known("me")
        assert known.fact == Fact("me", "home", "부산", confidence=known.fact.confidence)
        rights.edit(store, "me", known.refs[0], "나 대구에 살아")
        assert values(store, "home") == [("대구", True)]


def test_a_line_that_left_its_file_tells_nothing_any_more(tmp_path: Path) -> None:
    path = write(tmp_path / "memory/day20260110/part1.txt", "나 부산에 살아\n오늘은 흐림\n")
    with open_(tmp_path) as store:
        boot(store, tmp_path)
        path.write_text("오늘은 흐림\n", "utf-8")
        boot(store, tmp_path)
        assert store.known("me") == ()


def mended(store: Store) -> None:
    store.ingest("me", [
        turn("a", "내 고양이 이름은 모프야"), turn("b", "땅콩 알레르기 있어", after_s=1),
        turn("c", "나 부산에 살아", after_s=2), turn("d", "나 서울에 살아", after_s=86400),
    ], source="t")  # fmt: skip
    by_value = {known.fact.value: known.id for known in store.known("me")}
    new = factmends.correct(store, "me", by_value["모프"], "모푸")
    assert (new.fact.value, new.edited) == ("모푸", True)
    factmends.retract(store, "me", by_value["땅콩"][:6])
    factmends.propose(store, "me", "b", (Fact("me", "likes", "땅콩", confidence=0.5),))


def test_rebuilding_gives_the_same_facts(tmp_path: Path) -> None:
    with open_(tmp_path) as store:
        mended(store)
        before = store.known("me")
    assert [k.fact.value for k in before] == ["모푸", "땅콩", "부산", "서울"]
    assert rebuild(how(tmp_path)).same
    (tmp_path / "memory/echo.db").unlink()
    rebuild(how(tmp_path))
    with open_(tmp_path) as store:
        assert store.known("me") == before


def test_what_is_forgotten_takes_its_facts_and_corrections_along(tmp_path: Path) -> None:
    with open_(tmp_path) as store:
        mended(store)
    store = opened(tmp_path, new_ref=random_ref, clock=lambda: LATER, presence="alone")
    with store:
        rights.forget(store, "me", Choice(ref="a"))
        assert values(store, "name") == []
    journal = "".join(p.read_text("utf-8") for p in (tmp_path / "memory/me").rglob("part*.txt"))
    assert "모푸" not in journal
    assert "모프" not in journal


def test_rules_that_changed_find_everything_anew(tmp_path: Path) -> None:
    with open_(tmp_path) as store:
        mended(store)
        before = store.known("me")
        with store.writing() as conn:
            conn.execute("delete from fact")
            conn.execute("update setting set value = 'old' where name = 'facts'")
        assert store.known("me") != before
    with open_(tmp_path) as store:
        assert store.known("me") == before
        with store.database.read() as conn:
            assert facts.up_to_date(conn)


def test_an_id_that_means_none_or_two_is_refused(tmp_path: Path) -> None:
    with open_(tmp_path) as store:
        mended(store)
        for ident in ("", "ffffffffff", "0"):
            with pytest.raises(StoreError, match="no fact"):
                factmends.retract(store, "me", ident)


ASKED = [
    ("내 고양이 이름 기억나?", "내 고양이 이름은 모푸야"),
    ("where does my sister live?", "My sister Emma lives in Boston"),
    ("나 어디 살아?", "나 이제 서울에 살아"),
    ("엄마 생일이 언제지?", "엄마 생일은 3월 14일이야"),
    ("치과 언제 가?", "다음 주 수요일에 치과 예약 있어"),
    ("what is my favorite color?", "my favourite colour is green"),
    ("언니 직업이 뭐야?", "우리 언니는 간호사야"),
    ("모푸는 몇 살이야?", "고양이가 이제 세 살이야"),
]


def test_a_question_of_fact_brings_the_turn_that_told_it_first(tmp_path: Path) -> None:
    lines = ["나 부산에 살아", "오늘 날씨 좋다", "고양이가 밥을 안 먹네", "The museum was crowded",
             *(text for _, text in ASKED)]  # fmt: skip
    with open_(tmp_path) as store:
        turns = [turn(f"r{i}", text, after_s=i * 3600) for i, text in enumerate(lines)]
        store.ingest("me", turns, source="t")
        for question, text in ASKED:
            told = recall(store, "me", question, now=LATER, limit=5)
            assert told.known, question
            assert told.hits[0].turn.text == text, question
            assert told.hits[0].why[0][0] == "fact"
        told = recall(store, "me", "나 어디 살아?", now=LATER, limit=5)
        assert [(h.turn.text, h.why[0][0]) for h in told.hits[:2]] == [
            ("나 이제 서울에 살아", "fact"), ("나 부산에 살아", "former fact"),
        ]  # fmt: skip
        told = recall(store, "me", "나 어디 살아?", now=LATER, exclude=frozenset(("r6", "r7")))
        assert told.hits[0].turn.text == "나 이제 서울에 살아"  # told in the conversation itself
