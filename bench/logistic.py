"""Logistic regression with a quadratic penalty over sparse marks, by Newton's method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

ROUNDS, STEPS, CLOSE = 10, 60, 1e-6


@dataclass(frozen=True, slots=True)
class Rows:
    """Marks of examples as a sparse matrix: sizes[n] stands at (rows[n], columns[n])."""

    rows: np.ndarray
    columns: np.ndarray
    sizes: np.ndarray
    shape: tuple[int, int]

    def times(self, b: np.ndarray) -> np.ndarray:
        return np.bincount(self.rows, self.sizes * b[self.columns], self.shape[0])

    def turned(self, r: np.ndarray) -> np.ndarray:
        """The transposed matrix times r."""
        return np.bincount(self.columns, self.sizes * r[self.rows], self.shape[1])


def rows_of(examples: Sequence[Mapping[str, float]], names: Mapping[str, int]) -> Rows:
    """names: mark → its column; column 0 is the bias."""
    entries = [(row, 0, 1.0) for row in range(len(examples))]
    for row, marks in enumerate(examples):
        entries += [(row, names[name], size) for name, size in marks.items() if name in names]
    rows, columns, sizes = map(np.array, zip(*entries, strict=True))
    return Rows(rows, columns, sizes, (len(examples), len(names) + 1))


def newton(
    x: Rows,
    y: np.ndarray,
    weight: np.ndarray,
    b: np.ndarray,
    penalty: float,
    rounds: int = ROUNDS,
) -> np.ndarray:
    """The weights, from b on; each step solved by conjugate gradients."""
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-x.times(b)))
        slope = x.turned(weight * (p - y)) + penalty * b
        b = b - _solved(x, weight * p * (1 - p), slope, penalty)
    return b


def _solved(x: Rows, weight: np.ndarray, slope: np.ndarray, penalty: float) -> np.ndarray:
    step = np.zeros_like(slope)
    left, way = slope.copy(), slope.copy()
    size = left @ left
    for _ in range(STEPS):
        if size < CLOSE:
            break
        curve = x.turned(weight * x.times(way)) + penalty * way
        far = size / (way @ curve)
        step += far * way
        left -= far * curve
        size, before = left @ left, size
        way = left + size / before * way
    return step
