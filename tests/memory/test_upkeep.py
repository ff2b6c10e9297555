"""What is done when nobody waits: the journal a moment later, the WAL brought in, pieces merged."""

from __future__ import annotations

import fcntl
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from echo.errors import JournalError
from echo.memory.ledger import read
from echo.memory.upkeep import QUIET_S, Upkeep
from echo.nouns import Exchange
from tests.memory.homes import exchange, opened, turn, write

PATIENCE_S = 20.0


def wait_until(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE_S
    while not true() and time.monotonic() < until:
        time.sleep(0.01)
    return true()


def next_day(number: int) -> Exchange:
    told = exchange(number, "내일의 말")
    words, reply = (
        turn(t.ref, t.text, speaker=t.speaker, after_s=timedelta(days=1).total_seconds())
        for t in (told.words, told.reply)
    )
    return Exchange(words, reply)


def test_the_journal_has_it_a_moment_later(tmp_path: Path) -> None:
    """Nobody closes, nobody asks: a chat that is left open has its words in the journal."""
    with opened(tmp_path) as store:
        store.finish("me", exchange(1, "말"))
        assert wait_until(lambda: len(read(tmp_path / "memory", "me").records) == 3)


def test_whoever_checkpoints_waits_for_whoever_writes(tmp_path: Path) -> None:
    """Two connections that write or checkpoint at once can damage a WAL before SQLite 3.51.3."""
    with opened(tmp_path) as store:
        store.ingest("me", [turn(f"t{i}", f"{i} " + "가나다라 " * 900) for i in range(500)],
                     source="x")  # fmt: skip
        wal = tmp_path / "memory/echo.db-wal"
        assert wal.stat().st_size > 4 << 20
        size = store.database.path.stat().st_size
        with (tmp_path / "memory/echo.db-lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            working = threading.Thread(target=store.database.checkpoint)
            working.start()
            time.sleep(0.2)
            assert working.is_alive()
            assert store.database.path.stat().st_size == size
        working.join(PATIENCE_S)
        assert store.database.path.stat().st_size > size


def test_who_closes_does_not_wait_for_all_of_it() -> None:
    """Work is told that somebody wants to leave."""
    began = threading.Event()

    def work(stopped: Callable[[], bool]) -> None:
        began.set()
        assert wait_until(stopped)

    upkeep = Upkeep(work)
    upkeep.soon()
    assert began.wait(PATIENCE_S)
    at = time.monotonic()
    assert upkeep.stop() is False
    assert time.monotonic() - at < PATIENCE_S / 2


def test_it_waits_while_somebody_is_busy() -> None:
    """As long as calls follow each other it does not begin."""
    done: list[float] = []
    upkeep = Upkeep(lambda _: done.append(time.monotonic()))
    for _ in range(10):
        upkeep.soon()
        last = time.monotonic()
        time.sleep(QUIET_S / 6)
    assert wait_until(lambda: bool(done))
    assert done[0] - last >= QUIET_S * 0.9
    upkeep.stop()


def test_two_that_write_the_journal_at_once_write_it_once(tmp_path: Path) -> None:
    """One of them fails half way while the other waits for its turn: nothing stands there twice."""
    blocker = write(tmp_path / "memory/me/day20260303", "a file where a folder should be")
    with opened(tmp_path) as store:
        with store.database.alone():
            store.finish("me", exchange(1, "오늘의 말"))
            store.finish("me", next_day(2))
            other = threading.Thread(target=store.journaled)
            other.start()
            time.sleep(0.2)
            with pytest.raises(JournalError):
                store.journaled()
            blocker.unlink()
        other.join(PATIENCE_S)
        assert read(tmp_path / "memory", "me").records == Counter(
            [("said", name) for name in ("w1", "r1", "w2", "r2")]
            + [("exchange", f"exchange-w{n}") for n in (1, 2)]
        )
