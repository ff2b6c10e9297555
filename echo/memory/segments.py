"""Pieces of a user's index: which turns stand in one, and for each term in which of them.

A segment holds up to 65,536 turns in the order of their rows. Its `docs` blob is their columns one
after the other; a posting is the places (uint16) of the turns that hold a term. Taking a turn out
rewrites the postings it stood in, so that no byte of its words stays; its place is dead from then
on (row 0). Knows tables and blobs; not when a segment is made, nor how it is searched.
"""

# ruff: noqa: S608 - the tables are named by row ids of users
from __future__ import annotations

import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, NamedTuple

from echo.memory.packed import TYPES, Columns, from_bytes, pack, to_bytes, unpack
from echo.memory.rows import chunks
from echo.terms.marks import marks
from echo.terms.split import counted

MOST = 1 << 16  # turns in one segment: a place is two bytes
_DAY_MICROS = 86_400_000_000


class Doc(NamedTuple):
    """A turn as the index sees it. day: since 1970, where it was said; length: its words."""

    row: int
    session: int
    speaker: int
    text: int
    day: int
    marks: int
    length: int
    terms: frozenset[str]


def docs_of(conn: sqlite3.Connection, where: str, values: Sequence[int]) -> list[Doc]:
    """The turns of these rows, as they are now. Turns without a word in them are left out."""
    said = conn.execute(
        "select o.id, o.session, o.speaker, o.text, (o.at + o.zone * 1000000), "
        "coalesce(o.raw, t.body)"
        f" from occurrence o join text t on t.id = o.text where {where}",
        values,
    )
    read: dict[str, tuple[int, int, frozenset[str]]] = {}  # people say the same things again
    found = []
    for row, session, speaker, text, micros, words in said:
        seen = read.get(words)
        if seen is None:
            seen = read[words] = _read(words)
        if seen[1]:
            found.append(Doc(row, session, speaker, text, micros // _DAY_MICROS, *seen))
    return found


def _read(words: str) -> tuple[int, int, frozenset[str]]:
    terms, length = counted(words)
    if not length and words.strip():
        length = 1  # signs only: nothing finds it, but it was said that day
    return marks(words), min(length, 255), terms


# ── tables ───────────────────────────────────────────────────────────────────────────────────


def create(conn: sqlite3.Connection, user_id: int) -> None:
    """Empty tables for a user's index."""
    name = f"index_{user_id}"
    conn.execute(
        f"create table {name}_segment (id integer primary key, size integer not null,"
        " first integer not null, last integer not null, docs blob not null)"
    )
    conn.execute(
        f"create table {name}_posting (segment integer not null, term text not null,"
        " places blob not null, primary key (segment, term)) without rowid"
    )


def drop(conn: sqlite3.Connection, user_id: int) -> None:
    """No tables any more."""
    for end in ("segment", "posting"):
        conn.execute(f"drop table if exists index_{user_id}_{end}")


def sizes(conn: sqlite3.Connection, user_id: int) -> list[tuple[int, int]]:
    """(segment, its turns) in order."""
    return conn.execute(f"select id, size from index_{user_id}_segment order by id").fetchall()


class Segment(NamedTuple):
    """A segment in the making: its turns, first and last row, columns, and (term, places)."""

    size: int
    first: int
    last: int
    docs: bytes
    postings: list[tuple[str, bytes]]


def made(docs: Sequence[Doc]) -> Segment:
    """A segment of these turns, ascending in row, MOST at most. Pure: the rows are the caller's."""
    postings: dict[str, list[int]] = defaultdict(list)
    for place, doc in enumerate(docs):
        for term in doc.terms:
            postings[term].append(place)
    columns = Columns(
        *(array(kind, column) for kind, column in zip(TYPES, _columns(docs), strict=True))
    )
    return _segment(columns, {term: array("H", at) for term, at in postings.items()})


def _columns(docs: Sequence[Doc]) -> list[list[int]]:
    return [
        [doc.row for doc in docs], [doc.session for doc in docs], [doc.speaker for doc in docs],
        [doc.text for doc in docs], [doc.day for doc in docs], [doc.marks for doc in docs],
        [doc.length for doc in docs],
    ]  # fmt: skip


def _segment(columns: Columns, postings: Mapping[str, array[int]]) -> Segment:
    rows = columns.rows
    places = [(term, to_bytes(postings[term])) for term in sorted(postings)]
    return Segment(len(rows), rows[0], rows[-1], pack(columns), places)


def put(conn: sqlite3.Connection, user_id: int, segment: Segment) -> None:
    """The segment into its tables."""
    name = f"index_{user_id}"
    row = conn.execute(
        f"insert into {name}_segment (size, first, last, docs) values (?, ?, ?, ?)",
        segment[:4],
    ).lastrowid
    conn.executemany(
        f"insert into {name}_posting values (?, ?, ?)",
        ((row, term, places) for term, places in segment.postings),
    )


def read(conn: sqlite3.Connection, user_id: int, segment: int) -> Columns:
    """The turns of a segment; dead places have row 0."""
    size, blob = conn.execute(
        f"select size, docs from index_{user_id}_segment where id = ?",
        (segment,),
    ).fetchone()
    return unpack(size, blob)


def blobs(conn: sqlite3.Connection, user_id: int) -> Iterator[tuple[int, int, bytes]]:
    """(segment, its turns, their columns one after the other as TYPES says) in order."""
    yield from conn.execute(f"select id, size, docs from index_{user_id}_segment order by id")


def postings(
    conn: sqlite3.Connection, user_id: int, segment: int, terms: Iterable[str]
) -> dict[str, bytes]:
    """Term → its places (uint16, little endian) in this segment."""
    return dict(_of_terms(conn, f"places from index_{user_id}_posting", segment, terms))


def _of_terms(
    conn: sqlite3.Connection, what: str, segment: int, terms: Iterable[str]
) -> Iterator[tuple[str, Any]]:
    """(term, what is asked of its posting); what: "… from" the user's table, fixed words."""
    for marks_, some in chunks(terms):
        yield from conn.execute(
            f"select term, {what} where segment = ? and term in ({marks_})", (segment, *some)
        )


def postings_at(
    conn: sqlite3.Connection, user_id: int, segment: int, terms: Iterable[str]
) -> dict[str, array[int]]:
    """Term → its places in this segment."""
    found = postings(conn, user_id, segment, terms)
    return {term: from_bytes(data) for term, data in found.items()}


def fits(conn: sqlite3.Connection, user_id: int, sizes: Mapping[int, int]) -> bool:
    """Does every posting name places of a segment that there is?"""
    rows = conn.execute(f"select segment, places from index_{user_id}_posting")
    for segment, data in rows:
        if not data or len(data) % 2 or max(from_bytes(data)) >= sizes.get(segment, 0):
            return False
    return True


def frequencies(
    conn: sqlite3.Connection, user_id: int, segment: int, terms: Iterable[str]
) -> dict[str, int]:
    """Term → in how many turns of this segment it stands."""
    what = f"length(places) / 2 from index_{user_id}_posting"
    return dict(_of_terms(conn, what, segment, terms))


def all_postings(
    conn: sqlite3.Connection, user_id: int, segment: int
) -> Iterator[tuple[str, array[int]]]:
    """Every term of a segment with its places."""
    rows = conn.execute(
        f"select term, places from index_{user_id}_posting where segment = ?",
        (segment,),
    )
    for term, data in rows:
        yield term, from_bytes(data)


# ── changing ─────────────────────────────────────────────────────────────────────────────────


def take_out(conn: sqlite3.Connection, user_id: int, docs: Sequence[Doc]) -> None:
    """Turns out of the segments that hold them, with every trace of their words.

    docs: as they were when they were put in; one at least.
    """
    wanted = {doc.row: doc for doc in docs}
    holding = conn.execute(
        f"select id from index_{user_id}_segment where first <= ? and last >= ?",
        (max(wanted), min(wanted)),
    ).fetchall()
    for (segment,) in holding:
        columns = read(conn, user_id, segment)
        there = {place: wanted[row] for place, row in enumerate(columns.rows) if row in wanted}
        if there:
            _out_of(conn, user_id, segment, there)
            _bury(conn, user_id, segment, columns, there.keys())


def _out_of(conn: sqlite3.Connection, user_id: int, segment: int, there: Mapping[int, Doc]) -> None:
    gone: dict[str, set[int]] = defaultdict(set)
    for place, doc in there.items():
        for term in doc.terms:
            gone[term].add(place)
    name = f"index_{user_id}_posting"
    for term, data in postings(conn, user_id, segment, gone).items():
        left = array("H", (at for at in from_bytes(data) if at not in gone[term]))
        if left:
            conn.execute(
                f"update {name} set places = ? where segment = ? and term = ?",
                (to_bytes(left), segment, term),
            )
        else:
            conn.execute(f"delete from {name} where segment = ? and term = ?", (segment, term))


def _bury(
    conn: sqlite3.Connection, user_id: int, segment: int, columns: Columns, places: Set[int]
) -> None:
    for column in columns:
        for place in places:
            column[place] = 0
    if any(columns.rows):
        conn.execute(
            f"update index_{user_id}_segment set docs = ? where id = ?",
            (pack(columns), segment),
        )
    else:
        _remove(conn, user_id, segment)


def _remove(conn: sqlite3.Connection, user_id: int, segment: int) -> None:
    conn.execute(f"delete from index_{user_id}_posting where segment = ?", (segment,))
    conn.execute(f"delete from index_{user_id}_segment where id = ?", (segment,))


def join(conn: sqlite3.Connection, user_id: int, wanted: Sequence[int]) -> None:
    """Several segments as one; dead places go. Together they hold MOST turns at most."""
    whole = Columns(*(array(kind) for kind in TYPES))
    together: dict[str, array[int]] = defaultdict(lambda: array("H"))
    for segment in wanted:
        columns = read(conn, user_id, segment)
        moved = {}
        for place, row in enumerate(columns.rows):
            if row:
                moved[place] = len(whole.rows)
                for column, values in zip(whole, columns, strict=True):
                    column.append(values[place])
        for term, places in all_postings(conn, user_id, segment):
            together[term].extend([moved[at] for at in places])
        _remove(conn, user_id, segment)
    put(conn, user_id, _segment(whole, together))
