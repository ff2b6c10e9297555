"""The days a question speaks of: 어제, 지난 봄, 3월 2일, last May, two weeks ago. Pure.

Relative words are resolved against the day the question is asked. A month without a year means
every year it has come round in; days to come are left out. Knows no store.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from echo.recall.days import Span
from echo.recall.holidays import named
from echo.recall.meanings import (
    COUNTED_KO,
    MONTH,
    WEEKDAYS,
    Match,
    Spans,
    ago,
    counted,
    day_back,
    day_of_month,
    full_date,
    in_month,
    last_month_named,
    lately,
    month_in_year,
    month_of_year,
    months_back,
    recently,
    season,
    this_time,
    turn_of_year,
    week_back,
    weekday,
    weekend,
    whole_year,
    years_back,
)

_TAIL = re.compile(r"(?:에는|에도|에|엔|의|은|는|이|가|부터|까지|쯤|때|쯤에)?(?![가-힣])")

_PART = re.compile(r"\s*(초|중순|중반|말|하순)(?=에|쯤|부터|까지|의|은|는|이|가|,|\s|\?|$)")
_MONTHLY = 28


def read(question: str, today: date) -> tuple[tuple[Span, ...], str]:
    """The days a question speaks of, and the question without the words that say so."""
    text = question.lower()
    found: dict[Span, None] = {}
    for pattern, meaning in _RULES:
        for match in list(pattern.finditer(text)):
            meant = [_cut(span, today) for span in _safely(meaning, match, today)]
            kept = [span for span in meant if span is not None]
            if kept:
                part = _PART.match(text, match.end())
                if part:
                    kept = [_third(span, part[1]) for span in kept]
                found.update(dict.fromkeys(kept))
                end = part.end() if part else match.end()
                tail = _TAIL.match(text, end)
                start, end = match.start(), tail.end() if tail else end
                text = text[:start] + " " * (end - start) + text[end:]
    rest = text if found else question
    found.update(dict.fromkeys(named(question.lower(), today)))
    return _agreed(tuple(found)), rest


def _third(span: Span, part: str) -> Span:
    """The beginning, the middle or the end of a month or a longer time: 3월 말, 작년 초."""
    length = (span.last - span.first).days + 1
    if length < _MONTHLY:
        return span
    third = timedelta(days=length // 3)
    if part == "초":
        return Span(span.first, span.first + third)
    if part in ("말", "하순"):
        return Span(span.last - third, span.last)
    return Span(span.first + third, span.last - third)


def _agreed(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """작년 추석 is not all of last year: of a wide span, only what is named within it."""
    within = tuple(
        one
        for one in spans
        if any(other != one and one.first in other and one.last in other for other in spans)
    )
    return within or spans


def _safely(meaning: Callable[[Match, date], Spans], match: Match, today: date) -> list[Span]:
    try:
        return list(meaning(match, today))
    except (ValueError, OverflowError):  # 13월, 2월 31일, year 0: not a date after all
        return []


def _cut(span: Span, today: date) -> Span | None:
    return Span(span.first, min(span.last, today)) if span.first <= today else None


_YEAR = r"(?P<y>(?:19|20)\d\d)"
_OF_YEAR = r"(?P<w>재작년|작년|지난해|올해|last year|this year)"
_RULES: tuple[tuple[re.Pattern[str], Callable[[Match, date], Spans]], ...] = tuple(
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        (rf"{_YEAR}[-./년]\s*(?P<m>\d{{1,2}})[-./월]\s*(?P<d>\d{{1,2}})(?:일|\b)", full_date),
        (rf"(?:{_YEAR}년\s*)?(?<!\d)(?P<m>\d{{1,2}})월\s*(?P<d>\d{{1,2}})일", day_of_month),
        (rf"\b(?P<m>{MONTH})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s*{_YEAR})?", day_of_month),
        (
            rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+(?P<m>{MONTH})\b(?:,?\s*{_YEAR})?",
            day_of_month,
        ),
        (rf"{_YEAR}년\s*(?P<m>\d{{1,2}})월", month_in_year),
        (rf"{_YEAR}-(?P<m>\d\d)\b", month_in_year),
        (rf"\b(?P<m>{MONTH})(?:\s+of)?,?\s+{_YEAR}\b", month_in_year),
        (rf"{_OF_YEAR}\s*(?P<m>\d{{1,2}}월)", month_of_year),
        (r"(?:지난|저번)\s*(?P<m>\d{1,2}월)", last_month_named),
        (rf"\blast\s+(?P<m>{MONTH})", last_month_named),
        (
            (
                rf"(?<![가-힣])(?:(?:{_YEAR}년|(?P<w>재작년|작년|지난해|올해|올|이번|지난|저번))\s*)?"
                r"(?P<s>봄|여름|가을|겨울)(?=에|의|은|이|을|엔|,|\s|$|\?|때|쯤)"
            ),
            season,
        ),
        (
            (
                r"\b(?P<w>last|this|in|in the|during)\s+"
                r"(?P<s>spring|summer|fall|autumn|winter)\b"
                rf"(?:\s+(?:of\s+)?{_YEAR})?"
            ),
            season,
        ),
        (r"(?<!\d)(?P<m>\d{1,2}월)(?!\s*\d)", in_month),
        (rf"\b(?:in|this|since|during|of|early|late|mid)\s+(?P<m>{MONTH})\b", in_month),
        (rf"{_OF_YEAR}\s*이맘때|(?P<w2>this time last year)", this_time),
        (r"(?:(?P<w>재작년|작년|지난해|올해)\s*|지난\s*)?(?P<t>연초|연말)", turn_of_year),
        (r"(?<![\d/.])(?P<m>\d{1,2})/(?P<d>\d{1,2})(?![\d/])(?P<y>)", day_of_month),
        (r"얼마\s*전|요즘|요새|최근|\brecently\b|\blately\b", lately),
        (r"그끄저께", day_back(3)),
        (
            r"그저께|그제(?=\s|에|$|,|\?)|엊그제|the day before yesterday|day before yesterday",
            day_back(2),
        ),
        (r"어제|어젯밤|\byesterday\b|\blast night\b", day_back(1)),
        (r"오늘|\btoday\b|\btonight\b|\bthis morning\b", day_back(0)),
        (r"지지난\s*주|저저번\s*주|\bthe week before last\b", week_back(2)),
        (r"(?P<w>지난|저번|이번|\blast\s|\bthis\s)?\s*(?:주말|weekend\b)", weekend),
        (
            (
                rf"(?P<w>지난\s*주?|저번\s*주?|이번\s*주?|\blast\s|\bthis\s|\bon\s)?\s*"
                rf"(?P<d>[월화수목금토일]요일|\b(?:{'|'.join(WEEKDAYS)})\b)"
            ),
            weekday,
        ),
        (r"지난\s*주|저번\s*주|\blast week\b", week_back(1)),
        (r"이번\s*주|\bthis week\b", week_back(0)),
        (r"지지난\s*달|저저번\s*달|\bthe month before last\b", months_back(2)),
        (r"지난\s*달|저번\s*달|\blast month\b", months_back(1)),
        (r"이번\s*달|\bthis month\b", months_back(0)),
        (r"재작년", years_back(2)),
        (r"작년|지난해|\blast year\b", years_back(1)),
        (r"올해|\bthis year\b", years_back(0)),
        (rf"(?P<n>{'|'.join(COUNTED_KO)})\s*전", counted),
        (r"며칠\s*전|\bthe other day\b", recently),
        (
            (
                r"(?P<n>\d{1,3}|한|두|세|네|다섯|일|이|삼|몇)\s*"
                r"(?P<u>일|주일|주|달|개월|년)\s*전"
            ),
            ago,
        ),
        (
            (
                r"\b(?P<n>\d{1,3}|a couple of|couple of|a few|few|an?|one|two|three|four|five"
                r"|six|seven|eight|nine|ten)\s+(?P<u>day|week|month|year)s?\s+ago"
            ),
            ago,
        ),
        (rf"(?<![\d.,-])(?:\b(?:in|since|during|of|from)\s+)?{_YEAR}(?:년|\b)", whole_year),
    )
)
