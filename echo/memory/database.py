"""The SQLite file: opened, guarded, written one transaction at a time. Knows no tables.

One connection per Store, guarded by a lock of this process. Whoever writes also holds an flock on
`<database>-lock`: two connections that write or checkpoint a WAL at once can corrupt it before
SQLite 3.51.3, and a queue is fairer than SQLite's busy polling. sqlite3's errors become StoreError
here and nowhere else.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import Literal, cast

from echo.errors import DamagedError, StoreError
from echo.memory.presence import Presence, enter, leave
from echo.memory.schema import STEPS, migrations

BUSY_S = 30.0
MEMORY = Path(":memory:")
Synchronous = Literal["full", "normal"]  # normal loses what power loss catches: for tests of that
_PAUSE_S = 0.002
_CACHE_KIB = 16 * 1024
_CHECKPOINT_PAGES = 4000  # whoever is in a hurry; else Store does it when it is quiet
_LONG_WAL = 4 << 20  # bytes
_UNDECODED = "Could not decode to UTF-8"  # what Python says, with no code, of words that are none


class Database:
    """One open database. `conn` is used inside `read()` or `write()` only."""

    def __init__(
        self, path: Path, *, network: bool = False, presence: Presence = "shared",
        synchronous: Synchronous = "full",
    ) -> None:  # fmt: skip
        self.path = path
        self._network = network
        self._synchronous = synchronous
        self.conn: sqlite3.Connection
        self._lock = RLock()
        self._gate = self._presence = -1
        self._depth = 0  # the gate is taken once, however deep the blocks nest
        self.closed = False
        self.refused: Exception | None = None  # why it can only be read: the disk said no
        with mapped(path):
            if path != MEMORY:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._presence = enter(path, presence)
            try:
                if path != MEMORY:
                    self._gate = _prepare(path)
                self._open(network=network)
            except BaseException as exc:
                leave(self._gate)
                self._gate = -1
                if not (_refuses(exc) and self._open_to_read()):
                    leave(self._presence)
                    raise
                self.refused = cast("Exception", exc)

    @property
    def shared(self) -> bool:
        """May other processes read it while this one writes, and neither wait for the other?"""
        return self.path != MEMORY and not self._network

    def _open(self, *, network: bool) -> None:
        self.conn = sqlite3.connect(
            self.path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            with self._alone():
                self._configure(network=network)
                self._migrate()
        except BaseException:
            with self._alone():
                self.conn.close()
            raise

    def _open_to_read(self) -> bool:
        """Open a memory that may not be written, or has no room left; whether that can be done.

        immutable: without a WAL to be read there is nothing SQLite would have to make.
        """
        wal = self.path.with_name(self.path.name + "-wal")
        empty = not wal.exists() or not wal.stat().st_size
        for form in ("?mode=ro", "?mode=ro&immutable=1")[: 1 + empty]:
            place = self.path.absolute().as_uri() + form
            try:
                self.conn = sqlite3.connect(
                    place, uri=True, isolation_level=None, check_same_thread=False
                )
                if self._applied() == len(STEPS):
                    return True
                self.conn.close()
            except sqlite3.Error:  # then what was said first is said
                continue
        return False

    def _configure(self, *, network: bool) -> None:
        run = self.conn.execute
        run("pragma foreign_keys = on")
        run(f"pragma cache_size = -{_CACHE_KIB}")
        if network:  # no shared memory between machines, and no mmap of a file that may move
            run("pragma mmap_size = 0")
            run("pragma journal_mode = delete")
            # FULL does not sync the folder after the rollback journal is deleted: after power
            # loss it may be back, and roll back what was acknowledged
            run(f"pragma synchronous = {'extra' if self._synchronous == 'full' else 'normal'}")
        else:
            run("pragma journal_mode = wal")
            run(f"pragma synchronous = {self._synchronous}")
            run(f"pragma wal_autocheckpoint = {_CHECKPOINT_PAGES}")

    def _migrate(self) -> None:
        applied = self._applied()
        if applied == len(STEPS):
            return
        if applied > len(STEPS):
            raise StoreError(
                "This memory was written by a newer Echo: {path}.",
                "Update Echo; the memory has not been touched.",
                path=self.path,
            )
        from sqlite_utils import Database as Utils  # 0.15 s to import: only when there is need

        db = Utils(self.conn, recursive_triggers=False, execute_plugins=False)
        self.conn.execute("begin immediate")  # atomic() begins plainly; inside ours it nests
        try:
            migrations().apply(db)
            self.conn.execute("commit")
        except BaseException:
            self._rollback()
            raise

    def _applied(self) -> int:
        """How many migrations the file has had."""
        tables = "select count(*) from sqlite_master where name = '_sqlite_migrations'"
        if not self.conn.execute(tables).fetchone()[0]:
            return 0
        query = "select count(*) from _sqlite_migrations where migration_set = 'echo'"
        return int(self.conn.execute(query).fetchone()[0])

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """The connection, held against the other threads of this process."""
        with self._lock, mapped(self.path):
            yield self._living()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: BEGIN IMMEDIATE, then COMMIT, or ROLLBACK when anything is raised."""
        with self._lock, mapped(self.path), self._alone():
            conn = self._living()
            if self.refused is not None:
                raise self.refused
            conn.execute("begin immediate")
            try:
                yield conn
                conn.execute("commit")
            except BaseException:
                self._rollback()
                raise

    def checkpoint(self) -> None:
        """Bring a long WAL into the file, as far as no reader needs it; like a writer, alone."""
        wal = self.path.with_name(self.path.name + "-wal")
        with self._lock, mapped(self.path), suppress(FileNotFoundError):
            if not self.closed and wal.stat().st_size > _LONG_WAL:
                with self._alone():
                    self.conn.execute("pragma wal_checkpoint(passive)").fetchall()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No other process writes meanwhile: for files that stand beside the database."""
        with self._lock, self._alone():
            yield

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._gate >= 0 and not self._depth:
            _lock(self._gate, self.path)
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if self._gate >= 0 and not self._depth:
                fcntl.flock(self._gate, fcntl.LOCK_UN)

    @property
    def writing(self) -> bool:
        """Is a transaction open? Asked by the thread that holds the lock."""
        return not self.closed and self.conn.in_transaction

    def _living(self) -> sqlite3.Connection:
        if self.closed:
            raise StoreError("Memory is already closed.")
        return self.conn

    def _rollback(self) -> None:
        if self.conn.in_transaction:  # an error may have ended it already
            self.conn.execute("rollback")

    def close(self) -> None:
        """Close; the last one to leave checkpoints the WAL. Closing twice is nothing."""
        with self._lock:
            if self.closed:
                return
            self.closed = True
            try:
                with mapped(self.path), self._alone():
                    self.conn.close()
            finally:
                leave(self._gate)
                leave(self._presence)
                self._gate = self._presence = -1


def _refuses(exc: BaseException) -> bool:
    """Does the disk refuse to be written, so that reading may still be possible?"""
    if isinstance(exc, OSError):
        return exc.errno in (
            errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT, errno.EIO,
        )  # fmt: skip
    code = getattr(exc, "sqlite_errorcode", 0) & 0xFF
    return isinstance(exc, sqlite3.Error) and code in (
        sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR,
    )  # fmt: skip


def wal_alone(path: Path) -> bool:
    """Is there a write-ahead log whose database is gone or empty? SQLite would delete it unread."""
    wal = path.with_name(path.name + "-wal")
    if not wal.exists() or not wal.stat().st_size:
        return False
    return not path.exists() or not path.stat().st_size


def _prepare(path: Path) -> int:
    """Files 0600 before SQLite sees them; the descriptor of the lock file. Raises DamagedError."""
    if wal_alone(path):
        raise damaged(path)
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    lock = path.with_name(path.name + "-lock")
    return os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _lock(gate: int, path: Path) -> None:
    until = time.monotonic() + BUSY_S
    while True:
        try:
            fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise _busy(path) from None
            time.sleep(_PAUSE_S)
        except OSError as exc:
            if exc.errno not in (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS):
                raise
            return  # a filesystem without locks: SQLite's own still hold
        else:
            return


# ── errors ───────────────────────────────────────────────────────────────────────────────────


@contextmanager
def mapped(path: Path) -> Iterator[None]:
    """The seam: what SQLite and the disk say becomes one sentence and a next step."""
    try:
        yield
    except sqlite3.Error as exc:
        raise _of_sqlite(exc, path) from exc
    except UnicodeDecodeError as exc:  # what SQLite says of damage may quote the damage
        raise damaged(path) from exc
    except OSError as exc:
        raise _of_disk(exc, path) from exc


def _of_sqlite(exc: sqlite3.Error, path: Path) -> StoreError:
    code = getattr(exc, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return _full(path)
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return _readonly(path)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return _busy(path)
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or _UNDECODED in str(exc):
        return damaged(path)
    if code == sqlite3.SQLITE_CANTOPEN:
        return StoreError(
            "The memory file cannot be opened: {path}.",
            "Check that its folder exists and belongs to you.",
            path=path,
        )
    return StoreError(
        "The memory file could not be used: {path} ({reason}).",
        "What was already said is kept. Try again, and check the disk if it happens again.",
        path=path,
        reason=exc,
    )


def _of_disk(exc: OSError, path: Path) -> StoreError:
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return _full(path)
    if exc.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return _readonly(path)
    return StoreError(
        "The memory file could not be used: {path} ({reason}).",
        "What was already said is kept. Try again, and check the disk if it happens again.",
        path=path,
        reason=exc.strerror or exc,
    )


def damaged(path: Path) -> DamagedError:
    """The file is no whole database."""
    return DamagedError(
        "The memory file is damaged: {path}.",
        "`fillin memory rebuild` puts it aside and makes it anew from the journal and your "
        "day files.",
        path=path,
    )


def _full(path: Path) -> StoreError:
    return StoreError(
        "The disk is full, so memory could not be written: {path}.",
        "Free some space and say it again; everything acknowledged before is kept.",
        path=path,
    )


def _readonly(path: Path) -> StoreError:
    return StoreError(
        "Memory may not be written: {path}.",
        "Check that the file, its folder and the disk are writable by you.",
        path=path,
    )


def _busy(path: Path) -> StoreError:
    return StoreError(
        "Another program is holding the memory: {path}.",
        "Wait a moment and try again, or end the other program.",
        path=path,
    )
