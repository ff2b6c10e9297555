"""What a reply may rest on: the lines that were recalled and their days, the words of now. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import combinations_with_replacement
from typing import Literal, TypeAlias

from echo.mind.grounds.asked import asked
from echo.mind.grounds.figures import figures, spans_between, unit_of, unit_of_time
from echo.mind.grounds.slots import Placed, Slots, is_light
from echo.mind.grounds.times import Held, Times
from echo.recall.senses import alike, fine_kinds, kinds
from echo.terms.split import exact, is_korean, pairs
from echo.text import is_stop, key

Count: TypeAlias = Literal["said", "bare", "span", "sum", "loose", "follows", "new"]
WORD = re.compile(r"[가-힣]+|[A-Za-z]+(?:['’][A-Za-z]+)?|\d+")
_LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
_PARTICLE = "이가은는을를에도로와과만"  # behind a noun of one syllable stems stay as they are
_STOP, _STOPS = 4, re.compile(r"[.,;:!?/\n…]")  # a stop counts as so many words
_FEW, _SMALL = 24, 12  # numbers that are reckoned with, and what is the same by chance
_HOURS = ("", "시", "o'clock")
_SAME_WORDS = 0.6  # share of a quotation's words that must have been said
_FAR = 400  # days from a day that lines speak of to today: counted as they are


def _exact(word: str) -> tuple[str, ...]:
    return exact(word.lower().replace("’", "'"))


def _shorter(number: float) -> tuple[float, ...]:
    """The same amount with thousands said or left out: 45 for 45k, 680 for 680만."""
    return (number * 1000, number / 1000, number * 10**4, number / 10**4)


def _named(text: str) -> tuple[Placed, ...]:
    """The words of a text that name something; a stop between two sets them further apart."""
    found: list[Placed] = []
    place = end = 0
    for m in WORD.finditer(text):
        place += 1 + _STOP * bool(_STOPS.search(text, end, m.start()))
        end = m.end()
        own = _exact(m[0])
        if not is_light(m[0], own):
            found.append(Placed(m[0], frozenset(own), place))
    return tuple(found)


def _with_alike(words: Iterable[tuple[str, ...]]) -> frozenset[str]:
    """The terms of words, and of those that mean nearly the same."""
    return frozenset(term for own in words for term in (*own, *alike(own)))


@dataclass(frozen=True)
class Support:
    """texts: what was said, recalled lines among it; told: those lines, each with its day; now:
    the day of the reply; words: what is answered; hour: of the reply, 0 to 23.
    """

    texts: tuple[str, ...]
    told: tuple[tuple[str, date], ...] = ()
    now: date | None = None
    words: str = ""
    hour: int | None = None

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
        own = _exact(word)
        if any(term in self._terms for term in own):
            return True
        if not is_korean(word):
            return word.lower() in self._joined
        if len(word) == 2 and word[1] in _PARTICLE and f"={word[0]}" in self._terms:
            return True
        if len(word) == 1 and word in self._short:
            return True
        nouns = [term[1:] for term in own if len(term) > 2]
        return any(noun in self._close for noun in nouns) or any(
            pair in self._close for noun in nouns[:1] if len(noun) > 2 for pair in pairs(noun)
        )

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
        forms = {word.lower(), *(term.lstrip("=") for term in exact(word.lower()))}
        return any(forms & one and self._plain & one for one in classes)

    def has_letter(self, word: str) -> bool:
        """Is it a letter that names something, where another was said: row F for row G?"""
        return len(word) == 1 and word in _LETTERS and self._letters

    @cached_property
    def _letters(self) -> bool:
        said = (one for text in self.texts for one in WORD.findall(text))
        return any(len(one) == 1 and one in _LETTERS for one in said)

    def shares_tail(self, word: str) -> bool:
        """Does a word that was said end as this one does: 설악산 for 오대산, 양구 for 대구?"""
        noun = exact(word)[0].lstrip("=")
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
        wanted = [frozenset(_exact(word)) for word in words]
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
            tuple((word, _exact(word)) for word in WORD.findall(text)) for text in self.texts
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
        return tuple((word, _exact(word)) for word in WORD.findall(self._joined))

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
        """Was this number said of this unit, of none, is it a span of time from a day that counts
        to now, was it said of another unit, is it of two that were said (a sum, a difference, a
        product) and no small one, does it follow otherwise, or is it new?
        """
        number = round(number, 3)
        if (number, unit) in self._counted or (not unit and number in self._said):
            return "said"
        if any((size, "") in self._counted for size in _shorter(number)):
            return "said"
        if (number, "") in self._counted:
            return "said" if number > _SMALL else "bare"
        if number in self._spans.get(unit_of_time(unit), ()):
            return "span"
        if unit in _HOURS and number in self._hours:
            return "span"
        if number in self._said:
            return "loose"
        if number > _SMALL and number in self._sums:
            return "sum"
        same = (number, *_shorter(number))
        return "follows" if any(one in self._numbers for one in same) else "new"

    def counted(self, unit: str) -> bool:
        """Was something counted in this unit?"""
        return unit in self._units

    @cached_property
    def _counted(self) -> frozenset[tuple[float, str]]:
        texts = [key(text).lower() for text in self.texts]
        return frozenset(
            (round(number, 3), unit_of(text, *span))
            for text in texts
            for span, number in figures(text)
        )

    @cached_property
    def _said(self) -> frozenset[float]:
        return frozenset(number for number, _ in self._counted)

    @cached_property
    def _numbers(self) -> frozenset[float]:
        few = sorted(self._said)[:_FEW]
        found = {*self._said, *self._sums, *(a // 2 for a in few)}
        for day in self._times.days:
            found |= {day.month, day.day}
        found.update(day.year for day in self._times.heard)
        found.update(*self._spans.values())
        return frozenset(found)

    @cached_property
    def _spans(self) -> dict[str, set[int]]:
        """How long ago, by unit, are the days that count?"""
        found: dict[str, set[int]] = {}
        if self.now is None:
            return found
        near = (day for day in self._times.days if abs((day - self.now).days) < _FAR)
        for day in (*near, *self._times.heard):
            for unit, spans in spans_between(day, self.now).items():
                found.setdefault(unit, set()).update(spans)
        return found

    @cached_property
    def _sums(self) -> frozenset[float]:
        """Sums, differences and products of two numbers that were said."""
        few = sorted(self._said)[:_FEW]
        two = list(combinations_with_replacement(few, 2))
        return frozenset(round(n, 3) for a, b in two for n in (a + b, abs(a - b), a * b))

    @property
    def _hours(self) -> tuple[int, ...]:
        """What the clock says now, in both ways of saying it."""
        return () if self.hour is None else (self.hour, self.hour % 12 or 12)

    @cached_property
    def _units(self) -> frozenset[str]:
        return frozenset(unit for _, unit in self._counted)

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

    @cached_property
    def _times(self) -> Times:
        return Times(self._joined, self._said, self.told, self.now)
