"""Two languages and one memory: what was told in one is found by a question in the other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from echo.memory.store import Store
from echo.nouns import Recollection, Turn
from echo.recall.search import recall
from echo.recall.senses import across, alike, in_both
from echo.recall.told import without_others

TOLD = datetime(2026, 3, 2, 21, 10, tzinfo=UTC)
NOW = datetime(2026, 11, 21, 22, 0, tzinfo=UTC)


def asked(folder: Path, question: str, *told: str) -> Recollection:
    with Store.open(folder / "memory" / "echo.db", journal=None, zone=UTC) as store:
        store.ingest("me", _turns(told), source="told")
        return recall(store, "me", question, now=NOW, limit=5)


def _turns(told: tuple[str, ...]) -> list[Turn]:
    return [
        Turn(f"t{n}", TOLD + timedelta(minutes=n), "me", text, "s") for n, text in enumerate(told)
    ]


@pytest.mark.parametrize(
    ("told", "question"),
    [
        ("my dog's name is Rex", "내 강아지 이름 기억나?"),
        ("I am allergic to shrimp", "나 알레르기 뭐 있었지?"),
        ("우리 고양이 이름은 모푸야", "what's my cat's name?"),
        ("언니는 은행원이야", "what does my sister do?"),
        ("나 다음 주에 이사 가", "when am I moving?"),
    ],
)
def test_told_in_one_language_asked_in_the_other(tmp_path: Path, told: str, question: str) -> None:
    found = asked(tmp_path, question, "오늘은 비가 왔어", told, "the soup was salty")
    assert found.known
    assert found.hits[0].turn.text == told


@pytest.mark.parametrize(
    ("told", "question"),
    [
        ("our cat is called Olive", "내 강아지 이름이 뭐였지?"),
        ("my mom's birthday is May 2nd", "내 생일이 언제야?"),
        ("우리 엄마 생일은 5월 2일이야", "내 생일이 언제야?"),
        ("엄마가 땅콩 알레르기 있으셔", "what am I allergic to?"),
    ],
)
def test_what_was_told_of_another_is_not_told_of_oneself(
    tmp_path: Path, told: str, question: str
) -> None:
    assert not asked(tmp_path, question, told, "오늘은 비가 왔어").known


@pytest.mark.parametrize(
    ("told", "question"),
    [
        ("매형 생일은 5월 2일이야", "매형 생일 언제지?"),
        ("my stepmom's name is Carol", "what's my stepmom's name?"),
        ("my grandparents live in Bath", "where do my grandparents live?"),
        ("my mother-in-law's name is Sue", "what's my mother-in-law's name?"),
        ("mom's birthday is May 2nd, dad's is June 3rd", "when is dad's birthday?"),
        ("엄마 생일은 5월 2일이고 아빠는 6월 3일이야", "아빠 생일 언제야?"),
        ("나 금요일에 딸 치과 예약 있어", "딸 치과 예약 언제였지?"),
        ("I work as a manager at Tesco", "where do I work as a manager?"),
        ("I love fish", "do I like fish?"),
    ],
)
def test_whoever_is_asked_about_is_not_taken_for_another(
    tmp_path: Path, told: str, question: str
) -> None:
    file = tmp_path / "memory" / "echo.db"
    with Store.open(file, journal=None, zone=UTC) as store:
        store.ingest("me", _turns((told, "오늘은 비가 왔어")), source="told")
        found = recall(store, "me", question, now=NOW, limit=5)
        assert found.known
        assert without_others(store, "me", found) == found


@pytest.mark.parametrize(
    "question", ["what's my girlfriend's name?", "what's my wife's name?", "내 아내 이름이 뭐야?"]
)
def test_a_boyfriend_is_nobody_elses_sweetheart(tmp_path: Path, question: str) -> None:
    assert not asked(tmp_path, question, "my boyfriend's name is Tom", "팝콘 먹었어").known


def test_an_answer_beside_another_ones_fact_stays(tmp_path: Path) -> None:
    told = ("my son is allergic to peanuts", "a single prawn and my lips look like balloons")
    file = tmp_path / "memory" / "echo.db"
    with Store.open(file, journal=None, zone=UTC) as store:
        store.ingest("me", _turns(told), source="told")
        found = recall(store, "me", "what am I allergic to?", now=NOW, limit=5)
        shown = without_others(store, "me", found)
        texts = {turn.text for hit in shown.hits for turn in (hit.turn, *hit.near)}
    assert not found.known
    assert told[0] not in texts


@pytest.mark.parametrize(
    ("told", "question", "known"),
    [
        ("어제 준이랑 기생충 봤어", "준이랑 뭐 봤지?", True),
        ("we watched Parasite with Jun yesterday", "what did we watch with Jun?", True),
        ("어제 준이랑 기생충 봤어", "민수랑 뭐 봤지?", False),
        ("we watched Parasite with Jun yesterday", "what did I call my boat?", False),
    ],
)
def test_a_memory_of_the_first_day_knows_what_it_knows(
    tmp_path: Path, told: str, question: str, known: bool
) -> None:
    assert asked(tmp_path, question, told, "팝콘 먹었어").known is known


def test_words_of_the_other_language() -> None:
    assert "cat" in across(("=고양이",))
    assert "=고양이" in across(("cat",))
    assert "=바지" not in across(("sea",))
    assert "=바다" in across(("sea",))
    assert "cat" not in alike(("=고양이",))
    assert in_both("my cat").startswith("my cat ")
    assert "고양이" in in_both("my cat").split()
