"""What of a home goes into a backup, all of one moment: the database, the journal, the rest.

The database is copied by SQLite's backup API from one read transaction. The same moment, under
the lock that writers take, decides which files there are and how long each of them is; since
journals only grow, their first so many bytes are what they were. Models are not taken: they can
be fetched again. Knows nothing of archives' insides, compression or keys.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from echo.errors import BackupError
from echo.home import Home, filesystem, is_network
from echo.keeping.archive import MAX_MEMBERS, TOPS, Entry
from echo.memory.database import Database, mapped

DATABASE = "memory/echo.db"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What goes in. content: the digest of the database's content, "" where there is none;
    passed: files that are left out though they stand there, and why they are no regular files."""

    entries: tuple[Entry, ...]
    content: str
    passed: tuple[str, ...]

    @property
    def bytes(self) -> int:
        """Of all entries."""
        return sum(entry.size for entry in self.entries)


def take(home: Home, folder: Path) -> Snapshot:
    """A snapshot of home; the database is copied into folder, 0700. Raises EchoError."""
    passed: list[str] = []
    if not home.database.exists():
        return Snapshot(tuple(_files(home, passed)), "", tuple(passed))
    copy = folder / "echo.db"
    base = Database(home.database, network=is_network(filesystem(home.root)))
    try:
        with base.read() as conn:
            with base.alone():
                conn.execute("begin")
                conn.execute("select count(*) from sqlite_master").fetchone()
                entries = list(_files(home, passed))
            try:
                _copy(conn, copy)
            finally:
                conn.execute("rollback")
        with base.read(), closing(sqlite3.connect(copy)) as made:
            made.execute("pragma journal_mode = delete")  # one file, readable wherever it lies
            digest = content(made)
    finally:
        base.close()
    info = copy.stat()
    first = Entry(DATABASE, copy, info.st_size, int(info.st_mtime))
    return Snapshot((first, *entries), digest, tuple(passed))


def _copy(conn: sqlite3.Connection, path: Path) -> None:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(path)) as target:
        conn.backup(target)


def content(conn: sqlite3.Connection) -> str:
    """A digest of every row that is not derived: two memories that hold the same have the same.

    Indexes, in the form of today or of FTS5, are left out; they can be built again.
    """
    hashed = blake2b(digest_size=16)
    tables = conn.execute(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite~_%' escape"
        " '~' and name not like 'fts~_%' escape '~' and name not like 'index~_%' escape '~'"
        " order by name"
    ).fetchall()
    for (name,) in tables:
        hashed.update(f"\0{name}\0".encode())
        columns = len(conn.execute(f'pragma table_info("{name}")').fetchall())
        order = ", ".join(str(n) for n in range(1, columns + 1))
        for row in conn.execute(f'select * from "{name}" order by {order}'):  # noqa: S608 - ours
            hashed.update(repr(row).encode("utf-8", "surrogatepass"))
    return hashed.hexdigest()


def check(path: Path) -> str:
    """Is the database at path whole? The digest of its content. Raises BackupError if it is not.

    Nothing is written beside it.
    """
    with mapped(path), closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as conn:
        wrong = conn.execute("pragma integrity_check(1)").fetchone()[0]
        keys = conn.execute("pragma foreign_key_check").fetchone()
        if wrong != "ok" or keys is not None:
            raise BackupError(
                "The database in this backup is damaged: {reason}.",
                "Use another backup; `fillin memory verify` looks at the memory itself.",
                reason=wrong if wrong != "ok" else "foreign keys",
            )
        return content(conn)


# ── files ────────────────────────────────────────────────────────────────────────────────────


def _files(home: Home, passed: list[str]) -> Iterator[Entry]:
    """Every regular file under memory/ and manifest/ but the database's own, and config.toml."""
    count = 0
    for top in TOPS:
        for path, name in _walk(home.root / top, top, set(), passed):
            count += 1
            if count >= MAX_MEMBERS:
                raise BackupError(
                    "There are more than {n} files under {path}.",
                    "Gather old day files into fewer, larger ones.",
                    n=MAX_MEMBERS,
                    path=home.root / top,
                )
            yield from _entry(path, name, passed)
    if home.config.exists():
        yield from _entry(home.config, home.config.name, passed)


def _walk(
    folder: Path, name: str, above: set[tuple[int, int]], passed: list[str]
) -> Iterator[tuple[Path, str]]:
    """Files in order of name; links are followed, but never round."""
    try:
        info = folder.stat()
        inside = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    except OSError:
        passed.append(name)
        return
    here = (info.st_dev, info.st_ino)
    if here in above:
        passed.append(name)
        return
    for entry in inside:
        path, inner = folder / entry.name, f"{name}/{entry.name}"
        if inner.startswith(DATABASE):  # itself, -wal, -shm, -lock, and what was put aside
            continue
        if _is_folder(entry):
            yield from _walk(path, inner, above | {here}, passed)
        else:
            yield path, inner


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link round; as a file it is told
        return False


def _entry(path: Path, name: str, passed: list[str]) -> Iterator[Entry]:
    try:
        info = path.stat()
    except OSError:  # a link to nothing, or gone this moment
        passed.append(name)
        return
    if not stat.S_ISREG(info.st_mode) or not os.access(path, os.R_OK):
        passed.append(name)
        return
    yield Entry(name, path, info.st_size, int(info.st_mtime))
