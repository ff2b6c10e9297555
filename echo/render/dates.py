"""Days and times in words. Knows gettext and the calendar, no time zone but the value's own."""

from __future__ import annotations

from datetime import date, datetime

from echo.i18n import Words
from echo.nouns import Turn


def moment(at: datetime, _: Words) -> str:
    """A day and the time of day: "Monday 2 March 2026, 21:10"."""
    return _("{day}, {time}").format(day=day(at.date(), _), time=f"{at:%H:%M}")


def when(turn: Turn, _: Words) -> str:
    """The day of a turn, and the time of day where it is known."""
    return moment(turn.at, _) if turn.timed else day(turn.at.date(), _)


def day(at: date, _: Words) -> str:
    """A day: "Monday 2 March 2026"."""
    return _("{weekday} {day} {month} {year}").format(
        weekday=weekdays(_)[at.weekday()], day=at.day, month=months(_)[at.month - 1], year=at.year
    )


def weekdays(_: Words) -> tuple[str, ...]:
    """The days of the week, Monday first."""
    return (
        _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"),
        _("Friday"), _("Saturday"), _("Sunday"),
    )  # fmt: skip


def months(_: Words) -> tuple[str, ...]:
    """The months, January first."""
    return (
        _("January"), _("February"), _("March"), _("April"), _("May"), _("June"),
        _("July"), _("August"), _("September"), _("October"), _("November"), _("December"),
    )  # fmt: skip
