"""Recall: the right line among the first, with reasons, and nothing breaks it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from echo.memory.store import Store
from echo.nouns import ECHO, Turn
from echo.recall.search import recall
from tests.recall.diary import ASKED, LINES, NEVER_TOLD, NOW


def opened(folder: Path) -> Store:
    assert NOW.tzinfo is not None
    return Store.open(folder / "memory" / "echo.db", journal=None, zone=NOW.tzinfo)


def told(ref: str, text: str, *, days: int = 1, speaker: str = "me", session: str = "s") -> Turn:
    return Turn(ref, NOW - timedelta(days=days), speaker, text, session)


@pytest.fixture(scope="module")
def diary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with opened(tmp_path_factory.mktemp("diary")) as store:
        store.ingest(
            "me",
            (
                Turn(ref, NOW - timedelta(days=days), speaker, text, f"day{days}")
                for days, speaker, text, ref in LINES
            ),
            source="diary",
        )
        store.ingest("other", [told("secret", "고양이 이름은 비밀이다.")], source="diary")
        yield store


def refs(store: Store, query: str, limit: int = 10, now: datetime = NOW) -> list[str]:
    return [hit.turn.ref for hit in recall(store, "me", query, now=now, limit=limit).hits]


@pytest.mark.parametrize(("question", "ref"), ASKED)
def test_the_right_line_is_among_the_first_three(diary: Store, question: str, ref: str):
    """Particles, endings, spacing errors, one syllable, dates in words, both languages."""
    assert ref in refs(diary, question, limit=3)


@pytest.mark.parametrize("question", NEVER_TOLD)
def test_what_was_never_told_is_not_known(diary: Store, question: str):
    """The self brain says "not told" only if recall says so."""
    assert not recall(diary, "me", question, now=NOW).known


@pytest.mark.parametrize(
    "question",
    [
        "내 고양이 이름 기억나?",
        "사랑니 언제 뽑았더라",
        "어제 뭐 했지?",
        "meteor shower on the roof",
    ],
)
def test_what_was_told_is_known(diary: Store, question: str):
    assert recall(diary, "me", question, now=NOW).known


def test_echos_own_words_make_nothing_known(tmp_path: Path):
    """A reply that guesses, or says it was not told, must not become its own proof."""
    with opened(tmp_path) as store:
        store.ingest("me", [told("r", "강아지 이름은 아직 듣지 못했어.", speaker=ECHO)], source="x")
        answer = recall(store, "me", "내 강아지 이름이 뭐야?", now=NOW)
    assert [hit.turn.ref for hit in answer.hits] == ["r"]
    assert not answer.known


def test_a_question_asked_before_is_no_answer(diary: Store):
    """Asked every day, it would crowd out what it asks for."""
    found = refs(diary, "내 고양이 이름 기억나?")
    assert found.index("cat") < found.index("asked")


def test_reasons_add_up_and_hits_come_in_order(diary: Store):
    """/why shows a sum; what does not add up would be made up."""
    for question, _ in ASKED:
        hits = recall(diary, "me", question, now=NOW).hits
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        for hit in hits:
            assert hit.score == pytest.approx(sum(weight for _, weight in hit.why), abs=1e-3)
            assert len(dict(hit.why)) == len(hit.why)


def test_a_date_lifts_but_never_filters(diary: Store):
    """Memories are misdated: the line about the bike must come although it was not last week."""
    assert "bike" in refs(diary, "지난주에 자전거 탔나?")
    why = dict(recall(diary, "me", "어제 뭐 했지?", now=NOW).hits[0].why)
    assert why["date"] > 0


def test_the_same_words_come_once_with_their_count(tmp_path: Path):
    """Ten hits must not be one sentence ten times."""
    with opened(tmp_path) as store:
        store.ingest(
            "me",
            [told(f"t{i}", "물 많이 마시기", days=i, session=f"s{i}") for i in range(1, 6)],
            source="x",
        )
        hits = recall(store, "me", "물 마시기", now=NOW).hits
    assert len(hits) == 1
    assert "said 5 times" in dict(hits[0].why)


def test_neighbours_come_beside_and_are_no_hits(tmp_path: Path):
    """A hit is understood by what was said around it, in its own session only."""
    lines = ["아침에 일어났다", "커피를 마셨다", "고래를 봤다", "배를 탔다", "집에 왔다", "잤다"]
    with opened(tmp_path) as store:
        store.ingest("me", [told(f"t{i}", line) for i, line in enumerate(lines)], source="x")
        store.ingest("me", [told("far", "다른 날", session="z")], source="x")
        hits = recall(store, "me", "고래", now=NOW).hits
    assert hits[0].turn.ref == "t2"
    assert [turn.ref for turn in hits[0].near] == ["t0", "t1", "t3", "t4"]


def test_excluded_refs_are_no_hits(diary: Store):
    """What stands in the conversation already need not be recalled into it."""
    asked = "우리 고양이 귀여웠지"
    assert "cat" in [hit.turn.ref for hit in recall(diary, "me", asked, now=NOW).hits]
    hits = recall(diary, "me", asked, now=NOW, exclude=frozenset({"cat"})).hits
    assert "cat" not in [hit.turn.ref for hit in hits]


def test_stop_words_alone_still_find(tmp_path: Path):
    """Never empty when anything matches, whatever the question is made of."""
    with opened(tmp_path) as store:
        store.ingest("me", [told("a", "what will be will be")], source="x")
        store.ingest("me", [told("b", "나는 나다", session="other")], source="x")
        assert refs(store, "will it be?") == ["a"]
        assert refs(store, "나는") == ["b"]


def test_nobody_else_is_remembered(diary: Store):
    assert "secret" not in refs(diary, "고양이 이름 비밀", limit=50)
    assert recall(diary, "nobody", "고양이", now=NOW).hits == ()


def test_a_speaker_who_is_asked_about_comes_first(tmp_path: Path):
    """Both said nearly the same; the question names one."""
    with opened(tmp_path) as store:
        store.ingest(
            "me",
            [
                told("a", "I bought a green bicycle", speaker="Anna", session="1"),
                told("b", "I bought a green bicycle too", speaker="Boris", session="2"),
            ],
            source="x",
        )
        assert refs(store, "What did Boris buy?")[0] == "b"
        assert refs(store, "What did Anna buy?")[0] == "a"


NASTY = [
    '"',
    "*",
    "NEAR(a b)",
    "a AND NOT b",
    "own: x",
    "{own} : y",
    "^",
    "(((",
    "'; drop table",
    "-",
    "\x00",
    "\ud800",
]


@given(
    st.one_of(
        st.text(),
        st.lists(
            st.sampled_from([*NASTY, "고양이", "이름", "👨‍👩‍👧", "어제", "0월 99일", "9999년"])
        ).map(" ".join),
    )
)
@example("고양이 " * 3000)
@example("x" * 10_000)
@example(" ".join(f"word{i}" for i in range(2000)))
@example('NEAR("고양이" "이름", 2)')
@example("2월 31일 고양이")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_nothing_typed_or_pasted_breaks_it(diary: Store, query: str):
    """And every hit is something this user has, once."""
    found = refs(diary, query, limit=30)
    assert set(found) <= {ref for *_, ref in LINES}
    assert len(found) == len(set(found))


def test_a_question_can_ask_for_no_hits(diary: Store):
    assert recall(diary, "me", "고양이", now=NOW, limit=0).hits == ()
