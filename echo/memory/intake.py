"""One day file into memory: its lines become turns, a batch at a time, each batch committed with
the place in the file it came to. Knows the store and an open file; not which files there are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, tzinfo
from hashlib import blake2b
from typing import BinaryIO

from echo.errors import IngestError
from echo.i18n import msgid
from echo.memory import dayfiles, journal, sources, tombstones, untold
from echo.memory.absorb import Absorbed, Fresh, absorb, keys_of
from echo.memory.dayfiles import Line
from echo.memory.details import dump
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
FORGOTTEN = msgid("lines that were forgotten and stay so")
Instant = tuple[int, int]
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
        self,
        store: Store,
        whose: Whose,
        source: Source,
        tally: Tally,
        tell: Callable[[], None],
        *,
        later: bool = False,
    ) -> None:
        """tell: called after each batch; later: others see to index and facts (ahead.py)."""
        self._store = store
        self._whose = whose
        self._tally = tally
        self._tell = tell
        self._later = later
        self._skips = 0
        self._forgotten = False
        self._skipping: Callable[[], bool] = lambda: False
        self._apart: Instant | None = None  # new lines are of another day than the file's first
        self._hash = blake2b(digest_size=16)
        self._place = (source.offset, source.lines)  # read so far; saved with each batch
        self.source = source

    def resume(self, handle: BinaryIO) -> None:
        """Go to the place where reading ended, if all before it is still the same; else to 0."""
        if self.source.holes:  # what is left says too little of which line was which
            self.restart(handle)
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
        raw = line.raw
        if raw and line.whole:
            self._hash.update(raw)
            self._place = (self._place[0] + len(raw), line.number)
        self._tally.done += len(raw)

    def _skip_line(self, line: Line, why: str) -> None:
        self._skips += 1
        if self._skips <= MAX_SKIPS:
            self._tally.skip(f"{self.source.name}:{line.number}", why)
        elif self._skips == MAX_SKIPS + 1:
            self._tally.skip(self.source.name, MORE_SKIPS)

    # ── somebody's words ─────────────────────────────────────────────────────────────────────

    def words(
        self, handle: BinaryIO, session: str, now: Instant, prefix: str,
        later: Mapping[str, Instant],
    ) -> None:  # fmt: skip
        """Plain lines and transcripts. now: line 0's instant; every line is a microsecond later.

        later: ref → that instant for lines that the journal knows to be of another day.
        """
        with self._store.writing() as conn:
            names, user_id = self._store.names, self._whose.id
            first = self._dated(conn, now)
            sources.forget_lines(conn, self.source)
            refs = sources.refs(conn, user_id, self.source, prefix)
            self._skipping = lambda: refs.skipped
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
            ref = refs.ref(item.line, exact)
            at = later.get(ref, first)
            batch.append(
                Fresh(
                    ref, text, at[0] + item.line, at[1],
                    mine if item.mine else echo, place,
                    file=self.source.id, line=item.line, key=key,
                )
            )  # fmt: skip
        self._commit(batch)

    def _dated(self, conn: sqlite3.Connection, now: Instant) -> Instant:
        """The instant of line 0. The first reading decides for all of its lines, and says so."""
        known = self.source.at
        if known is None:
            self.source = replace(self.source, at=now)
            self._post(conn, f"file:{self.source.name}", {"at": moment(*now).isoformat()})
            return now
        if not self.source.read_before:  # this database knows the file from the journal only
            return known
        self._apart = None if now == known else now
        return now

    def _post(self, conn: sqlite3.Connection, ref: str, said: Mapping[str, object]) -> None:
        name, user = self.source.name, self._whose
        shared = {} if name.startswith(f"{user.name}/") else {"shared": True}
        body = dump({"file": name, **said, **shared})
        self._store.post(conn, user.id, (ref, journal.FILE, body))

    def _commit(self, lines: list[Fresh]) -> None:
        with self._store.writing() as conn:
            batch = tombstones.sift(conn, self._whose.id, lines)
            self._forget(len(batch) < len(lines))
            known = _known(conn, self._whose.id, batch)
            if self._apart and (new := [row.ref for row in batch if row.ref not in known]):
                self._post(conn, "", {"at": moment(*self._apart).isoformat(), "refs": new})
            if known:
                sources.seen_again(conn, self._whose.id, batch, known)
            done = absorb(conn, self._whose.id, batch, known.keys(), later=self._later)
            days = {moment(row.at, row.zone).date() for row in batch[:1]}
            self._note(conn, done, days)
            self._save(conn)
        self._count(done, len(batch))

    def _forget(self, some: bool) -> None:
        """Lines of this file were forgotten, here or in the past: it is said once a reading."""
        if some or self._skipping():
            self.source = replace(self.source, holes=True)
        if some and not self._forgotten:
            self._forgotten = True
            self._tally.skip(self.source.name, FORGOTTEN)

    def _note(self, conn: sqlite3.Connection, done: Absorbed, days: set[date]) -> None:
        """These days have something new, if anything was."""
        if done.first <= done.last:
            names = {day.isoformat() for day in days}
            untold.note(conn, self._whose.id, names)
            self._tally.days.update(names)

    def _count(self, done: Absorbed, lines: int) -> None:
        self._tally.lines += lines
        self._tally.new += done.new
        self._tally.repeated += done.repeated
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
            done = restore(conn, self._store.names, self._whose.id, batch, later=self._later)
            days = {record.at.astimezone(self._whose.zone).date() for record in batch}
            self._note(conn, done, days)
            self._save(conn)
        self._count(done, done.last - done.first + 1)


def _known(conn: sqlite3.Connection, user_id: int, batch: list[Fresh]) -> dict[str, int | None]:
    """Ref → when it went (None: it is here), for those that memory has already."""
    found: dict[str, int | None] = {}
    for marks, some in chunks(row.ref for row in batch):
        query = f"select ref, gone from occurrence where user = ? and ref in ({marks})"  # noqa: S608
        found.update(conn.execute(query, (user_id, *some)).fetchall())
    return found
