"""The one place that writes to a person's terminal; the only rich Console lives here.

Views hand over lines, `Screen.show` makes every span safe and prints it; nothing reaches the
file past `text.safe`. Knows values, not brains or stores. rich is imported at the first line
shown, so that a prompt need not wait for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

from echo.errors import EchoError
from echo.i18n import Words
from echo.nouns import Exchange, Insight, Recollection, Replay, Stats, Voice, Waking
from echo.render import errors, exchange, insight, memory, waking
from echo.render.lines import BLANK, Line, Style, line
from echo.render.stream import Stream
from echo.text import safe

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

STYLES: Mapping[Style, str] = {
    "": "",
    "label": "bold cyan",
    "dim": "dim",
    "strong": "bold",
    "good": "green",
    "bad": "red",
    "warn": "yellow",
}


def wants_color(file: TextIO, env: Mapping[str, str]) -> bool:
    """Colour only on a terminal that has it and a person who did not refuse it (no-color.org)."""
    return file.isatty() and not env.get("NO_COLOR") and env.get("TERM", "") not in ("dumb", "")


class Screen:
    """Prints values as words.

    file: where to; width: columns, None for the terminal's own (a file is never wrapped);
    color: SGR sequences, which are also the only ones ever written.
    """

    def __init__(
        self, file: TextIO, *, words: Words, width: int | None = None, color: bool = False
    ) -> None:
        self.file = file
        self.words = words
        self.color = color
        self._width = width

    # ── values ───────────────────────────────────────────────────────────────────────────────

    def exchange(
        self, value: Exchange, *, user: str = "", voices: Mapping[Voice, str] | None = None
    ) -> None:
        """Why Echo said what it said."""
        self.show(exchange.view(value, self.words, user, voices or {}))

    def recollection(self, value: Recollection, *, user: str = "") -> None:
        """What is remembered, when it was said, and why it came back."""
        self.show(memory.recollection(value, self.words, user))

    def insight(self, value: Insight, *, user: str = "") -> None:
        """What a span of days was like."""
        self.show(insight.view(value, self.words, user))

    def replay(self, value: Replay) -> None:
        """What a boot has read."""
        self.show(memory.replay(value, self.words))

    def stats(self, value: Stats) -> None:
        """How much memory holds."""
        self.show(memory.stats(value, self.words))

    def waking(self, value: Waking) -> None:
        """One step of waking, when it has gone wrong or is done; nothing in between."""
        if value.error or value.done >= 1.0:
            self.show((waking.step(value, self.words),))

    def error(self, value: EchoError) -> None:
        """What happened, and what to do."""
        self.show(errors.view(value, self.words))

    def notice(self, text: str, style: Style = "dim") -> None:
        """One quiet sentence; line breaks in it stay."""
        self.show(line((part, style)) for part in text.split("\n"))

    def table(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Name, value and where it comes from: a listing such as `config show`."""
        kept = list(rows)
        left = max((len(name) for name, _, _ in kept), default=0)
        self.show(
            line((name.ljust(left), "strong"), f"  {value}", (f"  {origin}".rstrip(), "dim"))
            for name, value, origin in kept
        )

    def blank(self) -> None:
        """An empty line."""
        self.show((BLANK,))

    def stream(self, label: str = "") -> Stream:
        """A writer for an answer that is still growing, after its label."""
        return Stream(self.file, label=label, color=self.color)

    def abandon(self) -> None:
        """The terminal is gone: what is still buffered goes nowhere instead of failing at exit."""
        with suppress(OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self.file.fileno())
            os.close(null)

    # ── the way to the terminal ──────────────────────────────────────────────────────────────

    def show(self, lines: Iterable[Line]) -> None:
        """Print lines: safe, wrapped where there is a width, no trailing blanks."""
        for item in lines:
            text = self._text(item)
            for part in self._wrapped(text, item.indent):
                part.rstrip()
                self.console.print(part, soft_wrap=True)
        self.file.flush()

    def _text(self, item: Line) -> Text:
        from rich.text import Text

        return Text.assemble(*((safe(text), STYLES[style]) for text, style in item.spans))

    def _wrapped(self, text: Text, indent: int) -> Iterable[Text]:
        from rich.text import Text

        pad = Text(" " * indent)
        if self._width is None and not self.file.isatty():
            return [pad + text]
        room = max(8, self.console.width - indent)
        return [pad + part for part in text.wrap(self.console, room)] or [text]

    @cached_property
    def console(self) -> Console:
        """rich, with everything switched off that reads markup or writes links."""
        from rich.console import Console

        return Console(
            file=self.file,
            width=self._width,
            color_system="standard" if self.color else None,
            force_terminal=self.color,
            no_color=not self.color,
            markup=False,
            emoji=False,
            highlight=False,
            legacy_windows=False,
        )
