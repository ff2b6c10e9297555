"""What SIGINT, SIGTERM and SIGHUP mean while a chat runs. Knows no terminal and no session.

Python's default for SIGHUP kills without finally, and SIGINT's would raise wherever the main
thread happens to be. Here a signal only calls what the current part of the loop asked for; those
calls set plain flags (no locks: a handler runs in the middle of the thread it interrupts).
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType

Act = Callable[[], None]
_LEAVE = (signal.SIGTERM, signal.SIGHUP)


def _nothing() -> None:
    """What a signal does where nobody asked for anything."""


class Flag:
    """Something that was asked for: set once, looked at often, from any thread or handler."""

    __slots__ = ("up",)

    def __init__(self) -> None:
        self.up = False

    def set(self) -> None:
        """Ask for it."""
        self.up = True

    def __call__(self) -> bool:
        """Has it been asked for?"""
        return self.up


class Signals:
    """Handlers for as long as the with block lasts; the old ones are put back after it.

    leaving: the number of the signal that asked to end the chat, 0 while none has; resumed: what
    to do when a suspended chat comes back.
    """

    def __init__(self, resumed: Act = _nothing) -> None:
        self.leaving = 0
        self._resumed = resumed
        self._interrupt: Act = _nothing
        self._leave: Act = _nothing
        self._old: dict[int, object] = {}

    def __enter__(self) -> Signals:
        if threading.current_thread() is threading.main_thread():
            self._install(signal.SIGINT, self._on_interrupt)
            self._install(signal.SIGCONT, self._on_resume)
            for number in _LEAVE:
                if signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays nohup
                    self._install(number, self._on_leave)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._old.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)  # type: ignore[arg-type]
        self._old.clear()

    @contextmanager
    def during(self, *, interrupt: Act = _nothing, leave: Act = _nothing) -> Iterator[None]:
        """What the signals do inside this block; a leave that came before is told at once."""
        before = (self._interrupt, self._leave)
        self._interrupt, self._leave = interrupt, leave
        try:
            if self.leaving:
                leave()
            yield
        finally:
            self._interrupt, self._leave = before

    def _install(self, number: int, handler: Callable[[int, FrameType | None], None]) -> None:
        self._old[number] = signal.signal(number, handler)

    def _on_interrupt(self, number: int, frame: FrameType | None) -> None:
        self._interrupt()

    def _on_resume(self, number: int, frame: FrameType | None) -> None:
        self._resumed()

    def _on_leave(self, number: int, frame: FrameType | None) -> None:
        self.leaving = number
        self._leave()
