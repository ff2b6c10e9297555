"""Wakes a session behind the prompt. Knows how to call `wake`, not what it does.

One daemon thread; the main thread looks at `done`, and is told through `on_change` when there is
something new to draw (at most four times a second).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from echo.errors import EchoError
from echo.i18n import Words
from echo.nouns import Waking
from echo.render.waking import progress
from echo.repl.signals import Flag

if TYPE_CHECKING:
    from echo.mind.session import Session

Stop = Callable[[], bool]
Wake = Callable[[Callable[[Waking], None], Stop], "Session"]

EVERY_S = 0.25
HURRY_S = 0.8  # how long a killed chat waits for brains and store to close
LEAVE_S = 1.5  # how long leaving waits for a wake that was told to stop


class Waker:
    """The session, once there is one.

    greeting: what Echo says first; failure: why there will be no session; line: where it stands,
    "" when nothing is under way.
    """

    def __init__(self, wake: Wake, words: Words) -> None:
        self.session: Session | None = None
        self.failure: BaseException | None = None
        self.greeting = ""
        self.done = False
        self.steps: dict[str, Waking] = {}
        self.line = ""
        self.on_change: Callable[[], None] = lambda: None
        self._wake = wake
        self._words = words
        self._stop = Flag()
        self._told = 0.0
        self._thread = threading.Thread(target=self._work, name="wake", daemon=True)

    def start(self) -> None:
        """Begin, once."""
        if self._thread.ident is None:
            self.line = progress((), self._words)
            self._thread.start()

    def close(self, *, hurry: bool = False) -> None:
        """Stop waking, and let go of the session; in a hurry it is not waited for for long."""
        self._stop.set()
        self.on_change = lambda: None
        if self._thread.ident is not None:
            self._thread.join(LEAVE_S)
        if self.session is None:
            return
        if not hurry:
            self.session.close()
            return
        closing = threading.Thread(target=self._let_go, name="close", daemon=True)
        closing.start()
        closing.join(HURRY_S)

    def _let_go(self) -> None:
        with suppress(EchoError):  # the terminal is gone; the next launch makes up for it
            if self.session is not None:
                self.session.close()

    def _work(self) -> None:
        try:
            session = self._wake(self._progress, self._stop)
            self.greeting = session.greeting(self._words)
            self.session = session
        except BaseException as exc:  # noqa: BLE001 - handed to the main thread, which raises it
            self.failure = exc
        self.done = True
        self.line = ""
        self.on_change()

    def _progress(self, step: Waking) -> None:
        known = self.steps.get(step.stage)
        if step.stage in ("emotion", "self", "creation", "replay"):
            self._finish("memory")
        if known is not None and known.error:
            return
        self.steps[step.stage] = step
        line = progress(tuple(self.steps.values()), self._words)
        now = time.monotonic()
        if line != self.line and (now - self._told >= EVERY_S or step.done >= 1.0):
            self.line, self._told = line, now
            self.on_change()

    def _finish(self, stage: str) -> None:
        step = self.steps.get(stage)
        if step is not None and step.done < 1.0:
            self.steps[stage] = Waking(stage, 1.0, step.note)
