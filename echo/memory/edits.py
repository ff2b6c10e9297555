"""Words that the user put in the place of others. Knows rows and the index, no journal files.

Runs inside somebody else's transaction. An edit is an act that names its turn; whatever is read
later, from the journal or from an input file, the newest edit of a turn is what it says.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Set
from typing import Any

from echo.memory import facts, index
from echo.memory.absorb import key_of


def body(ref: str, text: str, old: str) -> str:
    """The JSON of an `edit` record; of the old words only their digest, for a later forget."""
    said = {"ref": ref, "text": text, "was": key_of(old).hex()}
    return json.dumps(said, ensure_ascii=not text.isprintable(), separators=(",", ":"))


def words_of(conn: sqlite3.Connection, user_id: int, ref: str) -> str | None:
    """What a turn says now, if it is there."""
    row = _row(conn, user_id, ref)
    return None if row is None or row[2] is not None else str(row[3])


def apply(conn: sqlite3.Connection, user_id: int, ref: str, text: str) -> bool:
    """Give a turn new words, in the index too; whether anything changed."""
    found = _row(conn, user_id, ref)
    if found is None or found[3] == text:
        return False
    row, _, gone, _, old = found
    if gone is None:
        index.revise(conn, user_id, {row}, set())
        conn.execute("update occurrence set gone = 0 where id = ?", (row,))
    new, said = _text(conn, user_id, text)
    raw = None if said == text else text
    conn.execute("update occurrence set text = ?, raw = ? where id = ?", (new, raw, row))
    facts.revise(conn, user_id, row, text)
    if gone is None:
        index.revise(conn, user_id, set(), {row})
        conn.execute("update occurrence set gone = null where id = ?", (row,))
    conn.execute(
        "delete from text where id = ? and id not in (select text from occurrence where text = ?)",
        (old, old),
    )
    return True


def old_keys(conn: sqlite3.Connection, user_id: int, refs: Set[str]) -> set[bytes]:
    """The digests of what these turns said before they were edited."""
    query = "select body from act where user = ? and kind = 'edit'"
    said = (json.loads(kept) for (kept,) in conn.execute(query, (user_id,)))
    return {bytes.fromhex(one["was"]) for one in said if one["ref"] in refs and "was" in one}


def refs(conn: sqlite3.Connection, user_id: int) -> set[str]:
    """The turns that were ever edited."""
    query = "select body from act where user = ? and kind = 'edit'"
    return {json.loads(kept)["ref"] for (kept,) in conn.execute(query, (user_id,))}


def settle(conn: sqlite3.Connection, user_id: int) -> int:
    """After reading: every turn that was ever edited says what its newest edit says."""
    newest: dict[str, str] = {}
    query = "select body from act where user = ? and kind = 'edit' order by at, id"
    for (kept,) in conn.execute(query, (user_id,)).fetchall():
        said = json.loads(kept)
        newest[said["ref"]] = said["text"]
    return sum(apply(conn, user_id, ref, text) for ref, text in newest.items())


def _row(conn: sqlite3.Connection, user_id: int, ref: str) -> Any:
    return conn.execute(
        "select o.id, o.session, o.gone, coalesce(o.raw, t.body), t.id"
        " from occurrence o join text t on t.id = o.text where o.user = ? and o.ref = ?",
        (user_id, ref),
    ).fetchone()


def _text(conn: sqlite3.Connection, user_id: int, text: str) -> tuple[int, str]:
    """The text row of these words, made when new: (id, its words)."""
    key = key_of(text)
    query = "select id, body from text where user = ? and key = ?"
    found = conn.execute(query, (user_id, key)).fetchone()
    if found is not None:
        return int(found[0]), str(found[1])
    insert = "insert into text (user, key, body) values (?, ?, ?)"
    return int(conn.execute(insert, (user_id, key, text)).lastrowid or 0), text
