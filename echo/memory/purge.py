"""After a forget: the journal without the records of what was forgotten, the database without the
bytes. A note in the database says it has to be done until it is, so a crash only delays it.

Knows the journal's records, the digests, and SQLite's free pages.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Set
from dataclasses import replace
from pathlib import Path

from echo.memory import journal, tombstones
from echo.memory.database import MEMORY, Database
from echo.memory.details import dump
from echo.memory.journal import Record
from echo.memory.removal import without

_NOTE = "purge/"
PARTIAL = ".~purge"  # how a file ends that is being written in the place of another


def begin(conn: sqlite3.Connection, user_id: int) -> None:
    """Note, in the transaction of the forget, that bytes are still there."""
    conn.execute("insert or ignore into setting values (?, '')", (f"{_NOTE}{user_id}",))


def due(conn: sqlite3.Connection) -> list[tuple[int, str]]:
    """The users (row, name) whose words are still somewhere."""
    rows = conn.execute(
        "select u.id, u.name from setting s join user u on s.name = ? || u.id", (_NOTE,)
    )
    return [(int(row), str(name)) for row, name in rows]


def finish(database: Database, memory: Path) -> None:
    """Do what is due: journal files first, then the database file; then the note goes."""
    with database.read() as conn:
        users = due(conn)
    if not users:
        return
    for user_id, name in users:
        with database.read() as conn:
            forgotten = tombstones.all_of(conn, user_id, tombstones.REF)
        with database.alone():
            clean_journal(memory / name, forgotten)
    _squeeze(database)
    with database.write() as conn:
        conn.executemany(
            "delete from setting where name = ?", [(f"{_NOTE}{row}",) for row, _ in users]
        )


def _squeeze(database: Database) -> None:
    """No byte of what was deleted stays in the file, in the index or in the write-ahead log."""
    with database.alone(), database.read() as conn:
        conn.execute("vacuum")
        if database.path != MEMORY:
            conn.execute("pragma wal_checkpoint(truncate)").fetchall()


# ── the journal ──────────────────────────────────────────────────────────────────────────────


def clean_journal(folder: Path, forgotten: Set[bytes]) -> int:
    """Every journal file of a user without the records of forgotten turns; how many changed."""
    changed = 0
    for path in sorted(folder.glob("day*/part*.txt")):
        if path.is_file() and not path.is_symlink():
            changed += _clean(path, forgotten)
    for path in folder.glob(f"day*/part*.txt{PARTIAL}"):
        path.unlink()
    return changed


def _clean(path: Path, forgotten: Set[bytes]) -> bool:
    with path.open("rb") as file:
        head = file.readline()
        if not journal.is_header(head):
            return False
        old = file.readlines()
    new = [line for line in (_line(raw, forgotten) for raw in old) if line is not None]
    if new == old:
        return False
    put(path, head + b"".join(new))
    return True


def _line(raw: bytes, forgotten: Set[bytes]) -> bytes | None:
    """The line as it may stay; None when it may not. Torn lines go: they were written again."""
    text = raw.decode("utf-8", "replace")
    record = journal.record_of(text)
    if record is None:
        return None if journal.is_torn(text) else raw
    if record.kind in (journal.SAID, journal.GONE):
        return None if tombstones.name_of(record.id) in forgotten else raw
    if record.kind not in (journal.EXCHANGE, *journal.ABOUT_A_TURN):
        return raw
    kept = _act(record, forgotten)
    if kept is None:
        return None
    return raw if kept is record else journal.line_of(kept).encode()


def _act(record: Record, forgotten: Set[bytes]) -> Record | None:
    def gone(ref: str) -> bool:
        return tombstones.name_of(ref) in forgotten

    said = json.loads(record.text)
    if any(gone(said[name]) for name in ("words", "reply", "ref") if name in said):
        return None
    kept = without(said, gone) if record.kind == journal.EXCHANGE else None
    return record if kept is None else replace(record, text=dump(kept))


def put(path: Path, data: bytes) -> None:
    """Other bytes in the place of a file's, whole or not at all, with its mode and its time."""
    info = path.stat()
    beside = path.with_name(path.name + PARTIAL)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fchmod(file.fileno(), info.st_mode & 0o7777)
        os.fsync(file.fileno())
    os.utime(beside, ns=(info.st_atime_ns, info.st_mtime_ns))
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
