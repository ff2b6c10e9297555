"""Is a newer SQLite from a wheel worth depending on? Its speed beside the standard library's.

    python -m bench.sqlite [--lines 100000] [--rounds 3] [--modules pysqlite3,sqlcipher3,apsw]

Each module runs in a process of its own, the modules in turn, several rounds; the figure is the
median of its ratio to sqlite3 in the same round. "boot" and "recall" are Echo's own code on
bench/daylines, with the module put in place of sqlite3 (apsw has another API, so it is left out
there); "rows" and "match" are the same statements given to each by hand: rows and an FTS5 column
pair in one transaction, then OR queries ranked by bm25. The modules are no dependency of Echo:
install those that shall be measured.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.daylines import lines, write
from bench.measure import cost, median, table

STANDARD = "sqlite3"
MODULES = ("pysqlite3", "sqlcipher3", "apsw")
QUERIES = (
    "커피 때문에 기분이",
    "the umbrella in Busan",
    "할머니 생일 선물",
    "interview at the office",
    "ㅋㅋㅋ",
    "한강에서 산책",
    "my sister was nervous",
    "치과 예약",
)
ROUNDS_OF_QUERIES = 5
KINDS = ("boot", "recall", "rows", "match")


def put_in_place(name: str) -> Any:
    """The module, standing where everybody looks for sqlite3."""
    sys.modules["pysqlite3"] = None  # type: ignore[assignment]  # sqlite-utils would prefer it
    if name == STANDARD:
        return importlib.import_module(name)
    sys.modules.pop("pysqlite3")
    module = importlib.import_module(name)
    if name != "apsw":
        sys.modules["sqlite3"] = module
        sys.modules["sqlite3.dbapi2"] = importlib.import_module(f"{name}.dbapi2")
    return module


def child(name: str, home: Path, count: int) -> dict[str, Any]:
    module = put_in_place(name)
    version = module.sqlite_lib_version() if name == "apsw" else module.sqlite_version
    found: dict[str, Any] = {"version": version}
    found.update(by_hand(module, home / "hand.db", count))
    if name != "apsw":
        found.update(of_echo(home))
    return found


def of_echo(home: Path) -> dict[str, float]:
    from datetime import UTC, datetime

    from echo.memory.replay import replay
    from echo.memory.store import Store
    from echo.recall.search import recall

    memory = home / "memory"
    store = Store.open(memory / "echo.db", journal=memory, zone=UTC)
    boot = cost(lambda: replay(store, memory, "me", zone=UTC))
    now = datetime(2024, 3, 1, tzinfo=UTC)
    took = [
        cost(lambda q=query: recall(store, "me", q, now=now)).cpu
        for _ in range(ROUNDS_OF_QUERIES)
        for query in QUERIES
    ]
    store.close()
    return {"boot": boot.cpu, "boot wall": boot.wall, "recall": median(took)}


def by_hand(module: Any, path: Path, count: int) -> dict[str, float]:
    from echo.text import index_tokens

    said = list(islice(lines(1), count))
    rows = [(i, line, " ".join(index_tokens(line))) for i, line in enumerate(said, 1)]
    if hasattr(module, "connect"):
        conn = module.connect(str(path), isolation_level=None)
    else:
        conn = module.Connection(str(path))
    run = conn.execute
    for setting in ("journal_mode = wal", "synchronous = full", "cache_size = -16384"):
        list(run(f"pragma {setting}"))

    def insert() -> None:
        run("begin immediate")
        run("create table line (id integer primary key, body text not null)")
        run("create virtual table found using fts5 (own, context, content='', detail=full)")
        conn.executemany("insert into line values (?, ?)", [row[:2] for row in rows])
        conn.executemany("insert into found (rowid, own) values (?, ?)", [row[::2] for row in rows])
        run("commit")

    filled = cost(insert).cpu
    ask = "select rowid, bm25(found, 1, .5) from found where found match ? order by 2 limit 50"
    took = []
    for _ in range(ROUNDS_OF_QUERIES):
        for query in QUERIES:
            wanted = " OR ".join(f'"{token}"' for token in index_tokens(query))
            took.append(cost(lambda w=wanted: list(run(ask, (w,)))).cpu)
    conn.close()
    return {"rows": filled, "match": median(took)}


# ── the parent ───────────────────────────────────────────────────────────────────────────────


def one(name: str, count: int) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        write(Path(folder) / "memory", count, seed=1, days=30, part_lines=5000)
        call = [sys.executable, "-m", "bench.sqlite", "--child", name, "--home", folder]
        done = subprocess.run(
            [*call, "--lines", str(count)], capture_output=True, text=True, check=False
        )
    if done.returncode:
        sys.exit(f"{name}: {done.stderr.strip()}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def rounds(names: list[str], count: int, number: int) -> Iterator[dict[str, dict[str, Any]]]:
    for i in range(number):
        order = [STANDARD, *names] if i % 2 == 0 else [*reversed(names), STANDARD]
        yield {name: one(name, count) for name in order}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--modules", default=",".join(MODULES))
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(child(args.child, args.home, args.lines)))
        return
    names = [name for name in args.modules.split(",") if importlib.util.find_spec(name)]
    if not names:
        sys.exit("None of these modules is installed: " + args.modules)
    began = time.strftime("%H:%M:%S")
    told = list(rounds(names, args.lines, args.rounds))
    print(f"{args.lines} lines, {args.rounds} rounds from {began}; processor seconds\n")
    head = ["module", "SQLite", *(f"{kind} {what}" for kind in KINDS for what in ("s", "ratio"))]
    print(table(head, [row(name, told) for name in (STANDARD, *names)]))


def row(name: str, told: list[dict[str, dict[str, Any]]]) -> list[str]:
    cells = [name, told[0][name]["version"]]
    for kind in KINDS:
        if kind not in told[0][name]:
            cells += ["-", "-"]
            continue
        cells.append(f"{median([r[name][kind] for r in told]):.4f}")
        cells.append(f"{median([r[name][kind] / r[STANDARD][kind] for r in told]):.2f}")
    return cells


if __name__ == "__main__":
    main()
