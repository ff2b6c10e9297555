"""The endings and small words that stand around a word of a reply, by name. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations, pairwise

from echo.terms.split import is_korean
from echo.text import is_stop

WEIGHT = 0.6  # what a single form weighs beside a mark made by hand
BOTH = 0.5  # and two marks together
_TOKEN = re.compile(r"[가-힣]+|[A-Za-z]+(?:['’][A-Za-z]+)?|\d+|[?!.,]")
_HANGUL_RUN = re.compile(r"[가-힣]+")
_HELPERS = ("said", "told", "had", "was", "were", "been")


def paired(marks: Mapping[str, float]) -> dict[str, float]:
    """Marks, and each two of those made by hand: a colour where another was said is one thing in
    advice, and another where something is remembered."""
    by_hand = sorted((name, size) for name, size in marks.items() if size and ":" not in name)
    pairs = combinations(by_hand, 2)
    return {**marks, **{f"{a} & {b}": BOTH * one * other for (a, one), (b, other) in pairs}}


def around(
    text: str, clause: tuple[int, int], word: tuple[int, int], *, korean: bool
) -> Iterator[str]:
    """Names of the endings and small words around a word of a sentence and of its clause."""
    body = text.rstrip()
    sentence, end = body.rstrip(".!?…\"”'’"), body[-1:]
    part = sentence[clause[0] : clause[1]]
    before = [word.lower() for word in _TOKEN.findall(sentence[: word[0]])]
    after = _TOKEN.findall(sentence[word[1] :])
    own = sentence[word[0] : word[1]].lower()
    yield f"is: {own}"
    yield from (f"ends {n}: {own[-n:]}" for n in (2, 3))
    yield from (f"begins {n}: {own[:n]}" for n in (2, 3))
    forms = _korean_forms if korean else _english_forms
    yield from forms(sentence, end, part, before, after, sentence[word[0] : word[1]])


def whole(text: str) -> Iterator[str]:
    """Names of the words of a sentence, and of each two that stand side by side."""
    cut = [_cut(one.lower()) for one in _TOKEN.findall(text.rstrip())]
    yield from {f"with: {one}" for one in cut}
    yield from {f"pair: {one} {other}" for one, other in pairwise(cut)}


def _cut(token: str) -> str:
    """A Korean word by its ending, any other as it is."""
    return token[-2:] if is_korean(token) else token


def _korean_forms(
    sentence: str, end: str, part: str, before: list[str], after: list[str], word: str
) -> Iterator[str]:
    last, whole, own = (_HANGUL_RUN.findall(one) for one in (part, sentence, word))
    if last:
        yield from (f"clause {n}: {last[-1][-n:]}" for n in (1, 2, 3))
    if whole:
        yield from (f"end {n}: {whole[-1][-n:]}{end}" for n in (2, 3))
        yield f"first: {whole[0]}"
    if own:
        yield from (f"word {n}: {own[-1][-n:]}" for n in (1, 2))
    if after:
        yield f"next: {after[0][-2:]}"
    if before:
        yield f"before: {before[-1]}"
    yield from (f"has: {one}" for one in set(_TOKEN.findall(sentence)) if is_stop(one))


def _english_forms(
    sentence: str, end: str, part: str, before: list[str], after: list[str], word: str
) -> Iterator[str]:
    yield from (f"before {n}: {before[-n]}" for n in (1, 2) if len(before) >= n)
    if after:
        yield f"next: {after[0].lower()}"
    for name, where in (("clause", part), ("first", sentence)):
        words = [one.lower() for one in _TOKEN.findall(where)][:2]
        if words:
            yield f"{name} 1: {words[0]}"
            yield f"{name} 2: {' '.join(words)}"
    for one in {one.lower() for one in _TOKEN.findall(part)}:
        if is_stop(one) or one in _HELPERS:
            yield f"has: {one}"
    yield f"end: {end}"
    yield f"word: {word.lower()[-3:]}"
