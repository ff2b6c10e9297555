"""The days a question speaks of: 어제, 지난 봄, 3월 2일, last May, two weeks ago. Pure.

Relative words are resolved against the day the question is asked. A month without a year means
every year it has come round in; days to come are left out. Knows no store.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from echo.recall.days import Span, days_from, month_of, months_before, season_of, year_of

YEARS_BACK = 12  # how far a month or a day without a year may reach


_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july",
    "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH = "|".join((*_MONTHS, *(rf"{name[:3]}\.?(?![a-z])" for name in _MONTHS)))
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SEASONS = {"봄": 3, "여름": 6, "가을": 9, "겨울": 12, "spring": 3, "summer": 6, "fall": 9,
            "autumn": 9, "winter": 12}  # fmt: skip
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "couple of": 2, "a couple of": 2, "few": 3, "a few": 3,
    "한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "일": 1, "이": 2, "삼": 3, "몇": 3,
}  # fmt: skip
_COUNTED_KO = {"하루": 1, "이틀": 2, "사흘": 3, "나흘": 4, "닷새": 5, "열흘": 10, "보름": 15}

_TAIL = re.compile(r"(?:에는|에도|에|엔|의|은|는|이|가|부터|까지|쯤|때|쯤에)?(?![가-힣])")

_Match = re.Match[str]
_Spans = Iterator[Span]


def read(question: str, today: date) -> tuple[tuple[Span, ...], str]:
    """The days a question speaks of, and the question without the words that say so."""
    text = question.lower()
    found: dict[Span, None] = {}
    for pattern, meaning in _RULES:
        for match in list(pattern.finditer(text)):
            meant = [_cut(span, today) for span in _safely(meaning, match, today)]
            kept = [span for span in meant if span is not None]
            if kept:
                found.update(dict.fromkeys(kept))
                tail = _TAIL.match(text, match.end())
                start, end = match.start(), tail.end() if tail else match.end()
                text = text[:start] + " " * (end - start) + text[end:]
    return tuple(found), text if found else question


def _safely(meaning: Callable[[_Match, date], _Spans], match: _Match, today: date) -> list[Span]:
    try:
        return list(meaning(match, today))
    except (ValueError, OverflowError):  # 13월, 2월 31일, year 0: not a date after all
        return []


def _cut(span: Span, today: date) -> Span | None:
    return Span(span.first, min(span.last, today)) if span.first <= today else None


# ── what the words mean ──────────────────────────────────────────────────────────────────────


def _ymd(m: _Match, _: date) -> _Spans:
    yield days_from(date(int(m["y"]), int(m["m"]), int(m["d"])))


def _ym(m: _Match, _: date) -> _Spans:
    yield month_of(int(m["y"]), _month_number(m["m"]))


def _y(m: _Match, _: date) -> _Spans:
    yield year_of(int(m["y"]))


def _md(m: _Match, today: date) -> _Spans:
    """A day with or without a year."""
    month, day = _month_number(m["m"]), int(m["d"])
    years = [int(m["y"])] if m["y"] else range(today.year, today.year - YEARS_BACK, -1)
    for year in years:
        if day <= monthrange(year, month)[1]:
            yield days_from(date(year, month, day))


def _in_month(m: _Match, today: date) -> _Spans:
    for year in range(today.year, today.year - YEARS_BACK, -1):
        yield month_of(year, _month_number(m["m"]))


def _last_month_named(m: _Match, today: date) -> _Spans:
    """last May, 지난 5월: the newest that is over."""
    month = _month_number(m["m"])
    yield month_of(today.year - (month >= today.month), month)


def _month_of_year(m: _Match, today: date) -> _Spans:
    yield month_of(today.year - _years_ago(m["w"]), _month_number(m["m"]))


def _season_of(m: _Match, today: date) -> _Spans:
    first = _SEASONS[m["s"]]
    word = m["w"] or ""
    if m["y"]:
        yield season_of(int(m["y"]), first)
    elif word in ("지난", "저번", "last"):
        over = [season_of(year, first) for year in (today.year, today.year - 1, today.year - 2)]
        yield next(span for span in over if span.last < today)
    elif word and not word.startswith(("in", "during")):
        yield season_of(today.year - _years_ago(word), first)
    else:
        yield from (season_of(today.year - back, first) for back in range(YEARS_BACK))


def _years_ago(word: str) -> int:
    return {"작년": 1, "지난해": 1, "재작년": 2, "last year": 1}.get(" ".join(word.split()), 0)


def _month_number(text: str) -> int:
    text = text.strip(".월 ")
    if text.isdigit():
        return int(text)
    return next(i for i, name in enumerate(_MONTHS, 1) if name.startswith(text[:3]))


def _ago(m: _Match, today: date) -> _Spans:
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


def _counted(m: _Match, today: date) -> _Spans:
    yield days_from(today - timedelta(days=_COUNTED_KO[m["n"]]))


def _recently(_: _Match, today: date) -> _Spans:
    yield days_from(today - timedelta(days=9), 8)


def _week(back: int) -> Callable[[_Match, date], _Spans]:
    def meaning(_: _Match, today: date) -> _Spans:
        monday = today - timedelta(days=today.weekday() + 7 * back)
        yield days_from(monday, 7)

    return meaning


def _weekend(m: _Match, today: date) -> _Spans:
    back = 1 if m["w"] and m["w"] not in ("이번", "this") else 0
    yield days_from(today - timedelta(days=today.weekday() - 5 + 7 * back), 2)


def _weekday(m: _Match, today: date) -> _Spans:
    name = m["d"]
    number = "월화수목금토일".index(name[0]) if name[0] >= "가" else _WEEKDAYS.index(name)
    back = (today.weekday() - number) % 7 or 7
    yield days_from(today - timedelta(days=back))
    if m["w"] and back < today.weekday() + 1:  # "last Monday" may mean the week before too
        yield days_from(today - timedelta(days=back + 7))


def _day(back: int) -> Callable[[_Match, date], _Spans]:
    def meaning(_: _Match, today: date) -> _Spans:
        yield days_from(today - timedelta(days=back))

    return meaning


def _months_back(back: int) -> Callable[[_Match, date], _Spans]:
    def meaning(_: _Match, today: date) -> _Spans:
        yield month_of(*months_before(today, back))

    return meaning


def _years_back(back: int) -> Callable[[_Match, date], _Spans]:
    def meaning(_: _Match, today: date) -> _Spans:
        yield year_of(today.year - back)

    return meaning


_YEAR = r"(?P<y>(?:19|20)\d\d)"
_OF_YEAR = r"(?P<w>재작년|작년|지난해|올해|last year|this year)"
_RULES: tuple[tuple[re.Pattern[str], Callable[[_Match, date], _Spans]], ...] = tuple(
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        (rf"{_YEAR}[-./년]\s*(?P<m>\d{{1,2}})[-./월]\s*(?P<d>\d{{1,2}})(?:일|\b)", _ymd),
        (rf"(?:{_YEAR}년\s*)?(?<!\d)(?P<m>\d{{1,2}})월\s*(?P<d>\d{{1,2}})일", _md),
        (rf"\b(?P<m>{_MONTH})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s*{_YEAR})?", _md),
        (
            rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+(?P<m>{_MONTH})\b(?:,?\s*{_YEAR})?",
            _md,
        ),
        (rf"{_YEAR}년\s*(?P<m>\d{{1,2}})월", _ym),
        (rf"{_YEAR}-(?P<m>\d\d)\b", _ym),
        (rf"\b(?P<m>{_MONTH})(?:\s+of)?,?\s+{_YEAR}\b", _ym),
        (rf"{_OF_YEAR}\s*(?P<m>\d{{1,2}}월)", _month_of_year),
        (r"(?:지난|저번)\s*(?P<m>\d{1,2}월)", _last_month_named),
        (rf"\blast\s+(?P<m>{_MONTH})", _last_month_named),
        (
            (
                rf"(?<![가-힣])(?:(?:{_YEAR}년|(?P<w>재작년|작년|지난해|올해|이번|지난|저번))\s*)?"
                r"(?P<s>봄|여름|가을|겨울)(?=에|의|은|이|을|엔|,|\s|$|\?|때|쯤)"
            ),
            _season_of,
        ),
        (
            (
                r"\b(?P<w>last|this|in|in the|during)\s+"
                r"(?P<s>spring|summer|fall|autumn|winter)\b"
                rf"(?:\s+(?:of\s+)?{_YEAR})?"
            ),
            _season_of,
        ),
        (r"(?<!\d)(?P<m>\d{1,2}월)(?!\s*\d)", _in_month),
        (rf"\b(?:in|this|since|during|of|early|late|mid)\s+(?P<m>{_MONTH})\b", _in_month),
        (r"그끄저께", _day(3)),
        (
            r"그저께|그제(?=\s|에|$|,|\?)|엊그제|the day before yesterday|day before yesterday",
            _day(2),
        ),
        (r"어제|어젯밤|\byesterday\b|\blast night\b", _day(1)),
        (r"오늘|\btoday\b|\btonight\b|\bthis morning\b", _day(0)),
        (r"지지난\s*주|저저번\s*주|\bthe week before last\b", _week(2)),
        (r"(?P<w>지난|저번|이번|\blast\s|\bthis\s)?\s*(?:주말|weekend\b)", _weekend),
        (
            (
                rf"(?P<w>지난\s*주?|저번\s*주?|이번\s*주?|\blast\s|\bthis\s|\bon\s)?\s*"
                rf"(?P<d>[월화수목금토일]요일|\b(?:{'|'.join(_WEEKDAYS)})\b)"
            ),
            _weekday,
        ),
        (r"지난\s*주|저번\s*주|\blast week\b", _week(1)),
        (r"이번\s*주|\bthis week\b", _week(0)),
        (r"지지난\s*달|저저번\s*달|\bthe month before last\b", _months_back(2)),
        (r"지난\s*달|저번\s*달|\blast month\b", _months_back(1)),
        (r"이번\s*달|\bthis month\b", _months_back(0)),
        (r"재작년", _years_back(2)),
        (r"작년|지난해|\blast year\b", _years_back(1)),
        (r"올해|\bthis year\b", _years_back(0)),
        (rf"(?P<n>{'|'.join(_COUNTED_KO)})\s*전", _counted),
        (r"며칠\s*전|\bthe other day\b", _recently),
        (
            (
                r"(?P<n>\d{1,3}|한|두|세|네|다섯|일|이|삼|몇)\s*"
                r"(?P<u>일|주일|주|달|개월|년)\s*전"
            ),
            _ago,
        ),
        (
            (
                r"\b(?P<n>\d{1,3}|a couple of|couple of|a few|few|an?|one|two|three|four|five"
                r"|six|seven|eight|nine|ten)\s+(?P<u>day|week|month|year)s?\s+ago"
            ),
            _ago,
        ),
        (rf"(?<![\d.,-])(?:\b(?:in|since|during|of|from)\s+)?{_YEAR}(?:년|\b)", _y),
    )
)
