"""What a brain is, to whoever asks one to speak. Knows no model, no memory, no terminal.

Two real implementations exist: LlamaBrain (llama.py) and, for tests, ScriptedBrain
(tests/fakes.py). A brain is used by one thread at a time; it takes its own lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from echo.nouns import Message

Stop = Callable[[], bool]  # asked between chunks; True ends the speaking, what was said stays


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to speak.

    max_tokens: upper bound of the reply, tokens; temperature 0 is greedy; seed: any int, the same
    seed gives the same text; schema: a JSON schema the whole reply must satisfy, as a mapping;
    stop: strings that end the reply and are not part of it.
    """

    messages: tuple[Message, ...]
    max_tokens: int = 256
    temperature: float = 0.7
    top_p: float = 0.95
    seed: int = 0
    schema: Mapping[str, object] | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole characters of a reply, made of `tokens` tokens (0 for what a decoder held back)."""

    text: str
    tokens: int = 1


@dataclass(frozen=True, slots=True)
class Usage:
    """What speaking cost: always the last item of a reply, also of one that was stopped.

    prompt_tokens: length of the rendered prompt; evaluated_tokens: those not already in the KV
    cache; reply_tokens; finish: "stop", "length" or "cancelled".
    """

    prompt_tokens: int
    evaluated_tokens: int
    reply_tokens: int
    finish: str


class Brain(Protocol):
    """A model that can speak."""

    @property
    def name(self) -> str:
        """What the model calls itself."""

    @property
    def context(self) -> int:
        """Tokens that prompt and reply may hold together."""

    def count(self, messages: tuple[Message, ...]) -> int:
        """Tokens of the rendered prompt, the opening of the reply included."""

    def prime(self, messages: tuple[Message, ...], stop: Stop) -> int:
        """Evaluate a prompt's beginning so that a later speak() need not; tokens evaluated.

        The end of the last message is left open: more text may follow there.
        """

    def speak(self, ask: Ask, stop: Stop) -> Iterator[Piece | Usage]:
        """Pieces of the reply as they come, then one Usage. Raises BrainError, ContextFull."""

    @property
    def adapter(self) -> str:
        """The name of the LoRA it speaks with; "" for none."""

    def adapt(self, path: Path | None, scale: float = 1.0) -> None:
        """Speak with this LoRA from now on, or with none. Raises ModelFileError; then nothing has
        changed."""

    def close(self) -> None:
        """Free the model. Nobody may be speaking."""
