"""The memory of one home: every occurrence, every exchange, every version of the identity.

The one door to the database. Whoever asks says whose memory is meant; only the identity belongs
to the whole home. Thread-safe. Knows no brains, no terminals, no input files.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, tzinfo
from itertools import islice
from pathlib import Path
from typing import Any

from echo.errors import StoreError
from echo.memory import index
from echo.memory.absorb import Absorbed, Fresh, absorb
from echo.memory.database import MEMORY, Database
from echo.memory.details import details_of, exchange_of, identity_json
from echo.memory.outbox import Outbox
from echo.memory.rows import COLUMNS, JOINED, Candidate, Names, chunks, instant, moment, turn_of
from echo.memory.sources import Source, let_go
from echo.nouns import ECHO, Exchange, Identity, Stats, Turn

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
        self._clock = clock

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
    ) -> Store:
        """Open or make the memory, bring its form up to date, complete the journal.

        journal: the memory/ folder, None for none; zone: whose midnight ends a journal day;
        network: the file lies on a network filesystem, so no WAL; clock: when acts happen that
        carry no time of their own, such as an import. Raises StoreError.
        """
        now = clock or (lambda: datetime.now(zone))
        base = Database(database, network=network)
        out = None
        if journal is not None:
            out = Outbox(base, journal, zone, part_lines, now)
        store = cls(base, out, new_ref, now)
        try:
            if out is not None:
                out.complete()
        except BaseException:
            base.close()
            raise
        return store

    def close(self) -> None:
        """Let go of the file. Closing twice is nothing."""
        try:
            if self._out is not None and not self.database.closed:
                self._out.settle()
        finally:
            self.database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One write transaction, for the other files of this room."""
        try:
            with self.database.write() as conn:
                if self._out is not None:
                    self._out.mark(conn)
                yield conn
        except BaseException:
            self.names.forget()
            if self._out is not None:
                self._out.rolled_back()
            raise
        if self._out is not None:
            self._out.committed()

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
        return let_go(conn, user_id, source, self._out, self._clock())

    # ── one exchange ─────────────────────────────────────────────────────────────────────────

    def begin(self, user: str, words: Turn) -> None:
        """Commit and index what the user said, before anything is made of it."""
        with self.writing() as conn:
            user_id = self.user_id(conn, user)
            self._new_exchange(conn, user_id, words)

    def partial(self, user: str, words_ref: str, reply: Turn) -> None:
        """Keep the reply so far; the last one kept is what a crash leaves."""
        at, zone = instant(reply.at)
        with self.writing() as conn:
            exchange = self._pending(conn, self.user_id(conn, user), words_ref)
            conn.execute(
                "update exchange set part_ref = ?, part_at = ?, part_zone = ?, part_text = ?"
                " where id = ?",
                (reply.ref, at, zone, reply.text, exchange),
            )

    def finish(self, user: str, exchange: Exchange) -> None:
        """Commit and index the reply with how it came about, then append both to the journal.

        The exchange may not have begun. A second finish of the same exchange changes nothing.
        """
        with self.writing() as conn:
            user_id = self.user_id(conn, user)
            row = self._begun(conn, user_id, exchange.words.ref)
            if row is None:
                row = self._new_exchange(conn, user_id, exchange.words)
            if row:
                self._finish(conn, user_id, row, exchange.reply, details_of(exchange))
        self.journaled()

    def mend(self, user: str) -> int:
        """Exchanges a crash left pending become interrupted, with the reply as far as it came.

        For the start of a session, when nobody else talks for this user. Returns how many.
        """
        with self.database.read() as conn:
            if not _pending_rows(conn, self.names.find(conn, user)):
                return 0
        with self.writing() as conn:
            user_id = self.user_id(conn, user)
            rows = _pending_rows(conn, user_id)
            for row, session, words_at, words_zone, ref, at, zone, text in rows:
                when = moment(words_at, words_zone) if at is None else moment(at, zone)
                reply = Turn(ref or self._new_ref(), when, ECHO, text or "", session, "interrupted")
                self._finish(conn, user_id, row, reply, None)
        self.journaled()
        return len(rows)

    def _new_exchange(self, conn: sqlite3.Connection, user_id: int, words: Turn) -> int:
        made = self._absorb_new(conn, user_id, words)
        row = conn.execute(
            "insert into exchange (user, words, session, status)"
            " select user, id, session, 'pending' from occurrence where id = ?",
            (made,),
        )
        return int(row.lastrowid or 0)

    def _absorb_new(self, conn: sqlite3.Connection, user_id: int, turn: Turn) -> int:
        made = absorb(conn, user_id, [self.fresh(conn, user_id, turn)])
        if made.first > made.last:
            raise StoreError("The ref {ref} was used before; a ref is never reused.", ref=turn.ref)
        return made.first

    def _finish(
        self, conn: sqlite3.Connection, user_id: int, row: int, reply: Turn, details: str | None
    ) -> None:
        made = self._absorb_new(conn, user_id, reply)
        conn.execute(
            "update exchange set reply = ?, status = ?, details = coalesce(?, details),"
            " part_ref = null, part_at = null, part_zone = null, part_text = null where id = ?",
            (made, reply.status, details, row),
        )
        if self._out is not None:
            self._out.post_exchange(conn, user_id, row)

    def _begun(self, conn: sqlite3.Connection, user_id: int, words_ref: str) -> int | None:
        """The exchange's row; 0 when it is finished already, None when it never began."""
        row = conn.execute(
            "select e.id, e.status from exchange e join occurrence o on o.id = e.words"
            " where o.user = ? and o.ref = ?",
            (user_id, words_ref),
        ).fetchone()
        return None if row is None else int(row[0]) if row[1] == "pending" else 0

    def _pending(self, conn: sqlite3.Connection, user_id: int, words_ref: str) -> int:
        row = self._begun(conn, user_id, words_ref)
        if not row:
            raise StoreError("No exchange is waiting for a reply under {ref}.", ref=words_ref)
        return row

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
        return new, repeated

    def _ingest(self, user: str, batch: Sequence[Turn], source: str) -> Absorbed:
        with self.writing() as conn:
            user_id = self.user_id(conn, user)
            done = absorb(conn, user_id, [self.fresh(conn, user_id, turn) for turn in batch])
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
        place = (high, 0) if newest_first else (low, 0)
        left = -1 if limit is None else max(limit, 0)
        while left:
            size = _PAGE if left < 0 else min(_PAGE, left)
            page = self._page(user, place, (low, high, size), speaker, newest=newest_first)
            for row in page:
                yield turn_of(row[2:])
            if len(page) < size:
                return
            place = page[-1][:2]
            left = left - len(page) if left > 0 else left

    def _page(
        self, user: str, place: tuple[int, int], bounds: tuple[int, int, int],
        speaker: str | None, *, newest: bool,
    ) -> list[Any]:  # fmt: skip
        low, high, size = bounds
        way, order = ("<", "desc") if newest else (">", "asc")
        who = "and p.name = ?" if speaker is not None else ""
        query = (
            f"select o.at, o.id, {COLUMNS} from {JOINED} where o.user = ? and o.gone is null"  # noqa: S608
            f" and o.at >= ? and o.at < ? and (o.at, o.id) {way} (?, ?) {who}"
            f" order by o.at {order}, o.id {order} limit ?"
        )
        named = () if speaker is None else (speaker,)
        with self.database.read() as conn:
            user_id = self.names.find(conn, user)
            return conn.execute(query, (user_id, low, high, *place, *named, size)).fetchall()

    def turn(self, user: str, ref: str) -> Turn | None:
        """The turn of that ref, if this user has it."""
        return self.resolve(user, (ref,)).get(ref)

    def resolve(self, user: str, refs: Iterable[str]) -> Mapping[str, Turn]:
        """Ref → turn, for those of the refs that this user has."""
        found: dict[str, Turn] = {}
        with self.database.read() as conn:
            user_id = self.names.find(conn, user)
            for marks, some in chunks(refs):
                query = (
                    f"select {COLUMNS} from {JOINED}"  # noqa: S608 - fixed names
                    f" where o.user = ? and o.gone is null and o.ref in ({marks})"
                )
                rows = conn.execute(query, (user_id, *some))
                found.update((row[0], turn_of(row)) for row in rows)
        return found

    def exchanges(
        self, user: str, *, session: str | None = None, limit: int = 50
    ) -> tuple[Exchange, ...]:
        """The newest finished exchanges, oldest of them first; of one session, or of all."""
        of = "" if session is None else "and s.name = ?"
        query = (
            "select w.ref, r.ref, e.details from exchange e"  # noqa: S608 - fixed names
            " join occurrence w on w.id = e.words join occurrence r on r.id = e.reply"
            f" join session s on s.id = e.session where e.user = ? {of}"
            " order by e.id desc limit ?"
        )
        named = () if session is None else (session,)
        with self.database.read() as conn:
            user_id = self.names.find(conn, user)
            rows = conn.execute(query, (user_id, *named, limit)).fetchall()[::-1]
            turns = self.resolve(user, {ref for row in rows for ref in row[:2]})
            return tuple(
                exchange_of(turns[words], turns[reply], details, lambda ref: self.turn(user, ref))
                for words, reply, details in rows
                if words in turns and reply in turns
            )

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
            here: tuple[int, int] | None = conn.execute(
                "select id, session from occurrence where user = ? and ref = ?",
                (self.names.find(conn, user), ref),
            ).fetchone()
            if here is None:
                return ()
            before = _near(conn, ("<", "desc"), *here, span)
            return (*before[::-1], *_near(conn, (">", "asc"), *here, span))

    def candidates(self, user: str, match: str, limit: int) -> list[Candidate]:
        """The best turns for an FTS5 MATCH expression over own, context and dates.

        Best first by BM25 weighted 1, .5, .3. Tokens are those of text.index_tokens and
        index.date_words: put each in double quotes and OR between them.
        """
        with self.database.read() as conn:
            user_id = self.names.find(conn, user)
            if not user_id or not match.strip():
                return []
            found = index.search(conn, user_id, match, limit)
            turns: dict[int, Turn] = {}
            for marks, ids in chunks(row[0] for row in found):
                query = (
                    f"select o.id, {COLUMNS} from {JOINED}"  # noqa: S608 - fixed names
                    f" where o.user = ? and o.id in ({marks})"
                )
                rows = conn.execute(query, (user_id, *ids))
                turns.update((row[0], turn_of(row[1:])) for row in rows)
        return [Candidate(row[0], turns[row[0]], *row[1:]) for row in found if row[0] in turns]

    def frequency(
        self, user: str, tokens: Iterable[str], *, column: str = "own"
    ) -> Mapping[str, int]:
        """In how many of the user's turns each token stands; absent ones are left out."""
        with self.database.read() as conn:
            user_id = self.names.find(conn, user)
            return index.frequencies(conn, user_id, tokens, column) if user_id else {}

    def document_count(self, user: str) -> int:
        """How many turns the user's memory holds."""
        with self.database.read() as conn:
            row = conn.execute(
                "select count(*) from occurrence where user = ? and gone is null",
                (self.names.find(conn, user),),
            ).fetchone()
        return int(row[0])

    def stats(self, user: str) -> Stats:
        """How much is kept, how much of it was said before, and over which time."""
        with self.database.read() as conn:
            user_id = self.names.find(conn, user)
            count, texts, days, first, last = conn.execute(
                "select count(*), count(distinct text),"
                " count(distinct (at + zone * 1000000) / 86400000000), min(at), max(at)"
                " from occurrence where user = ? and gone is null",
                (user_id,),
            ).fetchone()
            done = "select count(*) from exchange where user = ? and reply is not null"
            exchanges = conn.execute(done, (user_id,)).fetchone()[0]
            ends = [
                moment(*conn.execute(_AT, (user_id, at)).fetchone()) if count else None
                for at in (first, last)
            ]
        size = _size(self.database.path)
        return Stats(count, texts, count - texts, exchanges, days, ends[0], ends[1], size)

    # ── the home ─────────────────────────────────────────────────────────────────────────────

    def users(self) -> tuple[str, ...]:
        """Everybody who has a memory here, in the order they came."""
        with self.database.read() as conn:
            return tuple(row[0] for row in conn.execute("select name from user order by id"))

    def identities(self) -> tuple[Identity, ...]:
        """Every version that was adopted, oldest first."""
        with self.database.read() as conn:
            rows = conn.execute(
                "select version, digest, text, parent, reason, at, zone from identity"
                " order by version"
            ).fetchall()
        return tuple(
            Identity(
                version, name, text, parent, reason, moment(at, zone) if zone is not None else None
            )
            for version, name, text, parent, reason, at, zone in rows
        )

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


_AT = "select at, zone from occurrence where user = ? and at = ? and gone is null limit 1"


def _near(
    conn: sqlite3.Connection, way: tuple[str, str], here: int, session: int, span: int
) -> list[Turn]:
    side, order = way
    rows = conn.execute(
        f"select {COLUMNS} from {JOINED} where o.session = ? and o.id {side} ?"  # noqa: S608
        f" and o.gone is null and t.body <> '' order by o.id {order} limit ?",
        (session, here, span),
    )
    return [turn_of(row) for row in rows]


def _pending_rows(conn: sqlite3.Connection, user_id: int) -> list[Any]:
    return conn.execute(
        "select e.id, s.name, o.at, o.zone, e.part_ref, e.part_at, e.part_zone, e.part_text"
        " from exchange e join occurrence o on o.id = e.words join session s on s.id = e.session"
        " where e.user = ? and e.status = 'pending' order by e.id",
        (user_id,),
    ).fetchall()


def _size(path: Path) -> int:
    """Bytes of the database with its write-ahead log."""
    files = (path, path.with_name(path.name + "-wal"))
    return 0 if path == MEMORY else sum(f.stat().st_size for f in files if f.exists())
