"""What is remembered of the last backup: a small file in .echo/, written after it was proved."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime

from echo.home import Home

_NAME = "backup.json"


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
    path = home.state / _NAME
    fresh = path.with_name(f"{_NAME}.new")
    with suppress(OSError):
        home.state.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(made), file, ensure_ascii=False)
        fresh.replace(path)


def last(home: Home) -> LastBackup | None:
    """The last one that was proved; None when there was none, or nobody knows any more."""
    try:
        values = json.loads((home.state / _NAME).read_text("utf-8"))
        made = LastBackup(
            str(values["at"]), str(values["where"]), int(values["bytes"]), bool(values["encrypted"])
        )
        timely = made.moment.tzinfo is not None
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return made if timely else None
