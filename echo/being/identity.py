"""How a manifest becomes the identity, and stays it. Pure: the caller keeps what comes out.

The first boot adopts the manifest as it finds it. From then on the identity changes only by the
origin's word: a manifest that reads differently is reported, never silently adopted.
"""

from __future__ import annotations

from datetime import datetime

from echo.being.manifest import Manifest
from echo.nouns import Identity


def first(manifest: Manifest, now: datetime) -> Identity:
    """The identity of a home that has none yet."""
    return Identity(1, manifest.digest, manifest.text, reason="first boot", adopted_at=now)


def differs(identity: Identity, manifest: Manifest) -> bool:
    """Whether the declaration files no longer say what was adopted."""
    return identity.digest != manifest.digest


def adopt(identity: Identity, manifest: Manifest, reason: str, now: datetime) -> Identity:
    """The next version, grown from this one."""
    return Identity(
        identity.version + 1,
        manifest.digest,
        manifest.text,
        parent=identity.digest,
        reason=reason,
        adopted_at=now,
    )
