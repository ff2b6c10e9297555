"""Day files on disk: which there are, which day they tell of, and their lines as text.

Reads only, never more than a line and a block at a time. Knows no database and no journal.
"""

from __future__ import annotations

import codecs
import errno
import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, NamedTuple

from echo.errors import IngestError
from echo.i18n import msgid
from echo.text import digest, scrub

PREFIX = 6  # hex digits of the file in the ref of its line
MAX_LINE = 1 << 20  # bytes; a longer line is no line
_CHUNK = 1 << 20
MIXED = "mixed"  # an encoding of its own: every line is UTF-8 or cp949
_HEAD = 1 << 16
_USUAL = re.compile(r"[\t\n\r -~\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_DAY = re.compile(r"day[-_ ]?(?:(\d{4})[-_.]?)?(\d{2})[-_.]?(\d{2})")
_YEARS = range(1900, 9999)  # the first and the last days of time have no other time zone
_FIRST_S, _LAST_S = -2_208_900_000, 253_370_700_000  # 1900 and 9998, to the day
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

NOT_REGULAR = msgid("not a regular file")
NOT_FOLDER = msgid("not a folder, so no day's files are in it")
NOT_PART = msgid("its name does not begin with `part` and end with `.txt`")
UNREADABLE = msgid("not readable")
NOT_THERE = msgid("there is no such file")
NOT_TEXT = msgid("neither UTF-8 nor cp949 text")
HAS_NUL = msgid("a line with NUL characters")
TOO_LONG = msgid("a line longer than 1 MiB")


@dataclass(frozen=True, slots=True)
class DayFile:
    """One part*.txt. name: its path under memory/, as kept and shown; shared: in memory/ itself;
    twin: how many files before it have that very name, once what is no UTF-8 is replaced.
    """

    path: Path
    name: str
    folder: str
    part: int
    shared: bool
    twin: int = 0


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


Passed = Callable[[str, str], None]  # the name of what is not read, and why


def find(memory: Path, user: str, passed: Passed = lambda *_: None) -> list[DayFile]:
    """memory/day*/part*.txt and memory/USER/day*/part*.txt, part2 before part10.

    passed: told of folders whose names could not be read, and of texts that are nobody's part.
    """
    found = [*_under(memory, "", passed), *_under(memory / user, f"{user}/", passed)]
    found.sort(key=lambda file: (natural(file.folder), file.part, natural(file.name)))
    met: Counter[str] = Counter()
    for i, file in enumerate(found):
        if twin := met[file.name]:
            found[i] = replace(file, name=f"{file.name} ({twin + 1})", twin=twin)
        met[file.name] += 1
    return found


def _under(root: Path, prefix: str, passed: Passed) -> Iterator[DayFile]:
    for folder in _names(root, prefix or "memory/", passed):
        if not folder.startswith("day"):
            continue
        for name in _names(root / folder, f"{prefix}{folder}/", passed):
            shown = scrub(f"{prefix}{folder}/{name}")
            if name.startswith("part") and name.endswith(".txt"):
                digits = re.search(r"\d+", name)
                number = int(digits[0][:9]) if digits else 0
                yield DayFile(root / folder / name, shown, scrub(folder), number, not prefix)
            elif name.lower().endswith((".txt", ".md")) and not name.startswith("."):
                passed(shown, NOT_PART)


def _names(folder: Path, shown: str, passed: Passed) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - names only
    except FileNotFoundError:
        if folder.is_symlink():
            passed(scrub(shown), UNREADABLE)
        return []
    except NotADirectoryError:
        passed(scrub(shown.rstrip("/")), NOT_FOLDER)
        return []
    except OSError:
        passed(scrub(shown), UNREADABLE)
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
        if candidate not in _YEARS:
            continue
        try:
            found = date(candidate, month, day)
        except ValueError:  # 31 April, or 29 February of a common year
            continue
        if match[1] or year or found <= written:
            return found, True
    return written, False


def written_on(info: os.stat_result, zone: tzinfo) -> date:
    """The local date a file was last written; of a time no calendar has, the nearest it has."""
    seconds = min(max(info.st_mtime_ns // 1_000_000_000, _FIRST_S), _LAST_S)
    return datetime.fromtimestamp(seconds, zone).date()


def ref_prefix(user: str, file: DayFile) -> str:
    """How the refs of a file's lines begin."""
    twin = f"\0{file.twin}" if file.twin else ""
    return digest(f"{user}\0{file.shared}\0{file.folder}/{file.path.name}{twin}")[:PREFIX]


# ── reading ──────────────────────────────────────────────────────────────────────────────────


def open_regular(path: Path) -> BinaryIO:
    """The file, unless opening it could hang or never end. Raises IngestError."""
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise IngestError(NOT_REGULAR)
        handle = os.open(path, flags)
    except FileNotFoundError as exc:
        raise IngestError(UNREADABLE if path.is_symlink() else NOT_THERE) from exc
    except OSError as exc:
        raise IngestError(NOT_REGULAR if exc.errno == errno.ELOOP else UNREADABLE) from exc
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise IngestError(NOT_REGULAR)
    return os.fdopen(handle, "rb")


def encoding_of(file: BinaryIO) -> str:
    """BOM, else UTF-16 by its looks, else strict UTF-8, else cp949 (never euc-kr: it lacks half
    the syllables).

    A file of which most lines are one or the other, such as one that was cut within a letter, is
    MIXED. Reads the whole file, a block at a time. Raises IngestError when it is none of them.
    """
    file.seek(0)
    start = file.read(4)
    marked = [name for bom, name in _BOMS if start.startswith(bom)]
    tried = marked or [*_unmarked(file), "utf-8", "cp949"]
    for name in tried:
        file.seek(0)
        if _decodes(file, name):
            file.seek(0)
            return name
    if len(tried) > 1 and _mostly_text(file):
        return MIXED
    raise IngestError(NOT_TEXT)


def _unmarked(file: BinaryIO) -> list[str]:
    """UTF-16 that does not say so: in bytes it has NULs, and read as it is, nothing strange."""
    file.seek(0)
    head = file.read(_HEAD)
    for name in ("utf-16-le", "utf-16-be") if b"\0" in head else ():
        text = head[: len(head) // 2 * 2].decode(name, "replace")
        words = sum(map(len, text.split()))
        if len(_USUAL.findall(text)) >= 0.9 * len(text) and 2 * words > len(text):
            return [name]
    return []


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
    if encoding.startswith("utf-16"):
        yield from _wide_lines(file, encoding)
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


def _wide_lines(file: BinaryIO, encoding: str) -> Iterator[Line]:
    wrapped = TextIOWrapper(file, encoding, newline="\n")
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
