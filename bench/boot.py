"""A cold boot beside its floor: the same files read, the same rows put into bare tables.

    python -m bench.boot [--lines 300000] [--days 730] [--rounds 3] [--long 3000000]
                         [--most 3.0] [--peak 300] [--again 0.02]

The floor is raw sqlite3 in one transaction (WAL, FULL): every line of the same files is read, the
very rows that the boot stored are put in with executemany, and three FTS5 columns (bench/fts.py),
made beforehand, as the index a memory needs. It has no secondary index and decides nothing. Beside
it, for comparison, the same with the indexes of Echo's schema. A boot is the whole of
`echo.wake.boot`: lines, dedup, index, feelings, every day's insight.json, the identity; processor
seconds and memory count its workers too.

Each measurement is a process of its own, in turns, so that a busy machine slows all alike; the
ratio is the median over rounds. --long compares the cost per line at that many lines.
Exit 1 when a figure is over its bound.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import fts
from bench.daylines import write
from bench.measure import cost, median, table
from echo.cli.talk import peak_rss_mb
from echo.config import DEFAULT, Config, template
from echo.home import Home, plant, seed
from echo.i18n import catalogue
from echo.workers import spare

CONFIG = DEFAULT.apply({"echo.timezone": "Asia/Seoul"}, "file")
TABLES = ("user", "speaker", "session", "text", "file", "occurrence")


def planted(root: Path, lines: int, days: int) -> Home:
    home = Home(root)
    plant(home, settings=template(CONFIG, catalogue("en")), seed=seed())
    write(home.memory, lines, seed=1, days=days, part_lines=5000)
    return home


# ── one boot ─────────────────────────────────────────────────────────────────────────────────


def boot(home: Home, config: Config = CONFIG) -> dict[str, Any]:
    """What one boot costs, store opened and closed included."""
    from echo.wake import boot as waken
    from echo.wake import open_store

    def work() -> None:
        with open_store(home, config) as store:
            done = waken(home, config, store, lambda _: None)
            told.append(done.replay.lines)

    told: list[int] = []
    took = cost(work)
    peak = peak_rss_mb() + spare() * _peak_of_a_worker()
    return {"wall": took.wall, "cpu": took.cpu, "peak": peak, "lines": told[0]}


def _peak_of_a_worker() -> float:
    """What the largest of the workers held, in MB; 0 when there was none."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6


# ── the floor ────────────────────────────────────────────────────────────────────────────────


def floor(home: Home, *, indexed: bool) -> dict[str, Any]:
    """What the same files and rows cost without Echo. home has been booted."""
    source = sqlite3.connect(home.database)
    rows = {name: source.execute(f"select * from {name}").fetchall() for name in TABLES}  # noqa: S608
    columns = list(fts.columns(source))
    files = sorted(home.memory.glob("day*/part*.txt"))
    with tempfile.TemporaryDirectory(dir=home.root) as folder:
        conn = sqlite3.connect(Path(folder) / "floor.db", isolation_level=None)
        conn.execute("pragma journal_mode = wal")
        conn.execute("pragma synchronous = full")
        for statement in (*_forms(source, rows)[indexed], fts.FORM):
            conn.execute(statement)
        took = cost(lambda: _fill(conn, files, rows, columns))
        conn.close()
    return {"wall": took.wall, "cpu": took.cpu, "peak": 0.0, "lines": len(columns)}


def _forms(source: sqlite3.Connection, rows: dict[str, list[Any]]) -> dict[bool, list[str]]:
    """How to make the tables: bare, and as Echo's schema has them, indexes included."""
    marks = ",".join("?" * len(TABLES))
    query = f"select sql from sqlite_master where tbl_name in ({marks}) and sql is not null"  # noqa: S608
    return {
        True: [row[0] for row in source.execute(query, TABLES)],
        False: [
            f"create table {name} ({', '.join(f'c{i}' for i in range(len(rows[name][0])))})"
            for name in TABLES
        ],
    }


def _fill(
    conn: sqlite3.Connection, files: list[Path], rows: dict[str, list[Any]], columns: list[Any]
) -> None:
    conn.execute("begin immediate")
    for path in files:
        with path.open(encoding="utf-8") as file:
            for line in file:
                line.rstrip("\n")
    for name in TABLES:
        marks = ",".join("?" * len(rows[name][0]))
        conn.executemany(f"insert into {name} values ({marks})", rows[name])  # noqa: S608
    conn.executemany("insert into fts (rowid, own, context, dates) values (?, ?, ?, ?)", columns)
    conn.execute("commit")


# ── in turns ─────────────────────────────────────────────────────────────────────────────────


def child(what: str, home: Home) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.boot", "--child", what, str(home.root)],
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return dict(json.loads(done.stdout))


def cold(home: Home) -> None:
    """As before the first boot: input files and manifest, nothing else."""
    for file in home.memory.glob("echo.db*"):
        file.unlink()
    shutil.rmtree(home.memory / "me", ignore_errors=True)


def rounds(home: Home, count: int) -> dict[str, list[dict[str, Any]]]:
    taken: dict[str, list[dict[str, Any]]] = {"boot": [], "again": [], "bare": [], "indexed": []}
    for _ in range(count):
        cold(home)
        taken["boot"].append(child("boot", home))
        taken["again"].append(child("boot", home))
        taken["bare"].append(child("bare", home))
        taken["indexed"].append(child("indexed", home))
    return taken


def ratio(taken: dict[str, list[dict[str, Any]]], top: str, under: str, what: str) -> float:
    return median([a[what] / b[what] for a, b in zip(taken[top], taken[under], strict=True)])


def told(taken: dict[str, list[dict[str, Any]]], lines: int) -> str:
    names = {
        "boot": "cold boot", "again": "second boot",
        "bare": "floor: bare tables", "indexed": "the same with the schema's indexes",
    }  # fmt: skip
    rows = []
    for key, name in names.items():
        wall, cpu = (median([one[what] for one in taken[key]]) for what in ("wall", "cpu"))
        peak = max(one["peak"] for one in taken[key])
        cells = (f"{wall:.2f}", f"{cpu:.2f}", f"{lines / wall:,.0f}", f"{peak:.0f}" if peak else "")
        rows.append((name, *cells))
    return table(("", "wall s", "cpu s", "lines/s", "peak MB"), rows)


def measured(args: argparse.Namespace) -> int:
    over = []

    def figure(name: str, value: float, most: float, form: str = "{:.2f}") -> None:
        print(f"{name:<44}{form.format(value):>9}   at most {form.format(most)}")
        if value > most:
            over.append(name)

    with tempfile.TemporaryDirectory(prefix="bench-boot-") as folder:
        home = planted(Path(folder) / "home", args.lines, args.days)
        taken = rounds(home, args.rounds)
        print(
            f"{args.lines} lines, {args.days} days, {args.rounds} rounds,"
            f" sqlite {sqlite3.sqlite_version}"
        )
        print(told(taken, args.lines))
        figure("cold boot / floor, wall", ratio(taken, "boot", "bare", "wall"), args.most)
        print(f"{'cold boot / floor, cpu':<44}{ratio(taken, 'boot', 'bare', 'cpu'):>9.2f}")
        for what in ("wall", "cpu"):
            again = ratio(taken, "again", "boot", what)
            figure(f"second boot / cold, {what}", again, args.again, "{:.2%}")
            beside = ratio(taken, "boot", "indexed", what)
            print(f"{'cold boot / floor with indexes, ' + what:<44}{beside:>9.2f}")
        figure("peak memory, MB", max(o["peak"] for o in taken["boot"]), args.peak, "{:.0f}")
        if args.long:
            shutil.rmtree(home.root)
            far = planted(home.root, args.long, args.days * args.long // args.lines)
            one = child("boot", far)
            print(
                f"{args.long} lines: {one['wall']:.1f} s, {one['cpu']:.1f} s cpu,"
                f" {one['peak']:.0f} MB"
            )
            for what in ("wall", "cpu"):
                near = median([o[what] for o in taken["boot"]]) / args.lines
                figure(f"cost of a line, long / short, {what}", one[what] / args.long / near, 1.25)
    return 1 if over else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lines", type=int, default=300_000)
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--long", type=int, default=0)
    parser.add_argument("--most", type=float, default=3.0)
    parser.add_argument("--peak", type=float, default=300)
    parser.add_argument("--again", type=float, default=0.02)
    parser.add_argument("--child", nargs=2, metavar=("WHAT", "HOME"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if not args.child:
        return measured(args)
    what, root = args.child
    home = Home(Path(root))
    print(json.dumps(boot(home) if what == "boot" else floor(home, indexed=what == "indexed")))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
