"""What the net may go by at each word of a reply: the word and those around it, and the marks of
what may be invented there. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from echo.facts.features import attributes
from echo.facts.tokens import Token, reading
from echo.mind.grounds.claims import Candidate
from echo.nouns import Lang

_HELD = "m:held"  # of a word that no candidate covers
_OF_SENTENCE = ("with:", "pair:")  # marks of all its words: the net reads those itself
_WHOLE, _HALF = 0.99, 0.4


def read(
    reply: str, found: Sequence[Candidate], lang: Lang
) -> tuple[Sequence[Token], list[list[str]], list[list[int]]]:
    """The words of a reply, the attributes of each, and which words each candidate covers."""
    words = reading(reply, lang)
    made = attributes(words, [""] * len(words.tokens), lang)
    covered = [list(_places(words.tokens, one)) for one in found]
    for one, places in zip(found, covered, strict=True):
        marks = list(_named(one))
        for i in places:
            made[i] += marks
    for i in set(range(len(made))).difference(*covered):
        made[i].append(_HELD)
    return words.tokens, made, covered


def _places(tokens: Sequence[Token], found: Candidate) -> Iterator[int]:
    """The words that a candidate covers."""
    for i, token in enumerate(tokens):
        if token.start < found.end and token.end > found.start:
            yield i


def _named(found: Candidate) -> Iterator[str]:
    """Marks as names, those of an amount by how large it is."""
    for name, size in found.marks.items():
        if size and "&" not in name and not name.startswith(_OF_SENTENCE):
            yield f"m:{name}{'' if size >= _WHOLE else '~' if size > _HALF else '-'}"
