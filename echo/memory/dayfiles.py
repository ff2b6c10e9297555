"""Day files on disk: which there are, which day they tell of, and their lines as text.

Reads only, never more than a line and a block at a time. Knows no database and no journal.
"""

from __future__ import annotations

import codecs
import errno
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, NamedTuple

from echo.errors import IngestError
from echo.i18n import msgid
from echo.text import scrub

MAX_LINE = 1 << 20  # bytes; a longer line is no line
_CHUNK = 1 << 20
MIXED = "mixed"  # an encoding of its own: every line is UTF-8 or cp949
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_DAY = re.compile(r"day[-_ ]?(?:(\d{4})[-_.]?)?(\d{2})[-_.]?(\d{2})")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

NOT_REGULAR = msgid("not a regular file")
UNREADABLE = msgid("not readable")
NOT_TEXT = msgid("neither UTF-8 nor cp949 text")
HAS_NUL = msgid("a line with NUL characters")
TOO_LONG = msgid("a line longer than 1 MiB")


@dataclass(frozen=True, slots=True)
class DayFile:
    """One part*.txt. name: its path under memory/, as kept and shown; shared: in memory/ itself."""

    path: Path
    name: str
    folder: str
    part: int
    shared: bool


class Line(NamedTuple):
    """One line of a file. number counts from 1; end: the byte after it, -1 when not known.

    text: None when it may not be read, and then why; whole: it ends with a line end.
    """

    number: int
    text: str | None
    raw: bytes
    whole: bool = True
    why: str = ""


# ── which files ──────────────────────────────────────────────────────────────────────────────


def find(
    memory: Path, user: str, unlisted: Callable[[str], None] = lambda _: None
) -> list[DayFile]:
    """memory/day*/part*.txt and memory/USER/day*/part*.txt, part2 before part10.

    unlisted: told the name of each folder whose names could not be read.
    """
    found = [*_under(memory, "", unlisted), *_under(memory / user, f"{user}/", unlisted)]
    return sorted(found, key=lambda file: (natural(file.folder), file.part, natural(file.name)))


def _under(root: Path, prefix: str, unlisted: Callable[[str], None]) -> Iterator[DayFile]:
    for folder in _names(root, "day", prefix or "memory/", unlisted):
        for name in _names(root / folder, "part", f"{prefix}{folder}/", unlisted):
            if name.endswith(".txt"):
                digits = re.search(r"\d+", name)
                number = int(digits[0][:9]) if digits else 0
                shown = scrub(f"{prefix}{folder}/{name}")
                yield DayFile(root / folder / name, shown, scrub(folder), number, not prefix)


def _names(folder: Path, start: str, shown: str, unlisted: Callable[[str], None]) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if name.startswith(start))  # noqa: PTH208
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as exc:
        if exc.errno != errno.ELOOP:  # a loop of links holds nothing
            unlisted(scrub(shown))
        return []


def natural(name: str) -> tuple[tuple[int, str], ...]:
    """A sort key under which part2 stands before part10."""
    pieces = re.findall(r"\d+|\D+", name)
    return tuple((int(p), "") if p.isdecimal() else (-1, p) for p in pieces)


def day_of(folder: str, written: date, year: int | None = None) -> tuple[date, bool]:
    """(the day a folder tells of, whether its name says so).

    day20240315 says it; day0315 means the newest year in which it is not after `written`, the
    date of the file itself, or `year`; anything else is of the date the file was written.
    """
    match = _DAY.fullmatch(folder)
    if match is None:
        return written, False
    month, day = int(match[2]), int(match[3])
    if match[1]:
        years: tuple[int, ...] = (int(match[1]),)
    else:
        years = (year,) if year else tuple(range(written.year, written.year - 9, -1))
    for candidate in years:
        try:
            found = date(candidate, month, day)
        except ValueError:  # 31 April, or 29 February of a common year
            continue
        if match[1] or year or found <= written:
            return found, True
    return written, False


def written_on(info: os.stat_result, zone: tzinfo) -> date:
    """The local date a file was last written."""
    return datetime.fromtimestamp(info.st_mtime_ns // 1_000_000_000, zone).date()


# ── reading ──────────────────────────────────────────────────────────────────────────────────


def open_regular(path: Path) -> BinaryIO:
    """The file, unless opening it could hang or never end. Raises IngestError."""
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise IngestError(NOT_REGULAR)
        handle = os.open(path, flags)
    except OSError as exc:
        raise IngestError(NOT_REGULAR if exc.errno == errno.ELOOP else UNREADABLE) from exc
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise IngestError(NOT_REGULAR)
    return os.fdopen(handle, "rb")


def encoding_of(file: BinaryIO) -> str:
    """BOM, else strict UTF-8, else cp949 (never euc-kr: it lacks half the syllables).

    A file of which most lines are one or the other, such as one that was cut within a letter, is
    MIXED. Reads the whole file, a block at a time. Raises IngestError when it is none of them.
    """
    file.seek(0)
    start = file.read(4)
    tried = [name for bom, name in _BOMS if start.startswith(bom)] or ["utf-8", "cp949"]
    for name in tried:
        file.seek(0)
        if _decodes(file, name):
            file.seek(0)
            return name
    if len(tried) > 1 and _mostly_text(file):
        return MIXED
    raise IngestError(NOT_TEXT)


def _mostly_text(file: BinaryIO) -> bool:
    """More lines that are text than lines that are not."""
    file.seek(0)
    balance = 0
    while raw := file.readline(MAX_LINE):
        text = _either(raw)
        balance += 1 if text is not None and not _CONTROLS.search(text) else -1
    file.seek(0)
    return balance > 0


def _either(raw: bytes) -> str | None:
    """One line of a mixed file."""
    for name in ("utf-8", "cp949"):
        try:
            return raw.decode(name)
        except UnicodeError:
            continue
    return None


def _decodes(file: BinaryIO, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)("strict")
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def lines(file: BinaryIO, encoding: str, number: int = 0) -> Iterator[Line]:
    """The lines from here on; number: how many came before. Never holds more than one.

    For UTF-16 `raw` stays empty: its lines have no place of their own in bytes.
    """
    if encoding == "utf-16":
        yield from _wide_lines(file)
        return
    while raw := file.readline(MAX_LINE):
        number += 1
        whole = raw.endswith(b"\n")
        if not whole and len(raw) >= MAX_LINE:
            yield from _swallow(file, raw, number)
            continue
        if encoding == MIXED:
            mixed = _either(raw)
            if mixed is None:
                yield Line(number, None, raw, whole, NOT_TEXT)
            else:
                yield _checked(number, mixed, raw, whole=whole)
            continue
        text = raw.decode("utf-8" if encoding == "utf-8-sig" and number > 1 else encoding)
        yield _checked(number, text, raw, whole=whole)


def raw_lines(file: BinaryIO, number: int = 0) -> Iterator[Line]:
    """Lines of a file Echo wrote, however long; a character cut in two becomes U+FFFD."""
    for raw in file:
        number += 1
        yield Line(number, raw.decode("utf-8", "replace"), raw, raw.endswith(b"\n"))


def _checked(number: int, text: str, raw: bytes, *, whole: bool) -> Line:
    if "\0" in text:
        return Line(number, None, raw, whole, HAS_NUL)
    return Line(number, text.rstrip("\r\n"), raw, whole)


def _swallow(file: BinaryIO, raw: bytes, number: int) -> Iterator[Line]:
    """The rest of a monstrous line, a piece at a time; only the last piece says why."""
    while not raw.endswith(b"\n"):
        rest = file.readline(MAX_LINE)
        if not rest:
            break
        yield Line(number, "", raw)
        raw = rest
    yield Line(number, None, raw, raw.endswith(b"\n"), TOO_LONG)


def _wide_lines(file: BinaryIO) -> Iterator[Line]:
    wrapped = TextIOWrapper(file, "utf-16", newline="\n")
    try:
        yield from _read_wide(wrapped)
    finally:
        wrapped.detach()  # or it would close the file when it is left early


def _read_wide(wrapped: TextIOWrapper) -> Iterator[Line]:
    number = 0
    long = False
    while text := wrapped.readline(MAX_LINE):
        ended = text.endswith("\n")
        if not long:
            number += 1
        if not ended and len(text) >= MAX_LINE:
            long = True
            continue
        if long:
            yield Line(number, None, b"", ended, TOO_LONG)
        else:
            yield _checked(number, text, b"", whole=ended)
        long = False
    if long:
        yield Line(number, None, b"", False, TOO_LONG)
