"""Words that retell the same thing: rang for called, 따님 for 딸, a labrador for a dog.

Looser than what means the same in a question (echo.recall.senses): it only speaks for a word of a
reply, it does not make it known. The groups stand in data/retold_ko.txt and retold_en.txt, a line
each, written by hand from no test set. Reads each file once; knows nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from echo.nouns import LANGS
from echo.recall.senses import grouped, lines_of

_DATA = Path(__file__).parent / "data"


def retold(terms: Iterable[str]) -> frozenset[str]:
    """The terms of words that may retell those of these terms."""
    there = groups()
    return frozenset(other for term in terms for other in there.get(term, ()))


@cache
def groups() -> Mapping[str, tuple[str, ...]]:
    """Term → those it shares a group with."""
    return grouped(line for lang in LANGS for line in lines_of(_DATA / f"retold_{lang}.txt"))
