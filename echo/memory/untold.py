"""Days that have something new and no insight yet. They are noted in the transaction of the words
themselves, so a boot that is killed before it told them is made up for by the next.

Knows one table, no insight.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable


def note(conn: sqlite3.Connection, user_id: int, days: Iterable[str]) -> None:
    """These days (YYYY-MM-DD) have something new. In a write transaction."""
    conn.executemany(
        "insert or ignore into setting values (?, '')", [(_name(user_id, day),) for day in days]
    )


def of(conn: sqlite3.Connection, user_id: int) -> tuple[str, ...]:
    """The days that wait to be told, oldest first."""
    rows = conn.execute(
        "select name from setting where name >= ? and name < ? order by name",
        (_name(user_id, ""), _name(user_id, "~")),
    )
    return tuple(row[0].rpartition("/")[2] for row in rows)


def told(conn: sqlite3.Connection, user_id: int, days: Iterable[str]) -> None:
    """These have been told. In a write transaction."""
    conn.executemany("delete from setting where name = ?", [(_name(user_id, day),) for day in days])


def _name(user_id: int, day: str) -> str:
    return f"untold/{user_id}/{day}"
