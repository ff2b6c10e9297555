"""What there is to import: a file, the files of a folder, the members of a zip archive.

Opens them guarded: no pipes, no devices, no encrypted members, no archive that unfolds without
end. Knows nothing of what they say.
"""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from echo.errors import IngestError
from echo.i18n import msgid
from echo.memory import dayfiles
from echo.memory.dayfiles import natural
from echo.text import scrub

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_INDEX = 64 << 20  # bytes of a zip's table of contents: some 600,000 members
MAX_MEMBER = 16 << 30  # bytes of a member, unfolded
_FREE = 16 << 20  # bytes that may unfold from anything
_RATIO = 400  # beyond them: conversations fold by 5 to 20

BAD_ZIP = msgid("a damaged zip archive")
HUGE_ZIP = msgid("a zip archive with too many members")
BOMB = msgid("it unfolds to far more than it is")
LOCKED = msgid("encrypted")
LINKED = msgid("a link to a folder")
FOLDED = msgid("folded in a way Echo cannot unfold")


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing to read. name: as shown; day: when it was last written."""

    name: str
    day: date
    open: Callable[[], BinaryIO]


def files(path: Path, passed: Callable[[Path, str], None] = lambda *_: None) -> list[Path]:
    """The file itself, or what lies in the folder and below, in natural order, nothing hidden.

    passed: told of folders below that cannot be listed, or are links, which may lead round.
    """
    if not os.path.isdir(path):  # noqa: PTH112 - no error of its own where nobody may look
        return [path]
    found = []

    def unlisted(exc: OSError) -> None:
        if Path(exc.filename) == path:
            raise IngestError(
                "{path} cannot be imported: {reason}.", path=path, reason=dayfiles.UNREADABLE
            ) from exc
        passed(Path(exc.filename), dayfiles.UNREADABLE)

    for folder, below, names in os.walk(path, onerror=unlisted):
        below[:] = sorted(name for name in below if not name.startswith("."))  # where walk goes on
        for name in below:
            if (link := Path(folder) / name).is_symlink():
                passed(link, LINKED)
        found += [Path(folder) / name for name in names if not name.startswith(".")]
    listed = sorted(found, key=lambda file: natural(str(file.relative_to(path))))
    if not listed:
        raise IngestError("{path} holds no files to import.", path=path)
    return listed


def is_copy(name: str) -> bool:
    """Is a file of a folder what an editor keeps of an earlier one? Its words would come twice."""
    return name.lower().endswith((".bak", ".old", ".orig", ".tmp", ".swp", "~"))


def is_zip(head: bytes) -> bool:
    """Does a file begin as a zip archive does?"""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def of_file(name: str, file: BinaryIO, zone: tzinfo) -> Piece:
    """A file that is open already."""
    day = dayfiles.written_on(os.fstat(file.fileno()), zone)
    return Piece(name, day, partial(_rewound, file))


def _rewound(file: BinaryIO) -> BinaryIO:
    file.seek(0)
    return file


# ── zip archives ─────────────────────────────────────────────────────────────────────────────


def of_zip(outer: str, file: BinaryIO, zone: tzinfo) -> Iterator[Piece]:
    """The members of an archive of that name, in natural order. Raises IngestError."""
    fallback = dayfiles.written_on(os.fstat(file.fileno()), zone)
    if _index_size(file) > MAX_INDEX:
        raise IngestError(HUGE_ZIP)
    with mapped():
        archive = zipfile.ZipFile(file)
    for info in sorted(archive.infolist(), key=lambda info: natural(info.filename)):
        name = scrub(info.filename)
        last = name.rsplit("/", 1)[-1]
        if info.is_dir() or not last or last.startswith(".") or name.startswith("__MACOSX/"):
            continue
        shown = f"{outer}/{name}"
        yield Piece(shown, _day(info, fallback), partial(_member, archive, info))


def _day(info: zipfile.ZipInfo, fallback: date) -> date:
    try:
        return datetime(*info.date_time).date()
    except ValueError:
        return fallback


def _index_size(file: BinaryIO) -> int:
    """Bytes of the table of contents, before zipfile reads it whole."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(end - 66_000, 0))
    tail = file.read(66_000)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 16:
        return 0
    size = int(struct.unpack_from("<I", tail, at + 12)[0])
    wide = tail.rfind(b"PK\x06\x06", 0, at)
    if size == 0xFFFFFFFF and 0 <= wide <= len(tail) - 48:
        size = int(struct.unpack_from("<Q", tail, wide + 40)[0])
    return size


@contextmanager
def mapped() -> Iterator[None]:
    """zipfile's and zlib's errors become one sentence."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, ValueError) as exc:
        raise IngestError(BAD_ZIP) from exc
    except (NotImplementedError, ImportError) as exc:
        raise IngestError(FOLDED) from exc
    except RuntimeError as exc:  # what zipfile says of a password
        raise IngestError(LOCKED) from exc


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> BinaryIO:
    if info.flag_bits & 1:
        raise IngestError(LOCKED)
    return cast("BinaryIO", io.BufferedReader(_Member(archive, info), 1 << 18))


class _Member(io.RawIOBase):
    """A member as a file that can begin anew, and stops when it grows absurd."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        self._archive = archive
        self._info = info
        self._limit = min(MAX_MEMBER, max(_FREE, info.compress_size * _RATIO))
        self._read = 0
        with mapped():
            self._file = archive.open(info)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_SET and offset == 0:
            with mapped():
                self._file.close()
                self._file = self._archive.open(self._info)
            self._read = 0
        elif (offset, whence) not in ((self._read, os.SEEK_SET), (0, os.SEEK_CUR)):
            raise io.UnsupportedOperation("seek")
        return self._read

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        with mapped():
            data = self._file.read(len(view))
        self._read += len(data)
        if self._read > self._limit:
            raise IngestError(BOMB)
        view[: len(data)] = data
        return len(data)
