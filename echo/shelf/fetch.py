"""One file from a hub into models/: resumed where it stopped, checked, and only then named.

Until its digest is right it lies in models/.pulled as a .part, 0600, locked by whoever fetches
it. Bytes are hashed as they come; what lies there from an earlier call is hashed once. Knows the
hub and the disk, no GGUF.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from echo.errors import HubError, Interrupted, ShelfError
from echo.shelf import ledger
from echo.shelf.digests import Hasher, feed, hasher
from echo.shelf.hub import CutError, Hub, RemoteFile, Repo

TRIES = 5  # failures in a row, without a byte between them
Heard = Callable[[int], None]  # bytes more than before; negative when some had to be dropped


@dataclass(frozen=True, slots=True)
class Errand:
    """One file to fetch. target: where it will be."""

    repo: Repo
    file: RemoteFile
    target: Path

    @property
    def part(self) -> Path:
        """Where it grows; another version of the same name grows elsewhere."""
        name = f"{self.target.name}.{self.file.digest[:16]}.part"
        return self.target.parent / ledger.FOLDER / name

    def held(self) -> int:
        """Bytes of it that are here already."""
        try:
            return min(self.part.stat().st_size, self.file.bytes)
        except FileNotFoundError:
            return 0


def fetch(
    hub: Hub, errand: Errand, heard: Heard, pause: Callable[[float], None] = time.sleep
) -> Path:
    """Fetch what is missing, check the digest; the .part, whole and synced.

    heard is told first of the bytes that were here already. Raises HubError when the hub says no,
    the connection stays away or the digest is wrong; ShelfError when the disk will not have it;
    Interrupted on Ctrl-C. Except after a wrong digest, what is here is kept.
    """
    with _disk(errand):
        ledger.folder(errand.target.parent)
        with _opened(errand.part) as file:
            growing = _Growing(errand, file, heard)
            try:
                growing.begin()
                growing.fill(hub, pause)
            except KeyboardInterrupt as exc:
                raise growing.stopped() from exc
            file.flush()
            os.fsync(file.fileno())
        if growing.into.hexdigest() != errand.file.digest:
            errand.part.unlink()
            raise HubError(
                "What came for {file} is not what the hub announced: its digest is wrong.",
                "It is thrown away. Pull again; if it stays so, tell the hub or choose another.",
                file=errand.target.name,
            )
    return errand.part


class _Growing:
    """A part that is open, and the digest of what it holds."""

    def __init__(self, errand: Errand, file: IO[bytes], heard: Heard) -> None:
        self.errand = errand
        self.file = file
        self.heard = heard
        self.into = self._hasher()

    def _hasher(self) -> Hasher:
        return hasher(self.errand.file.digest, self.errand.file.bytes)

    def begin(self) -> None:
        """Hash what is here already; more than there should be is dropped."""
        if os.fstat(self.file.fileno()).st_size > self.errand.file.bytes:
            self.file.truncate(0)
        feed(self.file, self.into, self.heard)

    def fill(self, hub: Hub, pause: Callable[[float], None]) -> None:
        """Everything that is missing, through as many connections as it takes."""
        failed = 0
        while (before := self.file.tell()) < self.errand.file.bytes:
            try:
                with hub.read(self.errand.repo, self.errand.file, before) as (start, pieces):
                    if start < before:
                        self._again()
                    for piece in pieces:
                        self._keep(piece)
                if self.file.tell() < self.errand.file.bytes:
                    raise CutError("the answer was too short")  # noqa: TRY301 (one way to retry)
            except CutError as exc:
                failed = 0 if self.file.tell() > before else failed + 1
                if failed >= TRIES:
                    raise self._gave_up(hub, exc) from exc
                pause(min(2.0**failed / 2, 8.0))

    def _again(self) -> None:
        """From the beginning, with a hub that cannot skip."""
        self.heard(-self.file.tell())
        self.file.seek(0)
        self.file.truncate()
        self.into = self._hasher()

    def _keep(self, piece: bytes) -> None:
        if self.file.tell() + len(piece) > self.errand.file.bytes:
            raise HubError(
                "The hub sends more of {file} than it announced.",
                "Pull again; if it stays so, choose another hub or file.",
                file=self.errand.target.name,
            )
        self.file.write(piece)
        self.into.update(piece)
        self.heard(len(piece))

    def _gave_up(self, hub: Hub, why: Exception) -> HubError:
        return HubError(
            "The connection to {endpoint} keeps failing: {reason}.",
            "Pull again later: it goes on from the {have:.2f} GB that are here.",
            endpoint=hub.endpoint,
            reason=str(why).rstrip("."),
            have=self.file.tell() / 1e9,
        )

    def stopped(self) -> Interrupted:
        """What is said after Ctrl-C."""
        return Interrupted(
            "Stopped: {have:.2f} of {size:.2f} GB of {file} are here.",
            "Pull again: it goes on from there.",
            have=self.file.tell() / 1e9,
            size=self.errand.file.bytes / 1e9,
            file=self.errand.target.name,
        )


@contextmanager
def _opened(part: Path) -> Iterator[IO[bytes]]:
    """The part for reading and writing, 0600, locked."""
    handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "r+b") as file:
        try:
            _lock(file)
        except BlockingIOError as exc:
            raise ShelfError(
                "Somebody is fetching {file} already.",
                "Wait for that pull to end, or stop it.",
                file=part.name,
            ) from exc
        yield file


def _lock(file: IO[bytes]) -> None:
    """Ours alone, where the filesystem knows locks. Raises BlockingIOError when it is not."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:  # a network filesystem without locks: two pulls would end in a wrong digest
        return


@contextmanager
def _disk(errand: Errand) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise ShelfError(
            "{path} cannot be written: {reason}.",
            "Make room, or see to the folder's owner; then pull again: what is here is kept.",
            path=errand.part,
            reason=exc.strerror or exc,
        ) from exc
