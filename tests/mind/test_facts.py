"""Facts in a conversation: one question at a contradiction, and facts that a brain reads."""

from __future__ import annotations

import json
from pathlib import Path

from echo.memory.replay import replay
from echo.mind.reading import read_facts
from echo.nouns import Replied
from tests.fakes import ScriptedBrain
from tests.mind.test_session import SEOUL, World, say


def answer(events: list[object]) -> str:
    assert isinstance(events[-1], Replied)
    return events[-1].exchange.reply.text


def test_a_contradiction_is_asked_about_once(tmp_path: Path) -> None:
    session = World(tmp_path).session()
    assert "전에는" not in answer(say(session, "내 이름은 지수야"))
    asked = answer(say(session, "내 이름은 지우야"))
    assert (
        asked == "고생했어. 쉬어. 그런데 전에는 지수라고 들었던 것 같아. 이제 지우로 기억하면 될까?"
    )
    assert "전에는" not in answer(say(session, "내 이름은 지우야"))
    assert [k.fact.value for k in session.facts() if k.until is None] == ["지우"]
    session.close()


def test_what_was_asked_is_no_invented_memory(tmp_path: Path) -> None:
    session = World(tmp_path).session()
    say(session, "My name is Sam.")
    events = say(session, "My name is Alex.")
    assert isinstance(events[-1], Replied)
    assert "Sam" in events[-1].exchange.reply.text
    assert events[-1].exchange.ungrounded == ()
    session.close()


def facts(*found: tuple[str, str, str]) -> str:
    names = ("subject", "relation", "value")
    return json.dumps({"facts": [dict(zip(names, one, strict=True)) for one in found]})


def test_a_brain_is_asked_once_and_only_what_the_words_hold_is_taken(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.store() as store:
        session = world.session()
        say(session, "어제 간만에 첼로를 켰더니 손끝이 아렸다")
        say(session, "나 부산에 살아")
        session.close()
        brain = ScriptedBrain("s", facts())
        brain.enqueue(
            facts(("me", "owns", "첼로"), ("me", "home", "파리"), ("me", "zodiac", "손끝"))
        )
        assert read_facts(store, "me", brain) == (1, 1)
        assert [k.fact.value for k in store.known("me", ("owns",))] == ["첼로"]
        assert read_facts(store, "me", brain) == (0, 0)
        assert len(brain.history) == 1
        assert brain.history[0].schema is not None


def test_reading_may_be_stopped_and_goes_on(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.store() as store:
        session = world.session()
        for n in range(3):
            say(session, f"창밖을 {n}번 보았다")
        session.close()
        brain = ScriptedBrain("s", "not json")
        assert read_facts(store, "me", brain, limit=2) == (2, 0)
        assert read_facts(store, "me", brain, stop=lambda: True) == (0, 0)
        assert read_facts(store, "me", brain) == (1, 0)


def test_a_note_that_was_skimmed_is_read_closely_before_a_brain_is_asked(tmp_path: Path) -> None:
    world = World(tmp_path)
    said, noted = "우리 언니는 간호사야", "flat's in Walthamstow, shoebox but it's mine"
    place = world.folder / "memory" / "day20260101"
    place.mkdir(parents=True)
    (place / "part1.txt").write_text(f"{noted}\n", "utf-8")
    with world.store() as store:
        replay(store, world.folder / "memory", "me", zone=SEOUL)
        session = world.session()
        say(session, said)
        session.close()
        assert {known.fact.subject for known in store.known("me")} == {"언니"}
        brain = ScriptedBrain("s", "not json")
        assert read_facts(store, "me", brain) == (1, 1)
        assert not brain.history
        assert [k.fact.value for k in store.known("me", ("home",))] == ["Walthamstow"]
