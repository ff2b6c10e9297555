"""A progress line for work that somebody watches: boot, downloads. Not used while chatting.

It rewrites its own line with a carriage return, at most four times a second, only on a terminal;
elsewhere it is silent. Knows a share and a note, not what is being done.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO
from unicodedata import east_asian_width

from echo.text import one_line, safe

WIDTH = 20
EVERY_S = 0.25


class Meter:
    """[#####               ]  25%  note. update() as often as you like, end() once.

    room: cells for the note; with the bar before it 49 fill a line of 80.
    """

    def __init__(
        self, file: TextIO, *, room: int = 20, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._file = file
        self._room = room
        self._now = now
        self._last = float("-inf")
        self._drawn = 0

    def update(self, done: float, note: str = "") -> None:
        """Draw the share 0…1 unless it was drawn a moment ago."""
        now = self._now()
        if not self._file.isatty() or now - self._last < EVERY_S:
            return
        self._last = now
        full = round(min(max(done, 0.0), 1.0) * WIDTH)
        text = f"[{'#' * full:<{WIDTH}}] {100 * done:3.0f}%  {_short(note, self._room)}"
        self._file.write("\r" + text + "\x1b[K")
        self._file.flush()
        self._drawn = len(text)

    def end(self) -> None:
        """Take the line away."""
        if self._drawn:
            self._file.write("\r\x1b[K")
            self._file.flush()


def _short(note: str, room: int) -> str:
    note = safe(one_line(note))
    if _cells(note) <= room:
        return note
    while _cells(note) > room - 3:
        note = note[1:]
    return f"...{note}"


def _cells(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
