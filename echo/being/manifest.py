"""The three declaration files, read as they are. Knows no store, no model; changes nothing.

echo_identity.txt says who Echo is, fillin_manifest.txt what it is for, origin_id.txt who may let
it evolve (a line `user: NAME`). The first must be there; the others may be missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from echo.errors import ManifestError
from echo.text import digest, scrub

IDENTITY, PHILOSOPHY, ORIGIN = "echo_identity.txt", "fillin_manifest.txt", "origin_id.txt"
MAX_BYTES = 32 * 1024
_USER = re.compile(r"^\s*user\s*:\s*(\S+)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the declaration files say. text: identity, then philosophy; origin: "" when unnamed."""

    text: str
    origin: str

    @property
    def digest(self) -> str:
        """blake2b-128 hex of text: two manifests with one digest are the same manifest."""
        return digest(self.text)


def read(folder: Path) -> Manifest:
    """Read the manifest of one home. Raises ManifestError when the identity cannot be read."""
    identity = _read(folder / IDENTITY)
    if not identity:
        raise ManifestError(
            "{path} is missing or empty, so Echo does not know who it is.",
            "Write it, or let `fillin init` plant a fresh home and copy its manifest.",
            path=folder / IDENTITY,
        )
    text = "\n".join(filter(None, (identity, _read(folder / PHILOSOPHY))))
    named = _USER.search(_read(folder / ORIGIN))
    return Manifest(text, named.group(1) if named else "")


def _read(path: Path) -> str:
    try:
        if path.is_file() and path.stat().st_size > MAX_BYTES:
            raise ManifestError(
                "{path} is larger than {kib} KiB, too long to stand before every answer.",
                "Shorten it; what Echo should remember belongs into memory, not into the manifest.",
                path=path,
                kib=MAX_BYTES // 1024,
            )
        raw = path.read_bytes()
    except FileNotFoundError:
        return ""
    except OSError as exc:
        raise ManifestError(
            "{path} cannot be read: {reason}.",
            "Check its permissions.",
            path=path,
            reason=exc.strerror,
        ) from exc
    return scrub(_decode(raw, path)).strip()


def _decode(raw: bytes, path: Path) -> str:
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ManifestError(
        "{path} is neither UTF-8 nor CP949 text.", "Save it again as UTF-8.", path=path
    )
