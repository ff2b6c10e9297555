"""One exchange kept, beside a bare INSERT that is synced: how long each takes, p50 and p99.

    python -m bench.append [--count 1000] [--lines 0] [--most 2.0]

An exchange is what a turn of a session commits once its reply is there: `Store.finish` of an
exchange that has begun, both turns indexed, details kept, its place in the journal. Beside it
stands one INSERT of the same words into a bare table of its own database, WAL and FULL, committed
alone; they take turns on the same disk. `begin`, which commits the user's words before any reply
is made, is told too. --lines: boot so many lines into the memory first.
Exit 1 when p99 of finish is over --most times that of the INSERT.
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from bench import daylines
from bench.measure import table
from echo.memory.replay import replay
from echo.memory.store import Store
from echo.nouns import ECHO, Exchange, Turn

SEOUL = ZoneInfo("Asia/Seoul")
START = datetime(2026, 3, 2, 12, tzinfo=SEOUL)
WARM_UP = 50
INSERT = "insert into said (words, reply) values (?, ?)"


def bare(path: Path) -> sqlite3.Connection:
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("pragma journal_mode = wal")
    conn.execute("pragma synchronous = full")
    conn.execute("create table said (id integer primary key, words text, reply text)")
    return conn


def made(number: int, words: str, reply: str) -> Exchange:
    at = START + timedelta(seconds=20 * number)
    said = Turn(f"w{number}", at, "me", words, "s")
    return Exchange(said, Turn(f"r{number}", at + timedelta(seconds=4), ECHO, reply, "s"))


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measured(folder: Path, count: int, lines: int) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {"insert": [], "begin": [], "finish": []}
    if lines:
        daylines.write(folder / "memory", lines, seed=1, days=365, part_lines=5000)
    conn = bare(folder / "bare.db")
    with Store.open(folder / "memory/echo.db", journal=folder / "memory", zone=SEOUL) as store:
        if lines:
            replay(store, folder / "memory", "me", zone=SEOUL)
        words = daylines.lines(7)
        for n in range(count + WARM_UP):
            one = made(n, *islice(words, 2))
            row = (one.words.text, one.reply.text)
            times = {
                "insert": timed(lambda row=row: conn.execute(INSERT, row)),
                "begin": timed(lambda one=one: store.begin("me", one.words)),
                "finish": timed(lambda one=one: store.finish("me", one)),
            }
            for name, took in times.items() if n >= WARM_UP else ():
                taken[name].append(took)
    conn.close()
    return taken


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--lines", type=int, default=0)
    parser.add_argument("--most", type=float, default=2.0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-append-") as folder:
        taken = measured(Path(folder), args.count, args.lines)
    cuts = {name: statistics.quantiles(times, n=100) for name, times in taken.items()}
    names = {"insert": "a bare INSERT, synced", "begin": "the words (begin)",
             "finish": "the exchange (finish)"}  # fmt: skip
    rows = [
        (names[name], *(f"{1000 * cut[i]:.2f}" for i in (49, 98)),
         *(f"{cut[i] / cuts['insert'][i]:.2f}" for i in (49, 98)))
        for name, cut in cuts.items()
    ]  # fmt: skip
    print(f"{args.count} exchanges after {args.lines} lines")
    print(table(("", "p50 ms", "p99 ms", "÷ p50", "÷ p99"), rows))
    return 1 if cuts["finish"][98] / cuts["insert"][98] > args.most else 0


if __name__ == "__main__":
    raise SystemExit(main())
