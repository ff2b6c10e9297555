"""The process that is killed, starved and lied to: `python -m tests.faults.driver HOME WORK`.

Works through the steps of WORK as a session would and acknowledges each with a line on stdout,
by writev: faults are put into write, and the acknowledgement must not be hit by them. An
EchoError is told as `err SENTENCE` and the next step begins; anything else is a traceback.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from echo.errors import EchoError, IngestError
from echo.memory import ahead, index
from echo.memory.database import MEMORY
from echo.memory.replay import replay
from echo.memory.store import Store
from echo.memory.upkeep import QUIET_S
from echo.nouns import Identity
from echo.workers import Workers
from tests.memory.homes import NOON, SEOUL, exchange, opened, turn

T = TypeVar("T")
Said = tuple[str, str]  # speaker, text


@dataclass(frozen=True, slots=True)
class Step:
    """adds: what memory holds once it is done; run: does it."""

    adds: frozenset[Said]
    run: Callable[[Store, Path], object]


def talk() -> Iterable[Step]:
    """Exchanges as a session commits them."""
    for n in range(5):
        said = exchange(n, f"말 {n}", f"답 {n}. 그리고 나머지.")
        part = exchange(n, f"말 {n}", f"답 {n}.").reply
        me, echo = ("me", said.words.text), ("echo", said.reply.text)
        yield Step(frozenset({me}), lambda s, _, e=said: s.begin("me", e.words))
        yield Step(
            frozenset({("echo", part.text)}),
            lambda s, _, e=said, p=part: s.partial("me", e.words.ref, p),
        )
        yield Step(frozenset({echo}), lambda s, _, e=said: s.finish("me", e))


def rest() -> Iterable[Step]:
    """Exchanges with a silence after each, in which upkeep does what can wait."""
    for n in range(4):
        said = exchange(n, f"말 {n}", f"답 {n}.")
        added = frozenset({("me", said.words.text), ("echo", said.reply.text)})
        yield Step(added, lambda s, _, e=said: s.finish("me", e))
        yield Step(frozenset(), lambda _s, _h: time.sleep(4 * QUIET_S))


def gather() -> Iterable[Step]:
    """Turns from elsewhere."""
    for n in range(3):
        turns = [turn(f"g{n}-{i}", f"모은 말 {n}-{i}", session=f"g{n}") for i in range(12)]
        added = frozenset((t.speaker, t.text) for t in turns)
        yield Step(added, lambda s, _, t=turns: s.ingest("me", t, source="x.jsonl"))


def become() -> Iterable[Step]:
    """Versions of the identity; what adds nothing to say is checked by the journal alone."""
    for n in (1, 2):
        who = Identity(n, f"digest {n}", f"나는 에코 {n}.", adopted_at=NOON)
        yield Step(frozenset(), lambda s, _, who=who: s.adopt("me", who))


DAY_LINES = {
    "day20240315/part1.txt": [f"첫날 {i}번째 줄" for i in range(20)],
    "day20240315/part2.txt": [*(f"첫날 더 {i}" for i in range(8)), "우리 고양이 이름은 모푸야"],
    "day20240316/part1.txt": [f"둘째 날 {i}" for i in range(15)],
}


def boot() -> Iterable[Step]:
    """A boot; day files are there before it."""
    added = frozenset(("me", line) for lines in DAY_LINES.values() for line in lines)
    yield Step(added, _booted)


def _booted(store: Store, home: Path, workers: Workers | None = None) -> None:
    report = replay(store, home / "memory", "me", zone=SEOUL, workers=workers)
    for skip in report.skipped:  # a file that could not be opened is no acknowledged one
        raise IngestError("{file}: {reason}.", file=skip.file.capitalize(), reason=skip.reason)


class Here(Workers):
    """Does the work of a worker in this process: faults must find the same calls each time."""

    def submit(self, work: Callable[..., T], *values: Any) -> Future[T]:
        """At once."""
        done: Future[T] = Future()
        try:
            done.set_result(work(*values))
        except Exception as exc:  # noqa: BLE001 - as a worker hands it over
            done.set_exception(exc)
        return done


def shared() -> Iterable[Step]:
    """A boot with much to read, whose index and facts are worked out by others."""
    added = frozenset(("me", line) for lines in DAY_LINES.values() for line in lines)
    yield Step(added, _booted_together)


def _booted_together(store: Store, home: Path) -> None:
    ahead.MANY, index.BULK, index.QUIET = 0, 10, 4
    _booted(store, home, Here(1))


WORKS: dict[str, Callable[[], Iterable[Step]]] = {
    "talk": talk,
    "rest": rest,
    "gather": gather,
    "become": become,
    "boot": boot,
    "shared": shared,
}


def prepared(home: Path, work: str) -> None:
    """What must be there before the work begins."""
    for name, lines in DAY_LINES.items() if work in ("boot", "shared") else ():
        path = home / "memory" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in lines))


def warm() -> None:
    """What is imported when it is first needed is not what is tested here."""
    with Store.open(MEMORY, journal=None, zone=SEOUL) as store:
        store.ingest(
            "me", [turn("x", "My cats are called Momo. 고양이 이름은 모푸야.")], source="x"
        )
        store.frequency("me", ["cat"])


def tell(text: str) -> None:
    os.writev(1, [f"{text}\n".encode()])


def main(home: Path, work: str, synchronous: str = "full", where: str = "local") -> None:
    warm()
    try:
        network = where == "network"
        with opened(home, part_lines=7, synchronous=synchronous, network=network) as store:
            for number, step in enumerate(WORKS[work]()):
                try:
                    step.run(store, home)
                    tell(f"ack {number}")
                except EchoError as exc:
                    tell(f"err {exc}")
            tell(f"read {sum(1 for _ in store.turns('me'))}")
    except EchoError as exc:
        tell(f"err {exc}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
