"""Several voices on one context: whoever has tokens to evaluate waits for the others, and all of
them go into one batch.

Decoding a token costs the reading of all weights; three tokens in one batch cost little more. So
voices that share a GGUF are sequences of one context. Each runs on its own thread and asks step()
for its next token; the last to arrive evaluates and samples for everybody. A voice that is doing
something else (its reader is slow, it has finished) is waited for PATIENCE_S once and then no
more until it comes again.

What a voice says does not depend on who sings along: a sequence sees its own cells alone, and on
processors the logits of quantised files are the same to the last bit (context.py says how; f16
weights round a single row otherwise, by 0.003 of the deviation). A prompt is evaluated in pieces
beside the others' single tokens.

Knows tokens and sequences; nothing of text, messages and memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Event, Lock, Thread

from echo.brains.context import Context, Part
from echo.brains.sampling import Sampler

PATIENCE_S = 0.003
WATCH_S = 0.05  # how often stop() is asked while a chunk is being evaluated


@dataclass(slots=True)
class _Asked:
    """One step of one voice, and what came of it. token: -1 when none was wanted."""

    part: Part
    sampler: Sampler | None
    token: int = -1
    done: bool = False
    aborted: bool = False
    error: BaseException | None = None


class Chorus:
    """One context and the seats in it. The last seat to close frees the context."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._turn = Condition(Lock())
        self._gate = Lock()  # around everything that touches the context
        self._asked: dict[int, _Asked] = {}
        self._present: set[int] = set()
        self._stopping: set[int] = set()
        self._leading = False
        self._seats = set(range(context.sequences))

    def seats(self) -> list[Seat]:
        """A seat for every sequence; to be asked for once."""
        return [Seat(self, number) for number in range(self.context.sequences)]

    def step(self, asked: _Asked) -> None:
        """Evaluate one part together with whatever else is there."""
        number = asked.part.sequence
        with self._turn:
            self._asked[number] = asked
            self._present.add(number)
            self._turn.notify_all()
            while not asked.done:
                missing = self._present - self._asked.keys()
                if self._leading:
                    self._turn.wait()
                elif not missing:
                    self._lead()
                elif not self._turn.wait(PATIENCE_S):
                    self._present -= missing  # they are busy elsewhere
        if asked.error is not None:
            raise asked.error

    def leave(self, number: int) -> None:
        """This voice has nothing more to say for now: nobody waits for it."""
        with self._turn:
            self._present.discard(number)
            self._turn.notify_all()

    def _lead(self) -> None:
        """Evaluate what has been asked. Called and left with the lock, which is free meanwhile."""
        chosen = self._chosen()
        self._leading = True
        self._turn.release()
        try:
            self._evaluate(chosen)
        finally:
            self._turn.acquire()
            self._leading = False
            for asked in chosen:
                self._asked.pop(asked.part.sequence, None)
                asked.done = True
            self._turn.notify_all()

    def _chosen(self) -> list[_Asked]:
        """As much as one batch holds, the shortest first: no reply waits for a prompt."""
        chosen, room = [], self.context.batch
        for asked in sorted(self._asked.values(), key=lambda one: len(one.part.tokens)):
            room -= len(asked.part.tokens)
            if room < 0:
                break
            chosen.append(asked)
        return chosen

    def _evaluate(self, chosen: Sequence[_Asked]) -> None:
        try:
            with self._gate:
                if not self.context.decode([asked.part for asked in chosen]):
                    for asked in chosen:
                        asked.aborted = True
                    return
                at = -1
                for asked in chosen:
                    at += len(asked.part.tokens)
                    if asked.sampler is not None:
                        asked.token = asked.sampler.sample(at)
        except BaseException as exc:  # noqa: BLE001 - raised again in every thread it concerns
            for asked in chosen:
                asked.error = exc

    def abort(self, number: int, on: bool) -> None:
        """End a running decode for this voice's sake, or stop doing so."""
        (self._stopping.add if on else self._stopping.discard)(number)
        self.context.abort(bool(self._stopping))

    def stopping(self, number: int) -> bool:
        """Has this voice been asked to stop?"""
        return number in self._stopping

    @contextmanager
    def alone(self) -> Iterator[Context]:
        """The context while nothing is being evaluated."""
        with self._gate:
            yield self.context

    def close(self, number: int) -> bool:
        """Give up a seat; whether it was the last and the context was freed."""
        self.leave(number)
        with self._turn:
            self._seats.discard(number)
            if self._seats:
                return False
        with self._gate:
            self.context.close()
            self.context.weights.close()
        return True


@dataclass(slots=True)
class Seat:
    """One voice's sequence. For one thread at a time, like the brain that sits on it."""

    chorus: Chorus
    number: int

    @property
    def batch(self) -> int:
        """Tokens one step may bring: every other voice has room for one beside them."""
        return self.chorus.context.batch - self.chorus.context.sequences + 1

    def step(self, start: int, tokens: Sequence[int], sampler: Sampler | None) -> int | None:
        """Evaluate tokens that follow the first `start` held ones.

        The token sampled after them, -1 without a sampler, None when this voice was stopped.
        """
        while True:
            asked = _Asked(Part(self.number, start, tokens, sampler is not None), sampler)
            self.chorus.step(asked)
            if not asked.aborted:
                return asked.token
            if self.chorus.stopping(self.number):
                return None
            self.trim(start)  # somebody else was stopped: once more

    def leave(self) -> None:
        """Nothing more for now."""
        self.chorus.leave(self.number)

    def abort(self, on: bool) -> None:
        """End a running step of this voice, and every later one, until switched off again."""
        self.chorus.abort(self.number, on)

    @contextmanager
    def watched(self, stop: Callable[[], bool]) -> Iterator[None]:
        """While this lasts, stop() aborts a running step within WATCH_S (not on CUDA)."""
        over = Event()

        def watch() -> None:
            while not over.wait(WATCH_S):
                if stop():
                    self.abort(True)
                    return

        watcher = Thread(target=watch, name="echo-stop", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()
            self.abort(False)

    def held(self) -> int:
        """Tokens of this voice in the cache."""
        with self.chorus.alone() as context:
            return context.held(self.number)

    def trim(self, length: int) -> int:
        """Keep the first `length` tokens; how many could be kept."""
        with self.chorus.alone() as context:
            return context.trim(length, self.number)

    def save(self, path: Path, tokens: Sequence[int]) -> bool:
        """Write this voice's cache, which holds these tokens; whether the file is there."""
        with self.chorus.alone() as context:
            return context.save(path, tokens, self.number)

    def restore(self, path: Path, capacity: int) -> list[int]:
        """Take this voice's cache from a file; the tokens it holds then."""
        with self.chorus.alone() as context:
            context.trim(0, self.number)
            found = context.restore(path, capacity, self.number)
            if not found:
                context.trim(0, self.number)
            return found

    def close(self) -> None:
        """Leave for good."""
        with self.chorus.alone() as context:
            if context.handle is not None:
                context.trim(0, self.number)
        self.chorus.close(self.number)
