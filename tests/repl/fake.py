"""A Session's contract without rooms behind it: answers from a script, commits to a list.

The REPL may know nothing but this contract, so its tests use nothing else; the whole road with
the real Session is walked in tests/flow.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime

from echo.errors import EchoError
from echo.nouns import (
    ECHO,
    Delta,
    Event,
    Exchange,
    Felt,
    Figure,
    Hit,
    Insight,
    Mode,
    Reading,
    Recalled,
    Recollection,
    Replied,
    Thinking,
    Thought,
    Timings,
    Turn,
    Voice,
)

NOW = datetime(2026, 11, 21, 23, 10, tzinfo=UTC)
CAT = Turn("c1", datetime(2026, 3, 2, 21, 4, tzinfo=UTC), "me", "고양이 이름은 모푸야.", "s1")


class FakeSession:
    """Answers each message with the next of `answers`, a piece each `pace` seconds."""

    def __init__(
        self,
        *answers: str | Exception,
        pace: float = 0.0,
        commit: Callable[[Exchange], None] | None = None,
        absent: Mapping[Voice, str] | None = None,
        deaf: bool = False,
    ) -> None:
        self.user = "me"
        self.mode: Mode = "full"
        self.last: Exchange | None = None
        self.heard: list[str] = []
        self.kept: list[Exchange] = []
        self.closed = False
        self._answers = list(answers)
        self._pace = pace
        self._commit = commit or (lambda _: None)
        self._absent = dict(absent or {})
        self._deaf = deaf

    def turn(self, words: str, stop: Callable[[], bool]) -> Iterator[Event]:
        self.heard.append(words)
        said = Turn("w", NOW, "me", words)
        hits = (Hit(CAT, 4.2, (("own", 4.2),)),)
        yield Recalled(said, Recollection(words, True, hits))
        yield Felt(Reading("calm", 0.1, 0.2, "company"))
        thought = Thought("creation", left_out="late")
        yield Thinking(thought)
        answer = self._answers.pop(0) if self._answers else f"들었어: {words}"
        if isinstance(answer, Exception):
            raise answer
        spoken = ""
        for piece in _pieces(answer):
            if stop() and not self._deaf:
                break
            spoken += piece
            yield Delta(piece)
            time.sleep(self._pace)
        status = "complete" if spoken == answer else "interrupted"
        reply = Turn("r", NOW, ECHO, spoken, status=status)
        self.last = Exchange(
            said,
            reply,
            "ko",
            self.mode,
            Reading("calm", 0.1, 0.2, "company"),
            (thought,),
            hits,
            (),
            Timings(0.1, 0.2, 10, 4, 3),
        )
        self.kept.append(self.last)
        self._commit(self.last)
        yield Replied(self.last)

    def recall(self, query: str, limit: int = 10) -> Recollection:
        if query == "fail":
            raise EchoError("Memory is locked.", "Close the other Echo.")
        return Recollection(query, True, (Hit(CAT, 4.2, (("own", 4.2),)),))

    def insight(self, since: date, until: date, *, paragraph: bool = True) -> Insight:
        return Insight(
            since.isoformat(), until.isoformat(), 2, 6, Figure(0.25, 6), Figure(0.4, 6),
            ((9, Figure(-0.5, 2)),), (("고양이", 3),), ((CAT, 0.6),),
        )  # fmt: skip

    def voices(self) -> Mapping[Voice, str]:
        return {"self": "scripted"} | self._absent

    def absent(self) -> Mapping[Voice, str]:
        return self._absent

    def now(self) -> datetime:
        return NOW

    def greeting(self, words: Callable[[str], str]) -> str:
        return "다시 왔네."

    def close(self) -> None:
        self.closed = True


def _pieces(text: str) -> Iterator[str]:
    for i in range(0, len(text), 3):
        yield text[i : i + 3]
