"""The FTS5 index of one user's words: own words, the turns around them, words for the date.

Contentless: the rows hold no text, only what it was indexed by, so a row is taken out by giving
FTS5 the same tokens again. They are a pure function of the texts, of the order of arrival within
a session, and of TOKENS, the version of that function. Every change is made in the transaction of
the rows it belongs to, in ascending order of rowid: FTS5 flushes its hash when a rowid goes back.
Knows no values and no files.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from echo.memory.rows import chunks, moment
from echo.text import index_tokens

TOKENS = "1"  # change it when index_tokens or date_words change: the index is then built anew
SPAN = 2
_BATCH = 4000
_HASH_BYTES = 64 << 20
WEIGHTS = (1.0, 0.5, 0.3)  # own, context, dates: FACTS.md, recall
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july",
    "august", "september", "october", "november", "december",
)  # fmt: skip
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAYS_KO = ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일")
_SEASONS = ("winter 겨울", "spring 봄", "summer 여름", "autumn 가을")


class Entry(NamedTuple):
    """One occurrence as the index sees it. own: its tokens; "" is not indexed, only near."""

    rowid: int
    session: int
    own: str
    dates: str


def tokens(text: str) -> str:
    """The tokens of a text as the index keeps them."""
    return " ".join(index_tokens(text))


def date_words(day: date) -> str:
    """The words a day can be asked for by, in both languages, as index tokens.

    2026-03-02 → "2026 2026-03 2026-03-02 march 2 3월 2일 3월2일 monday 월요일 spring 봄"
    """
    week = day.weekday()
    return (
        f"{day.year} {day:%Y-%m} {day.isoformat()} {_MONTHS[day.month - 1]} {day.day} "
        f"{day.month}월 {day.day}일 {day.month}월{day.day}일 "
        f"{_WEEKDAYS[week]} {_WEEKDAYS_KO[week]} {_SEASONS[day.month % 12 // 3]}"
    )


def create(conn: sqlite3.Connection, user_id: int) -> None:
    """An empty index for a new user."""
    conn.execute(
        f"create virtual table fts_{user_id} using fts5(own, context, dates, content='',"
        " tokenize=\"unicode61 remove_diacritics 0 tokenchars '-'\")"
    )
    # up to so many bytes of a transaction make one piece: a boot leaves little to merge
    conn.execute(
        f"insert into fts_{user_id} (fts_{user_id}, rank) values ('hashsize', ?)",  # noqa: S608
        (_HASH_BYTES,),
    )
    conn.execute(f"create virtual table fts_{user_id}_terms using fts5vocab(fts_{user_id}, 'col')")


def rebuild(conn: sqlite3.Connection, user_id: int) -> None:
    """Make the index anew from the rows: after its form changed, or when it was damaged."""
    for table in (f"fts_{user_id}_terms", f"fts_{user_id}"):
        conn.execute(f"drop table if exists {table}")
    create(conn, user_id)
    last = 0
    while rows := _entries(
        conn,
        "o.user = ? and o.id > ? and o.gone is null order by o.id limit ?",
        (user_id, last, _BATCH),
    ):
        append(conn, user_id, rows)
        last = rows[-1].rowid


# ── writing ──────────────────────────────────────────────────────────────────────────────────


def append(conn: sqlite3.Connection, user_id: int, entries: Sequence[Entry]) -> None:
    """Index new occurrences, and index anew the two before them in each session.

    entries: ascending in rowid, all above what the session held.
    """
    old: list[tuple[Entry, str, str]] = []
    fresh: list[tuple[int, str, str, str]] = []
    by_session = sorted(entries, key=itemgetter(1))  # stable: rowids stay in order
    for session, group in groupby(by_session, key=itemgetter(1)):
        tail = _tail(conn, session, entries[0].rowid)
        row = [*tail, *group]
        owns = [entry.own for entry in row]
        for i, entry in enumerate(row):
            if not entry.own:
                continue
            if i >= len(tail):
                fresh.append((entry.rowid, entry.own, _context(owns, i), entry.dates))
            elif i >= len(tail) - SPAN:
                old.append((entry, _context(owns[: len(tail)], i), _context(owns, i)))
    for entry, before, after in sorted(old):
        _delete(conn, user_id, entry, before)
        _insert(conn, user_id, [(entry.rowid, entry.own, after, entry.dates)])
    fresh.sort()
    _insert(conn, user_id, fresh)


def _context(owns: Sequence[str], i: int) -> str:
    near = (*owns[max(0, i - SPAN) : i], *owns[i + 1 : i + 1 + SPAN])
    return " ".join(filter(None, near))


def _tail(conn: sqlite3.Connection, session: int, before: int) -> list[Entry]:
    """The last rows of a session before `before`: two to index anew, and the two around those."""
    return _entries(
        conn,
        "o.session = ? and o.id < ? and o.gone is null order by o.id desc limit ?",
        (session, before, 2 * SPAN),
    )[::-1]


def _entries(conn: sqlite3.Connection, where: str, values: tuple[int, ...]) -> list[Entry]:
    rows = conn.execute(
        "select o.id, o.session, coalesce(o.raw, t.body), o.at, o.zone"  # noqa: S608 - fixed
        f" from occurrence o join text t on t.id = o.text where {where}",
        values,
    )
    return [
        Entry(rowid, session, tokens(text), date_words(moment(at, zone).date()))
        for rowid, session, text, at, zone in rows
    ]


def _insert(
    conn: sqlite3.Connection, user_id: int, rows: Iterable[tuple[int, str, str, str]]
) -> None:
    conn.executemany(
        f"insert into fts_{user_id} (rowid, own, context, dates) values (?, ?, ?, ?)",  # noqa: S608
        rows,
    )


def _delete(conn: sqlite3.Connection, user_id: int, entry: Entry, context: str) -> None:
    conn.execute(
        f"insert into fts_{user_id} (fts_{user_id}, rowid, own, context, dates)"  # noqa: S608
        " values ('delete', ?, ?, ?, ?)",
        (entry.rowid, entry.own, context, entry.dates),
    )


def revise(
    conn: sqlite3.Connection, user_id: int, session: int, out: Set[int], back: Set[int]
) -> None:
    """Index a session anew around rows that are about to go or to come back.

    To be called while `gone` still says how it was.
    """
    rows = _span(conn, session, min(out | back), max(out | back))
    before = [entry for entry, gone in rows if not gone]
    after = [
        entry for entry, gone in rows if entry.rowid in back or not (gone or entry.rowid in out)
    ]
    was, is_ = _contexts(before), _contexts(after)
    for entry, _ in rows:
        old, new = was.get(entry.rowid), is_.get(entry.rowid)
        if old == new or not entry.own:
            continue
        if old is not None:
            _delete(conn, user_id, entry, old)
        if new is not None:
            _insert(conn, user_id, [(entry.rowid, entry.own, new, entry.dates)])


def _contexts(row: Sequence[Entry]) -> dict[int, str]:
    owns = [entry.own for entry in row]
    return {entry.rowid: _context(owns, i) for i, entry in enumerate(row)}


def _span(conn: sqlite3.Connection, session: int, low: int, high: int) -> list[tuple[Entry, bool]]:
    """The rows from low to high and far enough beyond that the edges cannot change."""
    edge = "select id from occurrence where session = ? and gone is null and id"
    below = conn.execute(f"{edge} < ? order by id desc limit ?", (session, low, 2 * SPAN))
    low = min((row[0] for row in below), default=low)
    above = conn.execute(f"{edge} > ? order by id limit ?", (session, high, 2 * SPAN))
    high = max((row[0] for row in above), default=high)
    where = "o.session = ? and o.id between ? and ? order by o.id"
    gone = {
        row[0]
        for row in conn.execute(
            "select id from occurrence"
            " where session = ? and id between ? and ? and gone is not null",
            (session, low, high),
        )
    }
    return [(e, e.rowid in gone) for e in _entries(conn, where, (session, low, high))]


# ── asking ───────────────────────────────────────────────────────────────────────────────────


def search(
    conn: sqlite3.Connection, user_id: int, match: str, limit: int
) -> list[tuple[int, float]]:
    """(rowid, score) of the best rows by weighted BM25, best first; of equal ones the older."""
    fts = f"fts_{user_id}"
    return conn.execute(
        f"select rowid, -bm25({fts}, {WEIGHTS[0]}, {WEIGHTS[1]}, {WEIGHTS[2]}) from {fts}"  # noqa: S608
        f" where {fts} match ? order by 2 desc, rowid limit ?",
        (match, limit),
    ).fetchall()


def frequencies(
    conn: sqlite3.Connection, user_id: int, words: Iterable[str], column: str
) -> Mapping[str, int]:
    """In how many rows each token stands in that column; tokens nobody said are left out."""
    found: dict[str, int] = {}
    for marks, some in chunks(dict.fromkeys(words)):
        found.update(
            conn.execute(
                f"select term, doc from fts_{user_id}_terms"  # noqa: S608
                f" where term in ({marks}) and col = ?",
                (*some, column),
            )
        )
    return found
