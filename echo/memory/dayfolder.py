"""Appending to a user's journal on disk: memory/<user>/dayYYYYMMDD/partN.txt.

The caller sees to it that nobody else appends meanwhile. A file that does not begin with the
journal's header is somebody's own and is never written to. Knows lines, not what they say.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from echo.errors import JournalError
from echo.memory import journal
from echo.memory.journal import Header

_PART = re.compile(r"part(\d+)\.txt")


@dataclass(frozen=True, slots=True)
class _Part:
    """The file that is being filled, as it was left."""

    path: Path
    number: int
    lines: int
    size: int


class DayFolder:
    """One user's part of the journal."""

    def __init__(self, root: Path, user: str, part_lines: int) -> None:
        self._root = root
        self._user = user
        self._part_lines = max(part_lines, 1)
        self._last: _Part | None = None

    def append(self, day: date, lines: Sequence[str], *, wait: bool = True) -> set[Path]:
        """Write whole lines and wait until the disk has them; to which files.

        wait=False: the caller sees to `sync` of these files. Raises JournalError.
        """
        left = list(lines)
        touched = set()
        while left:
            with _mapped(self._folder(day)):
                part = self._open_part(day)
                room = max(self._part_lines - part.lines, 1)
                self._last = None  # until it is known to be whole
                data = "".join(left[:room]).encode()
                size = _append(part.path, data, new=part.size == 0, wait=wait)
                touched.add(part.path)
                self._last = _Part(part.path, part.number, part.lines + len(left[:room]), size)
                left = left[room:]
        return touched

    def parts(self, day: date) -> set[Path]:
        """The files of that day that are Echo's."""
        folder = self._folder(day)
        with _mapped(folder):
            paths = (folder / f"part{number}.txt" for number in _parts(folder))
            return {path for path in paths if _is_ours(path)}

    def ids(self, day: date) -> frozenset[tuple[str, str]]:
        """(kind, id) of every record that stands in the journal of that day."""
        with _mapped(self._folder(day)):
            found = []
            for number in _parts(self._folder(day)):
                path = self._folder(day) / f"part{number}.txt"
                if _is_ours(path):
                    with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
                        records = map(journal.record_of, file)
                        found += [(r.kind, r.id) for r in records if r is not None]
            return frozenset(found)

    def _folder(self, day: date) -> Path:
        return self._root / f"day{day:%Y%m%d}"

    def _open_part(self, day: date) -> _Part:
        """The part to append to, with its header; a new one when the last is full or not ours."""
        part = self._last
        folder = self._folder(day)
        if part is None or part.path.parent != folder or _size(part.path) != part.size:
            part = self._find(folder)
        if part is not None and part.lines < self._part_lines:
            return part
        number = max((0 if part is None else part.number, *_parts(folder))) + 1
        path = folder / f"part{number}.txt"
        _make_folder(folder)
        line = journal.header_line(Header(self._user, day, number))
        return _Part(path, number, 0, _append(path, line.encode(), new=True))

    def _find(self, folder: Path) -> _Part | None:
        numbers = _parts(folder)
        if not numbers:
            return None
        path = folder / f"part{numbers[-1]}.txt"
        if not _is_ours(path) or _has_torn_header(path):
            return None
        _mark_torn(path)
        with path.open("rb") as file:
            lines = sum(1 for _ in file) - 1
        return _Part(path, numbers[-1], lines, _size(path))


def _parts(folder: Path) -> list[int]:
    if not folder.is_dir():
        return []
    found = (_PART.fullmatch(name) for name in os.listdir(folder))  # noqa: PTH208 - names only
    return sorted(int(match[1]) for match in found if match)


def _is_ours(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return journal.is_header(file.readline(256))


def _has_torn_header(path: Path) -> bool:
    with path.open("rb") as file:
        return not file.readline().endswith(b"\n")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else -1


def _mark_torn(path: Path) -> None:
    """A crash may have left a line without its end: close it, so that the next stands alone."""
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        whole = file.read(1) == b"\n"
    if not whole:
        _append(path, journal.TORN.encode(), new=False)


def sync(paths: Iterable[Path]) -> None:
    """Wait until the disk has all that was appended to these files. Raises JournalError."""
    for path in paths:
        with _mapped(path), suppress(FileNotFoundError):  # whoever took it away synced the rest
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fdatasync(file)
            finally:
                os.close(file)


def _append(path: Path, data: bytes, *, new: bool, wait: bool = True) -> int:
    """Write all of it, sync, and say how long the file is now."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    file = os.open(path, flags, 0o600)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(file, view) :]
        if wait or new:
            os.fdatasync(file)
        size = os.fstat(file).st_size
    finally:
        os.close(file)
    if new:
        _sync_folder(path.parent)
    return size


def _make_folder(folder: Path) -> None:
    """The folder and those above it, 0700, each one's name on the disk."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _mapped(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise JournalError(
            "The journal could not be written: {path} ({reason}).",
            "The words are kept in the memory file; the journal is completed at the next start.",
            path=exc.filename or folder,
            reason=exc.strerror or exc,
        ) from exc
