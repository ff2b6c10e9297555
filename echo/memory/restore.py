"""Records of a journal file into the database: for one that was lost, or lacks its newest part.

What is there already is left as it is, so reading a journal twice changes nothing. Knows the
journal's records and the tables.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import suppress

from echo.memory import edits, journal, removal, sources, tombstones
from echo.memory.absorb import Absorbed, Fresh, absorb, known_refs
from echo.memory.details import dump, identity_of
from echo.memory.journal import Record
from echo.memory.rows import Names, instant, moment

_TURNS = (journal.SAID, journal.GONE)


def restore(
    conn: sqlite3.Connection,
    names: Names,
    user_id: int,
    records: Sequence[Record],
    *,
    later: bool = False,
) -> Absorbed:
    """Store what these records say and the database does not know; how many texts that made.

    later: as in absorb.

    What was forgotten stays forgotten, whichever of the two records comes first.
    """
    turns = [record for record in records if record.kind in _TURNS]
    refs = {record.id for record in turns}
    known = known_refs(conn, user_id, refs) | tombstones.forgotten_refs(conn, user_id, refs)
    missing = [record for record in turns if record.id not in known]
    fresh = [_fresh(conn, names, user_id, record) for record in missing]
    done = absorb(conn, user_id, fresh, later=later)
    forgot = False
    for record in records:
        if record.kind != journal.SAID:
            new = _act(conn, user_id, record)
            forgot |= new and record.kind == journal.FORGET
    if forgot:
        removal.remove(conn, user_id, removal.forgotten(conn, user_id))
        names.forget()  # speakers and sessions may have gone with their last turn
    return done


def _fresh(conn: sqlite3.Connection, names: Names, user_id: int, record: Record) -> Fresh:
    at, zone = instant(record.at)
    return Fresh(
        record.id, record.text, at, zone,
        names.speaker(conn, user_id, record.speaker),
        names.session(conn, user_id, record.session),
        record.status,
        gone=at if record.kind == journal.GONE else None,
    )  # fmt: skip


def _act(conn: sqlite3.Connection, user_id: int, record: Record) -> bool:
    """The act's row, and what it does; whether it was new."""
    exchange = None
    if record.kind == journal.EXCHANGE:
        exchange = _exchange(conn, user_id, record)
    elif record.kind == journal.IDENTITY:
        _identity(conn, record)
    ref, body = record.id, "" if exchange else record.text
    if record.kind == journal.GONE:
        ref, body = f"gone-{record.id}", ""
    if not exchange and tombstones.forgotten_refs(conn, user_id, _about(record)):
        return False
    at, zone = instant(record.at)
    made = conn.execute(
        "insert or ignore into act (user, ref, kind, at, zone, exchange, body, written)"
        " values (?, ?, ?, ?, ?, ?, ?, 1)",
        (user_id, ref, record.kind, at, zone, exchange, body),
    )
    new = made.rowcount > 0
    if new and record.kind in _DOES:
        with suppress(ValueError, TypeError, KeyError):  # of a later Echo
            _DOES[record.kind](conn, user_id, record.text)
    return new


def _about(record: Record) -> list[str]:
    """The turns without which an act is nothing."""
    if record.kind == journal.GONE:
        return [record.id]
    if record.kind not in (journal.EXCHANGE, *journal.ABOUT_A_TURN):
        return []
    said = json.loads(record.text)
    return [said[name] for name in ("words", "reply", "ref") if name in said]


def settle(conn: sqlite3.Connection, user_id: int) -> None:
    """After reading: exchanges whose turns stood further down, and every turn's newest words."""
    late = conn.execute(
        "select id, ref, at, zone, body from act where user = ? and kind = 'exchange'"
        " and exchange is null and body <> ''",
        (user_id,),
    ).fetchall()
    for row, ref, at, zone, body in late:
        said = json.loads(body)
        reply = conn.execute(
            "select status from occurrence where user = ? and ref = ?", (user_id, said["reply"])
        ).fetchone()
        record = Record(ref, moment(at, zone), journal.EXCHANGE, "", body, *(reply or ()))
        exchange = _exchange(conn, user_id, record)
        if exchange is not None:
            conn.execute("update act set exchange = ?, body = '' where id = ?", (exchange, row))
    edits.settle(conn, user_id)


def _forget(conn: sqlite3.Connection, user_id: int, body: str) -> None:
    tombstones.restore(conn, user_id, body)


def _file(conn: sqlite3.Connection, user_id: int, body: str) -> None:
    sources.restore(conn, user_id, json.loads(body))


def _lines(conn: sqlite3.Connection, user_id: int, body: str) -> None:
    said = json.loads(body)
    turns = {str(ref): int(at) for ref, at in said["turns"]}
    sources.flip(conn, user_id, turns, gone=0 if said["gone"] else None)


_DOES = {journal.FORGET: _forget, journal.FILE: _file, journal.LINES: _lines}


def _exchange(conn: sqlite3.Connection, user_id: int, record: Record) -> int | None:
    """The exchange's row, made when its turns are there and no row is."""
    body = json.loads(record.text)
    refs = (body.pop("words"), body.pop("reply"))
    query = "select ref, id from occurrence where user = ? and ref in (?, ?)"
    rows = dict(conn.execute(query, (user_id, *refs)).fetchall())
    words, reply = map(rows.get, refs)
    if words is None or reply is None:
        return None
    conn.execute(
        "insert or ignore into exchange (user, words, reply, session, status, details)"
        " select user, id, ?, session, ?, ? from occurrence where id = ?",
        (reply, record.status, dump(body), words),
    )
    row = conn.execute("select id from exchange where words = ?", (words,)).fetchone()
    return int(row[0])


def _identity(conn: sqlite3.Connection, record: Record) -> None:
    with suppress(ValueError, TypeError):  # of a later Echo: the journal still has it
        kept = identity_of(record.text)
        at, zone = instant(kept.adopted_at) if kept.adopted_at else (None, None)
        conn.execute(
            "insert or ignore into identity values (?, ?, ?, ?, ?, ?, ?)",
            (kept.version, kept.digest, kept.text, kept.parent, kept.reason, at, zone),
        )
