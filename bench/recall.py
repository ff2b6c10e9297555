"""A query over many memories beside FTS5's own three-column query, in the same run: time, memory.

    python -m bench.recall [--lines 300000] [--questions 200] [--most 0.7 1.0]

The day files of bench/daylines.py are booted into a home; the same turns are put into FTS5 with
three columns (own words, neighbours, dates; bench/fts.py). Questions are pieces of lines with a
word that asks, some with a day. Each is asked of both in turn: of FTS5 the ten best row ids, of
Echo ten hits with texts, neighbours and reasons. Memory is what the process grew by from before
the first question to after the last. Then one more line is said and looked for: is it found in the
very call after? Exit 1 when p50 or p95 is over --most times FTS5's.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from bench import daylines, fts
from bench.boot import CONFIG, child, planted
from bench.measure import table
from echo.home import Home
from echo.memory.store import Store
from echo.nouns import Turn
from echo.recall.search import recall
from echo.wake import open_store

USER = "me"
NOW = datetime(2026, 1, 10, 12, tzinfo=ZoneInfo("Asia/Seoul"))
_ENDS = ("언제였지?", "기억나?", "뭐였더라", "when was that?", "do you remember?", "")
_DAYS = ("지난달에", "작년 봄에", "3월 2일에", "last May", "yesterday", "2024년에")


def asked(count: int) -> list[str]:
    """Questions with the words of lines: three to six of them, one in six with a day."""
    r = random.Random(5)
    made = []
    for line in islice(daylines.lines(11), count * 2):
        words = line.replace(".", "").split()
        if len(words) < 3:
            continue
        start = r.randrange(len(words) - 2)
        some = words[start : start + r.randrange(3, 7)]
        day = [r.choice(_DAYS)] if r.random() < 1 / 6 else []
        made.append(" ".join([*day, *some, r.choice(_ENDS)]).strip())
    return made[:count]


def rss_mb() -> float:
    """What the process holds in memory now."""
    fields = Path("/proc/self/statm").read_text("ascii").split()
    return int(fields[1]) * 4096 / 1e6


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def measured(store: Store, peer: sqlite3.Connection, count: int) -> dict[str, list[float]]:
    """Milliseconds of each question, of Echo and of FTS5, in turns."""
    taken: dict[str, list[float]] = {"Echo": [], "FTS5": []}
    for question in asked(count):
        taken["Echo"].append(timed(lambda q=question: recall(store, USER, q, now=NOW, limit=10)))
        taken["FTS5"].append(timed(lambda q=question: fts.search(peer, q, 10)))
    return taken


def appended(store: Store) -> bool:
    """Is what was just said found by the next question?"""
    store.begin(USER, Turn("new", NOW, USER, "반딧불이를 처음 봤다", "chat"))
    later = NOW + timedelta(seconds=1)
    hits = recall(store, USER, "반딧불이 언제 봤지?", now=later, limit=1).hits
    return bool(hits) and hits[0].turn.ref == "new"


def row(name: str, taken: list[float], beside: list[float]) -> list[str]:
    cuts, other = (statistics.quantiles(values, n=20) for values in (taken, beside))
    return [
        name,
        *(f"{cuts[i]:.1f}" for i in (9, 18)),
        *(f"{cuts[i] / other[i]:.2f}" for i in (9, 18)),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--lines", type=int, default=300_000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--most", type=float, nargs=2, default=(0.7, 1.0))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-recall-") as folder:
        home: Home = planted(Path(folder) / "home", args.lines, 730)
        took = child("boot", home)
        source = sqlite3.connect(home.database)
        peer = fts.filled(source, str(Path(folder) / "peer.db"))
        source.close()
        with open_store(home, CONFIG) as store:
            before = rss_mb()
            first = timed(lambda: recall(store, USER, "한강에서 뭐 먹었지?", now=NOW))
            grown = rss_mb() - before
            taken = measured(store, peer, args.questions)
            lasting = rss_mb() - before
            found = appended(store)
        peer.close()
    print(f"{args.lines} lines booted in {took['wall']:.1f} s; {args.questions} questions")
    rows = [row(name, times, taken["FTS5"]) for name, times in taken.items()]
    print(table(("", "p50 ms", "p95 ms", "÷ FTS5 p50", "÷ FTS5 p95"), rows))
    print(f"first question {first:.0f} ms; memory {grown:.0f} MB after it, {lasting:.0f} after all")
    print("said and found in the next call:", "yes" if found else "NO")
    over = [float(value) for value in rows[0][3:]]
    return 1 if any(o > m for o, m in zip(over, args.most, strict=True)) or not found else 0


if __name__ == "__main__":
    raise SystemExit(main())
