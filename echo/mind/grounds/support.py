"""What a reply may rest on: the lines that were recalled and their days, the words of now. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from echo.mind.grounds.amounts import Amounts, Count, amounts
from echo.mind.grounds.asked import asked
from echo.mind.grounds.retold import retold
from echo.mind.grounds.slots import Placed, Slots, is_light, terms
from echo.mind.grounds.times import Held, Times
from echo.recall.meanings import MONTHS, WEEKDAYS
from echo.recall.senses import alike, fine_kinds, kinds
from echo.terms.split import is_korean, pairs
from echo.text import is_stop, key

WORD = re.compile(r"[가-힣]+|[A-Za-z]+(?:['’][A-Za-z]+)?|\d+")
_LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
_PARTICLE = "이가은는을를에도로와과만"  # behind a noun of one syllable stems stay as they are
_STOP, _STOPS = 4, re.compile(r"[.,;:!?/\n…]")  # a stop counts as so many words
_SHORT = 2  # syllables of a word that may be part of a longer one
_ADVERBS = "안못"
_SAME_WORDS = 0.6  # share of a quotation's words that must have been said


def _unjoined(word: str) -> tuple[str, ...]:
    """The terms of a verb behind an adverb that was written together with it: 안나와, 못받아서."""
    return terms(word[1:]) if len(word) > 2 and word[0] in _ADVERBS else ()


def _short_of(word: str) -> str:
    """A month or weekday by its first letters: thu, feb; "" of any other word."""
    name = word.removesuffix("s")
    return name[:3] if name in MONTHS or name in WEEKDAYS else ""


def _named(text: str) -> tuple[Placed, ...]:
    """The words of a text that name something; a stop between two sets them further apart."""
    found: list[Placed] = []
    place = end = 0
    for m in WORD.finditer(text):
        place += 1 + _STOP * bool(_STOPS.search(text, end, m.start()))
        end = m.end()
        own = terms(m[0])
        if not is_light(m[0], own):
            found.append(Placed(m[0], frozenset(own), place))
    return tuple(found)


def _with_alike(words: Iterable[tuple[str, ...]]) -> frozenset[str]:
    """The terms of words, and of those that mean nearly the same."""
    return frozenset(term for own in words for term in (*own, *alike(own)))


@dataclass(frozen=True)
class Support:
    """texts: what was said, recalled lines among it; told: those lines, each with its day; now:
    the day of the reply; words: what is answered; hours: of the reply and of those lines, 0 to 23.
    """

    texts: tuple[str, ...]
    told: tuple[tuple[str, date], ...] = ()
    now: date | None = None
    words: str = ""
    hours: tuple[int, ...] = ()

    @cached_property
    def asked(self) -> frozenset[str]:
        """What the words that are answered ask for, and how (asked.py)."""
        return frozenset(asked(self.words))

    @cached_property
    def now_words(self) -> tuple[frozenset[str], ...]:
        """The words of now that name something, each as its terms."""
        return tuple(placed.terms for placed in _named(self.words))

    @cached_property
    def now_terms(self) -> frozenset[str]:
        """All their terms."""
        return frozenset().union(*self.now_words)

    # ── words ────────────────────────────────────────────────────────────────────────────────

    def knows(self, word: str) -> bool:
        """Was this word said, in whatever form, or one that means nearly the same?"""
        own = terms(word)
        if any(term in self._terms for term in (*own, *_unjoined(word))):
            return True
        if not is_korean(word):
            low = word.lower()
            return low in self._joined or _short_of(low) in self._plain
        if len(word) == 2 and word[1] in _PARTICLE and f"={word[0]}" in self._terms:
            return True
        if len(word) == 1 and word in self._short:
            return True
        nouns = [term[1:] for term in own if len(term) > 2]
        return any(noun in self._close for noun in nouns) or any(
            pair in self._close for noun in nouns[:1] if len(noun) > 2 for pair in pairs(noun)
        )

    def knows_joined(self, before: str, word: str, after: str) -> bool:
        """Was a short Korean word said as one with a neighbour: 점장 형, where 점장형 was?"""
        stems = [one.lstrip("=") for one in terms(word)[:2]]
        if not is_korean(word) or len(stems[-1]) > _SHORT:
            return False
        joined = [before + stems[-1] if is_korean(before) else ""]
        joined += [stem + terms(after)[0].lstrip("=") for stem in stems if is_korean(after)]
        return any(len(one) > _SHORT and one in self._close for one in joined)

    @cached_property
    def _short(self) -> frozenset[str]:
        """Nouns of one syllable that were said with a particle: 잠, where 잠이 was said."""
        said = (word for word, _ in self._words if len(word) == 2 and word[1] in _PARTICLE)
        return frozenset(word[0] for word in said)

    def says(self, quote: str) -> bool:
        """Was this said, in these words or nearly?"""
        if key(quote).lower() in self._joined:
            return True
        words = [word for word in WORD.findall(quote) if not is_stop(word.lower())]
        known = sum(self.knows(word) for word in words)
        return bool(words) and known >= _SAME_WORDS * len(words)

    def has_other(self, word: str, classes: Iterable[frozenset[str]]) -> bool:
        """Was another of this word's kind said instead: left for right, a violin for a cello?"""
        forms = {word.lower(), *(term.lstrip("=") for term in terms(word))}
        return any(forms & one and self._plain & one for one in classes)

    def is_retold(self, own: Iterable[str]) -> bool:
        """May a word of these terms retell one that was said (retold.py)?"""
        return not self._retold.isdisjoint(own)

    @cached_property
    def _retold(self) -> frozenset[str]:
        return retold(term for _, own in self._words for term in own)

    def has_letter(self, word: str) -> bool:
        """Is it a letter that names something, where another was said: row F for row G?"""
        return len(word) == 1 and word in _LETTERS and self._letters

    @cached_property
    def _letters(self) -> bool:
        said = (one for text in self.texts for one in WORD.findall(text))
        return any(len(one) == 1 and one in _LETTERS for one in said)

    def shares_tail(self, word: str) -> bool:
        """Does a word that was said end as this one does: 설악산 for 오대산, 양구 for 대구?"""
        noun = terms(word)[0].lstrip("=")
        return len(noun) > 1 and noun[-1] in self._tails

    @cached_property
    def _tails(self) -> frozenset[str]:
        words = (own[0].lstrip("=") for _, own in self._words)
        return frozenset(word[-1] for word in words if len(word) > 1 and is_korean(word))

    def has_kind(self, kind: str) -> bool:
        """Was something of this kind spoken of?"""
        return kind in self._kinds

    @cached_property
    def _kinds(self) -> frozenset[str]:
        return frozenset(kind for _, own in self._words for kind in (*kinds(own), *fine_kinds(own)))

    def together(self, words: Iterable[str]) -> float:
        """The largest share of these words that stands in one text: 1.0 when one says them all."""
        wanted = [frozenset(terms(word)) for word in words]
        if not wanted:
            return 0.0
        said = (sum(not one.isdisjoint(text) for one in wanted) for text in self._each)
        return max(said, default=0) / len(wanted)

    @cached_property
    def _each(self) -> tuple[frozenset[str], ...]:
        return tuple(_with_alike(own for _, own in line) for line in self._lines)

    @cached_property
    def _lines(self) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]:
        """The words of each text, with their terms."""
        return tuple(
            tuple((word, terms(word)) for word in WORD.findall(text)) for text in self.texts
        )

    @cached_property
    def _joined(self) -> str:
        return key(" ".join(self.texts)).lower()

    @cached_property
    def _close(self) -> str:
        return re.sub(r"\s+", "", self._joined)

    @cached_property
    def _words(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Every word that was said, with its terms."""
        return tuple(
            (word, (*terms(word), *_unjoined(word))) for word in WORD.findall(self._joined)
        )

    @cached_property
    def _plain(self) -> frozenset[str]:
        found: set[str] = set()
        for word, own in self._words:
            found |= {word, *(term.lstrip("=") for term in own)}
        return frozenset(found)

    @cached_property
    def _terms(self) -> frozenset[str]:
        return _with_alike(own for _, own in self._words)

    @cached_property
    def slots(self) -> Slots:
        """What stands beside what, in each text."""
        return Slots(tuple(_named(text) for text in self.texts))

    @cached_property
    def told_slots(self) -> Slots:
        """The same of the lines that were told."""
        return Slots(tuple(_named(text) for text, _ in self.told))

    # ── numbers ──────────────────────────────────────────────────────────────────────────────

    def counts(self, number: float, unit: str) -> Count:
        """How a number of this unit is held by what was said (amounts.py)."""
        return self._amounts.held(number, unit)

    def counted(self, unit: str) -> bool:
        """Was something counted in this unit?"""
        return unit in self._amounts.units

    @cached_property
    def _amounts(self) -> Amounts:
        asks = "count" in self.asked
        return Amounts(self._counted, self.told, self._times, self.hours, asks)

    @cached_property
    def _counted(self) -> frozenset[tuple[float, str]]:
        return frozenset(one for text in self.texts for one in amounts(text))

    def has(self, pattern: re.Pattern[str]) -> bool:
        """Does this stand in what was said?"""
        return bool(pattern.search(self._joined))

    @property
    def has_weekday(self) -> bool:
        """Is a weekday named in what was said?"""
        return bool(self._times.spoken)

    # ── days ─────────────────────────────────────────────────────────────────────────────────

    def times(self, text: str) -> list[tuple[tuple[int, int], Held]]:
        """((start, end), how a time in a text is held) for each."""
        return self._times.held(text)

    def is_day(self, number: float) -> bool:
        """Is it the day of the month of a day that a line was heard on, or speaks of?"""
        return any(day.day == number for day in self._times.exact)

    def agrees(self, text: str) -> bool:
        """Does a text name a day that counts by its number, and its weekday?"""
        return self._times.agree(text)

    @cached_property
    def _times(self) -> Times:
        return Times(self._joined, frozenset(n for n, _ in self._counted), self.told, self.now)
