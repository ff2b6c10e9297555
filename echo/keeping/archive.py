"""The inside of a backup: a tar stream, written member by member and read back with suspicion.

    BACKUP.json        what this is, when it was made, how much follows
    memory/…, manifest/…, config.toml
    SUMS               blake2b-256 of every member above, as `b2sum -l 256 -c` reads it

Written a piece at a time; nothing is held but names and digests. unpack.py reads it back. Knows
nothing of compression, keys, homes or SQLite.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path

FORMAT = 1
LABEL = "BACKUP.json"
SUMS = "SUMS"
MAX_MEMBERS = 200_000
PIECE = 1 << 20
BLOCK = 512
END = bytes(2 * BLOCK)
TOPS = ("memory", "manifest")
ALONE = "config.toml"


@dataclass(frozen=True, slots=True)
class Label:
    """What a backup says of itself. content: the digest of what the database remembers, "" where
    there is none; bytes and files: of the members between the label and the sums."""

    made_at: str
    user: str
    echo: str
    sqlite: str
    files: int
    bytes: int
    content: str = ""
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that goes in: its name in the archive, where it is, how much of it, and its time."""

    name: str
    path: Path
    size: int
    mtime: int


class Shrunk(Exception):  # no error a person sees: the archive is begun again
    """A file has become shorter while it was read."""


# ── writing ──────────────────────────────────────────────────────────────────────────────────


def packed(
    label: Label, entries: Sequence[Entry], told: Callable[[int], None] = lambda _: None
) -> Iterator[bytes]:
    """The archive, piece by piece. told: how many bytes of the entries went in so far.

    Raises Shrunk, and OSError where a file cannot be read.
    """
    sums: list[str] = []
    text = json.dumps(asdict(label), ensure_ascii=True, indent=1).encode() + b"\n"
    sums.append(sum_line(LABEL, blake2b(text, digest_size=32).hexdigest()))
    yield from _small(LABEL, text)
    done = 0
    for entry in entries:
        yield _header(entry.name, entry.size, entry.mtime)
        hashed = blake2b(digest_size=32)
        for piece in _pieces(entry):
            hashed.update(piece)
            yield piece
            done += len(piece)
            told(done)
        yield bytes(-entry.size % BLOCK)
        sums.append(sum_line(entry.name, hashed.hexdigest()))
    yield from _small(SUMS, "".join(sums).encode("utf-8", "surrogateescape"))
    yield END


def _small(name: str, data: bytes) -> Iterator[bytes]:
    yield _header(name, len(data), 0)
    yield data
    yield bytes(-len(data) % BLOCK)


def _header(name: str, size: int, mtime: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, max(mtime, 0)
    try:
        return info.tobuf(tarfile.USTAR_FORMAT, "utf-8", "surrogateescape")
    except ValueError:  # a long name, or more than 8 GiB: the same with a record before it
        return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def _pieces(entry: Entry) -> Iterator[bytes]:
    """Exactly `size` bytes: a journal that has grown meanwhile is taken as it was."""
    left = entry.size
    with entry.path.open("rb") as file:
        while left:
            piece = file.read(min(PIECE, left))
            if not piece:
                raise Shrunk(entry.name)
            left -= len(piece)
            yield piece


def sum_line(name: str, digest: str) -> str:
    """One line of SUMS."""
    if "\\" in name or "\n" in name:  # as coreutils writes it
        return f"\\{digest}  " + name.replace("\\", "\\\\").replace("\n", "\\n") + "\n"
    return f"{digest}  {name}\n"
