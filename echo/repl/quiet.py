"""The terminal between two prompts: no echo, no line editing, and what is typed is kept.

prompt-toolkit owns the terminal while a prompt stands. Around it (while brains wake, while Echo
answers) keys would be echoed into the answer, and lines pasted early would arrive one by one. So
keys are collected here and given to the next prompt as one message. Ctrl-C stays a signal.
Knows bytes and a file descriptor, no prompt.
"""

from __future__ import annotations

import codecs
import os
import re
import select
import sys
import termios
from contextlib import suppress
from types import TracebackType
from typing import Any

from echo.text import scrub

_ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|O.|[^\[O])?")
_SETTLED_S = 0.03  # a paste has ended when nothing came for so long
_LFLAG, _IFLAG, _CC = 3, 0, 6
SEND, LEAVE = "\r", "\x04"


class Quiet:
    """Keeps a terminal quiet inside its with block. fd None: nothing to keep, nothing typed."""

    def __init__(self, fd: int | None) -> None:
        self._fd = fd if fd is not None and os.isatty(fd) else None
        self._old: list[Any] | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._typed = ""

    def __enter__(self) -> Quiet:
        if self._fd is not None:
            self._old = termios.tcgetattr(self._fd)
        self.hush()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._fd is not None and self._old is not None:
            with suppress(termios.error):  # the terminal may be gone: SIGHUP
                termios.tcsetattr(self._fd, termios.TCSANOW, self._old)

    def hush(self) -> None:
        """Make it quiet, again if need be: a shell takes it back while the chat is suspended."""
        if self._fd is not None:
            with suppress(termios.error):
                termios.tcsetattr(self._fd, termios.TCSANOW, _hushed(termios.tcgetattr(self._fd)))

    def collect(self) -> None:
        """Take in what has been typed so far, without waiting."""
        while self._ready(0.0) and self._read():
            pass

    def typed(self) -> tuple[str, str]:
        """What was typed since the last call: the text, and the keys that ended it.

        keys: Enter when it was sent, Ctrl-D when nothing unsent stood before it.
        """
        self.collect()
        if self._typed:
            while self._ready(_SETTLED_S) and self._read():
                pass
        typed, self._typed = self._typed, ""
        return parted(edited(typed))

    def _ready(self, seconds: float) -> bool:
        return self._fd is not None and bool(select.select([self._fd], [], [], seconds)[0])

    def _read(self) -> bool:
        if self._fd is None:
            return False
        try:
            data = os.read(self._fd, 65536)
        except OSError:  # EIO: the other side hung up; the next prompt will say so
            return False
        self._typed += self._decoder.decode(data)
        return bool(data)


def stdin_fd() -> int | None:
    """The descriptor of standard input, None when there is none."""
    try:
        return sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):
        return None


def parted(text: str) -> tuple[str, str]:
    """Edited text as a message and the keys that followed it."""
    message = text.rstrip(f"\n{LEAVE}")
    tail = text[len(message) :]
    message = message.replace(LEAVE, "")
    sent = SEND if message.strip() and "\n" in tail else ""
    left = LEAVE if tail.endswith(LEAVE) and (sent or not message.strip()) else ""
    return message if message.strip() else "", sent + left


def edited(typed: str) -> str:
    """Keys as the text they make: Enter ends a line, Backspace and Ctrl-U take back."""
    plain = _ESCAPES.sub("", scrub(typed).replace("\r", "\n"))
    out: list[str] = []
    for char in plain:
        if char in "\x7f\x08":
            del out[-1:]
        elif char == "\x15":
            out.clear()
        elif char in f"\n\t{LEAVE}" or char.isprintable():
            out.append(char)
    return "".join(out)


def _hushed(attrs: list[Any]) -> list[Any]:
    attrs[_LFLAG] &= ~(termios.ECHO | termios.ICANON)
    attrs[_IFLAG] &= ~termios.ICRNL  # Enter arrives as the prompt expects it
    attrs[_CC][termios.VMIN], attrs[_CC][termios.VTIME] = 1, 0
    return attrs
