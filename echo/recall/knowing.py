"""Was this ever told? A calibrated answer from the best hits of a question. Pure.

Two things speak for it: that a line holds much of what was asked, and that it holds more than any
line would by chance. The second is the rarity of the words it holds, added up, beside the
logarithm of how many lines there are: words that stand in one of N lines together are no chance
where their rarities add up to more than log N. The constants are those of a logistic set by
bench/knowing.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from echo.recall.matching import FEW
from echo.recall.ranking import BESIDE, Candidates, Floats, Scores, Wanted, Weights, shared

LOOKED_AT = 5  # hits that decide
KNOWN = 0.5  # confidence from which it counts as told


@dataclass(frozen=True, slots=True)
class Signs:
    """score: of the best hit that tells something; beyond: the rarity it and the turns around it
    hold, as a multiple of chance; unheard: how much of what was asked nobody ever said, 0…1.
    """

    score: float
    beyond: float
    unheard: float


BIAS, SCORE, BEYOND, UNHEARD = -3.0, 1.5, 1.6, -2.0


def signs(
    given: Candidates, scores: Scores, wanted: Wanted, weights: Weights, count: int
) -> Signs | None:
    """What speaks for its having been told, among count turns; None when nothing was found.

    Questions tell nothing, and Echo's own words tell only what Echo said.
    """
    telling = ~given.asks if wanted.of_echo else ~given.asks & ~given.by_echo
    places = np.flatnonzero(telling)
    if not len(places):
        return None
    best = places[np.argsort(-scores.score[places], kind="stable")[:LOOKED_AT]]
    one = best[np.argmax(scores.coverage[best])]
    held = float(_held(given, weights)[:, one].sum())
    if not len(given.weights) and given.dated[one]:
        return Signs(2.0, 1.0, 0.0)  # whatever was told that day
    unheard = float(given.weights[given.unsaid].sum() / (given.weights.sum() or 1.0))
    return Signs(float(scores.score[best[0]]), held / np.log(max(count, FEW) + 2.0), unheard)


def _held(given: Candidates, weights: Weights) -> Floats:
    """(words, n): the rarity of each word a candidate or its neighbours hold."""
    degrees, reach = given.degrees, given.degrees.shape[2] // 2
    near = np.maximum(degrees[:, :, 1:3], degrees[:, :, 1 + reach : 3 + reach]).max(2)
    held = np.maximum(degrees[:, :, 0], BESIDE * near * shared(given, weights))
    return np.asarray(given.weights[:, None] * held, np.float32)


def confidence(found: Signs | None) -> float:
    """0…1: how sure it is that what is asked was told."""
    if found is None:
        return 0.0
    sum_ = BIAS + SCORE * found.score + BEYOND * found.beyond + UNHEARD * found.unheard
    return float(1 / (1 + np.exp(-sum_)))
