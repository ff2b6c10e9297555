"""Told in one language, asked in the other: is the line that told it the first that comes?

    python -m bench.across [FILE] [--wrong]

120 cases of tests/recall/data/across.jsonl, each in a memory of its own: one to three lines in
English and a question in Korean, or the other way about. A value is found when the first hit holds
it and it counts as known; what was never told must not count as known.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.measure import table
from echo.memory.store import Store
from echo.nouns import Recollection, Turn
from echo.recall.search import recall
from echo.text import language

CASES = Path(__file__).parent.parent / "tests" / "recall" / "data" / "across.jsonl"
TOLD = datetime(2026, 3, 2, 21, 10, tzinfo=UTC)
NOW = datetime(2026, 11, 21, 22, 0, tzinfo=UTC)
USER = "me"


def ask(case: dict[str, Any]) -> Recollection:
    """What comes back in a memory that holds the lines of a case and nothing else."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "memory" / "echo.db"
        with Store.open(file, journal=None, zone=UTC) as store:
            lines = [
                Turn(f"t{n}", TOLD + timedelta(minutes=n), USER, text, "s")
                for n, text in enumerate(case["told"])
            ]
            store.ingest(USER, lines, source="told")
            return recall(store, USER, case["ask"], now=NOW, limit=5)


def is_right(case: dict[str, Any], told: Recollection) -> bool:
    """Found at the head and known; or, never told, not known."""
    if case["value"] is None:
        return not told.known
    return told.known and bool(told.hits) and case["value"] in told.hits[0].turn.text


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path, default=CASES)
    parser.add_argument("--wrong", action="store_true", help="show every case that goes wrong")
    args = parser.parse_args()
    cases = [json.loads(line) for line in args.file.read_text("utf-8").splitlines()]
    counts: dict[tuple[str, str], list[bool]] = {}
    for case in cases:
        korean = language(case["ask"], "en") == "ko"
        asked = "English, asked in Korean" if korean else "Korean, asked in English"
        told = ask(case)
        right = is_right(case, told)
        kind = "never told" if case["value"] is None else "told"
        counts.setdefault((asked, kind), []).append(right)
        if args.wrong and not right:
            came = told.hits[0].turn.text if told.hits else ""
            print(
                f"{case['told']}\n  > {case['ask']}  wanted {case['value']}: {told.known} {came!r}"
            )
    rows = [
        (*names, str(len(some)), f"{sum(some) / len(some):.1%}") for names, some in counts.items()
    ]
    print(table(("told in", "", "cases", "right"), rows))


if __name__ == "__main__":
    main()
