"""What fits into a context, and what is left out when it does not. Pure; counts by a function.

Tokens are the brain's own, counted by the `Count` that is handed in, so nothing here guesses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from echo.nouns import ECHO, Hit, Message, Recollection

Count = Callable[[Sequence[Message]], int]  # tokens of these messages as a prompt

FULL, CUT = 0.85, 0.60  # shares of the context: over the first, history is cut to the second
MAX_LINES = 8  # recalled lines in one prompt
WEAK = 0.4  # a hit under this share of the best one is noise in a prompt
GAP = " … "


def trim(
    history: Sequence[Message], size: Callable[[Sequence[Message]], int], context: int
) -> tuple[Message, ...]:
    """History that fits: cut in one step, at an exchange boundary, oldest first.

    size(history) is the whole prompt's tokens, the room for the reply included.
    """
    if size(history) <= FULL * context:
        return tuple(history)
    kept = list(history)
    while kept and size(kept) > CUT * context:
        del kept[:2]
    return tuple(kept)


def clip(words: str, fits: Callable[[str], bool]) -> str:
    """The longest beginning and end of words that fit, with a gap mark between them.

    The whole words are in memory all the same; this is only what one prompt can hold.
    """
    if fits(words):
        return words
    low, high = 0, len(words) // 2
    while low < high:
        half = (low + high + 1) // 2
        low, high = (half, high) if fits(_ends(words, half)) else (low, half - 1)
    return _ends(words, low)


def _ends(words: str, half: int) -> str:
    return f"{words[:half]}{GAP}{words[len(words) - half :]}" if half else GAP.strip()


def worth_telling(
    recollection: Recollection, tokens: int, size: Callable[[Sequence[Hit]], int]
) -> Recollection:
    """The part of a recollection that goes into a prompt of at most `tokens` for it.

    The user's own lines come before Echo's, hits before neighbours; weak hits stay out.
    """
    best = max((hit.score for hit in recollection.hits), default=0.0)
    strong = [hit for hit in recollection.hits if hit.score >= WEAK * best]
    strong.sort(key=lambda hit: hit.turn.speaker == ECHO)
    kept: list[Hit] = []
    for hit in strong[:MAX_LINES]:
        bare = replace(hit, near=())
        if size([*kept, bare]) <= tokens:
            kept.append(bare)
    return replace(recollection, hits=tuple(_with_answers(kept, strong, tokens, size)))


def _with_answers(
    kept: list[Hit], strong: Sequence[Hit], tokens: int, size: Callable[[Sequence[Hit]], int]
) -> list[Hit]:
    """Add the best hit's neighbours where lines and tokens are left."""
    if not kept:
        return kept
    source = next(hit for hit in strong if hit.turn.ref == kept[0].turn.ref)
    grown = [replace(kept[0], near=source.near), *kept[1:]]
    lines = sum(1 + len(hit.near) for hit in grown)
    return grown if lines <= MAX_LINES and size(grown) <= tokens else kept
