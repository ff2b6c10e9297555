"""Boot's way into memory: day files and Echo's own journal, as far as they are new.

Streams; a batch of lines is committed together with the place in the file it came to, so a boot
that is killed goes on from there. An unchanged file is not opened, a grown one is read from where
it ended, any other is read again. Input files are never changed. Knows no brains, no terminals.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from datetime import time as clock
from pathlib import Path
from typing import BinaryIO

from echo.errors import IngestError, JournalError
from echo.memory import dayfiles, journal, sources
from echo.memory.dayfiles import DayFile
from echo.memory.intake import OF_ANOTHER, Intake, Tally, Whose
from echo.memory.rows import instant
from echo.memory.sources import Source
from echo.memory.store import Store
from echo.nouns import DAY_SESSION, Replay
from echo.text import digest

_GROUP_BYTES = 1_500_000  # some 20,000 lines
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


def replay(
    store: Store,
    memory: Path,
    user: str,
    *,
    zone: tzinfo,
    year: int | None = None,
    full: bool = False,
    progress: Callable[[ReplayProgress], None] = lambda _: None,
) -> Replay:
    """Read what is new under memory/ for this user. Raises StoreError; a bad file is reported.

    Day files in memory/ itself belong to the first user who boots; nobody else is given them.
    """
    started = time.monotonic()
    tally = Tally()
    whose = Whose(user, _user_id(store, user), zone)
    tasks = _tasks(store, whose, dayfiles.find(memory, user), tally, full=full)
    total = sum(task.size for task in tasks)
    seen = number = 0
    for group in _groups(tasks):
        with store.writing() if len(group) > 1 else nullcontext():
            for task in group:

                def tell(number: int = number, name: str = task.file.name) -> None:
                    done = min(tally.done, total)
                    progress(ReplayProgress(name, number, len(tasks), tally.lines, done, total))

                tell()
                _Reader(store, whose, tally, year, tell, full=full).read(task)
                tally.done = seen = seen + task.size
                number += 1
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
    with store.writing() as conn:
        known = sources.all_of(conn, whose.id)
        ours = _owns_shared(conn, whose.name) if any(f.shared for f in files) else True
    tasks = []
    for file in files:
        source = known.get(file.name) or Source(0, file.name, sources.PLAIN)
        try:
            info = file.path.stat()
        except OSError:
            tally.skip(file.name, dayfiles.UNREADABLE)
            continue
        if file.shared and not ours:
            tally.skip(file.name, OF_ANOTHER)
        elif full or not source.done or source.stamp != sources.stamp_of(info):
            tasks.append(_Task(file, source, info.st_size))
        elif source.reason:
            tally.skip(file.name, source.reason)
    return tasks


def _groups(tasks: list[_Task]) -> Iterator[list[_Task]]:
    """Small files are committed together: a commit costs a sync and a piece of index to merge."""
    group: list[_Task] = []
    size = 0
    for task in tasks:
        if group and size + task.size > _GROUP_BYTES:
            yield group
            group, size = [], 0
        group.append(task)
        size += task.size
    if group:
        yield group


def _owns_shared(conn: sqlite3.Connection, user: str) -> bool:
    """Is this the user to whom day files that stand under nobody's name belong?"""
    conn.execute("insert or ignore into setting values ('shared day files', ?)", (user,))
    query = "select value from setting where name = 'shared day files'"
    return bool(conn.execute(query).fetchone()[0] == user)


# ── one file ─────────────────────────────────────────────────────────────────────────────────


class _Reader:
    """Reads one file: what it is, where to begin, and into memory with it."""

    def __init__(
        self, store: Store, whose: Whose, tally: Tally, year: int | None,
        tell: Callable[[], None], *, full: bool,
    ) -> None:  # fmt: skip
        self._store = store
        self._whose = whose
        self._tally = tally
        self._year = year
        self._tell = tell
        self._full = full

    def read(self, task: _Task) -> None:
        """What cannot be read is reported; the boot goes on."""
        try:
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
        intake = Intake(self._store, self._whose, source, self._tally, self._tell)
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
        where = f"{self._whose.name}\0{file.shared}\0{file.folder}/{file.path.name}"
        intake.words(handle, f"{DAY_SESSION}{file.folder[3:]}", instant(noon), digest(where)[:6])

    def _registered(self, source: Source, kind: str, encoding: str) -> Source:
        """The file's row, made when new; read from the start when it is another kind of file."""
        fits = (source.kind, source.encoding) == (kind, encoding) and not self._full
        with self._store.writing() as conn:
            if source.id == 0:
                source = sources.register(conn, self._whose.id, source.name, kind)
        begun = replace(source, kind=kind, encoding=encoding, done=False, reason="")
        return begun if fits else replace(begun, offset=0, lines=0, prefix=b"")

    def _remember(self, source: Source, info: os.stat_result, reason: str) -> None:
        with self._store.writing() as conn:
            if source.id == 0:
                source = sources.register(conn, self._whose.id, source.name, sources.SKIPPED)
            stamp = sources.stamp_of(info)
            sources.save(conn, replace(source, stamp=stamp, done=True, reason=reason))
