"""Rows that go for good: occurrences, what hangs on them, and every trace in the index.

Runs inside somebody else's transaction, which also keeps the tombstones; knows tables and refs,
no files. What it does to an exchange that recalled such a turn is done to the journal's record by
the same function, so that both say the same.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from echo.memory import index, journal, tombstones
from echo.memory.details import dump
from echo.memory.rows import chunks

_MANY = 20_000  # rows from which on it is cheaper to make the index anew

Forgotten = Callable[[str], bool]  # of a ref


def forgotten(conn: sqlite3.Connection, user_id: int) -> list[int]:
    """The rows whose refs have a tombstone: after one came from the journal."""
    names = tombstones.all_of(conn, user_id, tombstones.REF)
    rows = conn.execute("select id, ref from occurrence where user = ?", (user_id,))
    return [row for row, ref in rows if tombstones.name_of(ref) in names]


def remove(conn: sqlite3.Connection, user_id: int, rows: Sequence[int]) -> None:
    """Take these occurrences out of every table and out of the index."""
    if not rows:
        return
    conn.execute("create temp table if not exists going (id integer primary key)")
    conn.execute("delete from temp.going")
    conn.executemany("insert or ignore into temp.going values (?)", ((row,) for row in rows))
    _use_up_ids(conn)
    refs = {r for (r,) in conn.execute("select ref from occurrence join temp.going using (id)")}
    _out_of_index(conn, user_id, rows)
    _exchanges(conn, user_id, refs)
    _acts(conn, user_id, refs)
    conn.execute(
        "update file set holes = 1 where id in"
        " (select file from occurrence join temp.going using (id))"
    )
    conn.execute("delete from fact where occurrence in (select id from temp.going)")
    conn.execute("delete from occurrence where id in (select id from temp.going)")
    conn.execute("delete from temp.going")
    for table in ("text", "speaker", "session"):
        conn.execute(
            f"delete from {table} where user = ? and id not in"  # noqa: S608 - three fixed names
            f" (select {table} from occurrence where user = ?)",
            (user_id, user_id),
        )
    if len(rows) >= _MANY:
        index.rebuild(conn, user_id)


def _use_up_ids(conn: sqlite3.Connection) -> None:
    """Ids of rows that go are not given out again: an act may be on its way to the journal, and
    an import is known by the span of its rows."""
    for table in ("act", "occurrence"):
        conn.execute(
            "insert or replace into setting select 'last ' || ?, max(coalesce(max(id), 0),"  # noqa: S608
            " coalesce((select cast(value as integer) from setting where name = 'last ' || ?), 0))"
            f" from {table}",
            (table, table),
        )


def _out_of_index(conn: sqlite3.Connection, user_id: int, rows: Sequence[int]) -> None:
    if len(rows) >= _MANY:
        return
    index.revise(conn, user_id, set(rows), set())


def _exchanges(conn: sqlite3.Connection, user_id: int, refs: set[str]) -> None:
    """Exchanges of these turns go; others lose what they recalled of them."""
    gone = (
        "select id from exchange where words in (select id from temp.going)"
        " or reply in (select id from temp.going)"
    )
    conn.execute(f"delete from act where exchange in ({gone})")  # noqa: S608 - fixed text
    conn.execute(f"delete from exchange where id in ({gone})")  # noqa: S608
    changed = []
    for row, details in conn.execute(
        "select id, details from exchange where user = ? and details like '%recalls%'", (user_id,)
    ):
        kept = without(json.loads(details), refs.__contains__)
        if kept is not None:
            changed.append((dump(kept), row))
    conn.executemany("update exchange set details = ? where id = ?", changed)


def _acts(conn: sqlite3.Connection, user_id: int, refs: set[str]) -> None:
    for marks, some in chunks(f"gone-{ref}" for ref in refs):
        conn.execute(f"delete from act where user = ? and ref in ({marks})", (user_id, *some))  # noqa: S608
    marks = ",".join("?" * len(journal.ABOUT_A_TURN))
    query = f"select id, body from act where user = ? and kind in ({marks})"  # noqa: S608
    edits = conn.execute(query, (user_id, *journal.ABOUT_A_TURN)).fetchall()
    ours = [(row,) for row, body in edits if json.loads(body).get("ref") in refs]
    conn.executemany("delete from act where id = ?", ours)


def without(details: dict[str, Any], forgotten: Forgotten) -> dict[str, Any] | None:
    """The details of an exchange without what it recalled of forgotten turns, and without the
    thoughts that grew from it; None when nothing has to change.
    """
    recalls = details.get("recalls") or []
    kept = [recall for recall in recalls if not forgotten(recall[0])]
    if len(kept) == len(recalls):
        return None
    thoughts = [{**thought, "text": ""} for thought in details.get("thoughts") or []]
    return {**details, "recalls": kept, "thoughts": thoughts, "ungrounded": []}
