"""LlamaBrain: a GGUF file that speaks, through llama.cpp. Implements protocol.Brain.

Prompt tokens that the KV cache already holds are not evaluated again: the longest common prefix
stays. `self._held` is what the cache holds, token for token, at every moment anybody can look:
it grows after a decode succeeded and is read back from llama.cpp after one was aborted.

Of the traps of llama-cpp-python that concern speaking: no create_completion (O(n^2), stalls on an
invalid byte) but one decode a token and an incremental decoder (speech.py); no context shift, so a
prompt that is too long is ContextFull and a reply ends where the context does; the seed is set,
and a grammar made, for every request; one lock a brain, for two threads in one context crash. A
recurrent model cannot go back: it evaluates all of a prompt that does not continue what it holds.
native.py, handles.py, tokens.py and template.py name the others.

Knows no memory, no terminal, no config. Load brains before anybody speaks and close them after.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from threading import Lock, get_ident

from echo.brains.chorus import Chorus, Run, Seat
from echo.brains.context import Context
from echo.brains.gguf import GGUFHeader
from echo.brains.handles import Adapter, Weights
from echo.brains.kept import Kept, fingerprint
from echo.brains.native import backend
from echo.brains.protocol import Ask, Piece, Stop, Usage
from echo.brains.sampling import Sampler, Sampling
from echo.brains.speech import Speech
from echo.brains.template import ChatTemplate, fallback
from echo.brains.tokens import Tokens
from echo.errors import BrainError, ContextFull
from echo.nouns import Message


class LlamaBrain:
    """One voice of a model. Made by load(); a context manager; the last voice frees the model."""

    def __init__(self, header: GGUFHeader, seat: Seat, limit: int, now: datetime) -> None:
        self._header = header
        self._seat = seat
        self._limit = limit
        weights = seat.chorus.context.weights
        self._tokens = Tokens(weights)
        self._template = template_of(header, weights, self._tokens, now)
        self._held: list[int] = []
        self._lock = Lock()
        self._owner = 0
        self._closed = False

    @property
    def name(self) -> str:
        """What the model calls itself, or its file's name."""
        return self._header.name

    @property
    def context(self) -> int:
        """Tokens that prompt and reply may hold together."""
        return self._limit

    @property
    def said(self) -> tuple[str, ...]:
        """What llama.cpp logged of the buffers of the model and of this voice's context."""
        context = self._seat.chorus.context
        return (*context.weights.said, *context.said)

    def __enter__(self) -> LlamaBrain:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give up the voice; waits until it has spoken. Closing twice is fine."""
        with self._alone():
            if not self._closed:
                self._closed = True
                self._seat.close()

    def count(self, messages: tuple[Message, ...]) -> int:
        """Tokens of the rendered prompt, the opening of the reply included."""
        self._check_open()
        return len(self._tokens.prompt(self._template.prompt(messages)))

    def prime(self, messages: tuple[Message, ...], stop: Stop) -> int:
        """Evaluate a prompt's beginning, its last message left open; tokens evaluated."""
        with self._alone():
            self._check_open()
            tokens = self._tokens.prompt(self._template.beginning(messages))
            self._check_room(tokens)
            shared = _shared(self._held, tokens)
            if shared == len(tokens):
                return 0
            before = self._keep(shared)
            if not stop():
                with self._run(tokens[before:]) as run, self._seat.watched(stop):
                    self._seat.read(run)
            return len(self._held) - before

    def warm(self, messages: tuple[Message, ...], kept: Kept, stop: Stop) -> int:
        """prime(), but an evaluated prefix is kept on disk and not evaluated again; tokens
        evaluated. For what every prompt of this voice begins with.
        """
        tokens = self._tokens.prompt(self._template.beginning(messages))
        model = fingerprint(self._seat.chorus.context.weights.path)
        with self._alone():
            self._check_open()
            self._check_room(tokens)
            if kept.restore(model, self._seat, tokens):
                self._held = list(tokens)
                return 0
            self._held = []
            self._keep(self._seat.trim(0))
        evaluated = self.prime(messages, stop)
        with self._alone():
            if self._held == tokens:
                kept.keep(model, self._seat, tokens)
        return evaluated

    def adapt(self, path: Path | None, scale: float = 1.0) -> None:
        """Speak with this LoRA from now on, or with none. Raises ModelFileError, and then nothing
        has changed. A voice that shared its context gets one of its own, for the others' sake.
        """
        with self._alone():
            self._check_open()
            context = self._seat.chorus.context
            adapter = None if path is None else Adapter(context.weights, path)
            if context.sequences > 1:
                size = -(-self._limit // 256) * 256
                context = Context(context.weights.share(), size, context.how)
                old, self._seat = self._seat, Chorus(context).seats()[0]
                old.close()
            context.adapt(adapter, scale)
            self._held = []
            self._seat.trim(0)

    @property
    def adapter(self) -> str:
        """The name of the LoRA it speaks with; "" for none."""
        return self._seat.chorus.context.adapter

    def speak(self, ask: Ask, stop: Stop) -> Iterator[Piece | Usage]:
        """Pieces of the reply as they come, then one Usage. Raises BrainError, ContextFull.

        stop is also asked from a second thread while a long prompt is evaluated.
        """
        with self._alone():
            self._check_open()
            tokens = self._tokens.prompt(self._template.prompt(ask.messages))
            self._check_room(tokens)
            # the last token is evaluated in any case: its logits are what is sampled from
            before = self._keep(min(_shared(self._held, tokens), len(tokens) - 1))
            finish, said = yield from self._say(ask, tokens, stop)
            evaluated = min(len(self._held), len(tokens)) - before
            yield Usage(len(tokens), evaluated, said, finish)

    def _say(
        self, ask: Ask, tokens: Sequence[int], stop: Stop
    ) -> Generator[Piece, None, tuple[str, int]]:
        """Evaluate what of the prompt is not held, then one token after the other; why it ended,
        and the tokens of the reply."""
        if stop():
            return "cancelled", 0
        speech = Speech((*ask.stop, *self._template.stops))
        most = min(ask.max_tokens, self._limit - len(tokens))
        said, finish = 0, "length"
        with (
            closing(Sampler(self._seat.chorus.context, _sampling(ask))) as sampler,
            self._run(tokens[len(self._held) :], sampler, most) as run,
        ):
            with self._seat.watched(stop):
                token = self._seat.read(run)
            token = None if stop() else token
            while said < most:
                if token is None:
                    finish = "cancelled"
                    break
                if self._tokens.is_eog(token):
                    finish = "stop"
                    break
                said += 1
                piece = speech.feed(self._tokens.piece(token))
                if piece:
                    yield piece
                if speech.stopped:
                    finish = "stop"
                    break
                if said < most:
                    token = None if stop() else self._seat.read(run)
            tail = speech.end()
            if tail:
                yield tail
        return finish, said

    @contextmanager
    def _run(
        self, tokens: Sequence[int], sampler: Sampler | None = None, most: int = 0
    ) -> Iterator[Run]:
        """Evaluate what follows the tokens held; afterwards what was evaluated is held."""
        run: Run | None = None
        try:
            with self._seat.run(len(self._held), tokens, sampler, most) as run:
                yield run
        finally:
            if run is not None:
                self._held += run.evaluated
                self._held += run.waiting  # of these some, where a decode was aborted or failed
                if run.waiting:
                    self._keep(min(self._seat.held(), len(self._held)))

    def _keep(self, length: int) -> int:
        """Forget what is held after the first `length` tokens; how many are held then."""
        if length < len(self._held):
            del self._held[self._seat.trim(length) :]
        return len(self._held)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """The one lock. A thread that would wait for itself gets an error, not a standstill."""
        if self._owner == get_ident():
            raise BrainError("{name} is still speaking.", name=self.name)
        with self._lock:
            self._owner = get_ident()
            try:
                yield
            finally:
                self._owner = 0

    def _check_open(self) -> None:
        if self._closed:
            raise BrainError("{name} is closed.", name=self.name)

    def _check_room(self, tokens: list[int]) -> None:
        if not tokens:
            raise BrainError("{name} was asked nothing.", name=self.name)
        if len(tokens) + 1 > self._limit:
            raise ContextFull(
                "The conversation has {tokens} tokens, and {name} holds {context}.",
                "Begin a new conversation, or set a larger context in config.toml.",
                tokens=len(tokens),
                name=self.name,
                context=self._limit,
            )


def template_of(
    header: GGUFHeader, weights: Weights, tokens: Tokens, now: datetime
) -> ChatTemplate:
    """The file's own chat template, or the plain one of a file without."""
    if header.template is None:
        chatml = all(map(tokens.has, ("<|im_start|>", "<|im_end|>")))
        return fallback(chatml=chatml, now=now)
    special = {"bos_token": weights.text(weights.bos), "eos_token": weights.text(weights.eos)}
    return ChatTemplate(header.template, special, now=now)


def _sampling(ask: Ask) -> Sampling:
    grammar = "" if ask.schema is None else backend().gbnf(ask.schema)
    return Sampling(ask.temperature, ask.top_p, ask.seed, grammar)


def _shared(held: Sequence[int], tokens: Sequence[int]) -> int:
    """Length of the longest common prefix."""
    pairs = zip(held, tokens, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
