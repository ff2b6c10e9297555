"""Spans of days: their arithmetic, and the tokens by which the index's date column knows them.

Pure. Knows no language and no store.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_DAYS_NAMED = 31  # a longer span is asked for by months, not by days


@dataclass(frozen=True, slots=True)
class Span:
    """Days from first to last, both included."""

    first: date
    last: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last


def days_from(first: date, count: int = 1) -> Span:
    """count days from first on."""
    return Span(first, first + timedelta(days=count - 1))


def month_of(of_year: int, number: int) -> Span:
    """A whole month."""
    return Span(date(of_year, number, 1), date(of_year, number, monthrange(of_year, number)[1]))


def year_of(number: int) -> Span:
    """A whole year."""
    return Span(date(number, 1, 1), date(number, 12, 31))


def months_before(today: date, months: int) -> tuple[int, int]:
    """The (year, month) that lies so many months before today's."""
    index = today.year * 12 + today.month - 1 - months
    return index // 12, index % 12 + 1


def season_of(of_year: int, first_month: int) -> Span:
    """Three months; winter begins in December of its year."""
    end_year, end_month = (of_year + 1, 2) if first_month == 12 else (of_year, first_month + 2)
    return Span(date(of_year, first_month, 1), month_of(end_year, end_month).last)


# ── as index tokens ──────────────────────────────────────────────────────────────────────────


def tokens(asked: tuple[Span, ...], most: int = 62) -> tuple[str, ...]:
    """The tokens of the index's date column that stand for these spans, at most `most`."""
    found: dict[str, None] = {}
    for span in asked:
        found.update(dict.fromkeys(_tokens(span)))
    return tuple(found)[:most]


def _tokens(span: Span) -> Iterator[str]:
    length = (span.last - span.first).days + 1
    if length < _DAYS_NAMED - 3 or (length <= _DAYS_NAMED and span.first.day != 1):
        yield from ((span.first + timedelta(days=i)).isoformat() for i in range(length))
        return
    if span.first.month == 1 and span.first.day == 1 and length > _DAYS_NAMED * 10:
        yield f"{span.first.year}"
        return
    month = span.first.replace(day=1)
    while month <= span.last:
        yield f"{month:%Y-%m}"
        month = (month + timedelta(days=_DAYS_NAMED)).replace(day=1)
