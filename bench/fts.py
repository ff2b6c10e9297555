"""What Echo is measured beside: FTS5 with three columns, as recall had it before its own index.

own words, the words of the two turns on either side in the session, words for the date; bm25 with
weights 1, .5, .3. Korean and CJK runs as themselves and by pairs, which is more than FTS5's own
tokenizers know.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

from echo.memory.rows import moment
from echo.text import index_tokens

FORM = (
    "create virtual table fts using fts5(own, context, dates, content='',"
    " tokenize=\"unicode61 remove_diacritics 0 tokenchars '-'\")"
)
_QUERY = (
    "select rowid, -bm25(fts, 1.0, 0.5, 0.3) from fts where fts match ?"
    " order by 2 desc, rowid limit ?"
)
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july",
    "august", "september", "october", "november", "december",
)  # fmt: skip
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAYS_KO = ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일")
_SEASONS = ("winter 겨울", "spring 봄", "summer 여름", "autumn 가을")
SPAN = 2


def date_words(day: date) -> str:
    """2026-03-02 → "2026 2026-03 2026-03-02 march 2 3월 2일 3월2일 monday 월요일 spring 봄"."""
    week = day.weekday()
    return (
        f"{day.year} {day:%Y-%m} {day.isoformat()} {_MONTHS[day.month - 1]} {day.day} "
        f"{day.month}월 {day.day}일 {day.month}월{day.day}일 "
        f"{_WEEKDAYS[week]} {_WEEKDAYS_KO[week]} {_SEASONS[day.month % 12 // 3]}"
    )


def columns(source: sqlite3.Connection) -> Iterator[tuple[int, str, str, str]]:
    """rowid and the three columns of every turn of Echo's database, by session."""
    rows = source.execute(
        "select o.session, o.id, coalesce(o.raw, t.body), o.at, o.zone from occurrence o"
        " join text t on t.id = o.text order by o.session, o.id"
    )
    for _, group in groupby(rows, key=lambda row: row[0]):
        said = [(row, " ".join(index_tokens(text)), at, zone) for _, row, text, at, zone in group]
        owns = [own for _, own, _, _ in said]
        for i, (row, own, at, zone) in enumerate(said):
            yield row, own, _context(owns, i), date_words(moment(at, zone).date())


def _context(owns: Sequence[str], i: int) -> str:
    near = (*owns[max(0, i - SPAN) : i], *owns[i + 1 : i + 1 + SPAN])
    return " ".join(filter(None, near))


def filled(source: sqlite3.Connection, path: str = ":memory:") -> sqlite3.Connection:
    """A database with the three columns of all turns, in one transaction."""
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute(FORM)
    conn.execute("begin")
    conn.executemany(
        "insert into fts (rowid, own, context, dates) values (?, ?, ?, ?)", columns(source)
    )
    conn.execute("commit")
    return conn


def search(conn: sqlite3.Connection, question: str, limit: int) -> list[tuple[int, float]]:
    """The best rows for any of the question's tokens."""
    match = " OR ".join(f'"{token}"' for token in dict.fromkeys(index_tokens(question)))
    return conn.execute(_QUERY, (match, limit)).fetchall() if match else []
