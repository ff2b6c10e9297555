"""Days that have a name: 설날, 추석, Christmas, Halloween. Pure; knows no store.

The words stay in the question, for people write them down too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from echo.recall.days import Span

# the lunar new year and the harvest moon, by the solar calendar (Korea Astronomy and Space Science
# Institute's almanac)
_SEOLLAL = {
    2015: (2, 19), 2016: (2, 8), 2017: (1, 28), 2018: (2, 16), 2019: (2, 5), 2020: (1, 25),
    2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17),
    2027: (2, 7), 2028: (1, 27), 2029: (2, 13), 2030: (2, 3),
}  # fmt: skip
_CHUSEOK = {
    2015: (9, 27), 2016: (9, 15), 2017: (10, 4), 2018: (9, 24), 2019: (9, 13), 2020: (10, 1),
    2021: (9, 21), 2022: (9, 10), 2023: (9, 29), 2024: (9, 17), 2025: (10, 6), 2026: (9, 25),
    2027: (9, 15), 2028: (10, 3), 2029: (9, 22), 2030: (9, 12),
}  # fmt: skip
_LUNAR = ((r"설날|구정|설\s*연휴|lunar new year", _SEOLLAL), (r"추석|한가위|chuseok", _CHUSEOK))
_FIXED = (
    (r"크리스마스(?!\s*이브)|성탄절|christmas(?! eve)", (12, 25)),
    (r"크리스마스\s*이브|christmas eve", (12, 24)),
    (r"새해\s*첫날|신정|new year'?s day", (1, 1)),
    (r"new year'?s eve", (12, 31)),
    (r"발렌타인|밸런타인|valentine", (2, 14)),
    (r"화이트\s*데이", (3, 14)),
    (r"삼일절", (3, 1)),
    (r"어린이날", (5, 5)),
    (r"어버이날", (5, 8)),
    (r"스승의\s*날", (5, 15)),
    (r"현충일", (6, 6)),
    (r"광복절", (8, 15)),
    (r"개천절", (10, 3)),
    (r"한글날", (10, 9)),
    (r"핼러윈|할로윈|halloween", (10, 31)),
    (r"빼빼로\s*데이", (11, 11)),
    (r"independence day|4th of july|fourth of july", (7, 4)),
)
_AROUND = 2  # days on either side of a holiday that people are away for
_YEARS_BACK = 12


def named(text: str, today: date) -> Iterator[Span]:
    """The days that holidays in the text fell on, those to come left out."""
    for pattern, days in _LUNAR:
        if re.search(pattern, text):
            for year in _years(today):
                if year in days:
                    yield from _past(date(year, *days[year]), _AROUND, today)
    for pattern, (month, day) in _FIXED:
        if re.search(pattern, text):
            for year in _years(today):
                yield from _past(date(year, month, day), 0, today)


def _years(today: date) -> range:
    return range(today.year, max(today.year - _YEARS_BACK, 1), -1)


def _past(day: date, around: int, today: date) -> Iterator[Span]:
    first = day - timedelta(days=around)
    if first <= today:
        yield Span(first, min(day + timedelta(days=around), today))
