"""Words that mean the same or nearly, so that a question need not use the words of the memory.

The groups stand in data/, a line each, written from no test set: senses.txt holds everyday words
that mean nearly the same in one language, across.txt those of one language and of the other. A word
may stand in several. What kinds of things words name is echo.kinds. Reads each file once; knows
nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from echo.kinds import headed
from echo.terms.split import exact, runs

_DATA = Path(__file__).parent / "data"


def lines_of(path: Path) -> Iterator[str]:
    """The lines of a list of words, without its remarks."""
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


def _linked(pairs: Iterable[tuple[Iterable[str], Iterable[str]]]) -> dict[str, tuple[str, ...]]:
    """Each term of what stands left with all that stands right of it anywhere, each once."""
    found: dict[str, dict[str, None]] = {}
    for terms, others in pairs:
        for term in terms:
            found.setdefault(term, {}).update(dict.fromkeys(others))
    return {term: tuple(other for other in all_ if other != term) for term, all_ in found.items()}


_NOUNS = frozenset(("바다", "판다", "소다", "사이다", "캐나다", "베란다"))


def _term(word: str) -> str:
    """A verb by its stem, anything else as it is."""
    return exact(word)[-1 if word.endswith("다") and word not in _NOUNS else 0]


def _words(text: str) -> list[str]:
    """The words that can stand in the index as they are: no `t-shirt`, which is two."""
    return [word for word in text.split() if list(runs(word)) == [word]]


def grouped(lines: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Term → the terms of the words that share a line with its word."""
    groups = ([_term(word) for word in line.split()] for line in lines)
    return _linked((group, group) for group in groups)


@cache
def _near() -> Mapping[str, tuple[str, ...]]:
    return grouped(lines_of(_DATA / "senses.txt"))


@cache
def _across() -> Mapping[str, tuple[str, ...]]:
    """Term → words of the other language."""
    sides = [[_words(side) for side in line.split("|")] for line in lines_of(_DATA / "across.txt")]
    return _linked(
        ([_term(word) for word in one], other)
        for korean, english in sides
        for one, other in ((korean, english), (english, korean))
    )


def _under(lines: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Term → the headings its words stand under, each once. lines: (heading, words)."""
    found: dict[str, dict[str, None]] = {}
    for heading, words in lines:
        for word in _words(words):
            found.setdefault(_term(word), {})[heading] = None
    return {term: tuple(headings) for term, headings in found.items()}


def _of_across() -> Iterator[tuple[str, str]]:
    heading = ""
    for line in (_DATA / "across.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            heading = line.strip("# ")
        else:
            yield heading, line.replace("|", " ")


@cache
def _kinds() -> Mapping[str, tuple[str, ...]]:
    return _under(_of_across())


@cache
def _fine_kinds() -> Mapping[str, tuple[str, ...]]:
    return _under(headed("kinds"))


def _of_any(there: Mapping[str, tuple[str, ...]], terms: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(kind for term in terms for kind in there.get(term, ())))


def kinds(terms: tuple[str, ...]) -> tuple[str, ...]:
    """What kinds of things a word of these terms may be: food and drink, jobs, body."""
    return _of_any(_kinds(), terms)


def fine_kinds(terms: tuple[str, ...]) -> tuple[str, ...]:
    """What a word of these terms may be, narrowly: fish, singing parts, korean cities."""
    return _of_any(_fine_kinds(), terms)


def alike(terms: tuple[str, ...]) -> tuple[str, ...]:
    """Terms of words that mean nearly what a word of these terms means."""
    near = _near()
    found = dict.fromkeys(other for term in terms for other in near.get(term, ()))
    return tuple(other for other in found if other not in terms)


def across(terms: tuple[str, ...]) -> tuple[str, ...]:
    """Terms of the words of the other language that mean what a word of these terms means."""
    there = _across()
    found = (_term(other) for term in terms for other in there.get(term, ()))
    return tuple(dict.fromkeys(found))


def in_both(text: str) -> str:
    """A text with what its words are called in the other language behind it."""
    there = _across()
    found = (other for run in runs(text) for term in exact(run) for other in there.get(term, ()))
    return " ".join(dict.fromkeys((text, *found)))
