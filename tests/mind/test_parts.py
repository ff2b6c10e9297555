"""Router, budget and thinking, each alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echo.brains.protocol import Ask, Piece, Stop, Usage
from echo.errors import BrainError
from echo.mind import budget, router
from echo.mind.cast import BUSY, LATE
from echo.mind.thinking import Errand, Thinkers
from echo.nouns import ECHO, Hit, Message, Mood, Recollection, Turn
from tests.fakes import ScriptedBrain

AT = datetime(2026, 3, 2, tzinfo=UTC)
ASK = Ask((Message("user", "x"),))


# ── router ───────────────────────────────────────────────────────────────────────────────────


def test_full_and_solo_do_not_depend_on_the_words() -> None:
    assert router.voices("full", "hi", Mood()) == ("emotion", "creation", "self")
    assert router.voices("solo", "만들어줘", Mood(-1)) == ("self",)


@pytest.mark.parametrize(
    ("words", "valence", "expected"),
    [
        ("안녕", 0.0, ("self",)),
        ("hello", 0.0, ("self",)),
        ("오늘 너무 슬퍼", -0.6, ("emotion", "self")),
        ("타이머 만들어줘", 0.0, ("creation", "self")),
        ("how do I sleep better", 0.0, ("creation", "self")),
        ("x" * 61, 0.0, ("emotion", "creation", "self")),
    ],
)
def test_auto_asks_whom_the_words_need(words: str, valence: float, expected: object) -> None:
    assert router.voices("auto", words, Mood(valence)) == expected


# ── budget ───────────────────────────────────────────────────────────────────────────────────


def size(messages: object) -> int:
    return sum(len(m.content) for m in messages)  # type: ignore[attr-defined]


def test_history_is_cut_in_one_step_and_at_an_exchange() -> None:
    """Trimming turn by turn would move the prefix every turn and cost the whole cache."""
    history = [Message("user" if i % 2 == 0 else "assistant", "x" * 10) for i in range(20)]
    assert budget.trim(history, size, 1000) == tuple(history)
    kept = budget.trim(history, size, 200)
    assert size(kept) <= 0.6 * 200
    assert len(kept) % 2 == 0
    assert kept == tuple(history[-len(kept) :])


@given(st.text(max_size=300), st.integers(3, 100))
def test_clipped_words_fit_and_keep_both_ends(words: str, room: int) -> None:
    clipped = budget.clip(words, lambda text: len(text) <= room)
    assert len(clipped) <= room
    if len(words) <= room:
        assert clipped == words
    elif budget.GAP in clipped:
        head, _, tail = clipped.partition(budget.GAP)
        assert words.startswith(head)
        assert words.endswith(tail) or budget.GAP in words


def hit(name: str, score: float, speaker: str = "me", near: int = 0) -> Hit:
    turns = tuple(Turn(f"{name}-{i}", AT, "me", "near") for i in range(near))
    return Hit(Turn(name, AT, speaker, name), score, near=turns)


def lines(hits: object) -> int:
    return sum(1 + len(h.near) for h in hits)  # type: ignore[attr-defined]


def test_weak_hits_stay_out_and_own_words_come_first() -> None:
    told = Recollection("q", True, (hit("echo", 9, ECHO), hit("own", 8), hit("weak", 1)))
    kept = budget.worth_telling(told, 100, lines)
    assert [h.turn.ref for h in kept.hits] == ["own", "echo"]


def test_neighbours_come_last_and_only_with_room() -> None:
    told = Recollection("q", True, (hit("a", 9, near=4), hit("b", 8)))
    assert lines(budget.worth_telling(told, 100, lines).hits) == 6
    assert lines(budget.worth_telling(told, 3, lines).hits) == 2
    assert budget.worth_telling(told, 0, lines).hits == ()


# ── thinking ─────────────────────────────────────────────────────────────────────────────────


class HangingBrain(ScriptedBrain):
    """A brain that does not listen to stop until it is let go."""

    def __init__(self) -> None:
        super().__init__("hanging")
        self.release = threading.Event()

    def speak(self, ask: Ask, stop: Stop) -> Iterator[Piece | Usage]:
        self.release.wait(20)
        yield from super().speak(ask, stop)


class SlowBrain(ScriptedBrain):
    """A brain that thinks a word every 20 ms and does listen."""

    def speak(self, ask: Ask, stop: Stop) -> Iterator[Piece | Usage]:
        for said in range(1000):
            if stop():
                yield Usage(1, 1, said, "cancelled")
                return
            time.sleep(0.02)
            yield Piece("x ")
        yield Usage(1, 1, 1000, "length")


def test_two_thoughts_are_had_at_the_same_time() -> None:
    """Each waits for the other; one after the other they would never finish."""
    gate = threading.Barrier(2, timeout=5)

    class Meeting(ScriptedBrain):
        def speak(self, ask: Ask, stop: Stop) -> Iterator[Piece | Usage]:
            gate.wait()
            yield from super().speak(ask, stop)

    errands = [Errand("emotion", Meeting(), ASK, 5), Errand("creation", Meeting(), ASK, 5)]
    thoughts = list(Thinkers().start(errands, lambda: False).gather())
    assert {t.voice for t in thoughts} == {"emotion", "creation"}
    assert all(not t.left_out and t.text == "그래." for t in thoughts)


def test_a_slow_thought_is_left_out_and_says_so() -> None:
    errand = Errand("creation", SlowBrain(), ASK, 0.1)
    (thought,) = Thinkers().start([errand], lambda: False).gather()
    assert thought.left_out == LATE


def test_a_brain_that_hangs_is_left_out_until_it_comes_back() -> None:
    thinkers, brain = Thinkers(), HangingBrain()
    errand = Errand("emotion", brain, ASK, 0.05)
    (first,) = thinkers.start([errand], lambda: False).gather()
    assert first.left_out == LATE
    (second,) = thinkers.start([errand], lambda: False).gather()
    assert second.left_out == BUSY
    brain.release.set()
    assert thinkers.rest(5)
    (third,) = thinkers.start([errand], lambda: False).gather()
    assert not third.left_out


@pytest.mark.parametrize("fault", [BrainError("no memory"), ValueError("odd")])
def test_a_brain_that_raises_is_left_out_with_its_reason(fault: Exception) -> None:
    brain = ScriptedBrain()
    brain.enqueue(fault)
    (thought,) = Thinkers().start([Errand("emotion", brain, ASK, 5)], lambda: False).gather()
    assert str(fault) in thought.left_out
