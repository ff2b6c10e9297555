"""Setting the constants of `known` on some questions, and what they do on the others.

    python -m bench.knowing --data DIR

What was told and what never was: the questions of the Korean diary (tests/recall/data), and those
of LoCoMo, where the never-told are another conversation's with the names exchanged (bench/locomo).
Five folds: a fifth of the Korean questions, drawn by chance, and one conversation of LoCoMo are
left out of each. Both sets, and told and never told, weigh the same. The constants that all of
them together would have come last: they are what echo/recall/knowing.py holds.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from bench import korean, locomo
from bench.measure import table
from echo.memory.queries import Lookup
from echo.recall import asked as asking
from echo.recall.search import look

FOLDS = 5
Floats = NDArray[np.float64]
Row = tuple[tuple[float, float, float], bool]  # signs, was it told


def signs(lookup: Lookup, question: str, now: datetime) -> tuple[float, float, float]:
    found = look(lookup, asking.read(question, now), korean.USER, now).signs()
    return (found.score, found.beyond, found.unheard) if found else (0.0, 0.0, 1.0)


def diary() -> Iterator[Row]:
    with (
        TemporaryDirectory() as folder,
        korean.opened(Path(folder)) as store,
        store.lookup(korean.USER) as lookup,
    ):
        for name, told in (("questions_ko.jsonl", True), ("never_ko.jsonl", False)):
            for asked in korean.questions(name):
                now = datetime.fromisoformat(asked["now"]).replace(tzinfo=korean.SEOUL)
                yield signs(lookup, asked["query"], now), told


def dialogues(data: Path) -> Iterator[list[Row]]:
    samples = list(locomo.conversations(data))
    for number, sample in enumerate(samples):
        other = samples[(number + 1) % len(samples)]
        asked = [(question, True) for question in locomo.told(sample)]
        asked += [(locomo.renamed(q, other, sample), False) for q in locomo.told(other)]
        with TemporaryDirectory() as folder:
            store, now = locomo.opened(Path(folder), [sample])
            with store, store.lookup(locomo.USER) as lookup:
                yield [(signs(lookup, question, now), told) for question, told in asked]


def fitted(x: Floats, y: NDArray[np.bool_], weight: Floats) -> Floats:
    """Bias and one constant a sign, by Newton's method with a little ridge."""
    wide = np.c_[np.ones(len(x)), x]
    w = np.zeros(wide.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-wide @ w))
        slope = wide.T @ (weight * (p - y)) / len(y) + 1e-3 * w
        bend = (wide * (weight * p * (1 - p))[:, None]).T @ wide / len(y) + 1e-3 * np.eye(len(w))
        w -= np.linalg.solve(bend, slope)
    return w


def balanced(y: NDArray[np.bool_], of: NDArray[np.bool_]) -> Floats:
    weight = np.zeros(len(y))
    for those in (of & y, of & ~y, ~of & y, ~of & ~y):
        weight[those] = 1 / max(those.sum(), 1)
    return weight / weight.mean()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with locomo*.json[.gz]")
    args = parser.parse_args()
    ours = list(diary())
    parts = [ours, *dialogues(args.data)]
    rows = [row for part in parts for row in part]
    x, y = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    ko = np.arange(len(rows)) < len(ours)
    fold = np.concatenate([np.full(len(part), i - 1) for i, part in enumerate(parts)])
    fold[ko] = np.random.default_rng(1).integers(0, FOLDS, len(ours))
    got = np.zeros(len(rows))
    for left_out in range(FOLDS):
        others = fold != left_out
        w = fitted(x[others], y[others], balanced(y[others], ko[others]))
        got[~others] = w[0] + x[~others] @ w[1:]
    told = []
    for name, those in (("Korean diary", ko), ("LoCoMo", ~ko)):
        scored = list(zip(got[those].tolist(), y[those].tolist(), strict=True))
        yes, no = (got[those & y] > 0).mean(), (got[those & ~y] <= 0).mean()
        told.append([name, f"{locomo.auc(scored):.3f}", f"{yes:.0%}", f"{no:.0%}"])
    print(table(["left out", "AUC", "told, known", "not told, not known"], told))
    w = fitted(x, y, balanced(y, ko))
    print("bias, score, beyond, unheard:", " ".join(f"{value:.2f}" for value in w))


if __name__ == "__main__":
    main()
