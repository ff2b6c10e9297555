"""One day file into memory: its lines become turns, a batch at a time, each batch committed with
the place in the file it came to. Knows the store and an open file; not which files there are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from hashlib import blake2b
from typing import BinaryIO

from echo.errors import IngestError
from echo.i18n import msgid
from echo.memory import dayfiles, journal, sources
from echo.memory.absorb import Absorbed, Fresh, absorb, keys_of
from echo.memory.dayfiles import Line
from echo.memory.journal import Record
from echo.memory.restore import restore
from echo.memory.rows import chunks, moment
from echo.memory.sources import Source
from echo.memory.store import Store
from echo.memory.transcript import said
from echo.nouns import ECHO, Skipped
from echo.text import scrub

BATCH = 20_000  # lines; each commit is a sync and one more piece of index to merge
MAX_SKIPS = 20  # lines of one file that are named one by one in the report
MORE_SKIPS = msgid("more lines like these")
DAMAGED = msgid("a damaged line in the journal")
OF_ANOTHER = msgid("belongs to another user")
_PIECE = 1 << 20


@dataclass
class Tally:
    """What a boot has met so far."""

    files: int = 0
    lines: int = 0
    new: int = 0
    repeated: int = 0
    done: int = 0  # bytes
    skipped: list[Skipped] = field(default_factory=list)
    days: set[str] = field(default_factory=set)

    def skip(self, name: str, reason: str) -> None:
        """A file, or a line of one, that is not read."""
        self.skipped.append(Skipped(name, reason))


@dataclass(frozen=True, slots=True)
class Whose:
    """The user a file is read for, and whose midnight counts."""

    name: str
    id: int
    zone: tzinfo


class Intake:
    """One file while it is read; `source` says how far."""

    def __init__(
        self, store: Store, whose: Whose, source: Source, tally: Tally, tell: Callable[[], None]
    ) -> None:
        self._store = store
        self._whose = whose
        self._tally = tally
        self._tell = tell
        self._skips = 0
        self._hash = blake2b(digest_size=16)
        self._place = (source.offset, source.lines)  # read so far; saved with each batch
        self.source = source

    def resume(self, handle: BinaryIO) -> None:
        """Go to the place where reading ended, if all before it is still the same; else to 0."""
        handle.seek(0)
        left = self.source.offset
        while left and (piece := handle.read(min(left, _PIECE))):
            self._hash.update(piece)
            left -= len(piece)
        if left or (self.source.offset and self._hash.digest() != self.source.prefix):
            self.restart(handle)
        self._tally.done += self.source.offset

    def restart(self, handle: BinaryIO) -> None:
        """Read from the beginning."""
        handle.seek(0)
        self._hash = blake2b(digest_size=16)
        self._place = (0, 0)
        self.source = replace(self.source, offset=0, lines=0, prefix=b"")

    def finish(self, stamp: tuple[int, int, int, int]) -> None:
        """The file was read to its end: lines it no longer has go."""
        self.source = replace(self.source, stamp=stamp, done=True)
        with self._store.writing() as conn:
            self._store.let_go(conn, self._whose.id, self.source)
            self._save(conn)

    def _save(self, conn: sqlite3.Connection) -> None:
        offset, lines = self._place
        self.source = replace(self.source, offset=offset, lines=lines, prefix=self._hash.digest())
        sources.save(conn, self.source)

    def _passed(self, line: Line) -> None:
        """A whole line is behind us: the place moves on. A last line without its end may grow."""
        if line.raw and line.whole:
            self._hash.update(line.raw)
            self._place = (self._place[0] + len(line.raw), line.number)
        self._tally.done += len(line.raw)

    def _skip_line(self, line: Line, why: str) -> None:
        self._skips += 1
        if self._skips <= MAX_SKIPS:
            self._tally.skip(f"{self.source.name}:{line.number}", why)
        elif self._skips == MAX_SKIPS + 1:
            self._tally.skip(self.source.name, MORE_SKIPS)

    # ── somebody's words ─────────────────────────────────────────────────────────────────────

    def words(self, handle: BinaryIO, session: str, at: tuple[int, int], prefix: str) -> None:
        """Plain lines and transcripts. at: of line 0; every line is a microsecond later."""
        with self._store.writing() as conn:
            names, user_id = self._store.names, self._whose.id
            sources.forget_lines(conn, self.source)
            refs = sources.refs(conn, self.source, prefix)
            mine = names.speaker(conn, user_id, self._whose.name)
            echo = names.speaker(conn, user_id, ECHO)
            place = names.session(conn, user_id, session)
        batch: list[Fresh] = []
        marked = False
        for item in said(dayfiles.lines(handle, self.source.encoding, self.source.lines)):
            if isinstance(item, Line):
                if item.text is None:
                    self._skip_line(item, item.why)
                if not marked:
                    self._passed(item)
                if len(batch) >= BATCH:
                    self._commit(batch)
                    batch = []
                continue
            if item.marked and not marked:  # a block may go on when the file grows
                marked = True
                self.source = replace(self.source, kind=sources.TRANSCRIPT)
                self._place = (0, 0)
            text = scrub(item.text)
            key, exact = keys_of(text)
            batch.append(
                Fresh(
                    refs.ref(item.line, exact), text, at[0] + item.line, at[1],
                    mine if item.mine else echo, place,
                    file=self.source.id, line=item.line, key=key,
                )
            )  # fmt: skip
        self._commit(batch)

    def _commit(self, batch: list[Fresh]) -> None:
        with self._store.writing() as conn:
            known = _known(conn, self._whose.id, batch)
            if known:
                sources.seen_again(conn, self._whose.id, batch, known)
            done = absorb(conn, self._whose.id, batch, known.keys())
            self._save(conn)
        self._count(done, len(batch), [(row.at, row.zone) for row in batch[:1]])

    def _count(self, done: Absorbed, lines: int, days: list[tuple[int, int]]) -> None:
        self._tally.lines += lines
        self._tally.new += done.new
        self._tally.repeated += done.repeated
        if done.first <= done.last:
            self._tally.days.update(moment(*day).date().isoformat() for day in days)
        self._tell()

    # ── Echo's own journal ───────────────────────────────────────────────────────────────────

    def own(self, handle: BinaryIO) -> None:
        """A journal file: what memory knows is passed over, the rest is restored."""
        batch: list[Record] = []
        for line in dayfiles.raw_lines(handle, self.source.lines):
            record = self._record(line)
            if record is not None:
                batch.append(record)
            self._passed(line)
            if len(batch) >= BATCH:
                self._restore(batch)
                batch = []
        self._restore(batch)

    def _record(self, line: Line) -> Record | None:
        """The record of a line; what was torn by a crash was written again, or never held."""
        text = line.text or ""
        if line.number == 1:
            if line.whole and journal.read_header(text).user != self._whose.name:
                raise IngestError(OF_ANOTHER)
            return None
        record = journal.record_of(text)
        if record is None and not journal.is_torn(text):
            self._skip_line(line, DAMAGED)
        return record

    def _restore(self, batch: list[Record]) -> None:
        with self._store.writing() as conn:
            done = restore(conn, self._store.names, self._whose.id, batch)
            self._save(conn)
        made = done.last - done.first + 1
        days = {record.at.astimezone(self._whose.zone).date() for record in batch}
        self._count(done, made, [])
        if made:
            self._tally.days.update(day.isoformat() for day in days)


def _known(conn: sqlite3.Connection, user_id: int, batch: list[Fresh]) -> dict[str, int | None]:
    """Ref → when it went (None: it is here), for those that memory has already."""
    found: dict[str, int | None] = {}
    for marks, some in chunks(row.ref for row in batch):
        query = f"select ref, gone from occurrence where user = ? and ref in ({marks})"  # noqa: S608
        found.update(conn.execute(query, (user_id, *some)).fetchall())
    return found
