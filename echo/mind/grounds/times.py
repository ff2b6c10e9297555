"""How a time in a reply is held by what was said: named there, following from its days, or new.
Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Literal, TypeAlias

from echo.mind.grounds.figures import sino
from echo.recall import dates
from echo.recall.days import Span
from echo.recall.meanings import MONTHS, WEEKDAYS, weekday_number
from echo.text import key

Held: TypeAlias = Literal["named", "follows", "new"]
_SLACK = timedelta(days=1)
_FAR = 200  # days from a line or from now: another year's
_WEEKS = 14  # a span of so many days says its month, not a day


@dataclass(frozen=True)
class Times:
    """joined: all that was said, in lower case, and the numbers in it; told: lines, each with the
    day it was heard on; now: the day of the reply.
    """

    joined: str
    numbers: frozenset[float]
    told: tuple[tuple[str, date], ...]
    now: date | None

    def held(self, text: str) -> list[tuple[tuple[int, int], Held]]:
        """((start, end), how it is held) for each time in a text: named in what was said, following
        from a day that a line was heard on or speaks of, or new.
        """
        low = text.lower()
        if self.now is None or len(low) != len(text):
            return []
        spans, rest = dates.read(text, self.now)
        if not spans or len(rest) != len(low):
            return []
        taken = "".join(a if a != b or a == " " else "\n" for a, b in zip(low, rest, strict=True))
        found = re.finditer(r"[^\n\s](?:[^\n]*[^\n\s])?", taken)
        now = self.now
        return [(m.span(), self._hold(m[0], now)) for m in found]

    def _hold(self, time: str, now: date) -> Held:
        if key(time) in self.joined or self._is_named(time):
            return "named"
        return "follows" if self._follows(time, now) else "new"

    def _is_named(self, time: str) -> bool:
        """Does a text name each of its weekdays, months and days?"""
        weekdays, months = set(_weekdays(time)), _MONTH.findall(time)
        numbers = [float(one) for one in _DIGITS.findall(time)]
        if not (weekdays or months or numbers):
            return False
        said = all(one in self.joined for one in months) and self.numbers.issuperset(numbers)
        return said and weekdays <= self.spoken

    @cached_property
    def spoken(self) -> frozenset[int]:
        """The weekdays that texts name, in full or short: tues, 월수금."""
        return frozenset((*_weekdays(self.joined), *_short_weekdays(self.joined)))

    def _follows(self, time: str, now: date) -> bool:
        """Was a line heard then, or does one speak of then? A day named by its number must be that
        day; a bare weekday one of a day that counts; anything else may be a day off, a month not.
        """
        named = {(d.month, d.day) for d in _numbered(time, now)}
        if named:
            return any((day.month, day.day) in named for day in self.days)
        spans = dates.read(time, now)[0]
        if now.year > date.min.year and _LAST_MONTH.search(time):  # this year's or the last one's
            spans += dates.read(time, now.replace(day=1, year=now.year - 1))[0]
        weekdays = set(_weekdays(time))
        if weekdays and len(spans) == 1:
            return not weekdays.isdisjoint(self._weekdays)
        return any(
            span.first - slack <= day <= span.last + slack
            for span in spans
            for slack in [_SLACK if (span.last - span.first).days < _WEEKS else timedelta(0)]
            for day in self.days
        )

    def agree(self, text: str) -> bool:
        """Does a text name a day by its number that counts, and the weekday of that day?"""
        weekdays = set(_weekdays(text))
        return bool(weekdays) and any(
            day.weekday() in weekdays
            for month, number in _days_in(text)
            for day in self._near
            if day.day == number and month in (None, day.month)
        )

    @cached_property
    def _near(self) -> tuple[date, ...]:
        """The days that count, without those of years that nobody spoke of."""
        known = [*self.heard, *([self.now] if self.now else [])]
        return tuple(day for day in self.days if any(abs((day - one).days) < _FAR for one in known))

    @cached_property
    def _weekdays(self) -> frozenset[int]:
        """Of the days that lines name by number: the tenth of March was a Tuesday."""
        now = [self.now] if self.now is not None else []
        return frozenset(day.weekday() for day in (*self.heard, *self._coming, *now))

    @property
    def heard(self) -> tuple[date, ...]:
        """The days that lines were heard on."""
        return tuple(day for _, day in self.told)

    @cached_property
    def exact(self) -> frozenset[date]:
        """The days that lines were heard on, and those they name by number or as one day."""
        single = (span.first for span in self._spans if span.first == span.last)
        return frozenset((*self.heard, *single, *self._coming))

    @cached_property
    def days(self) -> frozenset[date]:
        """These, the ends of longer times that lines speak of, and today."""
        found = {day for span in self._spans for day in (span.first, span.last)}
        for text, day in self.told:
            found.update(_ahead(text.lower(), day))
        if self.now is not None:
            found.add(self.now)
        return self.exact | found

    @cached_property
    def _spans(self) -> tuple[Span, ...]:
        """The times gone by that lines speak of."""
        return tuple(span for text, day in self.told for span in dates.read(text, day)[0])

    @cached_property
    def _coming(self) -> frozenset[date]:
        """The days to come that lines name by number."""
        return frozenset(day for text, at in self.told for day in _numbered(text, at))


_MONTH, _DIGITS = re.compile(rf"\b(?:{'|'.join(MONTHS)})\b"), re.compile(r"\d{1,9}")
_MONTHS = [month[:3] for month in MONTHS]
_SHORT = re.compile(
    r"\b(mon|tue|wed|thu|fri|sat|sun)(?:s|rs?)?\b|(?<![가-힣])([월화수목금토일]{2,6})(?![가-힣]*[었았했])"
)
_AHEAD = (
    (re.compile(r"내일|tomorrow"), 1, 1),
    (re.compile(r"모레"), 2, 2),
    (re.compile(r"다음\s?주|담주|next week"), 3, 13),
    (re.compile(r"주말|weekend|요일|\b\w+day\b"), 0, 7),
    (re.compile(r"다음\s?달|next month"), 14, 61),
)
_LAST_MONTH = re.compile(rf"\blast (?:{'|'.join(MONTHS)})\b|지난 ?\d{{1,2}}월")
_WEEKDAY = re.compile(rf"([월화수목금토일])요일|\b({'|'.join(WEEKDAYS)})s?\b")
_MONTH_DAY = re.compile(r"(\d{1,2})(?:월\s*|/)(\d{1,2})(?:일|(?![\d/]))")
_SINO_MONTHS = ("일", "이", "삼", "사", "오", "유", "칠", "팔", "구", "시", "십일", "십이")
_SINO_DAY = re.compile(
    rf"(?<![가-힣])({'|'.join(_SINO_MONTHS)})월\s*([일이삼사오육칠팔구십]{{1,3}})일"
)
_MONTH_OF = rf"({'|'.join(f'{month[:3]}(?:{month[3:]})?' for month in MONTHS)})"
_DAY_MONTH = re.compile(
    rf"\b{_MONTH_OF}\.?\s+(\d{{1,2}})(?!\d)"
    rf"|\b(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+{_MONTH_OF}\b"
    r"|\b(?:on )?the (\d{1,2})(?:st|nd|rd|th)\b"
    r"|(?<![\d월/])(?<!월\s)(\d{1,2})일(?!\s*(?:간|째|차|전|후|동안|만|뒤))"
)


def _days_in(text: str) -> Iterator[tuple[int | None, int]]:
    """(month, day of it) for each day that a text names by number; None where it names no month."""
    for m in _MONTH_DAY.finditer(text):
        yield int(m[1]), int(m[2])
    for m in _SINO_DAY.finditer(text):
        yield _SINO_MONTHS.index(m[1]) + 1, sino(m[2])
    for m in _DAY_MONTH.finditer(text.lower()):
        month = m[1] or m[4]
        named = _MONTHS.index(month[:3]) + 1 if month else None
        yield named, int(m[2] or m[3] or m[5] or m[6])


def _ahead(text: str, day: date) -> Iterator[date]:
    """Days to come that a line speaks of without a number, which `dates` leaves out."""
    if day.year == date.max.year:  # there are none
        return
    for pattern, first, last in _AHEAD:
        if pattern.search(text):
            yield from (day + timedelta(days=n) for n in range(first, last + 1))


def _weekdays(text: str) -> Iterator[int]:
    """The weekdays a text names, Monday 0."""
    for m in _WEEKDAY.finditer(text):
        yield weekday_number(m[1] or m[2])


def _short_weekdays(text: str) -> Iterator[int]:
    for m in _SHORT.finditer(text):
        if m[1]:
            yield next(n for n, name in enumerate(WEEKDAYS) if name.startswith(m[1]))
        else:
            yield from ("월화수목금토일".index(one) for one in m[2])


def _numbered(text: str, day: date) -> Iterator[date]:
    """The days to come that a line names by number."""
    for month, number in _days_in(text):
        if month:
            yield from _next(day, month, number)
        else:
            for ahead in (0, 1):
                yield from _next(day, (day.month - 1 + ahead) % 12 + 1, number)


def _next(day: date, month: int, of_month: int) -> Iterator[date]:
    for year in (day.year, day.year + 1):
        try:
            found = date(year, month, of_month)
        except ValueError:  # 2월 31일, or 29일 of another year, or after 9999
            continue
        if found >= day:
            yield found
            return
