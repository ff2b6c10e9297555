"""What a reply may rest on: the lines that were recalled and their days, the words of now. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Literal, TypeAlias

from echo.mind.grounds.figures import figures, spans_between, unit_after
from echo.mind.grounds.slots import Slots, is_light
from echo.recall import dates
from echo.recall.meanings import MONTHS, WEEKDAYS, weekday_number
from echo.recall.senses import alike, fine_kinds, kinds
from echo.terms.marks import asks
from echo.terms.split import exact, is_korean, pairs
from echo.text import is_stop, key

Count: TypeAlias = Literal["said", "loose", "follows", "new"]
WORD = re.compile(r"[가-힣]+|[A-Za-z]+(?:['’][A-Za-z]+)?|\d+")
_SLACK = timedelta(days=1)
_PARTICLE = "이가은는을를에도로와과만"  # behind a noun of one syllable stems stay as they are
_SAME_WORDS = 0.6  # share of a quotation's words that must have been said
_WEEKS = 14  # a span of so many days says its month, not a day
_FAR = 400  # days from a day that lines speak of to today: counted as they are


def _exact(word: str) -> tuple[str, ...]:
    return exact(word.lower().replace("’", "'"))


def _with_alike(words: Iterable[tuple[str, ...]]) -> frozenset[str]:
    """The terms of words, and of those that mean nearly the same."""
    return frozenset(term for own in words for term in (*own, *alike(own)))


@dataclass(frozen=True)
class Support:
    """texts: what was said, recalled lines among it; told: those lines, each with its day; now:
    the day of the reply; words: what is answered.
    """

    texts: tuple[str, ...]
    told: tuple[tuple[str, date], ...] = ()
    now: date | None = None
    words: str = ""

    @cached_property
    def asked(self) -> bool:
        """Does the reply answer a question?"""
        return asks(self.words)

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
        nouns = [term[1:] for term in own if len(term) > 2]
        return any(noun in self._close for noun in nouns) or any(
            pair in self._close for noun in nouns[:1] if len(noun) > 2 for pair in pairs(noun)
        )

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
        """What stands beside what, line by line."""
        return Slots(
            tuple(
                tuple((word, frozenset(own)) for word, own in line if not is_light(word, own))
                for line in self._lines
            )
        )

    # ── numbers ──────────────────────────────────────────────────────────────────────────────

    def counts(self, number: float, unit: str) -> Count:
        """Was this number said of this unit, of another, does it follow (a span of time, a sum, a
        difference), or is it new?
        """
        number = round(number, 3)
        if (number, unit) in self._counted or (not unit and number in self._said):
            return "said"
        if number in self._said:
            return "loose"
        return "follows" if number in self._numbers else "new"

    def counted(self, unit: str) -> bool:
        """Was something counted in this unit?"""
        return unit in self._units

    @cached_property
    def _counted(self) -> frozenset[tuple[float, str]]:
        found = figures(self._joined)
        return frozenset((number, unit_after(self._joined, end)) for (_, end), number in found)

    @cached_property
    def _said(self) -> frozenset[float]:
        return frozenset(number for number, _ in self._counted)

    @cached_property
    def _numbers(self) -> frozenset[float]:
        few = sorted(self._said)[:24]
        found = set(self._said)
        found |= {round(abs(a - b), 3) for a in few for b in few}
        found |= {round(a + b, 3) for a in few for b in few}
        found |= {a * b for a in few for b in few if b in (2, 7, 12)} | {a // 2 for a in few}
        for day in self._days:
            found |= {day.month, day.day}
            if self.now is not None and abs((day - self.now).days) < _FAR:
                found |= spans_between(day, self.now)
        for day in self._heard:
            found.add(day.year)
            if self.now is not None:
                found |= spans_between(day, self.now)
        return frozenset(found)

    @cached_property
    def _units(self) -> frozenset[str]:
        return frozenset(unit for _, unit in self._counted)

    def has(self, pattern: re.Pattern[str]) -> bool:
        """Does this stand in what was said?"""
        return bool(pattern.search(self._joined))

    # ── days ─────────────────────────────────────────────────────────────────────────────────

    def times(self, text: str) -> list[tuple[tuple[int, int], bool]]:
        """((start, end), whether a line was heard or speaks of then) for each time in a text."""
        low = text.lower()
        if self.now is None or len(low) != len(text):
            return []
        spans, rest = dates.read(text, self.now)
        if not spans or len(rest) != len(low):
            return []
        taken = "".join(a if a != b or a == " " else "\n" for a, b in zip(low, rest, strict=True))
        found = re.finditer(r"[^\n\s](?:[^\n]*[^\n\s])?", taken)
        now = self.now
        return [(m.span(), self._held(m[0], now) or key(m[0]) in self._joined) for m in found]

    def _held(self, time: str, now: date) -> bool:
        """Was a line heard then, or does one speak of then? A day named by its number must be that
        day; a bare weekday one of a day that counts; anything else may be a day off, a month not.
        """
        named = {(d.month, d.day) for d in _numbered(time, now)}
        if named:
            return any((day.month, day.day) in named for day in self._days)
        spans = dates.read(time, now)[0]
        weekdays = set(_weekdays(time))
        if weekdays and len(spans) == 1:
            return not weekdays.isdisjoint(self._weekdays)
        return any(
            span.first - slack <= day <= span.last + slack
            for span in spans
            for slack in [_SLACK if (span.last - span.first).days < _WEEKS else timedelta(0)]
            for day in self._days
        )

    @cached_property
    def _weekdays(self) -> frozenset[int]:
        """Of the days that lines name by number: the tenth of March was a Tuesday."""
        numbered = [day for text, at in self.told for day in _numbered(text, at)]
        now = [self.now] if self.now is not None else []
        return frozenset(day.weekday() for day in (*self._heard, *numbered, *now))

    @property
    def _heard(self) -> tuple[date, ...]:
        return tuple(day for _, day in self.told)

    @cached_property
    def _days(self) -> frozenset[date]:
        found = set(self._heard)
        for text, day in self.told:
            for span in dates.read(text, day)[0]:
                found |= {span.first, span.last}
            found.update(_coming(text.lower(), day))
        if self.now is not None:
            found.add(self.now)
        return frozenset(found)


_AHEAD = (
    (re.compile(r"내일|tomorrow"), 1, 1),
    (re.compile(r"모레"), 2, 2),
    (re.compile(r"다음\s?주|담주|next week"), 3, 13),
    (re.compile(r"주말|weekend|요일|\b\w+day\b"), 0, 7),
    (re.compile(r"다음\s?달|next month"), 14, 61),
)
_WEEKDAY = re.compile(rf"([월화수목금토일])요일|\b({'|'.join(WEEKDAYS)})s?\b")
_MONTH_DAY = re.compile(r"(\d{1,2})월\s*(\d{1,2})일")
_DAY_MONTH = re.compile(
    rf"\b({'|'.join(MONTHS)})\s+(\d{{1,2}})|\b(?:on )?the (\d{{1,2}})(?:st|nd|rd|th)\b"
)


def _coming(text: str, day: date) -> Iterator[date]:
    """Days to come that a line speaks of, which `dates` leaves out."""
    if day.year == date.max.year:  # there are none
        return
    for pattern, first, last in _AHEAD:
        if pattern.search(text):
            yield from (day + timedelta(days=n) for n in range(first, last + 1))
    yield from _numbered(text, day)


def _weekdays(text: str) -> Iterator[int]:
    """The weekdays a text names, Monday 0."""
    for m in _WEEKDAY.finditer(text):
        yield weekday_number(m[1] or m[2])


def _numbered(text: str, day: date) -> Iterator[date]:
    """The days to come that a line names by number."""
    for m in _MONTH_DAY.finditer(text):
        yield from _next(day, int(m[1]), int(m[2]))
    for m in _DAY_MONTH.finditer(text.lower()):
        if m[1]:
            yield from _next(day, MONTHS.index(m[1]) + 1, int(m[2]))
        else:
            for ahead in (0, 1):
                yield from _next(day, (day.month - 1 + ahead) % 12 + 1, int(m[3]))


def _next(day: date, month: int, of_month: int) -> Iterator[date]:
    for year in (day.year, day.year + 1):
        try:
            found = date(year, month, of_month)
        except ValueError:  # 2월 31일, or 29일 of another year, or after 9999
            continue
        if found >= day:
            yield found
            return
