"""What is remembered of backups: a small file in .echo/, written after each was proved.

All that this home made and did not remove: which the last one is, what may go when only so many
are to stay, and what may still hold words that were forgotten.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from echo.home import Home

_NAME = "backup.json"
_MOST = 10_000  # backups of half a lifetime


@dataclass(frozen=True, slots=True)
class LastBackup:
    """When it was made and proved (ISO 8601 with offset), where it went, how large it is."""

    at: str
    where: str
    bytes: int
    encrypted: bool

    @property
    def moment(self) -> datetime:
        """When, as a time."""
        return datetime.fromisoformat(self.at)


def remember(home: Home, made: LastBackup) -> None:
    """Keep it. A home whose state cannot be written has been backed up all the same."""
    before = [one for one in every(home) if one.where != made.where]
    _write(home, [made, *before])


def forget(home: Home, places: Collection[str]) -> None:
    """The backups at these places are no more."""
    if places:
        _write(home, [one for one in every(home) if one.where not in places])


def every(home: Home) -> tuple[LastBackup, ...]:
    """All that are known, the newest first."""
    try:
        values = json.loads((home.state / _NAME).read_text("utf-8"))
        last = _typed(values)
        if last is None:
            return ()
        earlier = [_typed(one) for one in values.get("earlier", ())]
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return ()
    found = [one for one in (last, *earlier) if one is not None]
    return tuple(sorted(found, key=lambda one: one.moment, reverse=True))


def last(home: Home) -> LastBackup | None:
    """The last one that was proved; None when there was none, or nobody knows any more."""
    return next(iter(every(home)), None)


def _typed(values: Mapping[str, Any]) -> LastBackup | None:
    made = LastBackup(
        str(values["at"]), str(values["where"]), int(values["bytes"]), bool(values["encrypted"])
    )
    return made if made.moment.tzinfo is not None else None


def _write(home: Home, made: Sequence[LastBackup]) -> None:
    path = home.state / _NAME
    fresh = path.with_name(f"{_NAME}.new")
    with suppress(OSError):
        if not made:
            path.unlink(missing_ok=True)
            return
        first, *rest = map(asdict, made[:_MOST])
        home.state.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({**first, "earlier": rest}, file, ensure_ascii=False)
        fresh.replace(path)
