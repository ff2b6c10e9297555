"""Between values and rows: times, names, turns. Knows the tables, not the files.

Everything here runs inside somebody else's transaction and takes the user's row id, so that no
query can forget whose memory it reads.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from echo.errors import StoreError
from echo.memory.database import damaged
from echo.nouns import ECHO, Status, Turn

_ZERO = datetime(1970, 1, 1)
_NAME = re.compile(r"[^\W_][\w.\- ]{0,62}[\w.\-]|[^\W_]")
_CHUNK = 900  # values in one `in (…)`

# what `turn_of` reads, from JOINED
COLUMNS = "o.ref, o.at, o.zone, p.name, coalesce(o.raw, t.body), s.name, o.status"
JOINED = (
    "occurrence o join text t on t.id = o.text join speaker p on p.id = o.speaker"
    " join session s on s.id = o.session"
)


def instant(at: datetime) -> tuple[int, int]:
    """(microseconds since 1970 UTC, seconds the clock was ahead of UTC). at must be aware."""
    offset = at.utcoffset()
    if offset is None:
        raise ValueError(f"a naive time reached the store: {at!r}")
    wall = at.replace(tzinfo=None) - _ZERO - offset
    zone = offset.days * 86400 + offset.seconds
    return (wall.days * 86400 + wall.seconds) * 1_000_000 + wall.microseconds, zone


def moment(micros: int, zone: int) -> datetime:
    """The aware datetime that `instant` came from. Raises DamagedError for what never did."""
    try:
        wall = _ZERO + timedelta(microseconds=micros + zone * 1_000_000)
        return wall.replace(tzinfo=_offset(zone))
    except (OverflowError, ValueError) as exc:
        raise damaged(Path("echo.db")) from exc


@lru_cache(256)  # there are few offsets, and every turn has one
def _offset(zone: int) -> timezone:
    return timezone(timedelta(seconds=zone))


def turn_of(row: Sequence[Any]) -> Turn:
    """The turn of a row of COLUMNS."""
    ref, at, zone, speaker, text, session, status = row
    return Turn(ref, moment(at, zone), speaker, text, session, cast("Status", status))


def newest(conn: sqlite3.Connection) -> int:
    """The highest row of an occurrence; 0 when there is none."""
    return int(conn.execute("select max(id) from occurrence").fetchone()[0] or 0)


class Names:
    """Row ids of users, speakers and sessions, remembered. Forget them after a rollback."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, int, str], int] = {}

    def forget(self) -> None:
        """After a rollback the rows may not exist."""
        self._ids.clear()

    def find(self, conn: sqlite3.Connection, user: str) -> int:
        """The user's row id; 0 for somebody memory does not know."""
        found = self._ids.get(("user", 0, user))
        if found is None:
            row = conn.execute("select id from user where name = ?", (user,)).fetchone()
            if row is None:
                return 0
            found = self._ids["user", 0, user] = row[0]
        return found

    def user(self, conn: sqlite3.Connection, user: str) -> tuple[int, bool]:
        """The user's row id, and whether the row was made just now."""
        found = self.find(conn, user)
        if found:
            return found, False
        check_user(user)
        made = conn.execute("insert into user (name) values (?)", (user,)).lastrowid
        return cast("int", made), True

    def speaker(self, conn: sqlite3.Connection, user_id: int, name: str) -> int:
        """The row id of one who speaks in this user's memory."""
        return self._name(conn, "speaker", user_id, name)

    def session(self, conn: sqlite3.Connection, user_id: int, name: str) -> int:
        """The row id of one of this user's sessions."""
        return self._name(conn, "session", user_id, name)

    def _name(self, conn: sqlite3.Connection, table: str, user_id: int, name: str) -> int:
        found = self._ids.get((table, user_id, name))
        if found is None:
            if len(self._ids) > 10_000:  # many imported sessions; the rows are found again
                self._ids.clear()
            found = self._ids[table, user_id, name] = _made(conn, table, user_id, name)
        return found


def _made(conn: sqlite3.Connection, table: str, user_id: int, name: str) -> int:
    query = f"select id from {table} where user = ? and name = ?"  # noqa: S608 - two fixed names
    row = conn.execute(query, (user_id, name)).fetchone()
    if row is not None:
        return cast("int", row[0])
    insert = f"insert into {table} (user, name) values (?, ?)"  # noqa: S608
    return cast("int", conn.execute(insert, (user_id, name)).lastrowid)


def check_user(user: str) -> None:
    """A user's name is also a folder under memory/: it must be one, and not a day's or Echo's."""
    if not _NAME.fullmatch(user) or user.lower() == ECHO or user.lower().startswith("day"):
        raise StoreError(
            "{user} cannot be the name of a user.",
            "Use letters, digits, - and _, up to 64 of them; `echo` and names that begin with "
            "`day` are taken.",
            user=repr(user),
        )


def chunks(values: Iterable[Any]) -> Iterator[tuple[str, list[Any]]]:
    """("?,?,…", values) a piece at a time, for `in (…)`."""
    some = list(values)
    for i in range(0, len(some), _CHUNK):
        piece = some[i : i + _CHUNK]
        yield ",".join("?" * len(piece)), piece
