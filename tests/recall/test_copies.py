"""What reaches the prompt is data, and never comes back into memory as something said."""

from __future__ import annotations

from pathlib import Path

from echo.nouns import ECHO, Turn
from tests.mind.test_session import SEOUL, World, exchange_of, say

TOLD = "내 고양이 이름은 모푸야"
ASKED = ("내 고양이 이름이 뭐야?", "고양이 이름 기억해?", "우리 고양이 이름이 뭐라고 했지?")


def test_a_hundred_turns_make_no_copies_of_what_was_recalled(tmp_path: Path):
    """Recalled lines stand in every prompt, and Echo's answer repeats them: memory grows by the
    two turns of an exchange and no more, and what was told stays the first that is found.
    """
    world = World(tmp_path)
    session = world.session()
    at = world.clock().astimezone(SEOUL)
    session.store.ingest("me", [Turn("told", at, "me", TOLD, "before")], source="diary")
    for number in range(100):
        world.brains["self"].enqueue("네 고양이 이름은 모푸야.")
        events = say(session, ASKED[number % len(ASKED)])
        recalled = [hit.turn for hit in exchange_of(events).exchange.recalls]
        assert recalled[0].ref == "told"
    assert len({hit.ref for hit in recalled}) == len(recalled)
    turns = list(session.store.turns("me"))
    assert len(turns) == 1 + 2 * 100
    assert sum(TOLD in turn.text for turn in turns) == 1
    assert not any("[기억]" in turn.text or "(20" in turn.text for turn in turns)
    prompt = world.brains["self"].history[-1].messages[-1].content
    assert prompt.count(f"- 나: {TOLD} (2026년 3월 ") == 1
    assert {turn.speaker for turn in turns} == {"me", ECHO}
    session.close()
