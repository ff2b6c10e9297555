"""One exchange through its states: begun, partial, finished, or mended after a crash.

Runs inside the store's transactions; knows the tables exchange and occurrence.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from echo.errors import StoreError
from echo.memory.absorb import Fresh, keep
from echo.memory.rows import instant
from echo.nouns import Turn

PENDING = "pending"


def begin(conn: sqlite3.Connection, user_id: int, words: Fresh) -> int:
    """Store the words and open an exchange on them; its row."""
    new = _kept(conn, user_id, words)
    row = conn.execute(
        "insert into exchange (user, words, session, status) values (?, ?, ?, 'pending')",
        (user_id, new, words.session),
    )
    return int(row.lastrowid or 0)


def keep_part(conn: sqlite3.Connection, user_id: int, words_ref: str, reply: Turn) -> None:
    """The reply so far. Raises StoreError when nothing waits for one."""
    row = begun(conn, user_id, words_ref)
    if not row:
        raise StoreError("No exchange is waiting for a reply under {ref}.", ref=words_ref)
    conn.execute(
        "update exchange set part_ref = ?, part_at = ?, part_zone = ?, part_text = ? where id = ?",
        (reply.ref, *instant(reply.at), reply.text, row),
    )


def finish(
    conn: sqlite3.Connection, user_id: int, row: int, reply: Fresh, details: str | None
) -> None:
    """Store the reply and close the exchange; details None leaves them as they are."""
    new = _kept(conn, user_id, reply)
    conn.execute(
        "update exchange set reply = ?, status = ?, details = coalesce(?, details),"
        " part_ref = null, part_at = null, part_zone = null, part_text = null where id = ?",
        (new, reply.status, details, row),
    )


def begun(conn: sqlite3.Connection, user_id: int, words_ref: str) -> int | None:
    """The exchange's row; 0 when it is finished already, None when it never began."""
    row = conn.execute(
        "select e.id, e.status from exchange e join occurrence o on o.id = e.words"
        " where o.user = ? and o.ref = ?",
        (user_id, words_ref),
    ).fetchone()
    return None if row is None else int(row[0]) if row[1] == PENDING else 0


def pending(conn: sqlite3.Connection, user_id: int) -> list[Any]:
    """What a crash left: (row, session, words' at, zone, and of the part: ref, at, zone, text)."""
    return conn.execute(
        "select e.id, s.name, o.at, o.zone, e.part_ref, e.part_at, e.part_zone, e.part_text"
        " from exchange e join occurrence o on o.id = e.words join session s on s.id = e.session"
        " where e.user = ? and e.status = 'pending' order by e.id",
        (user_id,),
    ).fetchall()


def _kept(conn: sqlite3.Connection, user_id: int, row: Fresh) -> int:
    made = keep(conn, user_id, [row])
    if made.first > made.last:
        raise StoreError("The ref {ref} was used before; a ref is never reused.", ref=row.ref)
    return made.first
