"""What every reader is given, and what all of them do alike: names, times, refs.

Knows no format. A ref is made of what was said, never of where the file lay or which line it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from echo.i18n import msgid
from echo.nouns import ECHO
from echo.text import digest, one_line, scrub

MAX_NAME = 200  # characters of a speaker, a session, a ref
MAX_TEXT = 1 << 20  # characters; words that grow past this are given out in pieces
_KEPT = 200_000  # names whose repeats are counted at once, so that memory stays bounded

NO_JSON = msgid("not a JSON object")
NO_TEXT = msgid("no text")
NO_SPEAKER = msgid("no speaker")
NO_TIME = msgid("no time in ISO 8601")
NO_DATE = msgid("a message with no date above it")
BAD_DATE = msgid("a date that is in no calendar")
BAD_NAME = msgid("a session or ref that is no short string")

Report = Callable[[int, str], None]  # line or entry, reason


@dataclass(frozen=True, slots=True)
class Given:
    """What the one who imports knows: whose words plain lines are, and what naive times mean.

    me: the speaker in the file who is that user, "" when the file calls them by their own name.
    """

    user: str
    zone: tzinfo
    me: str = ""

    def name(self, speaker: str) -> str:
        """Who that speaker is in memory. Nobody but Echo is called as Echo is."""
        named = clip(speaker)
        if self.me and named == clip(self.me):
            return self.user
        return f"{named} (chat)" if named == ECHO else named


class Notices:
    """How many pictures, stickers, joins and hidden messages a reader passed over."""

    def __init__(self) -> None:
        self.count = 0

    def add(self) -> None:
        """One more."""
        self.count += 1


class Refs:
    """Public names for what was said: the same facts, the same name; said again, the next one."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def of(self, *facts: str) -> str:
        """A ref for these facts. Only facts that were last heard of long ago may come twice."""
        name = digest("\0".join(facts))[:18]
        if len(self._seen) > _KEPT:
            self._seen.clear()
        self._seen[name] = count = self._seen[name] + 1
        return f"{name}-{count}" if count > 1 else name

    def clear(self) -> None:
        """What follows can repeat nothing of what came before."""
        self._seen.clear()


def clip(name: str) -> str:
    """A speaker or a session as it is kept: one line, not without end."""
    return one_line(scrub(name))[:MAX_NAME]


def iso(value: object, zone: tzinfo) -> datetime | None:
    """A time in ISO 8601, aware; None when it is none."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if at is None or not 1 < at.year < 9999:  # the last day of time has no other time zone
        return None
    return at if at.tzinfo else at.replace(tzinfo=zone)


def epoch(value: object, zone: tzinfo) -> datetime | None:
    """A time of a web service in the home's zone: seconds or milliseconds, or ISO 8601."""
    if isinstance(value, str):
        at = iso(value, UTC)
        return None if at is None else at.astimezone(zone)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 4e12:
        return None
    seconds = value / 1000 if value > 4e9 else value
    return datetime.fromtimestamp(round(seconds, 6), zone)
