"""One turn on the screen: events come from a worker thread, the main thread draws them.

The worker owns the session's generator and always runs it to its end, because its end is what
commits the exchange; the main thread may only ask it to stop. Knows Session's events, no brain.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from echo.i18n import Words
from echo.nouns import Delta, Event, Exchange, Replied
from echo.render.screen import Screen
from echo.repl.quiet import Quiet
from echo.repl.signals import Flag, Signals

if TYPE_CHECKING:
    from echo.mind.session import Session

TICK_S = 0.1
LEAVE_S = 1.5  # how long a leaving chat waits for the partial answer to be committed


@dataclass(frozen=True, slots=True)
class _Ended:
    """The last item of a turn: how it failed, None when it did not."""

    error: BaseException | None = None


class Stuck(Exception):
    """A leaving chat gave up waiting: the worker still runs inside a brain."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What a turn is drawn with."""

    screen: Screen
    words: Words
    signals: Signals
    quiet: Quiet


def play(session: Session, text: str, stage: Stage) -> None:
    """Say text to Echo and draw the answer as it grows.

    Raises what the turn raised: EchoError, or a bug. Ctrl-C keeps what was said so far.
    """
    stop = Flag()
    inbox: SimpleQueue[Event | _Ended] = SimpleQueue()
    drawing = _Drawing(stage, stop)
    _begin(lambda: session.turn(text, stop), inbox)
    drawing.begin()
    with stage.signals.during(interrupt=stop.set, leave=stop.set):
        ended = _consume(inbox, drawing, stage)
    drawing.end()
    _after(drawing, stop, ended, stage)


def _begin(turn: Callable[[], Iterator[Event]], inbox: SimpleQueue[Event | _Ended]) -> None:
    def work() -> None:
        try:
            for event in turn():
                inbox.put(event)
        except BaseException as exc:  # noqa: BLE001 - raised again on the main thread
            inbox.put(_Ended(exc))
        else:
            inbox.put(_Ended())

    threading.Thread(target=work, name="turn", daemon=True).start()


def _consume(inbox: SimpleQueue[Event | _Ended], drawing: _Drawing, stage: Stage) -> _Ended:
    """Draw until the turn has ended. Raises Stuck when it does not end though it must."""
    deadline = float("inf")
    while time.monotonic() < deadline:
        stage.quiet.collect()
        if stage.signals.leaving and deadline == float("inf"):
            deadline = time.monotonic() + LEAVE_S
        try:
            item = inbox.get(timeout=TICK_S)
        except Empty:
            continue
        if isinstance(item, _Ended):
            return item
        drawing.draw(item)
    raise Stuck


class _Drawing:
    """Puts events on the screen for as long as there is a screen."""

    def __init__(self, stage: Stage, stop: Flag) -> None:
        self.exchange: Exchange | None = None
        self.stream = stage.screen.stream(stage.words("Echo:"))
        self._screen = stage.screen
        self._stop = stop

    def begin(self) -> None:
        """The label stands while Echo thinks."""
        self._try(self.stream.begin)

    def draw(self, event: Event) -> None:
        """A piece of the answer appears; everything else is for /why."""
        if isinstance(event, Delta):
            self._try(lambda: self.stream.write(event.text))
        elif isinstance(event, Replied):
            self.exchange = event.exchange

    def end(self) -> None:
        """The answer's last line ends."""
        self._try(self.stream.end)

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except OSError:  # the terminal is gone; what was said must still be committed
            self._screen.abandon()
            self._stop.set()


def _after(drawing: _Drawing, stop: Flag, ended: _Ended, stage: Stage) -> None:
    if ended.error is not None:
        raise ended.error
    exchange, _ = drawing.exchange, stage.words
    if stop() and exchange is not None and exchange.reply.status == "interrupted":
        stage.screen.notice(_("Stopped. What was said so far is kept."))
    elif not drawing.stream.wrote:
        stage.screen.notice(_("Echo found no words for this."))
