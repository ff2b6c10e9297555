"""Questions to the tables, each of one user. Knows rows and turns; opens no transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from echo.memory.database import MEMORY
from echo.memory.details import exchange_of
from echo.memory.rows import COLUMNS, JOINED, chunks, moment, turn_of
from echo.nouns import Exchange, Identity, Stats, Turn

if TYPE_CHECKING:
    from echo.memory.view import Ints, View

_AT = "select at, zone from occurrence where user = ? and at = ? and gone is null limit 1"


@dataclass(frozen=True, slots=True)
class Span:
    """Which turns: low <= at < high in microseconds, of one speaker or of all, in which order."""

    low: int
    high: int
    speaker: str | None
    newest_first: bool


def page(
    conn: sqlite3.Connection, user_id: int, span: Span, after: tuple[int, int] | None, size: int
) -> list[Any]:
    """The next rows (at, id, *COLUMNS) of a span, after that place."""
    way, order = ("<", "desc") if span.newest_first else (">", "asc")
    place = after or ((span.high, 0) if span.newest_first else (span.low, 0))
    who = "" if span.speaker is None else "and p.name = ?"
    named = () if span.speaker is None else (span.speaker,)
    return conn.execute(
        f"select o.at, o.id, {COLUMNS} from {JOINED} where o.user = ? and o.gone is null"  # noqa: S608
        f" and o.at >= ? and o.at < ? and (o.at, o.id) {way} (?, ?) {who}"
        f" order by o.at {order}, o.id {order} limit ?",
        (user_id, span.low, span.high, *place, *named, size),
    ).fetchall()


def resolve(conn: sqlite3.Connection, user_id: int, refs: Iterable[str]) -> dict[str, Turn]:
    """Ref → turn, for those that are there."""
    found: dict[str, Turn] = {}
    for marks, some in chunks(refs):
        query = (
            f"select {COLUMNS} from {JOINED}"  # noqa: S608 - fixed names
            f" where o.user = ? and o.gone is null and o.ref in ({marks})"
        )
        rows = conn.execute(query, (user_id, *some))
        found.update((row[0], turn_of(row)) for row in rows)
    return found


def exchanges(
    conn: sqlite3.Connection, user_id: int, session: str | None, limit: int
) -> tuple[Exchange, ...]:
    """The newest finished exchanges, oldest of them first."""
    of = "" if session is None else "and s.name = ?"
    rows = conn.execute(
        "select w.ref, r.ref, e.details from exchange e"  # noqa: S608 - fixed names
        " join occurrence w on w.id = e.words join occurrence r on r.id = e.reply"
        f" join session s on s.id = e.session where e.user = ? {of} order by e.id desc limit ?",
        (user_id, *(() if session is None else (session,)), limit),
    ).fetchall()[::-1]
    turns = resolve(conn, user_id, {ref for row in rows for ref in row[:2]})

    def find(ref: str) -> Turn | None:
        return resolve(conn, user_id, (ref,)).get(ref)

    return tuple(
        exchange_of(turns[words], turns[reply], details, find)
        for words, reply, details in rows
        if words in turns and reply in turns
    )


def invented(
    conn: sqlite3.Connection, user_id: int, refs: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Ref of a reply → the claims in it that were marked, for those of the refs that have any."""
    found: dict[str, tuple[str, ...]] = {}
    for ref in refs:
        row = conn.execute(
            "select e.details from occurrence r"
            " join exchange e on e.session = r.session and e.reply = r.id"
            " where r.user = ? and r.ref = ?",
            (user_id, ref),
        ).fetchone()
        claims = json.loads(row[0]).get("ungrounded", ()) if row else ()
        if claims:
            found[ref] = tuple(claims)
    return found


def around(conn: sqlite3.Connection, user_id: int, ref: str, span: int) -> tuple[Turn, ...]:
    """Up to span turns on each side within the session."""
    here: tuple[int, int] | None = conn.execute(
        "select id, session from occurrence where user = ? and ref = ?", (user_id, ref)
    ).fetchone()
    if here is None:
        return ()
    before = _near(conn, ("<", "desc"), here, span)
    return (*before[::-1], *_near(conn, (">", "asc"), here, span))


def _near(
    conn: sqlite3.Connection, way: tuple[str, str], here: tuple[int, int], span: int
) -> list[Turn]:
    side, order = way
    rows = conn.execute(
        f"select {COLUMNS} from {JOINED} where o.session = ? and o.id {side} ?"  # noqa: S608
        f" and o.gone is null and t.body <> '' order by o.id {order} limit ?",
        (here[1], here[0], span),
    )
    return [turn_of(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Lookup:
    """One question's look at a user's index, while the database is held for it."""

    conn: sqlite3.Connection
    user_id: int
    view: View

    def places(self, terms: Iterable[str]) -> dict[str, Ints]:
        """Term → the places (in the view's columns) of the turns it stands in."""
        return self.view.places(self.conn, terms)

    def speakers(self) -> dict[int, str]:
        """Who speaks in this memory, by the number that the view has for them."""
        query = "select id, name from speaker where user = ?"
        return dict(self.conn.execute(query, (self.user_id,)).fetchall())

    def turns(self, places: Iterable[int]) -> dict[int, Turn]:
        """Place → turn."""
        rows = {int(self.view.rows[place]): place for place in places}
        found: dict[int, Turn] = {}
        for marks, some in chunks(rows):
            query = (
                f"select o.id, {COLUMNS} from {JOINED}"  # noqa: S608 - fixed names
                f" where +o.user = ? and o.id in ({marks})"  # + keeps it to the ids
            )
            asked = self.conn.execute(query, (self.user_id, *some))
            found.update((rows[row[0]], turn_of(row[1:])) for row in asked)
        return found


def document_count(conn: sqlite3.Connection, user_id: int) -> int:
    """How many turns there are: two counts that an index answers alone."""
    row = conn.execute(
        "select (select count(*) from occurrence where user = ?1)"
        " - (select count(*) from occurrence where user = ?1 and gone is not null)",
        (user_id,),
    ).fetchone()
    return int(row[0])


def stats(conn: sqlite3.Connection, user_id: int, path: Path) -> Stats:
    """How much is kept."""
    count, texts, days, *ends = conn.execute(
        "select count(*), count(distinct text),"
        " count(distinct (at + zone * 1000000) / 86400000000), min(at), max(at)"
        " from occurrence where user = ? and gone is null",
        (user_id,),
    ).fetchone()
    done = "select count(*) from exchange where user = ? and reply is not null"
    exchanges = conn.execute(done, (user_id,)).fetchone()[0]
    first, last = (
        moment(*conn.execute(_AT, (user_id, at)).fetchone()) if count else None for at in ends
    )
    return Stats(count, texts, count - texts, exchanges, days, first, last, _size(path))


def _size(path: Path) -> int:
    """Bytes of the database with its write-ahead log."""
    files = (path, path.with_name(path.name + "-wal"))
    return 0 if path == MEMORY else sum(f.stat().st_size for f in files if f.exists())


def identities(conn: sqlite3.Connection) -> tuple[Identity, ...]:
    """Every version, oldest first."""
    rows = conn.execute(
        "select version, digest, text, parent, reason, at, zone from identity order by version"
    ).fetchall()
    return tuple(
        Identity(version, name, text, parent, reason, None if at is None else moment(at, zone))
        for version, name, text, parent, reason, at, zone in rows
    )
