"""Keys as people have them: age and SSH keys, files of them, passphrases. Opens nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from echo.errors import UsageError

_LINE = re.compile(r"age1|ssh-")


@dataclass(frozen=True, slots=True)
class Lock:
    """For whom a backup is made: recipients as text, or a passphrase, or nobody (not encrypted)."""

    recipients: tuple[str, ...] = ()
    passphrase: str = ""

    @property
    def closed(self) -> bool:
        """Is it encrypted at all?"""
        return bool(self.recipients or self.passphrase)


@dataclass(frozen=True, slots=True)
class Key:
    """What opens a backup. identities: pyrage's, made by `identities`."""

    identities: tuple[Any, ...] = ()
    passphrase: str = ""


def recipients(text: str, where: Path) -> tuple[str, ...]:
    """Public keys from one key, or from a file of keys, one a line. where: relative to what.

    Raises UsageError.
    """
    if not text.strip():
        return ()
    if not _LINE.match(text.strip()):
        text = _read(where / Path(text).expanduser())
    lines = tuple(line for line in map(str.strip, text.splitlines()) if line and line[0] != "#")
    for line in lines:
        recipient(line)
    if not lines:
        raise _no_key(text)
    return lines


def recipient(text: str) -> Any:
    """One public key, as pyrage has it. Raises UsageError."""
    import pyrage

    try:
        if text.startswith("age1"):
            return pyrage.x25519.Recipient.from_str(text)
        return pyrage.ssh.Recipient.from_str(text)
    except pyrage.RecipientError as exc:
        raise _no_key(text) from exc


def _no_key(text: str) -> UsageError:
    return UsageError(
        "{value} is not a public key a backup can be encrypted for.",
        "Name a key that begins with age1, ssh-ed25519 or ssh-rsa, or a file of such keys.",
        value=text[:60] if not text.startswith("AGE-SECRET") else "…",
    )


def identities(path: Path) -> tuple[Any, ...]:
    """Secret keys from a file: age's (lines of AGE-SECRET-KEY-1…) or an SSH key without a
    passphrase. Raises UsageError."""
    import pyrage

    text = _read(path)
    try:
        if text.lstrip().startswith("-----BEGIN"):
            return (pyrage.ssh.Identity.from_buffer(text.encode()),)
        lines = (line.strip() for line in text.splitlines())
        found = tuple(
            pyrage.x25519.Identity.from_str(x) for x in lines if x and not x.startswith("#")
        )
    except (pyrage.IdentityError, ValueError) as exc:
        raise _no_identity(path) from exc
    if not found:
        raise _no_identity(path)
    return found


def _no_identity(path: Path) -> UsageError:
    return UsageError(
        "{path} holds no secret key that can be used.",
        "Name a file with AGE-SECRET-KEY-1… in it, or an SSH key that needs no passphrase.",
        path=path,
    )


def _read(path: Path) -> str:
    return taken(path, lambda file: file.read(1 << 20)).decode("utf-8", "replace")


def taken(path: Path, take: Callable[[BinaryIO], bytes]) -> bytes:
    """What `take` reads of a file that was named on the command line. Raises UsageError."""
    try:
        with path.open("rb") as file:
            return take(file)
    except OSError as exc:
        raise UsageError(
            "{path} cannot be read: {reason}.",
            "Name a file that is there.",
            path=path,
            reason=exc.strerror or exc,
        ) from exc
