"""From the database to the journal: every act is posted in the transaction it belongs to, and
written to a day file once that is committed.

An act stays unwritten in its row until a later transaction marks it (no commit of its own is
spent on that). So an unwritten act may be in the journal already; whoever finds one that it did
not post itself looks for its record id before it writes. Knows the tables act, occurrence and
exchange, and the folder memory/<user>/dayYYYYMMDD/.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from echo.memory import journal
from echo.memory.absorb import Absorbed
from echo.memory.database import Database
from echo.memory.dayfolder import DayFolder
from echo.memory.details import dump
from echo.memory.journal import Record
from echo.memory.rows import COLUMNS, JOINED, chunks, instant, moment, turn_of

_TURNS = "turns"  # an act of this kind is a run of occurrences, written as `said` records


class Outbox:
    """What this process has posted, and the folder it goes to."""

    def __init__(
        self, database: Database, root: Path, zone: tzinfo, part_lines: int,
        clock: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._database = database
        self._root = root
        self._zone = zone
        self._part_lines = part_lines
        self._clock = clock
        self._posted: list[int] = []  # in the transaction that is open
        self._waiting: list[int] = []  # committed, not yet in the journal
        self._written: list[int] = []  # in the journal, not yet marked
        self._doubtful = False  # a write failed half way: look before writing again
        self._folders: dict[str, DayFolder] = {}

    # ── posting, inside a transaction ────────────────────────────────────────────────────────

    def post(self, conn: sqlite3.Connection, user_id: int, ref: str, kind: str, body: str) -> None:
        """An act that is one record of its own."""
        self._post(conn, user_id, (ref, kind, None, None, None, body), self._clock())

    def post_exchange(self, conn: sqlite3.Connection, user_id: int, row: int) -> None:
        """A finished exchange: its two turns and how the reply came about."""
        ref, at, zone = conn.execute(
            "select w.ref, r.at, r.zone from exchange e join occurrence w on w.id = e.words"
            " join occurrence r on r.id = e.reply where e.id = ?",
            (row,),
        ).fetchone()
        values = (exchange_id(ref), journal.EXCHANGE, None, None, row, "")
        self._post(conn, user_id, values, moment(at, zone))

    def post_turns(
        self, conn: sqlite3.Connection, user_id: int, ref: str, done: Absorbed, source: str
    ) -> None:
        """A batch of turns from elsewhere."""
        body = dump({"source": source, "turns": done.last - done.first + 1})
        values = (ref, _TURNS, done.first, done.last, None, body)
        self._post(conn, user_id, values, self._clock())

    def post_gone(self, conn: sqlite3.Connection, user_id: int, ref: str, row: int) -> None:
        """A turn whose line has left its input file: from now on the journal holds it."""
        self._post(conn, user_id, (f"gone-{ref}", journal.GONE, row, row, None, ""), self._clock())

    def _post(
        self, conn: sqlite3.Connection, user_id: int, values: tuple[Any, ...], at: datetime
    ) -> None:
        made = conn.execute(
            "insert or ignore into act (ref, kind, first, last, exchange, body, user, at, zone)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*values, user_id, *instant(at)),
        )
        if made.rowcount:
            self._posted.append(int(made.lastrowid or 0))

    def mark(self, conn: sqlite3.Connection) -> None:
        """Mark what is in the journal as written, within somebody's transaction."""
        _mark(conn, self._written)

    def committed(self) -> None:
        """The transaction held: what it posted waits to be written, what it marked is done."""
        self._waiting += self._posted
        self._posted = []
        self._written = []

    def rolled_back(self) -> None:
        """The transaction did not hold: its row ids will be given to others."""
        self._posted = []

    # ── writing, after it ────────────────────────────────────────────────────────────────────

    def drain(self) -> None:
        """Write what this process has committed. Raises JournalError; then it is tried again."""
        if not self._waiting:
            return
        if self._doubtful:
            self.complete()
            return
        with self._database.alone():
            self._doubtful = True
            for marks, ids in chunks(self._waiting):
                self._write(f"a.id in ({marks})", ids, look=False)
            self._doubtful = False
            self._written += self._waiting
            self._waiting = []

    def complete(self) -> None:
        """Write every act that is missing from the journal, whoever posted it."""
        with self._database.alone():
            self._folders.clear()
            ids = self._write("true", (), look=True)
            if ids:
                with self._database.write() as conn:
                    _mark(conn, ids)
            self._doubtful = False
            self._waiting = []
            self._written = []

    def settle(self) -> None:
        """Before closing: write and mark what is left."""
        self.drain()
        if self._written:
            with self._database.write() as conn:
                self.mark(conn)
            self._written = []

    def _write(self, where: str, values: Any, *, look: bool) -> list[int]:
        with self._database.read() as conn:
            acts = conn.execute(
                "select a.id, u.name, a.user, a.ref, a.kind, a.first, a.last, a.exchange, a.body,"  # noqa: S608
                " a.at, a.zone from act a join user u on u.id = a.user"
                f" where a.written = 0 and {where} order by a.id",
                values,
            ).fetchall()
        for act in acts:
            at = moment(*act[9:]).astimezone(self._zone)
            folder = self._folder(act[1])
            known = folder.ids(at.date()) if look else frozenset()
            with self._database.read() as conn:
                records = [r for r in _records(conn, act, at) if r.id not in known]
            folder.append(at.date(), [journal.line_of(record) for record in records])
        return [act[0] for act in acts]

    def _folder(self, user: str) -> DayFolder:
        if user not in self._folders:
            self._folders[user] = DayFolder(self._root / user, user, self._part_lines)
        return self._folders[user]


def exchange_id(words_ref: str) -> str:
    """The record id of an exchange."""
    return f"exchange-{words_ref}"


def _mark(conn: sqlite3.Connection, ids: list[int]) -> None:
    for marks, some in chunks(ids):
        conn.execute(f"update act set written = 1 where id in ({marks})", some)  # noqa: S608


def _records(conn: sqlite3.Connection, act: Any, at: datetime) -> Iterator[Record]:
    """What one act looks like in the journal."""
    _, user, user_id, ref, kind, first, last, exchange, body, *_ = act
    if kind == _TURNS:
        yield Record(ref, at, journal.IMPORT, user, body)
    if kind in (_TURNS, journal.GONE):
        said = journal.SAID if kind == _TURNS else journal.GONE
        rows = conn.execute(
            f"select {COLUMNS} from {JOINED} where o.id between ? and ? and o.user = ?"  # noqa: S608
            " order by o.id",
            (first, last, user_id),
        )
        yield from (journal.of_turn(turn_of(row), said) for row in rows)
    elif kind == journal.EXCHANGE:
        yield from _exchange_records(conn, exchange, user, ref)
    else:
        yield Record(ref, at, kind, user, body)


def _exchange_records(
    conn: sqlite3.Connection, exchange: int, user: str, ref: str
) -> Iterator[Record]:
    details, *ids = conn.execute(
        "select details, words, reply from exchange where id = ?", (exchange,)
    ).fetchone()
    words, reply = (
        turn_of(conn.execute(f"select {COLUMNS} from {JOINED} where o.id = ?", (row,)).fetchone())  # noqa: S608
        for row in ids
    )
    yield journal.of_turn(words)
    yield journal.of_turn(reply)
    body = dump({"words": words.ref, "reply": reply.ref, **json.loads(details)})
    yield Record(ref, reply.at, journal.EXCHANGE, user, body, reply.status, words.session)
