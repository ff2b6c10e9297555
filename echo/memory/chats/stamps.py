"""Dates and times as KakaoTalk writes them, in Korean and English, on every platform.

Pure: text to a date or a time. Source of the shapes: FACTS.md and exports of 2014 to 2025.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from datetime import time as clock

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_DATE = (
    r"(?:(?P<y1>\d{4})(?:년|[.\-/])\s?(?P<m1>\d{1,2})(?:월|[.\-/])\s?(?P<d1>\d{1,2})(?:일|\.)?"
    r"(?:\s?\(?[월화수목금토일](?:요일)?\)?)?"
    r"|(?:[A-Z][a-z]+day,?\s)?(?:"
    rf"(?P<m2>{_MONTH})\s(?P<d2>\d{{1,2}}),?\s(?P<y2>\d{{4}})"
    rf"|(?P<d3>\d{{1,2}})\s(?P<m3>{_MONTH}),?\s(?P<y3>\d{{4}})"
    r")(?:,?\s[A-Z][a-z]+day)?)"
)
_TIME = (
    r"(?:(?P<ko>오전|오후)\s?)?(?P<h>\d{1,2}):(?P<min>\d{2})(?::(?P<s>\d{2}))?"
    r"(?:\s?(?P<en>[AaPp]\.?[Mm]\.?))?"
)
TIME = re.compile(_TIME)
BAR = re.compile(rf"-{{3,}}\s*{_DATE}\s*-{{3,}}\s*")
STAMP = re.compile(rf"{_DATE}(?:,|\sat|\s에)?\s{_TIME}(?=[,:]|\s*$)")
DAY_ALONE = re.compile(rf"{_DATE}\s*")


def day_of(match: re.Match[str]) -> date | None:
    """The date a match of BAR, STAMP or DAY_ALONE tells; None when no calendar has it."""
    for n in "123":
        year, month, day = match[f"y{n}"], match[f"m{n}"], match[f"d{n}"]
        if year is not None:
            number = int(month) if month.isdecimal() else _MONTHS.index(month[:3].lower()) + 1
            try:
                made = date(int(year), number, int(day))
            except ValueError:
                return None
            return made if 1 < made.year < 9999 else None
    return None


def time_of(match: re.Match[str]) -> clock | None:
    """The time a match tells; 오전 12:30 is half past midnight, 오후 12:30 half past noon."""
    hour, half = int(match["h"]), (match["ko"] or match["en"] or "").lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half.startswith(("오후", "p")) else 0)
    try:
        return clock(hour, int(match["min"]), int(match["s"] or 0))
    except ValueError:
        return None


def moment_of(match: re.Match[str]) -> datetime | None:
    """The naive date and time of a match of STAMP."""
    day, time = day_of(match), time_of(match)
    return None if day is None or time is None else datetime.combine(day, time)
