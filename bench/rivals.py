"""Recall beside others, same data, same run: FTS5's defaults, rank-bm25, bm25s.

    python -m bench.rivals [--data DIR]

The Korean diary of tests/recall/data, and LoCoMo where DIR holds it. FTS5's defaults: unicode61,
one column, any word of the question, bm25. rank-bm25 and bm25s: words in lower case split at what
is no letter, bm25s with its English stop words; the same with Echo's own Korean pairs ("+ pairs").
Peers are given each line with its speaker's name before it, as a user of theirs would. They are
installed into a throwaway folder; where that cannot be done they are left out.
"""

from __future__ import annotations

import argparse
import re
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bench import korean, locomo
from bench.measure import table
from bench.peers import installed
from echo.memory.store import Store
from echo.recall.search import recall
from echo.text import index_tokens

DEPTHS = (5, 10, 25)
Search = Callable[[str], list[str]]  # a question → refs, best first
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Case:
    """What is asked, and which refs are right; any: one of them is enough."""

    question: str
    now: datetime
    right: frozenset[str]
    any: bool


# ── the others ───────────────────────────────────────────────────────────────────────────────


def words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def fts5(lines: Sequence[tuple[str, str]]) -> Search:
    conn = sqlite3.connect(":memory:")
    conn.execute("create virtual table said using fts5(text)")
    conn.executemany("insert into said values (?)", [(text,) for _, text in lines])
    query = "select rowid from said where said match ? order by bm25(said) limit ?"

    def search(question: str) -> list[str]:
        match = " OR ".join(f'"{word}"' for word in words(question))
        rows = conn.execute(query, (match, max(DEPTHS))) if match else ()
        return [lines[row - 1][0] for (row,) in rows]

    return search


def rank_bm25(lines: Sequence[tuple[str, str]], split: Callable[[str], list[str]]) -> Search:
    from rank_bm25 import BM25Okapi

    made = BM25Okapi([split(text) for _, text in lines])

    def search(question: str) -> list[str]:
        scores = made.get_scores(split(question))
        return [lines[i][0] for i in (-scores).argsort(kind="stable")[: max(DEPTHS)] if scores[i]]

    return search


def bm25s(lines: Sequence[tuple[str, str]], split: Callable[[str], list[str]]) -> Search:
    import bm25s as peer

    made = peer.BM25()
    made.index([split(text) for _, text in lines], show_progress=False)

    def search(question: str) -> list[str]:
        asked = [word for word in split(question) if word in made.vocab_dict]
        if not asked:
            return []
        most = min(max(DEPTHS), len(lines))
        found, scores = made.retrieve([asked], k=most, show_progress=False)
        return [lines[i][0] for i, s in zip(found[0], scores[0], strict=True) if s > 0]

    return search


def others(lines: Sequence[tuple[str, str]], there: Sequence[str]) -> Iterator[tuple[str, Search]]:
    yield "FTS5 defaults", fts5(lines)
    if "rank-bm25" in there:
        yield "rank-bm25", rank_bm25(lines, words)
        yield "rank-bm25 + pairs", rank_bm25(lines, index_tokens)
    if "bm25s" in there:
        yield "bm25s", bm25s(lines, stopped)
        yield "bm25s + pairs", bm25s(lines, index_tokens)


def stopped(text: str) -> list[str]:
    """As bm25s' own tokenizer: its English stop words dropped."""
    from bm25s.stopwords import STOPWORDS_EN

    return [word for word in words(text) if word not in STOPWORDS_EN]


# ── measuring ────────────────────────────────────────────────────────────────────────────────


def shares(cases: Sequence[Case], search: Callable[[Case], list[str]]) -> tuple[Any, float]:
    """(share of what is right at each depth, for each question; seconds of a question)."""
    rows, took = [], []
    for case in cases:
        began = time.perf_counter()
        refs = search(case)
        took.append(time.perf_counter() - began)
        held = [len(case.right.intersection(refs[:depth])) for depth in DEPTHS]
        rows.append([min(n, 1) if case.any else n / len(case.right) for n in held])
    return rows, statistics.median(took)


def ask_echo(store: Store) -> Callable[[Case], list[str]]:
    def search(case: Case) -> list[str]:
        told = recall(store, korean.USER, case.question, now=case.now, limit=max(DEPTHS))
        return [hit.turn.ref for hit in told.hits]

    return search


Memory = tuple[str, list[tuple[str, str]], list[Case], Callable[[Case], list[str]]]


def diary(folder: Path) -> Iterator[Memory]:
    with korean.opened(folder) as store:
        lines = [(turn.ref, turn.text) for turn in korean.lines()]
        cases = [
            Case(
                one["query"],
                datetime.fromisoformat(one["now"]).replace(tzinfo=korean.SEOUL),
                frozenset(one["refs"]),
                True,
            )
            for one in korean.questions("questions_ko.jsonl")
        ]
        yield "Korean diary", lines, cases, ask_echo(store)


def dialogues(data: Path, folder: Path) -> Iterator[Memory]:
    for number, sample in enumerate(locomo.conversations(data)):
        store, now = locomo.opened(folder / str(number), [sample])
        with store:
            lines = [(t["ref"], f"{t['speaker']}: {t['text']}") for t in locomo.turns(sample)]
            cases = [Case(q, now, right, False) for q, right, _ in locomo.questions(sample)]
            yield "LoCoMo", lines, cases, ask_echo(store)


def memories(data: Path | None, base: Path) -> Iterator[Memory]:
    yield from diary(base / "diary")
    if data:
        yield from dialogues(data, base / "locomo")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with locomo*.json[.gz]")
    args = parser.parse_args()
    got: dict[tuple[str, str], list[Any]] = {}
    took: dict[tuple[str, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as base:
        extra = Path(base) / "extra"
        there = installed(extra)
        sys.path.insert(0, str(extra))
        for what, lines, cases, echo in memories(args.data, Path(base)):
            ways = [("Echo", echo)]
            ways += [(name, lambda case, s=s: s(case.question)) for name, s in others(lines, there)]
            for name, search in ways:
                rows, seconds = shares(cases, search)
                got.setdefault((what, name), []).extend(rows)
                took.setdefault((what, name), []).append(seconds)
    rows = []
    for (what, name), some in got.items():
        means = [100 * statistics.mean(row[i] for row in some) for i in range(len(DEPTHS))]
        ms = f"{1000 * statistics.median(took[what, name]):.1f}"
        rows.append([f"{what}: {name}", *(f"{m:.1f}" for m in means), ms, str(len(some))])
    print(table(["", *(f"@{depth}" for depth in DEPTHS), "ms", "n"], rows))


if __name__ == "__main__":
    main()
