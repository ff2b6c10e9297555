"""Boot's way into memory: day files and Echo's own journal, as far as they are new.

Streams; a batch of lines is committed together with the place in the file it came to, so a boot
that is killed goes on from there. An unchanged file is not opened, a grown one is read from where
it ended, any other is read again. Input files are never changed. Knows no brains, no terminals.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from datetime import time as clock
from pathlib import Path
from typing import BinaryIO

from echo.errors import IngestError, JournalError
from echo.memory import dayfiles, journal, sources
from echo.memory.ahead import Ahead
from echo.memory.dayfiles import DayFile
from echo.memory.intake import OF_ANOTHER, Intake, Tally, Whose
from echo.memory.moves import departed
from echo.memory.restore import settle
from echo.memory.rows import instant
from echo.memory.sources import Source
from echo.memory.store import Store
from echo.nouns import DAY_SESSION, Replay
from echo.workers import Workers

_GROUP_BYTES = 4_500_000  # some 60,000 lines
_GROUP_S = 2.0  # a slow machine commits sooner: a boot that is stopped must not begin anew
_PARTS = 6 * 3600  # part N begins N seconds after noon; past this they begin again


@dataclass(frozen=True, slots=True)
class ReplayProgress:
    """How far a boot has come. file: the one being read; lines: non-blank, read so far."""

    file: str
    files: int
    files_total: int
    lines: int
    bytes: int
    bytes_total: int

    @property
    def done(self) -> float:
        """0…1, by bytes."""
        return min(self.bytes / self.bytes_total, 1.0) if self.bytes_total else 1.0


@dataclass(frozen=True, slots=True)
class _Task:
    """A file that has to be read, and what is known of it."""

    file: DayFile
    source: Source
    size: int
    own: bool  # a part of the journal


def replay(
    store: Store,
    memory: Path,
    user: str,
    *,
    zone: tzinfo,
    year: int | None = None,
    full: bool = False,
    journal_only: bool = False,
    progress: Callable[[ReplayProgress], None] = lambda _: None,
    workers: Workers | None = None,
) -> Replay:
    """Read what is new under memory/ for this user. Raises StoreError; a bad file is reported.

    Day files in memory/ itself belong to the first user who boots; nobody else is given them.
    workers: of the caller's, when there will be more for them to do.
    """
    with Workers() if workers is None else nullcontext(workers) as helpers:
        return _replay(
            store, memory, user, helpers, progress, zone=zone, year=year, full=full,
            journal_only=journal_only,
        )  # fmt: skip


def _replay(
    store: Store, memory: Path, user: str, workers: Workers,
    progress: Callable[[ReplayProgress], None], *,
    zone: tzinfo, year: int | None, full: bool, journal_only: bool,
) -> Replay:  # fmt: skip
    started = time.monotonic()
    tally = Tally()
    whose = Whose(user, _user_id(store, user), zone)
    found = dayfiles.find(memory, user, tally.skip)
    if not journal_only:
        departed(store, user, memory, found)
    tasks = _tasks(store, whose, found, tally, full=full)
    tasks = [task for task in tasks if task.own or not journal_only]
    total = sum(task.size for task in tasks)
    seen = number = 0
    ahead = Ahead(store, user, workers, total)
    reader = _Reader(store, whose, tally, year, full=full, later=ahead.at_work)
    for group in _groups(tasks):
        while group:
            with store.writing() if len(group) > 1 else nullcontext():
                until = time.monotonic() + _GROUP_S
                while group and time.monotonic() < until:
                    task = group.pop(0)

                    def tell(number: int = number, name: str = task.file.name) -> None:
                        done = min(tally.done, total)
                        progress(ReplayProgress(name, number, len(tasks), tally.lines, done, total))
                        ahead.advance()

                    tell()
                    reader.read(task, tell)
                    tally.done = seen = seen + task.size
                    number += 1
            ahead.advance()
    ahead.finish()
    if tasks:
        with store.writing() as conn:
            settle(conn, whose.id)
        store.settle_index(user)
    store.journaled()
    progress(ReplayProgress("", len(tasks), len(tasks), tally.lines, total, total))
    return Replay(
        tally.files, tally.lines, tally.new, tally.repeated, tuple(tally.skipped),
        tuple(sorted(tally.days)), round(time.monotonic() - started, 3),
    )  # fmt: skip


def _user_id(store: Store, user: str) -> int:
    with store.writing() as conn:
        return store.user_id(conn, user)


# ── which files ──────────────────────────────────────────────────────────────────────────────


def _tasks(
    store: Store, whose: Whose, files: list[DayFile], tally: Tally, *, full: bool
) -> list[_Task]:
    """What has to be read: the journal first, for it says what of the other files is known."""
    with store.writing() as conn:
        known = sources.all_of(conn, whose.id)
        owner = sources.owner_of(conn)
    tasks = []
    for file in files:
        source = known.get(file.name) or Source(0, file.name, sources.PLAIN)
        try:
            info = file.path.stat()
        except OSError:
            tally.skip(file.name, dayfiles.UNREADABLE)
            continue
        if file.shared and owner not in ("", whose.name):
            tally.skip(file.name, OF_ANOTHER)
        elif full or not source.done or source.stamp != sources.stamp_of(info):
            tasks.append(_Task(file, source, info.st_size, _is_journal(file)))
        elif source.reason:
            tally.skip(file.name, source.reason)
    return sorted(tasks, key=lambda task: not task.own)


def _is_journal(file: DayFile) -> bool:
    if file.shared:
        return False
    try:
        with dayfiles.open_regular(file.path) as handle:
            return journal.is_header(handle.readline(256))
    except (IngestError, OSError):  # said when it is its turn to be read
        return False


def _groups(tasks: list[_Task]) -> Iterator[list[_Task]]:
    """Small files are committed together: a commit costs a sync and a piece of index to merge."""
    group: list[_Task] = []
    size = 0
    for task in tasks:
        if group and (size + task.size > _GROUP_BYTES or task.own != group[0].own):
            yield group
            group, size = [], 0
        group.append(task)
        size += task.size
    if group:
        yield group


# ── one file ─────────────────────────────────────────────────────────────────────────────────


class _Reader:
    """Reads one file: what it is, where to begin, and into memory with it."""

    def __init__(
        self, store: Store, whose: Whose, tally: Tally, year: int | None, *,
        full: bool, later: bool,
    ) -> None:  # fmt: skip
        self._store = store
        self._whose = whose
        self._tally = tally
        self._year = year
        self._tell: Callable[[], None] = lambda: None
        self._full = full
        self._put_off = later
        self._known_later: dict[str, dict[str, tuple[int, int]]] | None = None

    def read(self, task: _Task, tell: Callable[[], None]) -> None:
        """What cannot be read is reported; the boot goes on."""
        self._tell = tell
        try:
            self._may_read(task.file)
            with dayfiles.open_regular(task.file.path) as handle:
                self._opened(task, handle)
        except IngestError as exc:
            self._tally.skip(task.file.name, exc.message)
        except JournalError as exc:
            self._tally.skip(task.file.name, str(exc))
        except UnicodeError:  # it changed under our eyes
            self._tally.skip(task.file.name, dayfiles.NOT_TEXT)
        except OSError:  # the disk gave up in the middle
            self._tally.skip(task.file.name, dayfiles.UNREADABLE)

    def _may_read(self, file: DayFile) -> None:
        """Whoever boots first owns the shared files, unless the journal has said who did."""
        if not file.shared:
            return
        with self._store.writing() as conn:
            query = "insert or ignore into setting values ('shared day files', ?)"
            conn.execute(query, (self._whose.name,))
            if sources.owner_of(conn) != self._whose.name:
                raise IngestError(OF_ANOTHER)

    def _opened(self, task: _Task, handle: BinaryIO) -> None:
        info = os.fstat(handle.fileno())
        own = journal.is_header(handle.readline(256))
        try:
            encoding = "utf-8" if own else dayfiles.encoding_of(handle)
        except IngestError as exc:  # so will its bytes be next time
            self._remember(task.source, info, exc.message)
            raise
        kind = sources.JOURNAL if own else sources.PLAIN
        source = self._registered(task.source, kind, encoding)
        intake = Intake(
            self._store, self._whose, source, self._tally, self._tell, later=self._put_off
        )
        intake.resume(handle)
        before = self._tally.lines
        if own:
            intake.own(handle)
        else:
            self._words(intake, task.file, info, handle)
        self._tally.files += not own or self._tally.lines > before
        intake.finish(sources.stamp_of(info))

    def _words(self, intake: Intake, file: DayFile, info: os.stat_result, handle: BinaryIO) -> None:
        zone = self._whose.zone
        day, _ = dayfiles.day_of(file.folder, dayfiles.written_on(info, zone), self._year)
        noon = datetime.combine(day, clock(12), zone) + timedelta(seconds=file.part % _PARTS)
        session = f"{DAY_SESSION}{file.folder[3:]}"
        prefix = dayfiles.ref_prefix(self._whose.name, file)
        intake.words(handle, session, instant(noon), prefix, self._later(intake.source))

    def _later(self, source: Source) -> Mapping[str, tuple[int, int]]:
        """Which lines are of another day than the file's first: asked once, after the journal."""
        if source.read_before or source.at is None:
            return {}
        if self._known_later is None:
            with self._store.database.read() as conn:
                self._known_later = sources.later(conn, self._whose.id)
        return self._known_later.get(source.name, {})

    def _registered(self, source: Source, kind: str, encoding: str) -> Source:
        """The file's row, made when new; read from the start when it is another kind of file."""
        fits = (source.kind, source.encoding) == (kind, encoding) and not self._full
        with self._store.writing() as conn:
            if source.id == 0:  # new, or the journal has told of it a moment ago
                source = sources.register(conn, self._whose.id, source.name, kind)
        begun = replace(source, kind=kind, encoding=encoding, done=False, reason="")
        return begun if fits else replace(begun, offset=0, lines=0, prefix=b"")

    def _remember(self, source: Source, info: os.stat_result, reason: str) -> None:
        with self._store.writing() as conn:
            if source.id == 0:
                source = sources.register(conn, self._whose.id, source.name, sources.SKIPPED)
            stamp = sources.stamp_of(info)
            sources.save(conn, replace(source, stamp=stamp, done=True, reason=reason))
