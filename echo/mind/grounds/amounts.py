"""How a number in a reply is held by what was said: said there, reckoned from what was, or new.
Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import combinations, combinations_with_replacement
from typing import Literal, TypeAlias

from echo.mind.grounds.figures import figures, grown, spans_between, unit_of, unit_of_time
from echo.mind.grounds.times import Times
from echo.text import key

Count: TypeAlias = Literal[
    "said", "bare", "span", "reckoned", "sum", "loose", "follows", "new"
]  # fmt: skip
_Amount: TypeAlias = tuple[float, str]  # a number, and the unit it counts
_FEW, _SMALL = 24, 12  # numbers that are reckoned with, and what is the same by chance
_HOURS = ("", "시", "o'clock")
_PERCENT = "percent"
_OF_AGE = ("년", "해", "year")
_YEARS = range(1900, 2100)
_FAR = 400  # days from a day that lines speak of to today: counted as they are


def amounts(text: str) -> set[_Amount]:
    """(number, what it counts) of each number in a text."""
    low = key(text).lower()
    return {(round(number, 3), unit_of(low, *span)) for span, number in figures(low)}


@dataclass(frozen=True)
class Amounts:
    """said: each number that was said, with its unit; told: lines, each with the day it was heard
    on; times: their days and today; hours: of the lines and of now; asks: is it asked how many?
    """

    said: frozenset[_Amount]
    told: tuple[tuple[str, date], ...]
    times: Times
    hours: tuple[int, ...]
    asks: bool

    def held(self, number: float, unit: str) -> Count:
        """Was this number said of this unit, is it a span of time from a day that counts to now,
        was it said of no unit, is it reckoned from two or three of its unit (a sum, a difference;
        or a product, a share), was it said of another unit, is it of any two that were said and no
        small one, does it follow otherwise, or is it new?
        """
        number = round(number, 3)
        sizes = (number, *_shorter(number))
        if self._is_said(number, unit, sizes):
            return "said"
        if self._is_span(number, unit):
            return "span"
        if (number, "") in self._counted:
            return "bare"
        if self._is_reckoned(unit, sizes):
            return "reckoned"
        if number in self._numbers:
            return "loose"
        if number > _SMALL and number in self._sums:
            return "sum"
        return "follows" if any(size in self._others for size in sizes) else "new"

    @cached_property
    def units(self) -> frozenset[str]:
        """What was counted in."""
        return frozenset(unit for _, unit in self._counted)

    def _is_said(self, number: float, unit: str, sizes: Iterable[float]) -> bool:
        if (number, unit) in self._counted or (not unit and number in self._numbers):
            return True
        chance = number <= _SMALL
        return any((size, "") in self._counted for size in sizes if size != number or not chance)

    def _is_span(self, number: float, unit: str) -> bool:
        if number in self._spans.get(unit_of_time(unit), ()) or (number, unit) in self._grown:
            return True
        if unit in _HOURS and number in self._clock:
            return True
        return not unit and self.asks and any(number in one for one in self._spans.values())

    def _is_reckoned(self, unit: str, sizes: Iterable[float]) -> bool:
        return any(
            (size, unit) in self._reckoned
            or ((size > _SMALL or size % 1) and (size, "") in self._reckoned)
            for size in sizes
        )

    @cached_property
    def _counted(self) -> frozenset[_Amount]:
        return frozenset((*self.said, *_halves(self.said)))

    @cached_property
    def _numbers(self) -> frozenset[float]:
        return frozenset(number for number, _ in self._counted)

    @cached_property
    def _grown(self) -> frozenset[_Amount]:
        """What was counted in a unit of time on the day of its line, as it is now; how old is what
        is of a year that was said.
        """
        now = self.times.now
        if now is None:
            return frozenset()
        told = {(n, unit, day) for text, day in self.told for n, unit in amounts(text)}
        found = {(one, unit) for n, unit, day in told for one in grown(n, unit, day, now)}
        ages = {now.year - n for n in self._numbers if n in _YEARS}
        return frozenset((*found, *((age, unit) for age in ages for unit in _OF_AGE)))

    @cached_property
    def _reckoned(self) -> frozenset[_Amount]:
        """Sums of two or three and differences of two numbers that were said of one unit, with that
        unit; products of any two with either's; shares.
        """
        few = sorted(self._counted)[:_FEW]
        threes = ((a + b + c, {u, v, w}, u) for (a, u), (b, v), (c, w) in combinations(few, 3))
        found = {(total, unit) for total, units, unit in threes if len(units) == 1}
        for one, other in combinations_with_replacement(few, 2):
            found |= _of_two(one, other)
        return frozenset((round(n, 3), unit) for n, unit in found)

    @cached_property
    def _others(self) -> frozenset[float]:
        """What follows in looser ways: any sum, half of a number, a part of a day that counts."""
        found = {*self._numbers, *self._sums, *(a // 2 for a in sorted(self._numbers)[:_FEW])}
        for day in self.times.days:
            found |= {day.month, day.day}
        found.update(day.year for day in self.times.heard)
        found.update(*self._spans.values())
        return frozenset(found)

    @cached_property
    def _spans(self) -> dict[str, set[int]]:
        """How long ago, by unit, are the days that count?"""
        found: dict[str, set[int]] = {}
        now = self.times.now
        if now is None:
            return found
        near = (day for day in self.times.exact if abs((day - now).days) < _FAR)
        for day in (*near, *self.times.heard):
            for unit, spans in spans_between(day, now).items():
                found.setdefault(unit, set()).update(spans)
        return found

    @cached_property
    def _sums(self) -> frozenset[float]:
        """Sums, differences and products of two numbers that were said."""
        few = sorted(self._numbers)[:_FEW]
        two = list(combinations_with_replacement(few, 2))
        return frozenset(round(n, 3) for a, b in two for n in (a + b, abs(a - b), a * b))

    @cached_property
    def _clock(self) -> frozenset[int]:
        """What the clock says now and said then, in both ways of saying it."""
        return frozenset(one for hour in self.hours for one in (hour, hour % 12 or 12))


def _of_two(one: _Amount, other: _Amount) -> set[_Amount]:
    """What two amounts make: 120 hives less 47, twenty at 3만원, ten percent of 180."""
    (a, unit), (b, unit_b) = one, other
    found = set[_Amount]()
    if unit == unit_b and a != b:
        found |= {(a + b, unit), (abs(a - b), unit)}
    if a * b > _SMALL:
        found |= {(a * b, unit), (a * b, unit_b)}
    for whole, part, of in ((a, b, unit), (b, a, unit_b)):
        if part > 1 and whole / part > _SMALL:
            found.add((whole / part, of))
    if _PERCENT in (unit, unit_b):
        found.add((a * b / 100, unit if unit_b == _PERCENT else unit_b))
    return found


def _shorter(number: float) -> tuple[float, ...]:
    """The same amount with thousands said or left out: 45 for 45k, 680 for 680만."""
    return (number * 1000, number / 1000, number * 10**4, number / 10**4)


def _halves(counted: Iterable[_Amount]) -> set[_Amount]:
    """Both sides of an amount's point: 8.50 is said as eight fifty."""
    parts = {n for n, _ in counted if n != int(n) and round(n * 100, 3) == int(n * 100)}
    return {(float(part), "") for n in parts for part in (int(n), round(n % 1 * 100))}
