"""Digests of files as hubs name them: sha256, or git's blob sha1 for what is not in LFS.

Knows bytes. Source: git's object format ("blob", size, NUL, content).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import IO, Protocol

STEP = 1 << 20
_FORMS = re.compile(r"[0-9a-f]{64}|[0-9a-f]{40}")


class Hasher(Protocol):
    """What hashlib's objects have in common."""

    def update(self, data: bytes, /) -> None:
        """More bytes."""
        ...

    def hexdigest(self) -> str:
        """The digest of all so far, in hex."""
        ...


def is_digest(text: str) -> bool:
    """Is this a digest that can be checked: 64 hex digits, or git's 40?"""
    return _FORMS.fullmatch(text) is not None


def hasher(digest: str, size: int) -> Hasher:
    """A hasher of digest's kind for a file of size bytes."""
    if len(digest) != 40:
        return hashlib.sha256()
    found = hashlib.sha1(usedforsecurity=False)
    found.update(b"blob %d\0" % size)
    return found


def feed(file: IO[bytes], into: Hasher, heard: Callable[[int], None]) -> None:
    """All that is left in a file into a hasher; heard is told the bytes of each step."""
    while block := file.read(STEP):
        into.update(block)
        heard(len(block))


def of_file(path: Path, like: str, heard: Callable[[int], None] = lambda _: None) -> str:
    """The digest of a file, of the same kind as `like` ("" means sha256)."""
    with path.open("rb") as file:
        into = hasher(like, path.stat().st_size)
        feed(file, into, heard)
    return into.hexdigest()
