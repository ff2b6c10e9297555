"""Work that can wait until nobody waits for it: done once nothing has been said for a moment.

Knows a thread and a clock; what the work is, it is told.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic

from echo.errors import EchoError

QUIET_S = 0.03


class Upkeep:
    """One thread that works when it is quiet. What goes wrong there the next `soon` raises."""

    def __init__(self, work: Callable[[Callable[[], bool]], None]) -> None:
        """work: told how to ask whether it should come to an end: somebody wants to close."""
        self._work = work
        self._due = threading.Event()
        self._stopped = threading.Event()
        self._last = 0.0
        self._thread: threading.Thread | None = None
        self._failed: EchoError | None = None

    def soon(self) -> None:
        """There is work: do it when QUIET_S have passed without another call."""
        self._last = monotonic()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)
            self._thread.start()
        self._due.set()
        failed, self._failed = self._failed, None
        if failed is not None:
            raise failed

    def stop(self) -> bool:
        """Finish what is being done and let go; whether anything was due, or failed unsaid."""
        due = self._due.is_set()
        self._stopped.set()
        self._due.set()
        if self._thread is not None:
            self._thread.join()
        return due or self._failed is not None

    def _run(self) -> None:
        while True:
            self._due.wait()
            while (left := self._last + QUIET_S - monotonic()) > 0 and not self._stopped.wait(left):
                pass
            if self._stopped.is_set():
                return
            self._due.clear()
            try:
                self._work(self._stopped.is_set)
            except EchoError as exc:
                self._failed = exc
