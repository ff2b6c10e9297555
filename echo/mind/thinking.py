"""Thoughts that are had at the same time, each on a thread of its own, each within its budget.

Knows brains by their protocol only; knows nothing of what the thoughts are for. A brain that
raises or is late is left out of this turn; one that does not come back at all is left out until
it does, because a brain serves one thread at a time.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from echo.brains.protocol import Ask, Brain, Piece, Stop, Usage
from echo.errors import EchoError
from echo.mind.cast import BUSY, LATE
from echo.nouns import Thought, Voice

GRACE_S = 0.5  # a brain past its budget is asked to stop; this long it may take to do so


@dataclass(frozen=True, slots=True)
class Errand:
    """One thought to be had: who thinks it, what is asked, how many seconds it may take."""

    voice: Voice
    brain: Brain
    ask: Ask
    budget_s: float


class Thinkers:
    """Starts errands and remembers whose brain has not come back yet."""

    def __init__(self) -> None:
        self._running: dict[Voice, threading.Thread] = {}

    def busy(self, voice: Voice) -> bool:
        """Whether this voice's brain is still held by an errand."""
        thread = self._running.get(voice)
        return thread is not None and thread.is_alive()

    def start(self, errands: Sequence[Errand], stop: Stop) -> Thoughts:
        """Set the errands going; the thoughts come out of what is returned."""
        thoughts = Thoughts(stop)
        for errand in errands:
            if self.busy(errand.voice):
                thoughts.put(Thought(errand.voice, left_out=BUSY))
                continue
            thread = threading.Thread(
                target=thoughts.think, args=(errand,), name=f"think-{errand.voice}", daemon=True
            )
            thoughts.expect(errand)
            self._running[errand.voice] = thread
            thread.start()
        return thoughts

    def rest(self, timeout_s: float) -> bool:
        """Wait until no brain is held; False when one still is after timeout_s."""
        for thread in self._running.values():
            thread.join(timeout_s)
        return not any(thread.is_alive() for thread in self._running.values())


class Thoughts:
    """The thoughts of one turn, in the order they are finished."""

    def __init__(self, stop: Stop) -> None:
        self._stop = stop
        self._done: queue.SimpleQueue[Thought] = queue.SimpleQueue()
        self._deadlines: dict[Voice, float] = {}
        self._ready: list[Thought] = []

    def put(self, thought: Thought) -> None:
        """A thought that needs no thinking."""
        self._ready.append(thought)

    def expect(self, errand: Errand) -> None:
        """Wait for this errand, until its budget and the grace are over."""
        self._deadlines[errand.voice] = time.monotonic() + errand.budget_s

    def think(self, errand: Errand) -> None:
        """Run one errand to its end; whatever happens becomes a Thought."""
        began = time.monotonic()
        text, tokens, left_out = "", 0, ""
        try:
            for item in errand.brain.speak(errand.ask, self._late(errand.voice)):
                if isinstance(item, Piece):
                    text, tokens = text + item.text, tokens + item.tokens
                elif isinstance(item, Usage) and item.finish == "cancelled":
                    left_out = LATE
        except EchoError as exc:
            left_out = str(exc)
        except Exception as exc:  # noqa: BLE001 - the thread's edge: the turn must still answer
            left_out = f"{type(exc).__name__}: {exc}"
        seconds = time.monotonic() - began
        self._done.put(Thought(errand.voice, text.strip(), tokens, seconds, left_out))

    def gather(self) -> Iterator[Thought]:
        """Every thought once; those that do not come in time as left out."""
        yield from self._ready
        waiting = dict(self._deadlines)
        while waiting:
            try:
                thought = self._done.get(timeout=self._patience(waiting))
            except queue.Empty:
                now = time.monotonic()
                for voice in [v for v, end in waiting.items() if now >= end + GRACE_S]:
                    del waiting[voice]
                    yield Thought(voice, left_out=LATE)
                continue
            if waiting.pop(thought.voice, None) is not None:
                yield thought

    def _late(self, voice: Voice) -> Stop:
        deadline = self._deadlines[voice]
        return lambda: self._stop() or time.monotonic() >= deadline

    def _patience(self, waiting: dict[Voice, float]) -> float:
        first = min(waiting.values()) + GRACE_S
        return max(0.01, first - time.monotonic())
