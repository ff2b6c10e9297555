"""What is still somewhere: a search of every byte of a home for words that were forgotten.

In every form Echo or its user may have written them in. Knows files and encodings; the database
only as bytes.
"""

from __future__ import annotations

import json
import mmap
import os
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from echo.memory import journal
from echo.text import key

MOST = 40  # pieces looked for at once; of more, the longest are taken
_SHORTEST = 2  # characters


@dataclass(frozen=True, slots=True)
class Proof:
    """pieces: how many were looked for, of how many; files: how many were read, with their bytes;
    found: (path under the home, how many pieces) where something still stands; unread: files that
    could not be looked into.
    """

    looked_for: int
    pieces: int
    files: int
    bytes: int
    found: tuple[tuple[str, int], ...]
    unread: tuple[str, ...]


def pieces(texts: Iterable[str]) -> list[str]:
    """What to look for: the lines of these texts, longest first, none twice."""
    found: dict[str, None] = {}
    for text in texts:
        for line in text.split("\n"):
            piece = key(line)
            if len(piece) >= _SHORTEST:
                found[piece] = None
    return sorted(found, key=len, reverse=True)


def search(home: Path, wanted: Sequence[str], *, leave_out: Sequence[Path] = ()) -> Proof:
    """Every regular file of the home, models left out (nobody writes words there)."""
    forms = [forms_of(piece) for piece in wanted[:MOST]]
    found: list[tuple[str, int]] = []
    unread: list[str] = []
    count = total = 0
    for path in _files(home, leave_out):
        name = str(path.relative_to(home))
        try:
            size, hits = _look(path, forms)
        except OSError:
            unread.append(name)
            continue
        count, total = count + 1, total + size
        if hits:
            found.append((name, hits))
    return Proof(len(forms), len(wanted), count, total, tuple(found), tuple(unread))


def forms_of(piece: str) -> tuple[bytes, ...]:
    """The bytes these words may be: UTF-8 (NFC, NFD), cp949, UTF-16, JSON and journal escapes."""
    plain = json.dumps(piece)[1:-1]
    upper = "".join(f"\\u{ord(c):04X}" if 127 < ord(c) < 0x10000 else c for c in piece)
    texts = (
        piece, unicodedata.normalize("NFD", piece), plain, upper,
        json.dumps(piece, ensure_ascii=False)[1:-1], journal.escape(piece),
    )  # fmt: skip
    made = [text.encode("utf-8", "surrogatepass") for text in texts]
    for name in ("cp949", "utf-16-le", "utf-16-be"):
        try:
            made.append(piece.encode(name))
        except UnicodeEncodeError:  # no such letter there, so it cannot stand there
            continue
    return tuple(dict.fromkeys(made))


def _files(home: Path, leave_out: Sequence[Path]) -> Iterator[Path]:
    left = {path.resolve() for path in leave_out}
    for folder, names, files in os.walk(home):
        names[:] = [name for name in sorted(names) if (Path(folder) / name).resolve() not in left]
        for name in sorted(files):
            path = Path(folder) / name
            if path.is_file() and not path.is_symlink():
                yield path


def _look(path: Path, forms: Sequence[tuple[bytes, ...]]) -> tuple[int, int]:
    size = path.stat().st_size
    if not size:
        return 0, 0
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return size, sum(any(data.find(form) >= 0 for form in piece) for piece in forms)
