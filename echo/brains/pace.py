"""How many threads evaluate a token soonest. On a shared machine all of them can be ten times
slower than half of them, so it is tried once and remembered. Knows contexts and a clock.
"""

from __future__ import annotations

import time

from echo.brains.context import Context, Part

TRIES = 4  # tokens for each count of threads; the quickest one tells
PATIENCE_S = 3.0  # in all; what has not been tried by then is not


def candidates(most: int) -> list[int]:
    """Counts of threads worth trying, the largest first: most, and halves of it."""
    found = []
    while most:
        found.append(most)
        most //= 2
    return found


def quickest(context: Context, most: int) -> int:
    """The count of threads with which a token is evaluated soonest; `context` must be empty.

    Leaves the context empty and set to that count. A count must beat a larger one by a tenth.
    """
    end = time.monotonic() + PATIENCE_S
    best, least = most, float("inf")
    for count in candidates(most):
        if time.monotonic() >= end:
            break
        context.use_threads(count)
        took = min(_token(context, at) for at in range(TRIES))
        context.trim(0)
        if took < 0.9 * least:
            best, least = count, took
    context.use_threads(best)
    return best


def _token(context: Context, at: int) -> float:
    token = max(context.weights.bos, 0)
    began = time.perf_counter()
    context.decode([Part(0, at, [token], True)])
    return time.perf_counter() - began
