"""Writes an answer while it grows: append-only, safe per character, wrapped by the terminal.

What is on the screen is never touched again: no cursor movement, no line is drawn twice. The one
piece of Markdown it knows is what can be shown without looking back: ** opens and closes bold, a
line of ``` opens and closes code. Where there is no colour every character stays as it came.
"""

from __future__ import annotations

from typing import TextIO

from echo.text import safe

LABEL, BOLD, CODE, PLAIN = "\x1b[1;36m", "\x1b[1m", "\x1b[36m", "\x1b[0m"
FENCE = "```"


class Stream:
    """One growing answer: begin() puts its label, write() pieces as they come, end() once."""

    def __init__(self, file: TextIO, *, label: str = "", color: bool = False) -> None:
        self._file = file
        self._label = safe(label)
        self._color = color
        self._held = ""  # asterisks or backticks whose meaning the next character decides
        self._bold = False
        self._code = False
        self._column = 0  # characters of this line of the answer
        self._begun = False
        self._open = False  # the cursor stands behind something
        self.wrote = False  # did any of the answer's own characters come out?

    def begin(self) -> None:
        """The label, once; write() does it too."""
        label, self._label = self._label, ""
        if label:
            self._put(f"{LABEL}{label}{PLAIN} " if self._color else f"{label} ")
            self._open = True
            self._flush()

    def write(self, piece: str) -> None:
        """Put the next piece on the screen at once."""
        self.begin()
        piece = safe(piece)
        if not self._begun:
            piece = piece.lstrip()
            self._begun = bool(piece)
        if not piece:
            return
        for char in piece:
            self._char(char)
        self.wrote = self._open = True
        self._flush()

    def end(self) -> None:
        """Close what is open and leave the cursor at the beginning of a line."""
        self._release("")
        if self._bold or self._code:
            self._put(PLAIN)
            self._bold = self._code = False
        if self._open:
            self._put("\n")
            self._open = False
        self._flush()

    # ── one character ────────────────────────────────────────────────────────────────────────

    def _char(self, char: str) -> None:
        if not self._color:
            self._put(char)
            return
        if char == "*" or (char == "`" and self._column == len(self._held)):
            if self._held and self._held[0] != char:
                self._release(char)
            self._held += char
            self._column += 1
            return
        self._release(char)
        if char == "\n":
            self._line_end()
        self._put(char)
        self._column = 0 if char == "\n" else self._column + 1

    def _release(self, following: str) -> None:
        held, self._held = self._held, ""
        if held == "**" and not self._code and self._turns(following):
            self._bold = not self._bold
            self._put(BOLD if self._bold else PLAIN)
        elif held == FENCE:
            self._code = not self._code
            self._put(CODE + held if self._code else held + PLAIN)
        else:
            self._put(held)

    def _turns(self, following: str) -> bool:
        return self._bold or bool(following.strip())

    def _line_end(self) -> None:
        if self._bold:  # bold that nobody closed ends with its line
            self._bold = False
            self._put(PLAIN)

    def _put(self, text: str) -> None:
        self._file.write(text)

    def _flush(self) -> None:
        self._file.flush()
