"""The Korean diary of tests/recall/data: the right line among the first five, and what was told.

    python -m bench.korean [--wrong] [--never]

3,072 lines, 511 questions that were told and 183 that never were, written before the rules (see
the README beside them). A day of the diary is a session. --wrong prints the questions whose line
is not among the first five, with what came instead; --never those never told that count as known.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from bench.locomo import auc
from bench.measure import table
from echo.memory.store import Store
from echo.nouns import Recollection, Turn
from echo.recall.search import recall

DATA = Path(__file__).parent.parent / "tests" / "recall" / "data"
SEOUL = ZoneInfo("Asia/Seoul")
USER = "me"
DEEP = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """A question and what came back; rank: of the first right line, 0 when there was none."""

    asked: dict[str, Any]
    told: Recollection
    rank: int
    seconds: float


def lines() -> Iterator[Turn]:
    for row in (DATA / "diary_ko.tsv").read_text("utf-8").splitlines():
        ref, at, text = row.split("\t")
        yield Turn(ref, datetime.fromisoformat(at).replace(tzinfo=SEOUL), USER, text, at[:10])


def questions(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


def opened(folder: Path) -> Store:
    store = Store.open(folder / "memory" / "echo.db", journal=None, zone=SEOUL)
    store.ingest(USER, lines(), source="diary")
    return store


def ask(store: Store, asked: dict[str, Any], limit: int = 25) -> Answer:
    now = datetime.fromisoformat(asked["now"]).replace(tzinfo=SEOUL)
    began = time.perf_counter()
    told = recall(store, USER, asked["query"], now=now, limit=limit)
    took = time.perf_counter() - began
    refs = [hit.turn.ref for hit in told.hits]
    ranks = [refs.index(ref) + 1 for ref in asked.get("refs", ()) if ref in refs]
    return Answer(asked, told, min(ranks, default=0), took)


def found(answers: list[Answer], deep: int = DEEP) -> float:
    """The share of questions whose right line is among the first."""
    return statistics.mean(0 < one.rank <= deep for one in answers)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--wrong", action="store_true")
    parser.add_argument("--never", action="store_true")
    args = parser.parse_args()
    with TemporaryDirectory() as folder, opened(Path(folder)) as store:
        answers = [ask(store, asked) for asked in questions("questions_ko.jsonl")]
        never = [ask(store, asked) for asked in questions("never_ko.jsonl")]
    kinds = dict.fromkeys(["all", *(one.asked["kind"] for one in answers)])
    rows = []
    for kind in kinds:
        some = [one for one in answers if kind in ("all", one.asked["kind"])]
        shares = [f"{100 * found(some, deep):.1f}" for deep in (1, DEEP, 10, 25)]
        rows.append([kind, *shares, str(len(some))])
    print(table(["questions", "@1", f"@{DEEP}", "@10", "@25", "n"], rows))
    scored = [(one.told.confidence, True) for one in answers]
    scored += [(one.told.confidence, False) for one in never]
    yes = statistics.mean(one.told.known for one in answers)
    no = statistics.mean(not one.told.known for one in never)
    print(f"known: AUC {auc(scored):.3f}; told and known {yes:.0%}, never told and not {no:.0%}")
    print(f"median {1000 * statistics.median(one.seconds for one in answers):.1f} ms a query")
    for one in answers if args.wrong else ():
        if not 0 < one.rank <= DEEP:
            print(f"\n{one.rank or '--'} {one.asked['kind']}: {one.asked['query']}")
            print(*(f"    {h.turn.at:%Y-%m-%d} {h.turn.text}" for h in one.told.hits[:3]), sep="\n")
    for one in never if args.never else ():
        if one.told.known:
            print(f"\n{one.told.confidence:.2f} {one.asked['query']}")
            print(f"    {one.told.hits[0].turn.text}")


if __name__ == "__main__":
    main()
