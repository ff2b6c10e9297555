"""What is soonest here: how many threads for a token, and several voices in one batch or not. On
a shared machine all threads can be ten times slower than half of them; and for some formats of
weights llama.cpp takes a slower way for several rows (Q8_0 on AVX-512: three rows in the time of
four). So it is tried once and remembered. Knows contexts and a clock.
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
        took = min(_step(context, 1, at) for at in range(TRIES))
        context.trim(0)
        if took < 0.9 * least:
            best, least = count, took
    context.use_threads(best)
    return best


def apart(context: Context) -> bool:
    """Are the voices' tokens evaluated sooner one after another than in one batch, by a tenth?
    `context` must be empty, and is left so.
    """
    voices, end = context.sequences, time.monotonic() + PATIENCE_S
    one, all_of_them = [], []
    for at in range(TRIES):
        one.append(_step(context, 1, at))
        context.trim(at, 0)
        all_of_them.append(_step(context, voices, at))
        if time.monotonic() >= end:
            break
    for voice in range(voices):
        context.trim(0, voice)
    return min(all_of_them) > 1.1 * voices * min(one)


def _step(context: Context, voices: int, at: int) -> float:
    """Seconds for one token of each of so many voices, the `at`th."""
    token = max(context.weights.bos, 0)
    began = time.perf_counter()
    context.decode([Part(voice, at, [token], True) for voice in range(voices)])
    return time.perf_counter() - began
