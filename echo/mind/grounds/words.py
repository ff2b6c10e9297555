"""What the net may go by at each word of a reply: the word and those around it, and the marks of
what may be invented there; ahead of them, more coarsely, the words that are answered. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from echo.facts.features import attributes
from echo.facts.tokens import Reading, Token, reading
from echo.mind.grounds.claims import Candidate
from echo.nouns import Lang

_HELD = "m:held"  # of a word that no candidate covers
_OF_SENTENCE = ("with:", "pair:")  # marks of all its words: the net reads those itself
_WHOLE, _HALF = 0.99, 0.4
_OF_ASKED = ("w=", "s1=", "s2=", "s3=", "p2=", "p4=", "n=", "k=", "sh=", "ask")
_ASKED = "q:"
_LONGEST, _LAST = 400, 39  # letters and words of what is answered that are read


def read(
    reply: str, found: Sequence[Candidate], lang: Lang, asked: str
) -> tuple[list[list[str]], list[list[int]]]:
    """The attributes of each word of what is answered and of the reply, and which words each
    candidate covers.
    """
    words = reading(reply, lang)
    made = _attributes(words, lang)
    ahead = _ahead(asked, lang)
    covered = [list(_places(words.tokens, one)) for one in found]
    for one, places in zip(found, covered, strict=True):
        marks = list(_named(one))
        for i in places:
            made[i] += marks
    for i in set(range(len(made))).difference(*covered):
        made[i].append(_HELD)
    return [*ahead, *made], [[len(ahead) + i for i in places] for places in covered]


def _attributes(words: Reading, lang: Lang) -> list[list[str]]:
    return attributes(words, [""] * len(words.tokens), lang)


def _ahead(asked: str, lang: Lang) -> list[list[str]]:
    """Some attributes of the last words that are answered, and one word between."""
    read = _attributes(reading(asked[-_LONGEST:], lang), lang)[-_LAST:]
    kept = ([_ASKED + one for one in own if one.startswith(_OF_ASKED)] for own in read)
    return [*([_ASKED, *own] for own in kept), [f"{_ASKED}|"]]


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
