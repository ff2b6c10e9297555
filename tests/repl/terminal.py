"""A real pty with a terminal emulator behind it: what a person would see."""

from __future__ import annotations

import json
import os
import signal
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pyte

ROOT = Path(__file__).parents[2]


class Terminal:
    """Runs tests/repl/child.py in a terminal of columns x lines."""

    def __init__(
        self,
        home: Path,
        *,
        columns: int = 80,
        lines: int = 24,
        term: str = "xterm-256color",
        **settings: object,
    ) -> None:
        self.home = home
        self.raw = b""
        self.sane = False  # does the terminal echo and edit lines again, after code()?
        self._screen = pyte.HistoryScreen(columns, lines, history=2000)
        self._stream = pyte.ByteStream(self._screen)
        told = json.dumps({"home": str(home), **settings})
        self.child: pexpect.spawn[bytes] = pexpect.spawn(
            sys.executable,
            ["-W", "error", "-m", "tests.repl.child", told],
            cwd=str(ROOT),
            dimensions=(lines, columns),
            env={"TERM": term, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            timeout=10,
            # whoever runs the tests under nohup hands down a SIGHUP that is ignored
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
        )
        self.child.delaybeforesend = None

    def send(self, text: str) -> None:
        self.child.send(text.encode())

    def rows(self) -> list[str]:
        """Every line, also those scrolled away; a wide character's second cell is dropped."""
        self.read()
        width = self._screen.columns
        old = ["".join(row[x].data for x in range(width)) for row in self._screen.history.top]
        return [row.rstrip() for row in (*old, *self._screen.display)]

    def text(self) -> str:
        return "\n".join(self.rows()).rstrip()

    def read(self) -> None:
        while not self.child.closed:
            try:
                data = self.child.read_nonblocking(65536, timeout=0.02)
            except (pexpect.TIMEOUT, pexpect.EOF):
                return
            self.raw += data
            self._stream.feed(data)

    def wait(self, seen: str | Callable[[str], bool], seconds: float = 8.0) -> str:
        """The screen's text once it holds what is waited for."""
        check = seen if callable(seen) else lambda text: seen in text
        deadline = time.monotonic() + seconds
        while not check(self.text()):
            assert time.monotonic() < deadline, f"never seen: {seen!r} in\n{self.text()}"
        return self.text()

    def prompt(self, count: int = 1) -> None:
        """Wait until the cursor stands in an empty prompt and `count` prompts have been shown."""
        self.wait(lambda text: self.rows_cursor() == ">" and text.count("\n>") >= count - 1)

    def rows_cursor(self) -> str:
        return self._screen.display[self._screen.cursor.y].rstrip()

    def kept(self) -> list[list[str]]:
        """What the fake session committed: words, reply, status."""
        path = self.home / "kept.jsonl"
        return [json.loads(row) for row in path.read_text().splitlines()] if path.exists() else []

    def code(self, seconds: float = 3.0) -> int:
        """The exit code, once it has ended."""
        deadline = time.monotonic() + seconds
        while self.child.isalive():
            self.read()
            assert time.monotonic() < deadline, f"still running\n{self.text()}"
        self.read()
        flags = termios.tcgetattr(self.child.child_fd)[3]
        self.sane = flags & termios.ECHO > 0 and flags & termios.ICANON > 0
        self.child.close()
        if self.child.signalstatus:
            return -int(self.child.signalstatus)
        return int(self.child.exitstatus or 0)

    def hang_up(self, seconds: float = 4.0) -> int:
        """Break the line; the exit code of what then ends by itself."""
        self.child.ptyproc.fileobj.close()
        deadline = time.monotonic() + seconds
        while (status := os.waitpid(self.child.pid, os.WNOHANG))[0] == 0:
            assert time.monotonic() < deadline, "still running"
            time.sleep(0.02)
        self.child.terminated = self.child.closed = True
        return os.waitstatus_to_exitcode(status[1])

    def kill(self, number: signal.Signals) -> None:
        self.child.kill(number)

    def close(self) -> None:
        if not self.child.closed:
            self.child.close(force=True)
