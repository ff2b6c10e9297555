"""Ingest to searchable, beside others: rank-bm25, bm25s and sqlite-utils' own insert with FTS.

    python -m bench.peers [--lines 300000] [--rounds 1]

Each is a process of its own that reads the same day files and ends when a first question has been
answered. Echo's is a cold boot without anything left out: dedup, dates, context, feelings, days,
all of it synced. rank-bm25 and bm25s keep everything in memory and are given Echo's own tokens
(their tokenisers know no Korean); sqlite-utils inserts the lines and enables FTS5. rank-bm25 and
bm25s are installed into a throwaway folder; where that cannot be done they are left out.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.boot import CONFIG, boot, cold, planted
from bench.measure import cost, median, table
from echo.cli.talk import peak_rss_mb
from echo.home import Home

PEERS = ("rank-bm25", "bm25s")
ASKED = "한강에서 김치찌개 먹은 날"


def lines(home: Home) -> Iterator[str]:
    for path in sorted(home.memory.glob("day*/part*.txt")):
        with path.open(encoding="utf-8") as file:
            yield from (line.rstrip("\n") for line in file)


def rank_bm25(home: Home) -> None:
    from rank_bm25 import BM25Okapi

    from echo.text import index_tokens

    BM25Okapi([index_tokens(line) for line in lines(home)]).get_scores(index_tokens(ASKED))


def bm25s(home: Home) -> None:
    import bm25s as peer

    from echo.text import index_tokens

    made = peer.BM25()
    made.index([index_tokens(line) for line in lines(home)], show_progress=False)
    made.retrieve([index_tokens(ASKED)], k=10, show_progress=False)


def sqlite_utils(home: Home) -> None:
    from sqlite_utils import Database

    with tempfile.TemporaryDirectory(dir=home.root) as folder:
        db = Database(Path(folder) / "peer.db")
        db["said"].insert_all({"text": line} for line in lines(home))
        db["said"].enable_fts(["text"])
        list(db["said"].search("한강에서"))
        db.close()


WORK = {"rank-bm25": rank_bm25, "bm25s": bm25s, "sqlite-utils": sqlite_utils}


def installed(folder: Path) -> tuple[str, ...]:
    """The peers that could be had."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder)]
    done = subprocess.run([*pip, *PEERS], check=False, capture_output=True, text=True)
    if done.returncode:
        print("rank-bm25 and bm25s are left out: they could not be installed.")
        return ()
    return PEERS


def child(what: str, home: Home, extra: Path) -> dict[str, Any]:
    env = {**os.environ, "PYTHONPATH": f"{extra}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    done = subprocess.run(
        [sys.executable, "-m", "bench.peers", "--child", what, str(home.root)],
        check=True, stdout=subprocess.PIPE, text=True, env=env,
    )  # fmt: skip
    return dict(json.loads(done.stdout))


def measured(args: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="bench-peers-") as base:
        extra = Path(base) / "extra"
        names = ("Echo", *installed(extra), "sqlite-utils")
        home = planted(Path(base) / "home", args.lines, args.days)
        taken: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
        for _ in range(args.rounds):
            for name in names:
                cold(home)
                taken[name].append(child(name, home, extra))
    rows = []
    for name, took in taken.items():
        wall, cpu, peak = (median([one[what] for one in took]) for what in ("wall", "cpu", "peak"))
        rows.append((name, f"{wall:.2f}", f"{cpu:.2f}", f"{args.lines / wall:,.0f}", f"{peak:.0f}"))
    print(f"{args.lines} lines, {args.rounds} rounds")
    print(table(("", "wall s", "cpu s", "lines/s", "peak MB"), rows))
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--lines", type=int, default=300_000)
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--child", nargs=2, metavar=("WHAT", "HOME"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if not args.child:
        return measured(args)
    what, root = args.child
    home = Home(Path(root))
    if what == "Echo":
        print(json.dumps(boot(home, CONFIG)))
        return 0
    took = cost(lambda: WORK[what](home))
    print(json.dumps({"wall": took.wall, "cpu": took.cpu, "peak": peak_rss_mb()}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
