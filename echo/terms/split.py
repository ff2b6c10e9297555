"""A text as the terms it is found by. Pure; the index and every question use this one function.

A run of Hangul gives its stems (=고양이), its pairs of syllables (고양, 양이: words are written
together or apart as people like) and its first syllable (^고); Chinese and Japanese give pairs;
everything else is a word, English by its stem.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from echo.terms.english import stem
from echo.terms.korean import stems

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_RUN = re.compile(
    rf"[가-힣]+|[{_CJK}]+|[^\W\d_{_CJK}가-힣]+(?:['’][^\W\d_{_CJK}가-힣]+)?|\d+(?:[.,:]\d+)*"
)
_HANGUL = re.compile(r"[가-힣]")
_PAIRS = re.compile(rf"[{_CJK}]")
_REPEAT = re.compile(r"(\D)\1{2,}")
_OWNED = ("'s", "’s")


def runs(text: str) -> Iterator[str]:
    """The words of a text in lower case, in order; ㅋㅋㅋㅋ as ㅋㅋ, Anna's as anna."""
    for run in _RUN.findall(text.lower()):
        yield _run(run)


@lru_cache(1 << 16)
def _run(run: str) -> str:
    for ending in _OWNED:
        run = run.removesuffix(ending)
    return _REPEAT.sub(r"\1\1", run).replace("’", "'")


def is_korean(run: str) -> bool:
    """Is this run of `runs` Hangul?"""
    return bool(_HANGUL.match(run))


def terms_of(text: str) -> frozenset[str]:
    """Every term of a text, once."""
    return counted(text)[0]


def counted(text: str) -> tuple[frozenset[str], int]:
    """Every term of a text, once, and how many words it has."""
    found = _RUN.findall(text.lower())
    return frozenset().union(*map(_terms, found)), len(found)


@lru_cache(1 << 16)
def _terms(found: str) -> tuple[str, ...]:
    return terms(_run(found))


@lru_cache(1 << 16)  # a pure function of a word; people say the same words again and again
def terms(run: str) -> tuple[str, ...]:
    """The terms of one run of `runs`."""
    if _HANGUL.match(run):
        return (*exact(run), *pairs(run), "^" + run[0])
    if _PAIRS.match(run):
        return pairs(run) or (run,)
    return (exact(run)[0], *_parts(run))


def exact(run: str) -> tuple[str, ...]:
    """The terms that stand for the whole word: =stems of Hangul, the stem of anything else."""
    if _HANGUL.match(run):
        return tuple("=" + stem for stem in stems(run))
    if _PAIRS.match(run):
        return (run,)
    return (stem(run),)


def pairs(run: str) -> tuple[str, ...]:
    """The pairs of neighbouring syllables."""
    return tuple(run[i : i + 2] for i in range(len(run) - 1))


def _parts(run: str) -> tuple[str, ...]:
    """A number by its parts too: 10,000 and 3:30."""
    found = tuple(re.split(r"[.,:]", run))
    return found if len(found) > 1 else ()
