"""The index of one user's words: kept in segments, and for the newest turns not yet kept at all.

Turns above the row `sealed` are read from their rows when somebody asks (shelf.py), so that a turn
can be found the moment it is committed and costs nothing to append; when they have become many
they are sealed into a segment, in bulk while a boot reads, else when it is quiet. `loose` are the
rows below `sealed` that came back after their segment was made. `version` changes with everything
but a new turn, so whoever holds a picture of the index knows that it is old. All of it follows
from the rows and from TOKENS, and can be thrown away. Knows no values and no files.
"""

# ruff: noqa: S608 - the tables are named by row ids of users
from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from operator import itemgetter
from typing import NamedTuple

from echo.memory import segments
from echo.memory.packed import DOC_BYTES
from echo.memory.rows import chunks, newest
from echo.memory.segments import Doc, Segment
from echo.terms.split import exact, runs, terms_of

TOKENS = "3"  # change it when terms or marks change: the index is then built anew
BULK = 20_000  # turns that are sealed at once, by whoever brings them
QUIET = 512  # turns that are sealed when nobody waits
TOGETHER = 8  # so many segments of a like size are joined:
TIERS = (2 * QUIET, segments.MOST // TOGETHER)  # under the first, or between the two
_LIVING = "+o.user = ? and o.gone is null"  # +: by the ids that are named beside it


class State(NamedTuple):
    """sealed: rows up to here stand in a segment or are loose; version: changes with the rest."""

    sealed: int
    version: int


def create(conn: sqlite3.Connection, user_id: int) -> None:
    """An empty index for a new user."""
    segments.create(conn, user_id)
    conn.execute(f"create table index_{user_id}_loose (id integer primary key)")
    conn.execute(
        f"create table index_{user_id}_state (sealed integer not null, version integer not null)"
    )
    conn.execute(f"insert into index_{user_id}_state values (0, 0)")


def rebuild(conn: sqlite3.Connection, user_id: int) -> None:
    """Make the index anew from the rows: after its form changed, or when it was damaged."""
    version = state(conn, user_id).version + 1 if exists(conn, user_id) else 0
    segments.drop(conn, user_id)
    for table in ("loose", "state"):
        conn.execute(f"drop table if exists index_{user_id}_{table}")
    for table in (f"fts_{user_id}_terms", f"fts_{user_id}"):  # as it was once kept
        conn.execute(f"drop table if exists {table}")
    create(conn, user_id)
    conn.execute(f"update index_{user_id}_state set version = ?", (version,))
    while _seal(conn, user_id, 1):
        pass


def exists(conn: sqlite3.Connection, user_id: int) -> bool:
    """Is there an index? A memory that can only be read may have one of another form, or none."""
    query = "select count(*) from sqlite_master where name = ?"
    return bool(conn.execute(query, (f"index_{user_id}_state",)).fetchone()[0])


def state(conn: sqlite3.Connection, user_id: int) -> State:
    """How far the index has come, and whether it is still the one that was seen."""
    return State(*conn.execute(f"select * from index_{user_id}_state").fetchone())


# ── new turns ────────────────────────────────────────────────────────────────────────────────


def append(conn: sqlite3.Connection, user_id: int) -> None:
    """New turns have been stored. Few need nothing; of very many a segment is made."""
    if newest(conn) - state(conn, user_id).sealed >= BULK:
        _seal(conn, user_id, BULK)


def due(conn: sqlite3.Connection, user_id: int) -> bool:
    """Is there anything for settle to do, as far as can be told at once?"""
    return newest(conn) - state(conn, user_id).sealed >= QUIET


def settle(conn: sqlite3.Connection, user_id: int) -> None:
    """Seal what is worth it and join small segments: after much was brought, or when it is quiet.

    In a write transaction.
    """
    while _seal(conn, user_id, QUIET):
        pass
    under = 0
    for tier in TIERS:
        small = [one for one, size in segments.sizes(conn, user_id) if under <= size < tier]
        if len(small) >= TOGETHER:
            segments.join(conn, user_id, small[:TOGETHER])
            _changed(conn, user_id)
        under = tier


def _seal(conn: sqlite3.Connection, user_id: int, least: int) -> bool:
    """A segment of the turns that stand in none, if they are so many; whether it was made."""
    sealed = state(conn, user_id).sealed
    where = f"{_LIVING} and o.id > ? order by o.id limit ?"
    new = segments.docs_of(conn, where, (user_id, sealed, BULK))
    back = loose(conn, user_id)[: segments.MOST - BULK]
    docs = sorted((*back, *new), key=itemgetter(0))
    if len(docs) < least or not docs:
        return False
    conn.executemany(
        f"delete from index_{user_id}_loose where id = ?",
        ((doc.row,) for doc in back),
    )
    seal(conn, user_id, docs[-1].row, segments.made(docs))
    return True


def span(conn: sqlite3.Connection, user_id: int, after: int, until: int) -> list[Doc]:
    """The turns of the rows after … until, in order."""
    where = f"{_LIVING} and o.id > ? and o.id <= ? order by o.id"
    return segments.docs_of(conn, where, (user_id, after, until))


def seal(conn: sqlite3.Connection, user_id: int, until: int, segment: Segment | None) -> None:
    """What `span` gave, worked out elsewhere, as a segment: the rows up to here stand in one."""
    if segment is not None:
        segments.put(conn, user_id, segment)
    conn.execute(
        f"update index_{user_id}_state set sealed = max(sealed, ?), version = version + 1",
        (until,),
    )


def unsealed(conn: sqlite3.Connection, user_id: int, after: int) -> list[Doc]:
    """The turns above a row, in order: those the index has still to be told of."""
    return segments.docs_of(conn, f"{_LIVING} and o.id > ? order by o.id", (user_id, after))


def loose(conn: sqlite3.Connection, user_id: int) -> list[Doc]:
    """The turns below `sealed` that stand in no segment, in order."""
    where = f"{_LIVING} and o.id in (select id from index_{user_id}_loose) order by o.id"
    return segments.docs_of(conn, where, (user_id,))


# ── turns that go or come back ───────────────────────────────────────────────────────────────


def revise(conn: sqlite3.Connection, user_id: int, out: Set[int], back: Set[int]) -> None:
    """These rows are about to go or to come back. To be called while `gone` says how it was."""
    sealed = state(conn, user_id).sealed
    table = f"index_{user_id}_loose"
    for marks, some in chunks(row for row in out if row <= sealed):
        docs = segments.docs_of(conn, f"{_LIVING} and o.id in ({marks})", (user_id, *some))
        if docs:
            segments.take_out(conn, user_id, docs)
        conn.execute(f"delete from {table} where id in ({marks})", some)
    conn.executemany(
        f"insert or ignore into {table} values (?)",
        ((row,) for row in back if row <= sealed),
    )
    _changed(conn, user_id)


def _changed(conn: sqlite3.Connection, user_id: int) -> None:
    conn.execute(f"update index_{user_id}_state set version = version + 1")


# ── what is held ─────────────────────────────────────────────────────────────────────────────


def term_of(word: str) -> str:
    """The term that stands for a whole word; "" when there is no word in it."""
    found = next(iter(runs(word)), "")
    return exact(found)[0] if found else ""


def frequencies(conn: sqlite3.Connection, user_id: int, words: Iterable[str]) -> Mapping[str, int]:
    """In how many turns each word stands, in whatever form; words nobody said are left out."""
    asked = {word: term_of(word) for word in words}
    counted: dict[str, int] = defaultdict(int)
    wanted = set(asked.values())
    for segment, _ in segments.sizes(conn, user_id) if exists(conn, user_id) else ():
        for term, count in segments.frequencies(conn, user_id, segment, wanted).items():
            counted[term] += count
    for doc in _unkept(conn, user_id):
        for term in doc.terms & wanted:
            counted[term] += 1
    return {word: counted[term] for word, term in asked.items() if counted.get(term)}


def rows_of(conn: sqlite3.Connection, user_id: int) -> set[int]:
    """Every row the index holds or reads when it is asked."""
    found = {doc.row for doc in _unkept(conn, user_id)}
    for segment, _ in segments.sizes(conn, user_id):
        found.update(filter(None, segments.read(conn, user_id, segment).rows))
    return found


def held(conn: sqlite3.Connection, user_id: int) -> dict[str, set[int]]:
    """Term → the rows it stands in, all of them: to look at, and to check."""
    found: dict[str, set[int]] = defaultdict(set)
    for segment, _ in segments.sizes(conn, user_id):
        rows = segments.read(conn, user_id, segment).rows
        for term, places in segments.all_postings(conn, user_id, segment):
            found[term].update(rows[place] for place in places)
    for doc in _unkept(conn, user_id):
        for term in doc.terms:
            found[term].add(doc.row)
    return dict(found)


def not_found(conn: sqlite3.Connection, user_id: int, sample: Mapping[int, str]) -> list[int]:
    """The rows of a sample (row → its words) that a term of theirs does not lead to."""
    lost = []
    for segment, _ in segments.sizes(conn, user_id):
        rows = segments.read(conn, user_id, segment).rows
        for place, row in enumerate(rows):
            if row in sample:
                wanted = terms_of(sample[row])
                there = segments.postings_at(conn, user_id, segment, wanted)
                if not all(place in there.get(term, ()) for term in wanted):
                    lost.append(row)
    return lost


def is_damaged(conn: sqlite3.Connection, user_id: int) -> bool:
    """Do the index's own tables contradict each other?"""
    if not exists(conn, user_id):
        return True
    known = dict(segments.sizes(conn, user_id))
    if any(len(blob) != size * DOC_BYTES for _, size, blob in segments.blobs(conn, user_id)):
        return True
    return not segments.fits(conn, user_id, known)


def _unkept(conn: sqlite3.Connection, user_id: int) -> list[Doc]:
    """The turns that stand in no segment; all, where there is no index."""
    if not exists(conn, user_id):
        return unsealed(conn, user_id, 0)
    return [*loose(conn, user_id), *unsealed(conn, user_id, state(conn, user_id).sealed)]
