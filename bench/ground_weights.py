"""Set the weights of groundedness, and say how well they do on replies they were not set on.

    python -m bench.ground_weights [--write] [--cases FILE] [--folds 8]

Logistic regression with a quadratic penalty over the marks of every candidate; a candidate is one
to be found when it overlaps with what was invented. A reply is judged by the highest of them: so
the weights are set again AGAIN times, and those that stood high in a reply count up to TOP times
more (multiple-instance learning). Cases of one `recalled` stay in one fold. The line is drawn where
FALSE of the replies without inventions are marked, in the folds left out.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from collections import Counter
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np

from bench.grounded import places, support_of
from bench.logistic import Rows, newton, rows_of
from echo.mind.grounds.claims import Candidate, candidates

CASES = Path(__file__).parent.parent / "tests" / "mind" / "data" / "grounded_dev.jsonl"
OUT = Path(__file__).parent.parent / "echo" / "mind" / "grounds" / "data" / "grounds.json"
FALSE, PENALTY, LEAST = 0.1, 8.0, 4
AGAIN, TOP = 3, 8.0
LIGHT = 0.05  # a mark that weighs less is left out
Labelled = list[tuple[Candidate, bool]]


def labelled(case: dict[str, Any]) -> Labelled:
    wanted = {i for text in case["ungrounded"] for i in places(case["reply"], text)}
    found = candidates(case["reply"], support_of(case))
    return [(one, bool(wanted & set(range(one.start, one.end)))) for one in found]


def vectors(items: list[Labelled], names: dict[str, int]) -> tuple[Rows, np.ndarray]:
    every = [one for some in items for one in some]
    made = rows_of([one.marks for one, _ in every], names)
    return made, np.array([float(hit) for _, hit in every])


def fitted(items: list[Labelled], names: dict[str, int]) -> np.ndarray:
    """The weights, the bias first."""
    x, y = vectors(items, names)
    b = newton(x, y, np.ones_like(y), np.zeros(x.shape[1]), PENALTY)
    for _ in range(AGAIN):
        b = newton(x, y, _heavy(items, x.times(b)), b, PENALTY)
    return b


def _heavy(items: list[Labelled], z: np.ndarray) -> np.ndarray:
    """What each candidate counts for: more, the higher it stands among those of its reply."""
    weight, at = np.ones_like(z), 0
    for some in items:
        hits = [n for n, (_, hit) in enumerate(some, at) if hit]
        top = np.array(hits or range(at, at + len(some)), dtype=int)
        at += len(some)
        if len(top):
            share = np.exp(z[top] - z[top].max())
            weight[top] += TOP * share / share.sum()
    return weight


def named(items: list[Labelled]) -> dict[str, int]:
    count = Counter(name for some in items for one, _ in some for name in one.marks)
    kept = sorted(name for name, n in count.items() if n >= LEAST)
    return {name: place for place, name in enumerate(kept, 1)}


def left_out(cases: list[dict[str, Any]], items: list[Labelled], folds: int) -> list[float]:
    """The highest weight in each reply, by weights that were set without its group."""
    groups = sorted({json.dumps(case["recalled"]) for case in cases})
    random.Random(1).shuffle(groups)
    fold = {group: n % folds for n, group in enumerate(groups)}
    of = [fold[json.dumps(case["recalled"])] for case in cases]
    best = [-9.0] * len(cases)
    jobs = [([n for n, f in enumerate(of) if f == k], items) for k in range(folds)]
    with Pool(os.cpu_count()) as pool:
        for found in pool.starmap(_judged, jobs):
            for n, highest in found:
                best[n] = highest
    return best


def _judged(left: list[int], items: list[Labelled]) -> list[tuple[int, float]]:
    """The highest weight in each reply that was left out, by weights of the rest."""
    gone = set(left)
    rest = [some for n, some in enumerate(items) if n not in gone]
    names = named(rest)
    b = fitted(rest, names)
    highest = ((n, vectors([items[n]], names)[0].times(b).max()) for n in left if items[n])
    return [(n, float(w)) for n, w in highest]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="keep them in echo/mind/data")
    parser.add_argument("--cases", type=Path, default=CASES)
    parser.add_argument("--folds", type=int, default=8)
    args = parser.parse_args()
    every = [json.loads(line) for line in args.cases.read_text("utf-8").splitlines()]
    made = {}
    for lang in ("ko", "en"):
        cases = [case for case in every if case["lang"] == lang]
        items = [labelled(case) for case in cases]
        best = left_out(cases, items, args.folds)
        clean = sorted(
            (w for w, c in zip(best, cases, strict=True) if not c["ungrounded"]), reverse=True
        )
        bad = [w for w, c in zip(best, cases, strict=True) if c["ungrounded"]]
        line = clean[int(FALSE * len(clean))]
        for far in (0.03, 0.1, 0.2):
            over = clean[int(far * len(clean))]
            found = sum(w > over for w in bad) / len(bad)
            print(
                f"{lang}: {far:.0%} of {len(clean)} clean marked, {found:.1%} of {len(bad)} found"
            )
        names = named(items)
        b = fitted(items, names)
        kept = {name: round(float(b[place]), 2) for name, place in names.items()}
        made[lang] = {
            "bias": round(float(b[0]), 2), "line": round(line, 2),
            "marks": {name: w for name, w in kept.items() if abs(w) >= LIGHT},
        }  # fmt: skip
    if args.write:
        OUT.write_text(
            json.dumps(made, ensure_ascii=False, indent=0, sort_keys=True) + "\n", "utf-8"
        )
        print(f"{OUT}: {sum(len(one['marks']) for one in made.values())} marks")
    return 0


if __name__ == "__main__":
    sys.exit(main())
