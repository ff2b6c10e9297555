"""A progress line for work that somebody watches: boot, downloads. Not used while chatting.

It rewrites its own line with a carriage return, at most four times a second, only on a terminal;
elsewhere it is silent. Knows a share and a note, not what is being done.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from echo.text import one_line, safe

WIDTH = 20
EVERY_S = 0.25


class Meter:
    """[#####               ]  25%  note. update() as often as you like, end() once."""

    def __init__(self, file: TextIO, *, now: Callable[[], float] = time.monotonic) -> None:
        self._file = file
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
        text = f"[{'#' * full:<{WIDTH}}] {100 * done:3.0f}%  {_short(note)}"
        self._file.write("\r" + text + "\x1b[K")
        self._file.flush()
        self._drawn = len(text)

    def end(self) -> None:
        """Take the line away."""
        if self._drawn:
            self._file.write("\r\x1b[K")
            self._file.flush()


def _short(note: str, limit: int = 20) -> str:
    note = safe(one_line(note))
    return note if len(note) <= limit else f"...{note[-limit + 3 :]}"
