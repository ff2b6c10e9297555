"""The database made anew from the journal and the input files, beside the old one, and put in its
place when it is whole.

What only the old one knows (an exchange that was cut off, an act that had not reached the journal
yet) is first brought to the journal, as far as the old one can be read. Knows the store, the
replay and the journal; no terminals.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path

from echo.errors import DamagedError, StoreError
from echo.memory import content, dayfiles, journal, ledger, presence, quarantine, salvage, untold
from echo.memory.database import mapped
from echo.memory.moves import departed
from echo.memory.replay import ReplayProgress, replay
from echo.memory.salvage import Talk
from echo.memory.store import Clock, Store, random_ref
from echo.nouns import Replay, Skipped

Progress = Callable[[ReplayProgress], None]
_ODD = (StoreError, ValueError, TypeError, KeyError, IndexError, OverflowError, AttributeError)


@dataclass(frozen=True, slots=True)
class Opening:
    """How the memory of a home is opened. owner: who gets the shared day files if nobody has."""

    database: Path
    memory: Path
    zone: tzinfo
    owner: str
    part_lines: int = 5000
    network: bool = False
    year: int | None = None
    new_ref: Callable[[], str] = random_ref
    clock: Clock | None = None

    def now(self) -> datetime:
        """The time, as this home tells it."""
        return self.clock() if self.clock else datetime.now(self.zone)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """damaged: the old database was; same: it held just what the new one holds; put_aside: where
    it is now ("" when it said the same and was let go); counts: rows of each kind.
    """

    damaged: bool
    same: bool
    put_aside: str
    counts: Mapping[str, int]
    skipped: tuple[Skipped, ...] = ()


@dataclass
class _Old:
    """What the old database says, when it can be read."""

    damaged: bool = False
    digests: dict[str, str] = field(default_factory=dict)
    untold: dict[str, tuple[str, ...]] = field(default_factory=dict)
    users: tuple[str, ...] = ()
    talks: list[Talk] = field(default_factory=list)


def rebuild(how: Opening, progress: Progress = lambda _: None) -> Rebuilt:
    """Make it anew. Raises StoreError: somebody has it open, or the disk refuses.

    Killed at any point it leaves the old one as it was, or the new one ready to take its place.
    """
    with mapped(how.database), presence.alone(how.database):
        quarantine.take_place(how.database, how.now())  # one that was killed at the very end
        quarantine.sweep(how.database)
        old = _settled(how)
        reports, digests, counts = _made(how, old, progress)
        folder = quarantine.take_place(how.database, how.now())
        same = bool(old.digests) and old.digests == digests
        if folder is not None and same and not old.damaged:
            shutil.rmtree(folder)  # a second copy of the same words helps nobody
            folder = None
    with _opened(how, how.database):  # what is new since then goes to the journal
        pass
    skipped = tuple(dict.fromkeys(skip for report in reports for skip in report.skipped))
    return Rebuilt(old.damaged, same, str(folder or ""), counts, skipped)


# ── the old one ──────────────────────────────────────────────────────────────────────────────


def _settled(how: Opening) -> _Old:
    """Bring to the journal what only the old database knows, and hear what it says."""
    if not how.database.exists() or not how.database.stat().st_size:
        return _Old(damaged=how.database.exists())
    if _is_whole(how.database):
        try:
            with _opened(how, how.database, held=True) as store:
                return _heard(how, store)
        except DamagedError:
            pass
    return _Old(damaged=True, talks=_salvage(how))


def _is_whole(database: Path) -> bool:
    try:
        conn = quarantine.reader(database)
        try:
            return conn.execute("pragma integrity_check(1)").fetchall() == [("ok",)]
        finally:
            conn.close()
    except (sqlite3.Error, UnicodeDecodeError):
        return False


def _heard(how: Opening, store: Store) -> _Old:
    users = store.users()
    for user in users:
        store.mend(user)
        departed(store, user, how.memory, dayfiles.find(how.memory, user))
        _journal_missing(how, store, user)
    store.complete()
    with store.database.read() as conn:
        waiting = {user: untold.of(conn, store.names.find(conn, user)) for user in users}
        return _Old(False, content.digests(conn), waiting, users)


def _journal_missing(how: Opening, store: Store, user: str) -> None:
    """Have everything written again that the journal should hold and does not."""
    book = ledger.read(how.memory, user)
    said = book.ids(journal.SAID, journal.GONE)
    with store.writing() as conn:
        user_id = store.user_id(conn, user)
        acts = conn.execute("select id, kind, ref from act where user = ?", (user_id,)).fetchall()
        there = book.records
        lost = [(row,) for row, kind, ref in acts if (kind, ledger.id_of(kind, ref)) not in there]
        conn.executemany("update act set written = 0 where id = ?", lost)
        rows = conn.execute(
            "select id, ref from occurrence where user = ? and kept = 1 and file is null"
            " and gone is null order by id",
            (user_id,),
        )
        store.post_again(conn, user_id, [row for row, ref in rows if ref not in said])


def _salvage(how: Opening) -> list[Talk]:
    """What a damaged database still gives, from a copy: it is not written to."""
    place = how.database.parent / quarantine.SALVAGE
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o700)
    try:
        for end in ("", "-wal"):
            source = how.database.with_name(how.database.name + end)
            if source.exists():
                shutil.copyfile(source, place / source.name)
        found = salvage.talks(place / how.database.name)
        with suppress(*_ODD), _opened(how, place / how.database.name, shared=True) as store:
            for user in store.users():
                with suppress(*_ODD):
                    store.mend(user)
                with suppress(*_ODD):
                    departed(store, user, how.memory, dayfiles.find(how.memory, user))
                    store.journaled()
        return found
    finally:
        shutil.rmtree(place, ignore_errors=True)


# ── the new one ──────────────────────────────────────────────────────────────────────────────


def _made(
    how: Opening, old: _Old, progress: Progress
) -> tuple[list[Replay], dict[str, str], dict[str, int]]:
    """The new database, whole and ready beside the old one; what it holds."""
    new = how.database.with_name(how.database.name + "-new")
    users = list(dict.fromkeys((*ledger.users(how.memory), *old.users, how.owner)))
    users.sort(key=lambda user: user != how.owner)
    with _opened(how, new, held=True) as store:
        reports = [_read(how, store, user, progress, journal_only=True) for user in users]
        reports += [_read(how, store, user, progress) for user in users]
        salvage.bring(store, old.talks)
        _wait_to_be_told(store, old)
        with store.database.read() as conn:
            if (found := conn.execute("pragma integrity_check(1)").fetchone()) != ("ok",):
                raise StoreError(
                    "The new memory file is not whole: {reason}.",
                    "The old one has not been touched. Check the disk and try again.",
                    reason=str(found[0]),
                )
            digests, counts = content.digests(conn), content.counts(conn)
    for end in ("-wal", "-shm", "-lock", "-open"):
        new.with_name(new.name + end).unlink(missing_ok=True)
    new.rename(quarantine.ready_of(how.database))
    quarantine.sync(how.database.parent)
    return reports, digests, counts


def _read(
    how: Opening, store: Store, user: str, progress: Progress, *, journal_only: bool = False
) -> Replay:
    return replay(
        store, how.memory, user, zone=how.zone, year=how.year, journal_only=journal_only,
        progress=progress,
    )  # fmt: skip


def _wait_to_be_told(store: Store, old: _Old) -> None:
    """Days whose insight stands already need not be told again."""
    for user, days in old.untold.items():
        with store.database.read() as conn:
            waiting = untold.of(conn, store.names.find(conn, user))
        store.told(user, set(waiting) - set(days))


@contextmanager
def _opened(
    how: Opening, path: Path, *, held: bool = False, shared: bool = False
) -> Iterator[Store]:
    store = Store.open(
        path,
        journal=how.memory,
        zone=how.zone,
        new_ref=how.new_ref,
        part_lines=how.part_lines,
        network=how.network,
        clock=how.clock,
        presence="shared" if shared or not held else "held",
        held=held and path != how.database,
    )
    try:
        yield store
    finally:
        store.close()
