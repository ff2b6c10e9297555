"""A backup taken out again: opened, every digest checked, the database looked through.

`verify` throws away what comes out; restore.py keeps it. Knows no destination and no home.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from echo.errors import BackupError
from echo.keeping import age, seal, snapshot, unpack
from echo.keeping.archive import Label
from echo.keeping.keys import Key
from echo.keeping.workroom import no_room

Progress = Callable[[float], None]
_SPARE = 16 << 20  # bytes that stay free on the disk


@dataclass(frozen=True, slots=True)
class Proof:
    """What a backup turned out to be. bytes: of the file itself."""

    label: Label
    encrypted: bool
    bytes: int


def prove(
    file: IO[bytes], key: Key, folder: Path, *, keep: bool = False, progress: Progress
) -> Proof:
    """Take a backup out into folder, empty and private; everything, or the database alone.

    keep: leave there what came out. Raises BackupError, StoreError, OSError; then nothing in
    folder may be used.
    """
    size = file.seek(0, os.SEEK_END)
    encrypted = age.is_locked(file)
    plain = age.unlock(file, key, folder)
    try:
        opened = seal.Opened(plain)
        label = _out(opened, folder, keep, progress)
    finally:
        if plain is not file:
            plain.close()
    if label.content:
        database = folder / snapshot.DATABASE
        if not database.exists() or snapshot.check(database) != label.content:
            raise unpack.damaged()
        if not keep:
            database.unlink()
    return Proof(label, encrypted, size)


def _out(opened: seal.Opened, folder: Path, keep: bool, progress: Progress) -> Label:
    room = max(shutil.disk_usage(folder).free - _SPARE, 0)
    limit = min(opened.limit, room)
    told = _share(progress)

    def sink(member: unpack.Member) -> unpack.Out | None:
        return _Made(folder, member) if keep or member.name == snapshot.DATABASE else None

    try:
        label = unpack.unpack(opened, sink, limit=limit, told=told)
    except BackupError as exc:
        if room < opened.limit and exc.params.get("reason") == unpack.TOO_MUCH:
            raise no_room(folder) from exc
        raise
    return label


def _share(progress: Progress) -> Callable[[int, int], None]:
    return lambda done, total: progress(done / total if total else 1.0)


class _Made:
    """A new file under folder; its folders are made, 0700. Its time is the one it had."""

    def __init__(self, folder: Path, member: unpack.Member) -> None:
        path = folder / member.name
        self._mtime = member.mtime
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            self._file = os.fdopen(os.open(path, flags, 0o600), "wb")
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as exc:
            raise unpack.hostile(member.name[:200]) from exc

    def write(self, data: bytes, /) -> int:
        return self._file.write(data)

    def close(self) -> None:
        with self._file as file:
            file.flush()
            os.utime(file.fileno(), (self._mtime, self._mtime))
