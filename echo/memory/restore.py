"""Records of a journal file into the database: for one that was lost, or lacks its newest part.

What is there already is left as it is, so reading a journal twice changes nothing. Knows the
journal's records and the tables.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress

from echo.memory import journal
from echo.memory.absorb import Absorbed, Fresh, absorb, known_refs
from echo.memory.details import dump, identity_of
from echo.memory.journal import Record
from echo.memory.rows import Names, instant

_TURNS = (journal.SAID, journal.GONE)


def restore(
    conn: sqlite3.Connection, names: Names, user_id: int, records: Sequence[Record]
) -> Absorbed:
    """Store what these records say and the database does not know; how many texts that made."""
    turns = [record for record in records if record.kind in _TURNS]
    known = known_refs(conn, user_id, (record.id for record in turns))
    missing = [record for record in turns if record.id not in known]
    done = absorb(conn, user_id, [_fresh(conn, names, user_id, record) for record in missing])
    for record in records:
        if record.kind not in _TURNS:
            _act(conn, user_id, record)
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


def _act(conn: sqlite3.Connection, user_id: int, record: Record) -> None:
    exchange = None
    if record.kind == journal.EXCHANGE:
        exchange = _exchange(conn, user_id, record)
    elif record.kind == journal.IDENTITY:
        _identity(conn, record)
    at, zone = instant(record.at)
    conn.execute(
        "insert or ignore into act (user, ref, kind, at, zone, exchange, body, written)"
        " values (?, ?, ?, ?, ?, ?, ?, 1)",
        (user_id, record.id, record.kind, at, zone, exchange, "" if exchange else record.text),
    )


def _exchange(conn: sqlite3.Connection, user_id: int, record: Record) -> int | None:
    """The exchange's row, made when its turns are there and no row is."""
    body = json.loads(record.text)
    rows = dict(
        conn.execute(
            "select ref, id from occurrence where user = ? and ref in (?, ?)",
            (user_id, body.pop("words"), body.pop("reply")),
        )
    )
    words, reply = _in_order(rows.values())
    if words is None or reply is None:
        return None
    conn.execute(
        "insert or ignore into exchange (user, words, reply, session, status, details)"
        " select user, id, ?, session, ?, ? from occurrence where id = ?",
        (reply, record.status, dump(body), words),
    )
    row = conn.execute("select id from exchange where words = ?", (words,)).fetchone()
    return int(row[0])


def _in_order(rows: Iterable[int]) -> tuple[int | None, int | None]:
    """Words come before their reply."""
    first, second = [*sorted(rows), None, None][:2]
    return first, second


def _identity(conn: sqlite3.Connection, record: Record) -> None:
    with suppress(ValueError, TypeError):  # of a later Echo: the journal still has it
        kept = identity_of(record.text)
        at, zone = instant(kept.adopted_at) if kept.adopted_at else (None, None)
        conn.execute(
            "insert or ignore into identity values (?, ?, ?, ?, ?, ?, ?)",
            (kept.version, kept.digest, kept.text, kept.parent, kept.reason, at, zone),
        )
