"""Setting recall's weights on some conversations, and what they do on the others.

    python -m bench.weights --data DIR [--rounds 2] [--start]

Each conversation of LoCoMo is left out in turn: the weights are set on the others, one at a time
over a few values around where they stand, as long as the mean of evidence recall at 5, 10 and 25
rises; then the one left out is asked. The last row is what is told of weights nobody set on the
conversation they are measured on. --start sets none: the weights as they are in echo/recall.
They begin at START, not at what echo/recall has, which was set with a look at all of them.
At the end: the weights that all conversations together would have.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from bench.locomo import DEPTHS, KINDS, USER, conversations, opened, questions
from bench.measure import table
from echo.recall import asked as asking
from echo.recall.ranking import WEIGHTS, Candidates, Wanted, Weights, score
from echo.recall.search import look

STEPS: Mapping[str, tuple[float, ...]] = {
    "before": (0.35, 0.5, 0.65, 0.8),
    "after": (0.2, 0.35, 0.5, 0.65),
    "answers": (0.0, 0.15, 0.3, 0.5, 0.7, 1.0),
    "session": (0.15, 0.3, 0.45, 0.6),
    "crowd": (0.5, 1.0, 2.0, 4.0),
    "sharp": (0.7, 0.85, 1.0, 1.15),
    "speaker": (0.1, 0.15, 0.2),
    "when": (0.05, 0.1, 0.15, 0.2),
    "question": (0.0, 0.05, 0.1, 0.15),
    "length": (0.0, 0.02, 0.04),
}
# as they were set by hand, before any of them was fitted
START = Weights(
    before=0.5, after=0.5, answers=0.0, session=0.3, crowd=2.0, sharp=1.0, speaker=0.1, when=0.1,
    question=0.1, length=0.0,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A question's candidates; held: which of them are evidence; of: how much evidence there is."""

    given: Candidates
    wanted: Wanted
    held: NDArray[np.bool_]
    of: int
    kind: str


def cases(data: Path) -> dict[str, list[Case]]:
    """The questions of each conversation, looked up once."""
    found: dict[str, list[Case]] = {}
    for sample in conversations(data):
        name = str(sample.get("sample_id", len(found)))
        with TemporaryDirectory() as folder:
            store, now = opened(Path(folder), [sample])
            with store, store.lookup(USER) as lookup:
                rows = lookup.conn.execute("select id, ref from occurrence").fetchall()
                refs = dict(rows)
                for question, evidence, kind in questions(sample):
                    there = look(lookup, asking.read(question, now), USER, now)
                    at = [refs[int(row)] in evidence for row in lookup.view.rows[there.places]]
                    held = np.array(at, np.bool_)
                    one = Case(there.given, there.asked.wanted, held, len(evidence), KINDS[kind])
                    found.setdefault(name, []).append(one)
    return found


def shares(some: Sequence[Case], weights: Weights) -> NDArray[np.float64]:
    """(questions, depths): the share of evidence among the first."""
    rows = []
    for case in some:
        best = np.argsort(-score(case.given, case.wanted, weights).score, kind="stable")
        held = case.held[best[: max(DEPTHS)]]
        rows.append([held[:depth].sum() / case.of for depth in DEPTHS])
    return np.array(rows)


def fitted(some: Sequence[Case], start: Weights, rounds: int) -> Weights:
    """The weights that do best on these, a step at a time from where they stand."""
    best, most = start, shares(some, start).mean()
    for _ in range(rounds):
        before = most
        for name, values in STEPS.items():
            for value in values:
                tried = replace(best, **{name: value})
                got = shares(some, tried).mean()
                if got > most + 1e-4:
                    best, most = tried, got
        if most == before:
            break
    return best


def changed(weights: Weights) -> str:
    return " ".join(
        f"{name}={getattr(weights, name)}"
        for name in STEPS
        if getattr(weights, name) != getattr(START, name)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with locomo*.json[.gz]")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--start", action="store_true", help="set none")
    args = parser.parse_args()
    found = cases(args.data)
    rows, got, kinds = [], [], []
    for name, left_out in found.items():
        others = [case for other, some in found.items() if other != name for case in some]
        weights = WEIGHTS if args.start else fitted(others, START, args.rounds)
        here = shares(left_out, weights)
        got.append(here)
        kinds += [case.kind for case in left_out]
        means = [f"{100 * mean:.1f}" for mean in here.mean(0)]
        rows.append([name, *means, str(len(here)), changed(weights)])
    every = np.concatenate(got)
    rows.append(["all, left out", *(f"{100 * m:.1f}" for m in every.mean(0)), str(len(every)), ""])
    for kind in KINDS.values():
        those = every[[one == kind for one in kinds]]
        rows.append([kind, *(f"{100 * m:.1f}" for m in those.mean(0)), str(len(those)), ""])
    print(table(["conversation", *(f"@{d}" for d in DEPTHS), "n", "weights changed"], rows))
    ceiling = [case.held.sum() / case.of for some in found.values() for case in some]
    print(f"evidence among the candidates: {100 * statistics.mean(ceiling):.1f} %")
    if not args.start:
        everything = [case for some in found.values() for case in some]
        best = fitted(everything, START, args.rounds)
        print("set on all:", changed(best) or "as they are")


if __name__ == "__main__":
    main()
