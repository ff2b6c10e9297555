"""Encryption with age (age-encryption.org/v1), by pyrage.

A backup for a public key is also encrypted for a key that is made for this one backup and kept
nowhere: with it the file is opened again, to prove it, where its owner's secret key is not at
hand. Passphrases go through memory whole, as pyrage has no other way; keys are streamed.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from echo.errors import BackupError
from echo.keeping.keys import Key, Lock, recipient
from echo.keeping.unpack import damaged

MOST_AT_ONCE = 1 << 30  # bytes that are encrypted with a passphrase
_ARMOR = b"-----BEGIN AGE ENCRYPTED FILE-----"
_INTRO = b"age-encryption.org/v1\n"
_SCRYPT = re.compile(rb"\n-> scrypt \S+ (\d+)\n")
# pyrage chooses so many rounds as take a second, as it measures just then: on a busy machine that
# can be few, or what was chosen before can seem too many. So both are tried again.
_TRIES = 4
_PAUSE_S = 0.5
_LEAST_WORK = 17  # age's own default is 18
_MOST_WORK = 22  # 2^22 KiB: a changed digit must not ask for more memory than there is


# ── locking ──────────────────────────────────────────────────────────────────────────────────


def lock(pieces: Iterator[bytes], out: IO[bytes], wanted: Lock) -> Key:
    """Write pieces to out, encrypted as wanted; the key that opens it, for this process only."""
    if wanted.passphrase:
        out.write(_with_passphrase(pieces, wanted.passphrase))
        return Key(passphrase=wanted.passphrase)
    if not wanted.recipients:
        for piece in pieces:
            out.write(piece)
        return Key()
    import pyrage

    own = pyrage.x25519.Identity.generate()
    reader = _Pieces(pieces)
    writer = _Writer(out)
    try:
        pyrage.encrypt_io(reader, writer, [*map(recipient, wanted.recipients), own.to_public()])
    except (pyrage.EncryptError, OSError) as exc:
        raise reader.failed or writer.failed or exc from exc
    return Key((own,))


def _with_passphrase(pieces: Iterator[bytes], passphrase: str) -> bytes:
    import pyrage

    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size > MOST_AT_ONCE:
            raise BackupError(
                "This memory is too large to be encrypted with a passphrase.",
                "Make a key with `age-keygen` and name its public half with --recipient.",
            )
    data = b"".join(held)
    held.clear()
    best = b""
    try:
        for _ in range(_TRIES):
            made = bytes(pyrage.passphrase.encrypt(data, passphrase))
            best = max(best, made, key=_work)
            if _work(best) >= _LEAST_WORK:
                break
    except (pyrage.EncryptError, MemoryError) as exc:
        raise BackupError(
            "The backup could not be encrypted: {reason}.",
            "Nothing was written. Free some memory and try again.",
            reason=exc,
        ) from exc
    return best


def _work(start: bytes) -> int:
    """How hard a passphrase is to try: log2 of scrypt's rounds; 0 where there is no passphrase."""
    found = _SCRYPT.search(start[:512])
    return int(found[1][:4]) if found else 0


class _Pieces:
    """Pieces as a file to read from; remembers what went wrong, as pyrage only tells its name."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""
        self.failed: Exception | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            while not self._rest:
                self._rest = next(self._pieces)
        except StopIteration:
            return b""
        except Exception as exc:
            self.failed = exc
            raise
        size = len(self._rest) if size < 0 else size
        given, self._rest = self._rest[:size], self._rest[size:]
        return given


class _Writer:
    """A file to write to that remembers what went wrong."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self.failed: Exception | None = None

    def write(self, data: bytes) -> int:
        try:
            return self._out.write(data)
        except Exception as exc:
            self.failed = exc
            raise

    def flush(self) -> None:
        self._out.flush()


# ── unlocking ────────────────────────────────────────────────────────────────────────────────


def is_locked(file: IO[bytes]) -> bool:
    """Is this an age file? The place in the file is its start, afterwards."""
    file.seek(0)
    start = file.read(64)
    file.seek(0)
    return start.startswith((_INTRO, _ARMOR))


def needs_passphrase(file: IO[bytes]) -> bool:
    """Was it encrypted with a passphrase?"""
    file.seek(0)
    found = _SCRYPT.search(file.read(512))
    file.seek(0)
    return found is not None


def unlock(file: IO[bytes], key: Key, folder: Path) -> IO[bytes]:
    """What is inside an age file, in a file without a name in folder; the file itself if it is
    not encrypted. Raises BackupError."""
    if not is_locked(file):
        return file
    import pyrage

    if not needs_passphrase(file) and not key.identities:
        raise BackupError(
            "This backup was encrypted for a key.",
            "Name the file that holds the secret key with --identity.",
        )
    plain = TemporaryFile(dir=folder)  # noqa: SIM115 - the caller reads it, and closes it
    writer = _Writer(plain)
    try:
        if needs_passphrase(file):
            plain.write(_passphrased(file, key))
        else:
            pyrage.decrypt_io(file, writer, list(key.identities))
    except BaseException as exc:
        plain.close()
        if isinstance(exc, pyrage.DecryptError | ValueError):
            raise _unopened() from exc
        if isinstance(exc, OSError) and writer.failed is None:  # a chunk that is not authentic
            raise damaged() from exc
        raise writer.failed or exc from exc
    return plain


def _passphrased(file: IO[bytes], key: Key) -> bytes:
    import pyrage

    if not key.passphrase:
        raise BackupError(
            "This backup was encrypted with a passphrase.",
            "Name a file that holds it with --passphrase-file, or set FILLIN_BACKUP_PASSPHRASE.",
        )
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > MOST_AT_ONCE + (64 << 20):
        raise damaged()
    data = file.read()
    if _work(data) > _MOST_WORK:
        raise damaged()
    for attempt in range(_TRIES):
        time.sleep(attempt * _PAUSE_S)
        try:
            return bytes(pyrage.passphrase.decrypt(data, key.passphrase))
        except pyrage.DecryptError as exc:
            # age measures how fast this moment is, and refuses what would take it too long.
            if "Excessive work" not in str(exc):
                raise
    raise BackupError(
        "This machine is too slow, or too busy now, to try the passphrase.",
        "Try again when it has less to do; the backup itself may be whole.",
    )


def _unopened() -> BackupError:
    return BackupError(
        "This backup cannot be opened: the key or the passphrase is another one, or the file is "
        "damaged.",
        "Nothing was taken from it. Check the key, or copy the backup again.",
    )
