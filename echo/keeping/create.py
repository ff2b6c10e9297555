"""A backup made: taken of one moment, written, read back, proved, and only then given its name.

Knows homes and destinations; not what memory means.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from echo import __version__
from echo.errors import BackupError
from echo.home import Home
from echo.keeping import age, archive, places, seal, snapshot
from echo.keeping.archive import Label
from echo.keeping.keys import Key, Lock
from echo.keeping.prove import Progress, prove
from echo.keeping.record import LastBackup, every, forget, remember
from echo.keeping.workroom import disk_told, no_room, workroom

_TRIES = 3
_SHRINKS = 2  # a backup takes at most half of what goes into it, unless it is very small
_PROOF_SHARE = 0.4  # of the time


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that has been proved. where: a path or a URL; passed: files left out; removed:
    older ones that went; stuck: older ones that should have gone and could not.
    """

    where: str
    bytes: int
    encrypted: bool
    label: Label
    passed: tuple[str, ...]
    removed: tuple[str, ...] = ()
    stuck: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """to: a folder or a URL; cwd: relative to what; lock: for whom; user: for the file's name;
    keep: how many of this home's backups stay there, 0 for all.
    """

    to: str
    cwd: Path
    lock: Lock
    user: str
    keep: int = 0


def create(
    home: Home, wish: Wish, *, clock: Callable[[], datetime], progress: Progress = lambda _: None
) -> Made:
    """Back the home up. Raises EchoError; then nothing has the name of a backup."""
    place = places.at(wish.to, wish.cwd)
    if isinstance(place, places.Folder):
        _refuse_inside(home, place.path)
    now = clock()
    name = _name(wish.user, now, closed=wish.lock.closed)
    for attempt in range(1, _TRIES + 1):
        try:
            with workroom(home) as work:
                made = _made(home, wish, place, (name, now, work), progress)
        except archive.Shrunk as exc:
            if attempt == _TRIES:
                raise BackupError(
                    "A file was made shorter while it was read: {path}.",
                    "Try again when nothing is being edited or forgotten.",
                    path=str(exc),
                ) from exc
        else:
            break
    remember(
        home, LastBackup(now.isoformat(), places.shown(made.where), made.bytes, made.encrypted)
    )
    return _pruned(home, place, made, wish.keep) if wish.keep else made


def _pruned(home: Home, place: places.Place, made: Made, keep: int) -> Made:
    """Older backups go once the new one is proved: only such as this home made, in this place."""
    new = places.shown(made.where)  # it stays, whatever the clock said before
    here = [old for old in every(home) if place.name_of(old.where) and old.where != new]
    removed: list[str] = []
    stuck: list[str] = []
    for old in here[keep - 1 :]:
        try:
            gone = place.remove(place.name_of(old.where), old.bytes)
        except (BackupError, OSError):
            gone = False
        (removed if gone else stuck).append(old.where)
    forget(home, removed)
    return replace(made, removed=tuple(removed), stuck=tuple(stuck))


def _name(user: str, now: datetime, *, closed: bool) -> str:
    who = re.sub(r"[^\w-]", "_", user)
    stamp = now.astimezone(UTC)
    return f"echo-{who}-{stamp:%Y%m%dT%H%MZ}.tar.zst{'.age' if closed else ''}"


def _refuse_inside(home: Home, folder: Path) -> None:
    """A backup in what is backed up would hold itself, and be lost with it."""
    for inside in (home.memory, home.manifest, home.state):
        if folder.resolve().is_relative_to(inside.resolve()):
            raise BackupError(
                "A backup of {path} cannot lie inside it.",
                "Name a folder outside, best of all on another disk.",
                path=inside,
            )


def _made(
    home: Home,
    wish: Wish,
    place: places.Place,
    what: tuple[str, datetime, Path],
    progress: Progress,
) -> Made:
    name, now, work = what
    _check_room(home.root, work, home.database)
    shot = snapshot.take(home, work)
    _check_shot_room(shot, place, work)
    label = Label(
        now.isoformat(), wish.user, __version__, sqlite3.sqlite_version,
        len(shot.entries), shot.bytes, shot.content,
    )  # fmt: skip

    def told(done: int) -> None:
        progress((1 - _PROOF_SHARE) * done / max(shot.bytes, 1))

    with disk_told(Path(wish.to)):
        draft = place.draft(name, work)
        try:
            with places.written(draft) as out:
                key = age.lock(
                    seal.sealed(archive.packed(label, shot.entries, told)), out, wish.lock
                )
            size = draft.stat().st_size
            (work / "echo.db").unlink(missing_ok=True)
            where = place.publish(draft, name, _prover(label, key, work, progress))
        finally:
            draft.unlink(missing_ok=True)
    return Made(where, size, wish.lock.closed, label, shot.passed)


def _prover(label: Label, key: Key, work: Path, progress: Progress) -> places.Prove:
    def check(file: IO[bytes]) -> None:
        folder = work / "proof"
        folder.mkdir(mode=0o700)
        try:
            proof = prove(
                file, key, folder, progress=lambda d: progress(1 - _PROOF_SHARE * (1 - d))
            )
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if proof.label != label:
            raise BackupError(
                "What was written is not what was read back.",
                "The disk cannot be trusted. Choose another place for backups.",
            )

    return check


def _check_room(root: Path, work: Path, database: Path) -> None:
    wal = database.with_name(f"{database.name}-wal")
    needed = sum(path.stat().st_size for path in (database, wal) if path.exists())
    if shutil.disk_usage(work).free < needed:
        raise no_room(root)


def _check_shot_room(shot: snapshot.Snapshot, place: places.Place, work: Path) -> None:
    """The archive, and the database once more when it is proved."""
    room, needed = place.room(), shot.bytes // _SHRINKS
    if room is not None and room < needed:
        raise no_room(place.path if isinstance(place, places.Folder) else work)
    if shutil.disk_usage(work).free < needed:
        raise no_room(work)
