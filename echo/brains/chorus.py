"""Several voices on one context: whatever each has to evaluate next goes into one batch.

Decoding a token costs the reading of all weights; three tokens in one batch cost little more. So
voices that share a GGUF are sequences of one context, and what they want is a run: the rest of a
prompt, and then each sampled token in its turn (continuous batching). A context has one thread
that decodes and samples for all runs, and goes on to the next token without waiting for whoever
reads: a reader is AHEAD tokens behind at most, then its run rests. One thread also because OpenMP
keeps a pool of threads for every thread that calls it.

llama.cpp evaluates a batch of several sequences at once only where their numbers follow one
another, in rising order; anything else it takes apart and evaluates piece by piece. So the parts
of a batch are put in order here, and voices that think at the same time sit side by side.

What a voice says does not depend on who sings along: a sequence sees its own cells alone, and on
processors the logits of quantised files are the same to the last bit (context.py says how; f16
weights round a single row otherwise, by 0.003 of the deviation). A prompt is evaluated in pieces
beside the others' single tokens.

Knows tokens and sequences; nothing of text, messages and memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from threading import Condition, Event, Lock, Thread, current_thread

from echo.brains.context import Context, Part
from echo.brains.sampling import Sampler
from echo.errors import BrainError

AHEAD = 8  # tokens that may be sampled before they are read
WATCH_S = 0.05  # how often stop() is asked while a prompt is being evaluated


@dataclass(slots=True, eq=False)
class Run:
    """What one voice wants evaluated, and what came of it.

    start: tokens its sequence holds; waiting: tokens that follow them; left: tokens still to be
    sampled, each of which waits in its turn, but the last and one that ends the reply; evaluated:
    tokens that are in the cache by now; resting: its reader is too far behind; last: the decode it
    was in last.
    """

    sequence: int
    start: int
    waiting: list[int]
    sampler: Sampler | None
    left: int
    evaluated: list[int] = field(default_factory=list)
    resting: bool = False
    last: int = 0
    _out: SimpleQueue[int | BaseException | None] = field(default_factory=SimpleQueue)

    def ready(self) -> bool:
        """Is its reader near enough to go on? Notes it: before it looks, so that a reader who
        empties the queue meanwhile has seen it."""
        self.resting = True
        self.resting = self._out.qsize() >= AHEAD
        return not self.resting

    def tell(self, token: int | BaseException | None) -> None:
        """Let the reader have this."""
        self._out.put(token)

    def read(self) -> int | None:
        """The next token; -1, once, where none is sampled; None when this voice was stopped."""
        token = self._out.get()
        if isinstance(token, BaseException):
            raise token
        return token


class Chorus:
    """One context, the seats in it and the thread that decodes for them. The last seat to close
    frees the context. apart: one voice in a batch, where that is quicker (pace.py)."""

    def __init__(self, context: Context, *, apart: bool = False) -> None:
        self.context = context
        self._most = 1 if apart else context.sequences
        self._turn = Condition(Lock())  # around all that follows
        self._runs: dict[int, Run] = {}
        self._decoding: Sequence[Run] = ()
        self._decodes = 0
        self._stopping: set[int] = set()
        self._seats = set(range(context.sequences))
        self._thread: Thread | None = None
        self._gate = Lock()  # around everything that touches the context

    def seats(self) -> list[Seat]:
        """A seat for every sequence; to be asked for once."""
        return [Seat(self, number) for number in range(self.context.sequences)]

    def begin(self, run: Run) -> None:
        """Evaluate this from now on, together with whatever else there is."""
        with self._turn:
            self._runs[run.sequence] = run
            self._turn.notify_all()
            if self._thread is None:
                thread = Thread(target=self._decode, name="echo-decode", daemon=True)
                thread.start()
                self._thread = thread

    def end(self, run: Run) -> None:
        """Nothing more of it; waits for the decode that it is in, Ctrl-C or not: what the run was
        given is freed after this."""
        interrupted: KeyboardInterrupt | None = None
        while True:
            try:
                self._leave(run)
                break
            except KeyboardInterrupt as exc:
                interrupted = exc
        if interrupted is not None:
            raise interrupted

    def _leave(self, run: Run) -> None:
        with self._turn:
            if self._runs.get(run.sequence) is run:
                del self._runs[run.sequence]
            while run in self._decoding and current_thread() is not self._thread:
                self._turn.wait()

    def resume(self) -> None:
        """A reader has caught up."""
        with self._turn:
            self._turn.notify_all()

    def stop(self, number: int, on: bool) -> None:
        """End this voice's run, in the middle of a decode if need be, and every later one, until
        switched off again."""
        with self._turn:
            (self._stopping.add if on else self._stopping.discard)(number)
            self.context.abort(bool(self._stopping))
            self._turn.notify_all()

    @property
    def piece(self) -> int:
        """Tokens of one voice in one batch, at most: every other one has room beside them."""
        return self.context.batch - self.context.sequences + 1

    def _decode(self) -> None:
        """What the thread does, until all seats are closed."""
        while chosen := self._gathered():
            tokens: Sequence[int] | BaseException | None
            try:
                tokens = self._evaluated(chosen)
            except BaseException as exc:  # noqa: BLE001 - raised again in every thread it concerns
                tokens = exc
            with self._turn:
                for at, (run, part) in enumerate(chosen):
                    if isinstance(tokens, BaseException):
                        self._over(run, tokens)
                    elif tokens is None:
                        self._again(run)
                    else:
                        self._note(run, part, tokens[at])

    def _gathered(self) -> list[tuple[Run, Part]]:
        """Wait until there is something; what goes into one batch, nothing when all is over."""
        with self._turn:
            self._decoding = ()
            self._decodes += 1
            self._turn.notify_all()  # whoever waits in end()
            while self._seats:
                chosen = self._chosen()
                if chosen:
                    self._decoding = [run for run, _ in chosen]
                    return chosen
                self._turn.wait()
            return []

    def _chosen(self) -> list[tuple[Run, Part]]:
        """As much as one batch holds, the shortest first: no reply waits for a prompt. Of equals
        the one that has waited longest."""
        for number in self._stopping & self._runs.keys():
            self._over(self._runs[number], None)
        chosen, room = [], self.context.batch
        ready = [run for run in self._runs.values() if run.ready()]
        ready.sort(key=lambda run: (self._most > 1 and len(run.waiting), run.last))
        for run in ready[: self._most]:
            tokens = run.waiting[: min(room, self.piece)]
            if not tokens:
                break
            room -= len(tokens)
            sampled = run.sampler is not None and len(tokens) == len(run.waiting)
            run.last = self._decodes
            chosen.append((run, Part(run.sequence, run.start, tokens, sampled)))
        # llama.cpp evaluates neighbours in rising order at once, any others one after another
        return sorted(chosen, key=lambda one: one[0].sequence)

    def _evaluated(self, chosen: Sequence[tuple[Run, Part]]) -> list[int] | None:
        """The token that follows each, -1 where none is wanted; None: the decode was aborted."""
        with self._gate:
            if not self.context.decode([part for _, part in chosen]):
                return None
            tokens, at = [], -1
            for run, part in chosen:
                at += len(part.tokens)
                sampler = run.sampler if part.sampled else None
                tokens.append(-1 if sampler is None else sampler.sample(at))
            return tokens

    def _note(self, run: Run, part: Part, token: int) -> None:
        """These tokens of a run are in the cache, and this one follows."""
        run.start += len(part.tokens)
        run.evaluated += part.tokens
        del run.waiting[: len(part.tokens)]
        if run.waiting:
            return
        run.left -= part.sampled
        if run.left > 0 and not self.context.weights.is_eog(token):
            run.waiting.append(token)
            run.tell(token)
        else:
            self._over(run, token)

    def _again(self, run: Run) -> None:
        """The decode was aborted: everybody goes back to where it was; who was meant ends there,
        the others begin anew."""
        with self._gate:
            kept = self.context.trim(run.start, run.sequence)
        if run.sequence in self._stopping:
            self._over(run, None)
        elif kept != run.start:
            self._over(run, BrainError("Another voice was stopped, and this model cannot go back."))

    def _over(self, run: Run, last: int | BaseException | None) -> None:
        """The last a run has to tell."""
        if self._runs.get(run.sequence) is run:
            del self._runs[run.sequence]
        run.tell(last)

    @contextmanager
    def alone(self) -> Iterator[Context]:
        """The context while nothing is being evaluated."""
        with self._gate:
            yield self.context

    def close(self, number: int) -> None:
        """Give up a seat."""
        with self._turn:
            self._seats.discard(number)
            self._turn.notify_all()
            if self._seats:
                return
        if self._thread is not None:
            self._thread.join()
        with self._gate:
            self.context.close()
            self.context.weights.close()


@dataclass(slots=True)
class Seat:
    """One voice's sequence. For one thread at a time, like the brain that sits on it."""

    chorus: Chorus
    number: int

    @contextmanager
    def run(
        self, start: int, tokens: Sequence[int], sampler: Sampler | None = None, most: int = 0
    ) -> Iterator[Run]:
        """Evaluate tokens that follow the first `start` held ones, then up to `most` sampled ones.
        Afterwards run.evaluated and run.waiting say what of it the cache holds, or may hold."""
        run = Run(self.number, start, list(tokens), sampler, most)
        try:
            self.chorus.begin(run)
            yield run
        finally:
            self.chorus.end(run)

    def read(self, run: Run) -> int | None:
        """The next token of a run; -1, once, where none is sampled; None when it was stopped."""
        token = run.read()
        if run.resting:  # AHEAD tokens were unread when it was said: some read comes after it
            self.chorus.resume()
        return token

    @contextmanager
    def watched(self, stop: Callable[[], bool]) -> Iterator[None]:
        """While this lasts, stop() ends a run within WATCH_S and what a decode of a piece takes;
        on a processor in the middle of it."""
        over = Event()

        def watch() -> None:
            while not over.wait(WATCH_S):
                if stop() and not over.is_set():
                    self.chorus.stop(self.number, True)
                    return

        watcher = Thread(target=watch, name="echo-stop", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            try:
                watcher.join()
            finally:
                self.chorus.stop(self.number, False)

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
