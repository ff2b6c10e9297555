"""A backup read back with suspicion: regular files under known names, and nothing else.

Whatever `tar` would make of an archive, this takes only what archive.py writes: no links, no
folders, no devices, no name twice, no name that leaves the folder, no more than the label says.
Every digest is checked. A piece at a time; nothing is held but names and digests. Knows nothing
of compression, keys, homes or SQLite.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol

from echo.errors import BackupError
from echo.i18n import msgid
from echo.keeping.archive import (
    ALONE,
    BLOCK,
    END,
    FORMAT,
    LABEL,
    MAX_MEMBERS,
    PIECE,
    SUMS,
    TOPS,
    Label,
    sum_line,
)

_MAX_LABEL = 64 * 1024
_MAX_PAX = 16 * 1024
TOO_MUCH = msgid("more than such a file can hold")


class Out(Protocol):
    """Where the bytes of a member go."""

    def write(self, data: bytes, /) -> object:
        """All of them."""
        ...

    def close(self) -> None:
        """No more will come; called too when it was cut short."""
        ...


class Source(Protocol):
    """Where bytes come from: a file, or a reader of ours."""

    def read(self, size: int, /) -> bytes:
        """Up to so many bytes; none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Member:
    """A file that comes out."""

    name: str
    size: int
    mtime: int


Sink = Callable[[Member], Out | None]
Hash = blake2b


def unpack(
    source: Source, sink: Sink, *, limit: int, told: Callable[[int, int], None] = lambda *_: None
) -> Label:
    """Read an archive to its end, give its members to sink, check every digest; its label.

    sink: where the bytes of a member go, None for nowhere; limit: the most bytes it may hold;
    told: how many came out, of how many. Nothing that came out may be used before this returns.
    Raises BackupError.
    """
    reader = _Reader(source)
    label, digests = _label(reader)
    if not 0 <= label.bytes <= limit or not 0 <= label.files <= MAX_MEMBERS:
        raise hostile(TOO_MUCH)
    done = 0
    while (member := _next(reader)) is not None and member.name != SUMS:
        _check_name(member.name, digests)
        if member.size > label.bytes - done or len(digests) > label.files:
            raise hostile(msgid("more than it says"))
        digests[member.name] = hashed = blake2b(digest_size=32)
        for piece in _copied(reader, member, sink):
            hashed.update(piece)
            done += len(piece)
            told(done, label.bytes)
    if member is None or done != label.bytes or len(digests) != label.files + 1:
        raise damaged()
    _check_sums(reader, member.size, digests)
    if reader.take(len(END)) != END or source.read(1):
        raise damaged()
    return label


class _Reader:
    """Reads exactly what is asked for, or the backup is damaged."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def take(self, size: int) -> bytes:
        parts = []
        while size:
            part = self._source.read(min(size, PIECE))
            if not part:
                raise damaged()
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def pad(self, size: int) -> None:
        rest = -size % BLOCK
        if self.take(rest) != bytes(rest):
            raise damaged()


def _label(reader: _Reader) -> tuple[Label, dict[str, Hash]]:
    member = _next(reader)
    if member is None or member.name != LABEL or member.size > _MAX_LABEL:
        raise damaged()
    text = reader.take(member.size)
    reader.pad(member.size)
    digests = {LABEL: blake2b(text, digest_size=32)}
    try:
        values = json.loads(text)
        if values.get("format") != FORMAT:
            raise BackupError(
                "This backup was made by a newer Echo.", "Update Echo, then try again."
            )
        return _typed(values), digests
    except (ValueError, TypeError, AttributeError, RecursionError) as exc:
        raise damaged() from exc


def _typed(values: Mapping[str, object]) -> Label:
    label = Label(**values)  # type: ignore[arg-type]  # a wrong name is a TypeError
    for name, kind in Label.__annotations__.items():
        if type(getattr(label, name)).__name__ != kind:
            raise TypeError(name)
    return label


def _next(reader: _Reader) -> Member | None:
    """The next header; None for the first block of the end."""
    info = _info(reader.take(BLOCK))
    name, size = info.name, info.size
    if info.type == tarfile.XHDTYPE:
        extra = _extra(reader, info.size)
        info = _info(reader.take(BLOCK))
        name, size = extra.get("path", info.name), _number(extra.get("size", str(info.size)))
    if info.type != tarfile.REGTYPE:
        raise hostile(msgid("a link, a folder or a device"))
    return Member(name, size, int(info.mtime))


def _info(block: bytes) -> tarfile.TarInfo:
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError as exc:
        raise damaged() from exc
    if info.size < 0 or info.mtime < 0:
        raise damaged()
    return info


def _extra(reader: _Reader, size: int) -> dict[str, str]:
    """The records before a header: only what `packed` writes."""
    if size > _MAX_PAX:
        raise hostile(msgid("a name without end"))
    data = reader.take(size)
    reader.pad(size)
    found: dict[str, str] = {}
    while data:
        head, _, _ = data.partition(b" ")
        length = _number(head.decode("ascii", "replace"))
        record = data[len(head) + 1 : length]
        if not length or not record.endswith(b"\n") or len(data) < length:
            raise damaged()
        key, _, value = record[:-1].partition(b"=")
        found[key.decode("utf-8", "replace")] = value.decode("utf-8", "surrogateescape")
        data = data[length:]
    if not found.keys() <= {"path", "size", "hdrcharset"}:
        raise hostile(msgid("a name without end"))
    return found


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise damaged()
    return int(text)


def _check_name(name: str, known: Mapping[str, Hash]) -> None:
    parts = name.split("/")
    strange = (
        name in known
        or len(name) > 4096
        or "\0" in name
        or any(part in ("", ".", "..") or len(part.encode("utf-8", "replace")) > 255
               for part in parts)
        or not (name == ALONE or (len(parts) > 1 and parts[0] in TOPS))
    )  # fmt: skip
    if strange:
        raise hostile(name[:200])


def _copied(reader: _Reader, member: Member, sink: Sink) -> Iterator[bytes]:
    """The bytes of a member, which have gone to its sink."""
    out = sink(member)
    left = member.size
    try:
        while left:
            piece = reader.take(min(PIECE, left))
            if out is not None:
                out.write(piece)
            left -= len(piece)
            yield piece
    finally:
        if out is not None:
            out.close()
    reader.pad(member.size)


def _check_sums(reader: _Reader, size: int, digests: Mapping[str, Hash]) -> None:
    """The sums must be, to the byte, those of what came out."""
    wanted = "".join(sum_line(name, hashed.hexdigest()) for name, hashed in digests.items())
    data = wanted.encode("utf-8", "surrogateescape")
    if size != len(data) or reader.take(size) != data:
        raise damaged()
    reader.pad(size)


def damaged() -> BackupError:
    """Not what was written."""
    return BackupError(
        "This backup is damaged.",
        "Nothing was taken from it. Use another backup, or copy this one again.",
    )


def hostile(what: str) -> BackupError:
    """Made by somebody else, with something else in mind."""
    return BackupError(
        "This backup holds something no backup of Echo holds: {reason}.",
        "Nothing was taken from it. Use a backup that you made yourself.",
        reason=what,
    )
