"""Real second implementations for tests: a brain that says what it was told to say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from echo.brains.protocol import Ask, Piece, Stop, Usage
from echo.errors import BrainError
from echo.nouns import Message


class ScriptedBrain:
    """Answers from a queue; remembers what it was asked.

    enqueue(text) answers once with text, a word at a time; enqueue(exception) raises it once.
    With an empty queue it answers `default`.
    """

    def __init__(self, name: str = "scripted", default: str = "그래.", context: int = 4096) -> None:
        self.name = name
        self.context = context
        self.default = default
        self.history: list[Ask] = []
        self.primed: list[tuple[Message, ...]] = []
        self.closed = False
        self.adapter = ""
        self._queue: list[str | Exception] = []

    def enqueue(self, *answers: str | Exception) -> None:
        self._queue.extend(answers)

    def count(self, messages: tuple[Message, ...]) -> int:
        return sum(len(m.content.split()) + 3 for m in messages)

    def prime(self, messages: tuple[Message, ...], stop: Stop) -> int:
        self.primed.append(messages)
        return self.count(messages)

    def speak(self, ask: Ask, stop: Stop) -> Iterator[Piece | Usage]:
        if self.closed:
            raise BrainError("The brain is closed.")
        self.history.append(ask)
        answer = self._queue.pop(0) if self._queue else self.default
        if isinstance(answer, Exception):
            raise answer
        said = 0
        for i, word in enumerate(answer.split(" ")):
            if stop():
                break
            said += 1
            yield Piece(word if i == 0 else f" {word}")
        asked = self.count(ask.messages)
        finish = "cancelled" if said < len(answer.split(" ")) else "stop"
        yield Usage(asked, asked, said, finish)

    def adapt(self, path: Path | None, scale: float = 1.0) -> None:
        self.adapter = "" if path is None else path.name

    def close(self) -> None:
        self.closed = True
