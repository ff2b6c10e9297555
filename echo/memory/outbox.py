"""From the database to the journal: every act is posted in the transaction it belongs to, and
written to a day file once that is committed.

The journal is synced by a thread of its own, and an act stays unwritten in its row until that is
done and a later transaction marks it (neither a wait nor a commit is spent on it). So an unwritten
act may be in the journal already; whoever finds one that it did not post itself looks for its
record id before it writes. Knows the tables act, occurrence and exchange, and the folder
memory/<user>/dayYYYYMMDD/.
"""

from __future__ import annotations

import json
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date, datetime, tzinfo
from itertools import groupby
from pathlib import Path
from typing import Any

from echo.memory import journal
from echo.memory.absorb import Absorbed, next_id
from echo.memory.database import Database
from echo.memory.dayfolder import DayFolder, sync
from echo.memory.details import dump
from echo.memory.journal import Record
from echo.memory.rows import COLUMNS, JOINED, chunks, instant, moment, turn_of

_TURNS = (journal.IMPORT, journal.GONE)  # acts that are a run of occurrences
_LINES = 20_000  # lines appended at once


class Outbox:
    """What this process has posted, and the folder it goes to."""

    def __init__(
        self, database: Database, root: Path, zone: tzinfo, part_lines: int,
        chance: tuple[Callable[[], datetime], Callable[[], str]],
    ) -> None:  # fmt: skip
        self._database = database
        self._root = root
        self._zone = zone
        self._part_lines = part_lines
        self._clock, self._new_ref = chance
        self._posted: list[int] = []  # in the transaction that is open
        self._waiting: list[int] = []  # committed, not yet in the journal
        self._syncing: deque[tuple[Future[None], list[int]]] = deque()  # in it, not yet synced
        self._written: list[int] = []  # in the journal, not yet marked
        self._syncer: ThreadPoolExecutor | None = None
        self._doubtful = False  # a write failed half way: look before writing again
        self.held = False  # acts wait in their rows: the database is not in its place yet
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
        values = (ref, journal.IMPORT, done.first, done.last, None, body)
        self._post(conn, user_id, values, self._clock())

    def post_gone(self, conn: sqlite3.Connection, user_id: int, ref: str, row: int) -> None:
        """A turn whose line has left its input file: from now on the journal holds it."""
        self._post(conn, user_id, (f"gone-{ref}", journal.GONE, row, row, None, ""), self._clock())

    def post_flip(
        self,
        conn: sqlite3.Connection,
        user_id: int,
        turns: Sequence[tuple[str, int]],
        *,
        gone: bool,
    ) -> None:
        """(ref, at) of turns whose words the journal has already: gone, or back, with no file."""
        for _, some in chunks(turns):
            body = dump({"gone": gone, "turns": some})
            self.post(conn, user_id, f"lines-{self._new_ref()}", journal.LINES, body)

    def _post(
        self, conn: sqlite3.Connection, user_id: int, values: tuple[Any, ...], at: datetime
    ) -> None:
        made = conn.execute(
            "insert or ignore into act (id, ref, kind, first, last, exchange, body, user, at, zone)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (next_id(conn, "act"), *values, user_id, *instant(at)),
        )
        if made.rowcount:
            self._posted.append(int(made.lastrowid or 0))

    def mark(self, conn: sqlite3.Connection) -> None:
        """Mark what the disk has in the journal as written, within somebody's transaction."""
        self._reap(wait=False)
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
        """Write what this process has committed. Raises JournalError; then it is tried again.

        The words are safe in the database: nobody waits for the disk to have them here as well.
        """
        if not self._waiting or self.held:
            return
        with self._database.alone():
            if self._doubtful:  # asked here: another thread may have failed a moment ago
                self.complete()
                return
            self._doubtful = True
            for marks, ids in chunks(self._waiting):
                _, paths = self._write(f"a.id in ({marks})", ids, look=False)
                self._sync(paths, ids)
            self._doubtful = False
            self._waiting = []

    def _sync(self, paths: set[Path], ids: list[int]) -> None:
        """Have these files synced, and the acts marked some time after that."""
        if self._syncer is None:
            self._syncer = ThreadPoolExecutor(1, thread_name_prefix="journal")
        try:
            self._syncing.append((self._syncer.submit(sync, paths), ids))
        except RuntimeError:  # the interpreter is on its way out: nobody is kept waiting
            sync(paths)
            self._written += ids

    def _reap(self, *, wait: bool) -> None:
        """What has been synced may be marked; where that failed it is looked at again."""
        while self._syncing and (wait or self._syncing[0][0].done()):
            done, ids = self._syncing.popleft()
            if done.exception() is None:
                self._written += ids
            else:
                self._doubtful = True

    def complete(self) -> None:
        """Write every act that is missing from the journal, whoever posted it."""
        if self.held:
            return
        with self._database.alone():
            self._folders.clear()
            self._reap(wait=True)
            ids, paths = self._write("true", (), look=True)
            sync(paths)
            if ids:
                with self._database.write() as conn:
                    _mark(conn, ids)
            self._doubtful = False
            self._waiting = []
            self._written = []

    def settle(self) -> None:
        """Before closing: write and mark what is left."""
        try:
            self.drain()
            self._reap(wait=True)
            if self._doubtful:
                self.complete()
        finally:
            if self._syncer is not None:
                self._syncer.shutdown()
                self._syncer = None
        if self._written:
            with self._database.write() as conn:
                self.mark(conn)
            self._written = []

    def _write(self, where: str, values: Any, *, look: bool) -> tuple[list[int], set[Path]]:
        """Write these acts, unless `look` finds them written; (their rows, the files to sync)."""
        with self._database.read() as conn:
            acts = conn.execute(
                "select a.id, u.name, a.user, a.ref, a.kind, a.first, a.last, a.exchange, a.body,"  # noqa: S608
                " a.at, a.zone from act a join user u on u.id = a.user"
                f" where a.written = 0 and {where} order by a.id",
                values,
            ).fetchall()
        known: dict[tuple[str, date], set[tuple[str, str]]] = {}
        lines: list[str] = []
        paths: set[Path] = set()
        for (user, day), some in groupby(acts, key=self._place):
            folder = self._folder(user)
            if look and (user, day) not in known:
                known[user, day] = set(folder.ids(day))
                paths |= folder.parts(day)  # what stands there may not have been synced
            written = known.get((user, day), set())
            for act in some:
                lines += self._lines(act, written)
                if len(lines) >= _LINES:
                    paths |= folder.append(day, lines, wait=False)
                    lines = []
            paths |= folder.append(day, lines, wait=False)
            lines = []
        return [act[0] for act in acts], paths

    def _place(self, act: Any) -> tuple[str, date]:
        """Whose journal an act goes to, and which day of it."""
        return act[1], moment(*act[9:]).astimezone(self._zone).date()

    def _lines(self, act: Any, written: set[tuple[str, str]]) -> list[str]:
        """The records of an act that are not among those written; `written` takes them in."""
        at = moment(*act[9:]).astimezone(self._zone)
        with self._database.read() as conn:
            records = list(records_of(conn, act[1:9], at))
        fresh = [r for r in records if (r.kind, r.id) not in written]
        if written:
            written.update((r.kind, r.id) for r in fresh)
        return [journal.line_of(record) for record in fresh]

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


def records_of(conn: sqlite3.Connection, act: Sequence[Any], at: datetime) -> Iterator[Record]:
    """What one act (user name and id, ref, kind, first, last, exchange, body) is in the journal."""
    user, user_id, ref, kind, first, last, exchange, body = act
    if kind == journal.IMPORT:
        yield Record(ref, at, kind, user, body)
    if kind in _TURNS:
        said = journal.SAID if kind == journal.IMPORT else journal.GONE
        rows = conn.execute(
            f"select {COLUMNS} from {JOINED} where o.id between ? and ? and +o.user = ?"  # noqa: S608
            " order by o.id",  # + : by the span alone, not by all that the user ever said
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
    found = conn.execute(
        "select details, words, reply from exchange where id = ?", (exchange,)
    ).fetchone()
    if found is None:
        return
    details, *ids = found
    words, reply = (
        turn_of(conn.execute(f"select {COLUMNS} from {JOINED} where o.id = ?", (row,)).fetchone())  # noqa: S608
        for row in ids
    )
    yield journal.of_turn(words)
    yield journal.of_turn(reply)
    body = dump({"words": words.ref, "reply": reply.ref, **json.loads(details)})
    yield Record(ref, reply.at, journal.EXCHANGE, user, body, reply.status, words.session)
