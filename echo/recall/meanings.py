"""What words for days mean: each function takes a match of dates.py's rules and today. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from echo.recall import days
from echo.recall.days import Span, days_from, month_of, months_before, year_of

YEARS_BACK = 12  # how far a month or a day without a year may reach


MONTHS = (
    "january", "february", "march", "april", "may", "june", "july",
    "august", "september", "october", "november", "december",
)  # fmt: skip
MONTH = "|".join((*MONTHS, *(rf"{name[:3]}\.?(?![a-z])" for name in MONTHS)))
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SEASONS = {"봄": 3, "여름": 6, "가을": 9, "겨울": 12, "spring": 3, "summer": 6, "fall": 9,
            "autumn": 9, "winter": 12}  # fmt: skip
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "couple of": 2, "a couple of": 2, "few": 3, "a few": 3,
    "한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "일": 1, "이": 2, "삼": 3, "몇": 3,
}  # fmt: skip
COUNTED_KO = {
    "하루": 1, "이틀": 2, "사흘": 3, "나흘": 4, "닷새": 5, "엿새": 6, "이레": 7, "여드레": 8,
    "아흐레": 9, "열흘": 10, "보름": 15,
}  # fmt: skip

Match = re.Match[str]
Spans = Iterator[Span]


def full_date(m: Match, _: date) -> Spans:
    """A day with its year."""
    yield days_from(date(int(m["y"]), int(m["m"]), int(m["d"])))


def month_in_year(m: Match, _: date) -> Spans:
    """A month with its year."""
    yield month_of(int(m["y"]), _month_number(m["m"]))


def whole_year(m: Match, _: date) -> Spans:
    """A year."""
    yield year_of(int(m["y"]))


def day_of_month(m: Match, today: date) -> Spans:
    """A day with or without a year."""
    month, day = _month_number(m["m"]), int(m["d"])
    years = [int(m["y"])] if m["y"] else range(today.year, today.year - YEARS_BACK, -1)
    for year in years:
        if day <= monthrange(year, month)[1]:
            yield days_from(date(year, month, day))


def in_month(m: Match, today: date) -> Spans:
    """A month without a year: every one."""
    for year in range(today.year, today.year - YEARS_BACK, -1):
        yield month_of(year, _month_number(m["m"]))


def last_month_named(m: Match, today: date) -> Spans:
    """last May, 지난 5월: the newest that is over."""
    month = _month_number(m["m"])
    yield month_of(today.year - (month >= today.month), month)


def month_of_year(m: Match, today: date) -> Spans:
    """작년 5월."""
    yield month_of(today.year - _years_ago(m["w"]), _month_number(m["m"]))


def season(m: Match, today: date) -> Spans:
    """A season, of a year or of every year; last spring is the newest that is over."""
    first = _SEASONS[m["s"]]
    word = m["w"] or ""
    if m["y"]:
        yield days.season_of(int(m["y"]), first)
    elif word in ("지난", "저번", "last"):
        over = [
            days.season_of(year, first) for year in (today.year, today.year - 1, today.year - 2)
        ]
        yield next(span for span in over if span.last < today)
    elif word in ("올", "올해", "이번", "this"):
        begun = (days.season_of(year, first) for year in (today.year, today.year - 1))
        yield next(span for span in begun if span.first <= today)
    elif word and not word.startswith(("in", "during")):
        yield days.season_of(today.year - _years_ago(word), first)
    else:
        yield from (days.season_of(today.year - back, first) for back in range(YEARS_BACK))


def _years_ago(word: str) -> int:
    return {"작년": 1, "지난해": 1, "재작년": 2, "last year": 1}.get(" ".join(word.split()), 0)


def _month_number(text: str) -> int:
    text = text.strip(".월 ")
    if text.isdigit():
        return int(text)
    return next(i for i, name in enumerate(MONTHS, 1) if name.startswith(text[:3]))


def ago(m: Match, today: date) -> Spans:
    """N units ago, with the vagueness people mean by it."""
    raw, unit = m["n"].strip(), m["u"]
    count = int(raw) if raw.isdigit() else _NUMBERS.get(raw, 0)
    vague = raw in ("몇", "few", "a few")
    if not count and not vague:
        return
    yield _unit(today, count, unit, 4 if vague else 0)


def _unit(today: date, count: int, unit: str, slack: int) -> Span:
    if unit in ("일", "day"):
        middle = today - timedelta(days=count)
        return Span(middle - timedelta(days=slack), middle + timedelta(days=min(slack, count - 1)))
    if unit in ("주", "주일", "week"):
        middle = today - timedelta(weeks=count)
        return Span(middle - timedelta(days=3 + 2 * slack), middle + timedelta(days=3))
    if unit in ("달", "개월", "month"):
        return month_of(*months_before(today, count))
    return year_of(today.year - count)


def counted(m: Match, today: date) -> Spans:
    """이틀 전, 열흘 전."""
    yield days_from(today - timedelta(days=COUNTED_KO[m["n"]]))


def recently(_: Match, today: date) -> Spans:
    """며칠 전, the other day."""
    yield days_from(today - timedelta(days=9), 8)


def lately(_: Match, today: date) -> Spans:
    """요즘, recently: a month."""
    yield days_from(today - timedelta(days=30), 31)


def this_time(m: Match, today: date) -> Spans:
    """작년 이맘때: two weeks around the same day."""
    then = today - timedelta(days=365 * max(_years_ago(m["w"] or ""), 1))
    yield Span(then - timedelta(days=14), then + timedelta(days=14))


def turn_of_year(m: Match, today: date) -> Spans:
    """연초, 연말: January, December, of the year that is named or the newest."""
    month = 1 if m["t"] == "연초" else 12
    if m["w"]:
        yield month_of(today.year - _years_ago(m["w"]), month)
    else:
        yield month_of(today.year - (date(today.year, month, 1) > today), month)


def week_back(back: int) -> Callable[[Match, date], Spans]:
    """So many weeks before this one, whole."""

    def meaning(_: Match, today: date) -> Spans:
        monday = today - timedelta(days=today.weekday() + 7 * back)
        yield days_from(monday, 7)

    return meaning


def weekend(m: Match, today: date) -> Spans:
    """The last weekend, or this one."""
    back = 1 if m["w"] and m["w"] not in ("이번", "this") else 0
    yield days_from(today - timedelta(days=today.weekday() - 5 + 7 * back), 2)


def weekday(m: Match, today: date) -> Spans:
    """The newest of that weekday, and the one before where "last" may mean it."""
    name = m["d"]
    number = weekday_number(name)
    back = (today.weekday() - number) % 7 or 7
    yield days_from(today - timedelta(days=back))
    if m["w"] and back < today.weekday() + 1:  # "last Monday" may mean the week before too
        yield days_from(today - timedelta(days=back + 7))


def weekday_number(name: str) -> int:
    """Monday 0: of 월, 월요일, monday."""
    return "월화수목금토일".index(name[0]) if name[0] >= "가" else WEEKDAYS.index(name)


def day_back(back: int) -> Callable[[Match, date], Spans]:
    """So many days ago."""

    def meaning(_: Match, today: date) -> Spans:
        yield days_from(today - timedelta(days=back))

    return meaning


def months_back(back: int) -> Callable[[Match, date], Spans]:
    """So many months ago, whole."""

    def meaning(_: Match, today: date) -> Spans:
        yield month_of(*months_before(today, back))

    return meaning


def years_back(back: int) -> Callable[[Match, date], Spans]:
    """So many years ago, whole."""

    def meaning(_: Match, today: date) -> Spans:
        yield year_of(today.year - back)

    return meaning
