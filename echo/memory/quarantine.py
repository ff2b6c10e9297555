"""Where a database goes that may not be used any more, and how another takes its place.

The new one waits beside it as `echo.db-ready`; from then on every step can be repeated, so a crash
at any of them is made up for by whoever opens the memory next. Nothing is overwritten. Knows
files, not what is in them.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from datetime import datetime
from pathlib import Path

NAME = "quarantine-"
SALVAGE = ".salvage"  # a copy of a damaged one, while something is read from it
_PARTS = ("-wal", "-shm", "-journal", "")  # the database itself last: it is what the rest is for


def ready_of(database: Path) -> Path:
    """A database that is whole and waits to take its place."""
    return database.with_name(database.name + "-ready")


def put_aside(database: Path, now: datetime) -> Path | None:
    """Move a database with its -wal and -shm into a folder of their own; None: there is none."""
    old = [p for p in (database.with_name(database.name + end) for end in _PARTS) if p.exists()]
    if not old:
        return None
    folder = _folder(database.parent, now)
    for path in old:
        path.rename(folder / path.name)
    sync(folder)
    sync(database.parent)
    return folder


def take_place(database: Path, now: datetime) -> Path | None:
    """Put the old one aside and the one that is ready in its place; the folder of the old."""
    ready = ready_of(database)
    if not ready.exists():
        return None
    folder = put_aside(database, now)
    ready.rename(database)
    sync(database.parent)
    return folder


def sweep(database: Path) -> None:
    """Remove what a making that was killed has left; never the database, never one that is ready.

    Raises OSError.
    """
    for path in database.parent.glob(f"{database.name}-new*"):
        path.unlink()
    shutil.rmtree(database.parent / SALVAGE, ignore_errors=True)


def reader(database: Path) -> sqlite3.Connection:
    """A connection that cannot write, to a file that may hold anything. Raises sqlite3.Error."""
    conn = sqlite3.connect(database.absolute().as_uri() + "?mode=ro", uri=True)
    conn.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return conn


def sync(folder: Path) -> None:
    """Wait until the disk has the folder's names."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _folder(parent: Path, now: datetime) -> Path:
    name = f"{NAME}{now:%Y%m%d-%H%M%S}"
    number = 1
    while True:
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            number += 1
        else:
            return folder
