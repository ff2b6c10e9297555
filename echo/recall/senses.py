"""Words that mean nearly the same, so that a question need not use the words of the memory.

The groups stand in data/senses.txt, a line each: everyday words of both languages, written from
no test set. A word may stand in several. Reads that file once; knows nothing else.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from echo.terms.split import exact

_FILE = Path(__file__).parent / "data" / "senses.txt"


@cache
def _groups() -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for group in _FILE.read_text("utf-8").splitlines():
        if group.startswith("#"):
            continue
        terms = [_term(word) for word in group.split()]
        for term in terms:
            found.setdefault(term, {}).update(dict.fromkeys(terms))
    return {term: tuple(other for other in group if other != term) for term, group in found.items()}


def _term(word: str) -> str:
    """A verb by its stem, anything else as it is."""
    return exact(word)[-1 if word.endswith("다") else 0]


def alike(terms: tuple[str, ...]) -> tuple[str, ...]:
    """Terms of words that mean nearly what a word of these terms means."""
    groups = _groups()
    found = dict.fromkeys(other for term in terms for other in groups.get(term, ()))
    return tuple(other for other in found if other not in terms)
