"""KakaoTalk for Mac: `Date,User,Message`, one row a message, a message over several lines quoted.

Rows are put together here, so that a quote that is never closed costs one row and not the rest
of the file. Knows no files beyond their lines.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from echo.i18n import msgid
from echo.memory.chats.given import BAD_DATE, MAX_TEXT, Given, Notices, Report
from echo.memory.chats.kakaotalk import Maker
from echo.memory.chats.notices import is_system
from echo.memory.dayfiles import Line
from echo.nouns import Turn
from echo.text import scrub

_HEADS = ({"date", "user", "message"}, {"날짜", "사용자", "메시지"}, {"날짜", "이름", "메시지"})
_ROW = re.compile(r'"?\d{4}-\d{1,2}-\d{1,2}[ T]\d{1,2}:\d{2}(?::\d{2})?"?,')
_SURE = re.compile(_ROW.pattern + r'"(?:[^"]|""[^"]|""",)')  # inside quotes they would be doubled
BAD_ROW = msgid("a row that is not date, user and message")


def looks_like(lines: Iterable[Line]) -> bool:
    """Does the first line that is not blank name the three columns?"""
    first = next((line.text for line in lines if line.text and not line.text.isspace()), "")
    return _is_head(first)


def _is_head(text: str) -> bool:
    cells = {cell.strip(' "\ufeff').lower() for cell in text[:200].split(",")}
    return cells in _HEADS


def turns(lines: Iterable[Line], given: Given, report: Report, notices: Notices) -> Iterator[Turn]:
    """The rows in their order; one that is broken is reported."""
    maker = Maker(given, notices)
    for number, text in _rows(lines, report):
        row = _cells(text)
        at = _time(row[0]) if len(row) == 3 else None
        if len(row) != 3:
            report(number, BAD_ROW)
        elif at is None:
            report(number, BAD_DATE)
        elif not row[1].strip() or (row[2].startswith(row[1]) and is_system(row[2])):
            notices.add()
        else:
            yield from maker.turn(at, row[1], scrub(row[2]).strip("\n"))


def _rows(lines: Iterable[Line], report: Report) -> Iterator[tuple[int, str]]:
    """(line it begins on, the row with its line ends). The head is left out."""
    row: list[str] = []
    start = size = quotes = 0
    for line in lines:
        if line.text is None:
            report(line.number, line.why)
            continue
        text = line.text
        if not row and (not text.strip() or _is_head(text)):
            continue
        fresh = row and (quotes % 2 == 0 or _SURE.match(text) or size > MAX_TEXT)
        if fresh and (quotes % 2 or _ROW.match(text)):
            yield start, "\n".join(row)
            row, size, quotes = [], 0, 0
        if not row:
            start = line.number
        row.append(text)
        size += len(text) + 1
        quotes += text.count('"')
    if row:
        yield start, "\n".join(row)


def _cells(text: str) -> list[str]:
    """The three cells of a row, or as many as there are; a message is never cut at its commas."""
    try:
        cells = next(csv.reader([text.rstrip("\n")], strict=True), [])
    except csv.Error:
        return []
    return [cells[0], cells[1], ",".join(cells[2:])] if len(cells) > 3 else cells


def _time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return at.replace(tzinfo=None) if 1 < at.year < 9999 else None
