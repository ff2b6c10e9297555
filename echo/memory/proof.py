"""What is still somewhere: a search of every byte of a home for words that were forgotten.

In every form Echo or its user may have written them in, all of them in one pass: the first eight
bytes at each place of a file are looked up at once. Knows files and encodings; the database only
as bytes.
"""

from __future__ import annotations

import json
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from echo.memory import journal
from echo.text import key

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST = 20_000  # pieces looked for at once; of more, the longest are taken
MOST_SHORT = 100  # of them, such as are less than eight bytes: each costs a pass of its own
_SHORTEST = 2  # characters
_FORM = 4096  # bytes of a form that must be there; words may be long
_KEY = 8
_BLOCK = 4 << 20
_BITS = 24
_SPREAD = 0x9E3779B97F4A7C15  # odd, so that multiplying mixes the upper bits


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
    chosen = _chosen(wanted)
    sought = _Sought.of(chosen)
    found: list[tuple[str, int]] = []
    unread: list[str] = []
    count = total = 0

    def not_read(exc: OSError) -> None:
        unread.append(str(Path(exc.filename).relative_to(home)))

    for path in _files(home, leave_out, not_read):
        name = str(path.relative_to(home))
        try:
            size, hits = _look(path, sought)
        except OSError:
            unread.append(name)
            continue
        count, total = count + 1, total + size
        if hits:
            found.append((name, hits))
    return Proof(len(chosen), len(wanted), count, total, tuple(found), tuple(unread))


def _chosen(wanted: Sequence[str]) -> list[str]:
    some = list(wanted[:MOST])
    short = [piece for piece in some if _is_short(piece)]
    return [p for p in some if not _is_short(p)] + short[:MOST_SHORT]


def _is_short(piece: str) -> bool:
    return any(len(form) < _KEY for form in forms_of(piece))


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
    return tuple(dict.fromkeys(form[:_FORM] for form in made))


def _files(
    home: Path, leave_out: Sequence[Path], not_read: Callable[[OSError], None]
) -> Iterator[Path]:
    left = {path.resolve() for path in leave_out}
    for folder, names, files in os.walk(home, onerror=not_read):
        names[:] = [name for name in sorted(names) if (Path(folder) / name).resolve() not in left]
        for name in sorted(files):
            path = Path(folder) / name
            if not path.is_symlink() and _may_be_regular(path):
                yield path


def _may_be_regular(path: Path) -> bool:
    """Where nobody may ask, it is tried, and told when it cannot be read."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return True


# ── one file ─────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Sought:
    """What is looked for. short: (bytes, piece); long: first eight bytes → length → bytes → piece,
    for many sentences begin alike; keys: those first bytes as numbers, ascending; table: at which
    hashes there is one; longest: bytes of a form.
    """

    keys: NDArray[np.uint64]
    table: NDArray[np.bool_]
    short: list[tuple[bytes, int]] = field(default_factory=list)
    long: dict[bytes, dict[int, dict[bytes, int]]] = field(default_factory=dict)
    longest: int = 1

    @classmethod
    def of(cls, wanted: Sequence[str]) -> _Sought:
        import numpy as np

        made = cls(np.empty(0, np.uint64), np.zeros(1 << _BITS, np.bool_))
        for number, piece in enumerate(wanted):
            for form in forms_of(piece):
                made.longest = max(made.longest, len(form))
                if len(form) < _KEY:
                    made.short.append((form, number))
                else:
                    alike = made.long.setdefault(form[:_KEY], {})
                    alike.setdefault(len(form), {})[form] = number
        made.keys = np.sort(np.frombuffer(b"".join(made.long), "<u8"))
        made.table[_hashes(made.keys)] = True
        return made

    def places(self, data: bytes) -> Iterator[int]:
        """Where the first eight bytes of something long stand."""
        import numpy as np

        if not len(self.keys):
            return
        every = np.frombuffer(data, np.uint8)
        for shift in range(min(_KEY, max(len(data) - _KEY + 1, 0))):
            count = (len(data) - shift) // _KEY
            here = every[shift : shift + count * _KEY].view("<u8")
            (likely,) = np.nonzero(self.table[_hashes(here)])
            near = np.minimum(np.searchsorted(self.keys, here[likely]), len(self.keys) - 1)
            for place in likely[self.keys[near] == here[likely]]:
                yield shift + _KEY * int(place)


def _hashes(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    import numpy as np

    return (keys * np.uint64(_SPREAD)) >> np.uint64(64 - _BITS)


def _stands(form: bytes, data: bytes) -> bool:
    """Is something short there? Digits and letters as a word of their own: within another they are
    chance, for times, names and checks are full of them.
    """
    if not form.isalnum():
        return form in data
    return re.search(rb"(?<![0-9A-Za-z])%b(?![0-9A-Za-z])" % re.escape(form), data) is not None


def _look(path: Path, sought: _Sought) -> tuple[int, int]:
    """(bytes read, pieces found). A block at a time, with the end of the one before."""
    hits: set[int] = set()
    rest = b""
    size = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            size += len(block)
            data = rest + block
            hits.update(number for form, number in sought.short if _stands(form, data))
            for place in sought.places(data):
                for length, forms in sought.long[data[place : place + _KEY]].items():
                    number = forms.get(data[place : place + length])
                    if number is not None:
                        hits.add(number)
            rest = data[-(sought.longest - 1) :] if sought.longest > 1 else b""
    return size, len(hits)
