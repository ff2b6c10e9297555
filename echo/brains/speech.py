"""Bytes of tokens -> whole characters, with stop strings found across chunk borders. Pure."""

from __future__ import annotations

import codecs

from echo.brains.protocol import Piece


class Speech:
    """The text side of one reply: feed() it bytes of tokens, it says what may be shown.

    Invalid UTF-8 becomes U+FFFD and the text goes on; the bytes of an unfinished character wait
    for the rest, and are left out when it never comes. What could be the beginning of a stop
    string waits too.
    """

    def __init__(self, stops: tuple[str, ...] = ()) -> None:
        self.stopped = False
        self._stops = tuple(stop for stop in stops if stop)
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._held = ""
        self._tokens = 0

    def feed(self, data: bytes) -> Piece | None:
        """The piece that one more token makes sayable, if any; sets stopped at a stop string."""
        self._tokens += 1
        text = self._held + self._decoder.decode(data)
        at = min((i for i in (text.find(stop) for stop in self._stops) if i >= 0), default=-1)
        if at >= 0:
            self.stopped = True
            self._held = ""
            return self._piece(text[:at])
        keep = self._kept(text)
        self._held = text[len(text) - keep :]
        return self._piece(text[: len(text) - keep])

    def end(self) -> Piece | None:
        """What was held back for a stop string that did not come."""
        text, self._held = self._held, ""
        return self._piece(text)

    def _piece(self, text: str) -> Piece | None:
        if not text:
            return None
        tokens, self._tokens = self._tokens, 0
        return Piece(text, tokens)

    def _kept(self, text: str) -> int:
        """Length of the longest end of text that begins a stop string."""
        longest = max((len(stop) for stop in self._stops), default=1) - 1
        return next(
            (
                n
                for n in range(min(longest, len(text)), 0, -1)
                if any(stop.startswith(text[-n:]) for stop in self._stops)
            ),
            0,
        )
