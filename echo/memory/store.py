"""The memory of one home: every occurrence, every exchange, every version of the identity.

The one door to the database. Whoever asks says whose memory is meant; only the identity belongs
to the whole home. Thread-safe. Knows no brains, no terminals, no input files.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, tzinfo
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from echo.errors import JournalError, StoreError
from echo.memory import (
    exchanges,
    facts,
    index,
    purge,
    quarantine,
    queries,
    sources,
    tombstones,
    untold,
)
from echo.memory.absorb import Absorbed, Fresh, absorb
from echo.memory.database import MEMORY, Database, Synchronous, mapped
from echo.memory.details import details_of, identity_json
from echo.memory.outbox import Outbox
from echo.memory.presence import Presence, alone
from echo.memory.queries import Lookup
from echo.memory.rows import Names, instant, moment, turn_of
from echo.memory.sources import Source
from echo.memory.upkeep import Upkeep
from echo.nouns import ECHO, Exchange, Identity, Known, Stats, Turn

if TYPE_CHECKING:
    from echo.memory.view import View

Clock = Callable[[], datetime]
BATCH = 4000
_PAGE = 1000


def random_ref() -> str:
    """A public name never used before: 80 random bits, 16 letters and digits."""
    return "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(16))


class Store:
    """See the module. Made by Store.open; close it, or use it as a context manager."""

    def __init__(
        self, database: Database, out: Outbox | None, new_ref: Callable[[], str], clock: Clock
    ) -> None:
        self.database = database
        self.names = Names()
        self._out = out
        self._new_ref = new_ref
        self._journal: Path | None = None
        self._clock = clock
        self._upkeep = Upkeep(self._tidy)
        self._untidy: set[int] = set()  # users whose index has new turns
        self._views: dict[int, View] = {}

    @classmethod
    def open(
        cls,
        database: Path,
        *,
        journal: Path | None,
        zone: tzinfo,
        new_ref: Callable[[], str] = random_ref,
        part_lines: int = 5000,
        network: bool = False,
        clock: Clock | None = None,
        presence: Presence = "shared",
        synchronous: Synchronous = "full",
        held: bool = False,
    ) -> Store:
        """Open or make the memory, bring its form up to date, complete the journal.

        journal: the memory/ folder, None for none; zone: whose midnight ends a journal day;
        network: the file lies on a network filesystem, so no WAL; clock: when acts happen that
        carry no time of their own, such as an import; presence: who else may have it open;
        synchronous: SQLite's, as Database has it;
        held: keep acts in their rows until it is opened again. Raises StoreError.
        """
        now = clock or (lambda: datetime.now(zone))
        if presence != "held" and database != MEMORY:
            with mapped(database):
                if quarantine.ready_of(database).exists():  # a rebuild was killed at its very end
                    with alone(database):
                        quarantine.take_place(database, now())
        base = Database(database, network=network, presence=presence, synchronous=synchronous)
        out = None
        if journal is not None:
            out = Outbox(base, journal, zone, part_lines, (now, new_ref))
            out.held = held
        store = cls(base, out, new_ref, now)
        store._journal = None if held else journal
        if base.refused is not None:  # it can be asked; whoever writes is told why not
            return store
        try:
            _bring_index_up_to_date(base)
            _bring_facts_up_to_date(base)
            if out is not None:
                out.complete()
                store.purge()
        except BaseException:
            base.close()
            raise
        return store

    def close(self) -> None:
        """Let go of the file. Closing twice is nothing. Raises JournalError for the last turns."""
        due = self._upkeep.stop()
        try:
            if self._out is not None and not self.database.closed:
                try:
                    self._out.settle()
                except JournalError:  # made up for at next open
                    if due:  # else it was said when it happened
                        raise
        finally:
            self.database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One write transaction, for the other files of this room; within another it joins it."""
        with self.database.alone():
            if self.database.writing:
                yield self.database.conn
                return
            with self._transaction() as conn:
                yield conn

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            with self.database.write() as conn:
                if self._out is not None:
                    self._out.mark(conn)
                yield conn
        except BaseException:
            self.names.forget()
            self._views.clear()
            if self._out is not None:
                self._out.rolled_back()
            raise
        if self._out is not None:
            self._out.committed()

    def post_again(self, conn: sqlite3.Connection, user_id: int, rows: Sequence[int]) -> None:
        """Turns that the journal should hold and does not."""
        sources.post_runs(conn, user_id, rows, (self._out, self._new_ref(), "journal"))

    def complete(self) -> None:
        """Write every act that is missing from the journal."""
        if self._out is not None:
            self._out.complete()

    def purge(self) -> None:
        """Take what was forgotten out of the journal's files and the database's bytes."""
        if self._journal is not None:
            purge.finish(self.database, self._journal)

    def user_id(self, conn: sqlite3.Connection, user: str) -> int:
        """The row of a user, made with an index of its own when new. In a write transaction."""
        found, made = self.names.user(conn, user)
        if made:
            index.create(conn, found)
        return found

    def fresh(self, conn: sqlite3.Connection, user_id: int, turn: Turn) -> Fresh:
        """A turn as a row to be. In a write transaction."""
        at, zone = instant(turn.at)
        return Fresh(
            turn.ref or self._new_ref(), turn.text, at, zone,
            self.names.speaker(conn, user_id, turn.speaker),
            self.names.session(conn, user_id, turn.session),
            turn.status,
        )  # fmt: skip

    def journaled(self) -> None:
        """Write to the journal what has been committed and is not there yet."""
        if self._out is not None:
            self._out.drain()

    def let_go(self, conn: sqlite3.Connection, user_id: int, source: Source) -> int:
        """Turns whose line has left its file are no longer recalled; the journal keeps them."""
        return sources.let_go(conn, user_id, source, self._out, self._clock())

    def depart(self, conn: sqlite3.Connection, user_id: int, source: Source) -> int:
        """A file was taken away: the journal holds its words from now on; how many turns."""
        return sources.depart(conn, user_id, source, self._out, self._new_ref())

    def move_away(self, conn: sqlite3.Connection, user_id: int, source: Source) -> int:
        """A file has another name now: its lines are turns of that one; how many they were."""
        return sources.move_away(conn, user_id, source, self._out, self._clock())

    def post(self, conn: sqlite3.Connection, user_id: int, act: tuple[str, str, str]) -> None:
        """An act of its own: (id, kind, body); without an id it is given one."""
        if self._out is not None:
            ref, kind, body = act
            self._out.post(conn, user_id, ref or f"{kind}-{self._new_ref()}", kind, body)

    # ── one exchange ─────────────────────────────────────────────────────────────────────────

    def begin(self, user: str, words: Turn) -> None:
        """Commit and index what the user said, before anything is made of it."""
        with self.writing() as conn:
            user_id = self.user_id(conn, user)
            exchanges.begin(conn, user_id, self.fresh(conn, user_id, words))

    def partial(self, user: str, words_ref: str, reply: Turn) -> None:
        """Keep the reply so far; the last one kept is what a crash leaves."""
        with self.writing() as conn:
            exchanges.keep_part(conn, self.user_id(conn, user), words_ref, reply)

    def finish(self, user: str, exchange: Exchange) -> None:
        """Commit and index the reply with how it came about; the journal has both a moment later.

        The exchange may not have begun. A second finish of the same exchange changes nothing.
        Raises what kept an earlier exchange from the journal; this one is stored all the same.
        """
        with self.writing() as conn:
            user_id = self.user_id(conn, user)
            row = exchanges.begun(conn, user_id, exchange.words.ref)
            if row is None:
                row = exchanges.begin(conn, user_id, self.fresh(conn, user_id, exchange.words))
            if row:
                self._finish(conn, user_id, row, exchange.reply, details_of(exchange))
                untold.note(conn, user_id, (exchange.words.at.date().isoformat(),))
            self._untidy.add(user_id)
        self._upkeep.soon()

    def _tidy(self, stopped: Callable[[], bool]) -> None:
        """When it is quiet: the journal first, then what keeps the next turns quick."""
        self.journaled()
        with suppress(StoreError):  # nothing is lost; whoever writes next is told of such a disk
            self.database.checkpoint()
            while self._untidy and not stopped():
                user_id = self._untidy.pop()
                with self.database.read() as conn:
                    due = index.due(conn, user_id)
                if due:
                    self.settle_index(user_id)

    def mend(self, user: str) -> int:
        """Exchanges a crash left pending become interrupted, with the reply as far as it came.

        For the start of a session, when nobody else talks for this user. Returns how many.
        """
        with self.database.read() as conn:
            if not exchanges.pending(conn, self.names.find(conn, user)):
                return 0
        with self.writing() as conn:
            user_id = self.user_id(conn, user)
            rows = exchanges.pending(conn, user_id)
            for row, session, words_at, words_zone, ref, at, zone, text in rows:
                when = moment(words_at, words_zone) if at is None else moment(at, zone)
                name = ref or self._new_ref()
                reply = Turn(name, when, ECHO, text or "", session, "interrupted")
                self._finish(conn, user_id, row, reply, None)
        self.journaled()
        return len(rows)

    def _finish(
        self, conn: sqlite3.Connection, user_id: int, row: int, reply: Turn, details: str | None
    ) -> None:
        exchanges.finish(conn, user_id, row, self.fresh(conn, user_id, reply), details)
        if self._out is not None:
            self._out.post_exchange(conn, user_id, row)

    # ── many turns ───────────────────────────────────────────────────────────────────────────

    def ingest(self, user: str, turns: Iterable[Turn], *, source: str) -> tuple[int, int]:
        """Store turns from elsewhere, in order; (texts that were new, texts known before).

        A ref that is known already is skipped, so the same turns may come again. Streams: a batch
        is committed with its place in the journal before the next is read. source: where they
        came from, for the journal.
        """
        new = repeated = 0
        rest = iter(turns)
        while batch := list(islice(rest, BATCH)):
            done = self._ingest(user, batch, source)
            self.journaled()
            new, repeated = new + done.new, repeated + done.repeated
        if new or repeated:
            self.settle_index(user)
        return new, repeated

    def _ingest(self, user: str, batch: Sequence[Turn], source: str) -> Absorbed:
        with self.writing() as conn:
            user_id = self.user_id(conn, user)
            rows = [self.fresh(conn, user_id, turn) for turn in batch]
            done = absorb(conn, user_id, tombstones.sift(conn, user_id, rows))
            if self._out is not None and done.first <= done.last:
                self._out.post_turns(conn, user_id, self._new_ref(), done, source)
        return done

    # ── asking ───────────────────────────────────────────────────────────────────────────────

    def turns(
        self,
        user: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
        newest_first: bool = False,
        speaker: str | None = None,
    ) -> Iterator[Turn]:
        """Turns in order of time, since <= at < until. Read a page at a time; may be left early."""
        low = -(2**62) if since is None else instant(since)[0]
        high = 2**62 if until is None else instant(until)[0]
        span = queries.Span(low, high, speaker, newest_first)
        place: tuple[int, int] | None = None
        left = limit
        while left is None or left > 0:
            size = _PAGE if left is None else min(_PAGE, left)
            with self.database.read() as conn:
                rows = queries.page(conn, self.names.find(conn, user), span, place, size)
            for row in rows:
                yield turn_of(row[2:])
            if len(rows) < size:
                return
            place = rows[-1][:2]
            left = None if left is None else left - len(rows)

    def turn(self, user: str, ref: str) -> Turn | None:
        """The turn of that ref, if this user has it."""
        return self.resolve(user, (ref,)).get(ref)

    def resolve(self, user: str, refs: Iterable[str]) -> Mapping[str, Turn]:
        """Ref → turn, for those of the refs that this user has."""
        with self.database.read() as conn:
            return queries.resolve(conn, self.names.find(conn, user), refs)

    def exchanges(
        self, user: str, *, session: str | None = None, limit: int = 50
    ) -> tuple[Exchange, ...]:
        """The newest finished exchanges, oldest of them first; of one session, or of all."""
        with self.database.read() as conn:
            return queries.exchanges(conn, self.names.find(conn, user), session, limit)

    def invented(self, user: str, refs: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """Ref of a reply → what was marked in it as resting on nothing."""
        with self.database.read() as conn:
            return queries.invented(conn, self.names.find(conn, user), refs)

    def last_session(self, user: str) -> str:
        """The session of the newest exchange; "" when there was none."""
        with self.database.read() as conn:
            row = conn.execute(
                "select s.name from exchange e join session s on s.id = e.session"
                " where e.user = ? order by e.id desc limit 1",
                (self.names.find(conn, user),),
            ).fetchone()
        return str(row[0]) if row else ""

    def around(self, user: str, ref: str, span: int = 2) -> tuple[Turn, ...]:
        """Up to span turns on each side within the session, oldest first, without itself."""
        with self.database.read() as conn:
            return queries.around(conn, self.names.find(conn, user), ref, span)

    @contextmanager
    def lookup(self, user: str) -> Iterator[Lookup]:
        """The user's index as it is now, for one question; nobody else writes meanwhile."""
        from echo.memory.view import View  # numpy: only once something is looked up

        with self.database.read() as conn:
            user_id = self.names.find(conn, user)
            view = self._views.get(user_id) or View(user_id)
            view.refresh(conn)
            if user_id and not conn.in_transaction:  # what is not committed may go again
                self._views[user_id] = view
            yield Lookup(conn, user_id, view)

    def frequency(self, user: str, words: Iterable[str]) -> Mapping[str, int]:
        """In how many of the user's turns each word stands, in any form; others are left out."""
        with self.database.read() as conn:
            user_id = self.names.find(conn, user)
            return index.frequencies(conn, user_id, words) if user_id else {}

    def settle_index(self, user: str | int) -> None:
        """After many turns have come: what keeps the next questions quick."""
        with self.writing() as conn:
            index.settle(conn, user if isinstance(user, int) else self.user_id(conn, user))

    def document_count(self, user: str) -> int:
        """How many turns the user's memory holds."""
        with self.database.read() as conn:
            return queries.document_count(conn, self.names.find(conn, user))

    def stats(self, user: str) -> Stats:
        """How much is kept, how much of it was said before, and over which time."""
        with self.database.read() as conn:
            return queries.stats(conn, self.names.find(conn, user), self.database.path)

    def untold(self, user: str) -> tuple[str, ...]:
        """The days (YYYY-MM-DD) with something new that no insight has told yet, oldest first."""
        with self.database.read() as conn:
            return untold.of(conn, self.names.find(conn, user))

    def told(self, user: str, days: Iterable[str]) -> None:
        """The insights of these days have been written."""
        with self.writing() as conn:
            untold.told(conn, self.user_id(conn, user), days)

    def known(self, user: str, relations: Collection[str] = ()) -> tuple[Known, ...]:
        """What the user told of themselves and theirs, oldest first; of these relations, or all.

        What another took the place of is among it, and says until when it held.
        """
        with self.database.read() as conn:
            return facts.known(conn, self.names.find(conn, user), relations)

    # ── the home ─────────────────────────────────────────────────────────────────────────────

    def users(self) -> tuple[str, ...]:
        """Everybody who has a memory here, in the order they came."""
        with self.database.read() as conn:
            return tuple(row[0] for row in conn.execute("select name from user order by id"))

    def identities(self) -> tuple[Identity, ...]:
        """Every version that was adopted, oldest first."""
        with self.database.read() as conn:
            return queries.identities(conn)

    def adopt(self, user: str, identity: Identity) -> None:
        """Keep a version of the identity, in that user's journal too. Versions are never changed:
        one that is there already must be the same.
        """
        at, zone = instant(identity.adopted_at) if identity.adopted_at else (None, None)
        row = (identity.digest, identity.text, identity.parent, identity.reason)
        with self.writing() as conn:
            user_id = self.user_id(conn, user)
            known = conn.execute(
                "select digest from identity where version = ?", (identity.version,)
            ).fetchone()
            if known is not None and known[0] == identity.digest:
                return
            if known is not None:
                raise StoreError(
                    "Identity version {version} is already another one.", version=identity.version
                )
            conn.execute(
                "insert into identity values (?, ?, ?, ?, ?, ?, ?)",
                (identity.version, *row, at, zone),
            )
            if self._out is not None:
                ref = f"identity-{identity.version}"
                self._out.post(conn, user_id, ref, "identity", identity_json(identity))
        self.journaled()


def _bring_index_up_to_date(base: Database) -> None:
    """An index whose tokens were made by other rules cannot be added to: it is built anew."""
    query = "select value from setting where name = 'index'"
    with base.read() as conn:
        if conn.execute(query).fetchone() == (index.TOKENS,):
            return
    with base.write() as conn:
        for (user_id,) in conn.execute("select id from user").fetchall():
            index.rebuild(conn, user_id)
        conn.execute("insert or replace into setting values ('index', ?)", (index.TOKENS,))


def _bring_facts_up_to_date(base: Database) -> None:
    """Facts that were found by other rules are found anew."""
    with base.read() as conn:
        if facts.up_to_date(conn):
            return
    with base.write() as conn:
        facts.make_anew(conn)
