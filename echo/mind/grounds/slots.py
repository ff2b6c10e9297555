"""What a told line has where a reply has another word: 나이트 움직이는 for 룩 움직이는. Pure.

A word that was said nowhere is worse when its neighbours were said side by side with something
else. And a word that was said in another form (불러, 부르셨어) is hardly new: how far it begins
like one that was said is counted in letters, Hangul by its jamo.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from echo.mind.grounds.marks import COMMON
from echo.terms.split import exact, is_korean
from echo.text import is_stop

_FINALS = {0x11A8 + n: chr(0x1100 + first) for n, first in enumerate(
    (0, 1, 0, 2, 2, 2, 3, 5, 5, 5, 5, 5, 5, 5, 5, 6, 7, 7, 9, 10, 11, 12, 14, 15, 16, 17, 18)
)}  # fmt: skip
FAR = 10.0  # words apart: of nothing to do with each other
_PRONOUN = re.compile(
    r"(?:나|너|저|우리|너희|내|네|니|걔|얘)(?:한테|에게|랑|하고|도|는|은|만|가|보다|를|까지|처럼|의|네)*"
)
_DEPENDENT = re.compile(  # nouns that lean on what stands ahead, with their endings
    r"(?:거|것|건|걸|게|데|쪽|수|줄|듯|뿐|만|만큼|셈|뒤|앞|옆|위|밑|밖|속|때|날|후|(?=전[에부까])전)"
    r"(?:이|가|은|는|을|를|도|만|에|엔|에서|에는|부터|까지|의|로|로는|론|야|지|라|니까|라서|라고|라며|라도|라니|라면|였[가-힣]{0,3}|잖아|네|든|서|지만|인데)?"
)
_PARTICLES = {
    "한텐": "한테", "에겐": "에게", "에선": "에서", "까진": "까지", "부턴": "부터", "보단": "보다",
    "께선": "께서", "께서": "", "껜": "", "께": "", "하곤": "하고",
}  # fmt: skip
_CONTRACTED = re.compile(rf"(?<=[가-힣])({'|'.join(_PARTICLES)})$")
_HEARSAY = re.compile(
    r"(?<=[가-힣][다자라냐])(?:더니|더니만|면서|면서도|던|던데|던가)$"
)  # like …다고
_RUN_ON = re.compile(r"(?<=[a-z])'(?:s|d|ll|ve|re|m)$")
_SHORTENED = re.compile(r"(?:n't|'(?:s|d|ll|ve|re|m))$")
Terms = frozenset[str]


@lru_cache(1 << 14)
def letters(word: str) -> str:
    """A word letter by letter; final consonants like initial ones: 불러 begins as 부르 does."""
    return unicodedata.normalize("NFD", word.lower()).translate(_FINALS)


@lru_cache(1 << 15)
def terms(word: str) -> tuple[str, ...]:
    """The terms of a word without what is run on to it: mother'll, 사람한텐, 주신 for 준."""
    low = _RUN_ON.sub("", word.lower().replace("’", "'"))
    own = exact(low)
    if not is_korean(low):
        return own
    whole = _HEARSAY.sub("고", _CONTRACTED.sub(lambda m: _PARTICLES[m[1]], low))
    if whole != low:
        own = tuple(dict.fromkeys((*own, *exact(whole))))
    plain = (term[:-1] for term in own[1:] if term.endswith("시") and len(term) > 2)
    return (*own, *plain)


def is_light(word: str, terms: Iterable[str]) -> bool:
    """Does it name nothing?"""
    low = _SHORTENED.sub("", word.lower().replace("’", "'"))
    if is_stop(low) or low in COMMON or (len(low) == 1 and not is_korean(low)):
        return True
    if _PRONOUN.fullmatch(low) or _DEPENDENT.fullmatch(low):
        return True
    return any(term.lstrip("=") in COMMON for term in tuple(terms)[:2])


class Placed(NamedTuple):
    """A word of a line, and where it stands in it, counted in words."""

    word: str
    terms: Terms
    place: int


@dataclass(frozen=True)
class Slots:
    """lines: each line that was said, as its words that name something."""

    lines: tuple[tuple[Placed, ...], ...]

    def beside(self, before: Terms, after: Terms, reply: Terms) -> tuple[set[str], set[str]]:
        """The words of lines that stand behind `before`, and those that stand ahead of `after`,
        where the reply has none of them."""
        behind, ahead = set[str](), set[str]()
        for line, n in self._found(before):
            behind |= _absent(self.lines[line][n + 1 : n + 2], reply)
        for line, n in self._found(after):
            ahead |= _absent(self.lines[line][max(n - 1, 0) : n], reply)
        return behind, ahead

    def nearest(self, clause: Terms, reply: Terms) -> set[str]:
        """The words of the line that has most of this clause, two at least, which the reply has
        not."""
        held = Counter(line for line, _ in self._found(clause))
        line, most = min(held.items(), key=lambda one: (-one[1], one[0]), default=(0, 0))
        return _absent(self.lines[line], reply) if most > 1 else set()

    def distance(self, word: Terms, beside: Sequence[Terms]) -> float:
        """How far a word stands from those beside it, in the line where it stands nearest: the mean
        over them in words, FAR where a line has them not.
        """
        return min((self._far(*at, beside) for at in self._found(word)), default=FAR)

    def _far(self, line: int, n: int, beside: Sequence[Terms]) -> float:
        place = self.lines[line][n].place
        others = ([self.lines[line][k].place for of, k in self._found(one) if of == line]
                  for one in beside)  # fmt: skip
        nearest = (min((abs(other - place) for other in some), default=FAR) for some in others)
        return sum(min(far, FAR) for far in nearest) / len(beside)

    def has(self, word: Terms) -> bool:
        """Does any line have this word?"""
        return bool(self._found(word))

    def around(self, beside: Sequence[Terms], reply: Terms) -> set[str]:
        """What the reply has not of the lines that have any of these words."""
        lines = {line for one in beside for line, _ in self._found(one)}
        return set[str]().union(*(_absent(self.lines[line], reply) for line in lines))

    def _found(self, terms: Terms) -> set[tuple[int, int]]:
        """Where words of these terms stand: the line, and which word of it."""
        return {at for term in terms for at in self._where.get(term, ())}

    @cached_property
    def _where(self) -> dict[str, list[tuple[int, int]]]:
        found: dict[str, list[tuple[int, int]]] = {}
        for number, line in enumerate(self.lines):
            for n, placed in enumerate(line):
                for term in placed.terms:
                    found.setdefault(term, []).append((number, n))
        return found

    def begins_like(self, word: str) -> int:
        """Letters with which it begins as some word that was said."""
        own = letters(word)
        found = 0
        for other in self._said.get(own[:2], ()):
            same = 0
            for a, b in zip(own, other, strict=False):
                if a != b:
                    break
                same += 1
            found = max(found, same)
        return found

    @cached_property
    def _said(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for line in self.lines:
            for placed in line:
                own = letters(placed.word)
                found.setdefault(own[:2], set()).add(own)
        return found


def _absent(words: Iterable[Placed], reply: Terms) -> set[str]:
    return {one.word for one in words if one.terms.isdisjoint(reply)}
