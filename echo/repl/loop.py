"""The chat itself: ask, answer, again. Knows Session's contract and events, no brain, no store.

The prompt stands before anything heavy is imported or opened: `wake` runs on a thread that
begins when the prompt has been drawn. A message sent before Echo is awake waits. Nothing is
printed while a prompt stands except through `Prompt.above`.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from echo.errors import EchoError
from echo.i18n import Words
from echo.render.screen import Screen
from echo.repl.commands import Call, Desk, read, show_help
from echo.repl.quiet import Quiet, stdin_fd
from echo.repl.signals import Flag, Signals
from echo.repl.turn import Stage, Stuck, play
from echo.repl.waker import Wake, Waker
from echo.text import one_line, scrub

if TYPE_CHECKING:
    from prompt_toolkit.input import Input
    from prompt_toolkit.output import Output

    from echo.mind.session import Session
    from echo.repl.prompt import Prompt

TICK_S = 0.05
SHOWN = 60  # characters of a novel that stay on the screen


def run(
    wake: Wake,
    *,
    screen: Screen,
    words: Words,
    history: Path,
    input: Input | None = None,  # noqa: A002 - prompt-toolkit's own name
    output: Output | None = None,
) -> int:
    """Chat until the user leaves; the exit code.

    wake(progress, stop) makes the session, on another thread; stop() turns true when the user
    leaves first. input and output are prompt-toolkit's, for tests. 129 and 143 after SIGHUP and
    SIGTERM. Raises what is not an EchoError, after the terminal has been given back.
    """
    waker = Waker(wake, words)
    fd = stdin_fd() if input is None else None
    with Quiet(fd) as quiet, Signals(quiet.hush) as signals:
        prompt = _prompt(screen, words, history, input, output)
        chat = Chat(waker, prompt, Stage(screen, words, signals, quiet))
        try:
            code = chat.run()
        except Stuck:  # a brain may not be freed while it speaks
            return 128 + signals.leaving
        except BaseException:
            waker.close()
            raise
        waker.close(hurry=bool(signals.leaving))
        return code


def _prompt(
    screen: Screen,
    words: Words,
    history: Path,
    source: Input | None,
    output: Output | None,
) -> Prompt:
    from echo.repl.completer import CommandCompleter
    from echo.repl.prompt import Prompt

    return Prompt(
        words, history, CommandCompleter(words), color=screen.color, input=source, output=output
    )


class Chat:
    """One conversation at one terminal."""

    def __init__(self, waker: Waker, prompt: Prompt, stage: Stage) -> None:
        self._waker = waker
        self._prompt = prompt
        self._stage = stage
        self._screen = stage.screen
        self._words = stage.words
        self._greeted = False
        prompt.status = lambda: waker.line
        prompt.on_running = self._running
        waker.on_change = self._changed
        prompt.app.after_render += lambda _: waker.start()

    def run(self) -> int:
        """Until Ctrl-D, /quit, SIGTERM, SIGHUP, or a wake that failed."""
        draft = ""
        while True:
            try:
                text = self._ask(draft)
                self._waker.start()
                draft = self._answer(text)
            except (EOFError, _Quit):
                return self._code()
            except EchoError as exc:
                draft = ""
                self._screen.error(exc)
                if exc is self._waker.failure:
                    return exc.exit_code
            except OSError:
                if not self._stage.signals.leaving:
                    raise
                self._screen.abandon()  # the terminal is gone
            if self._stage.signals.leaving:
                return self._code()

    def _code(self) -> int:
        leaving = self._stage.signals.leaving
        return 128 + leaving if leaving else 0

    # ── asking ───────────────────────────────────────────────────────────────────────────────

    def _ask(self, draft: str) -> str:
        self._prompt.feed(*self._stage.quiet.typed())
        if self._waker.done:
            self._greet()
        self._prompt.refresh()
        with self._stage.signals.during(interrupt=self._prompt.clear, leave=self._leave):
            text = scrub(self._prompt.ask(draft))
        if self._prompt.long:
            shown = one_line(text[: SHOWN * 4])[:SHOWN]
            told = self._words("{shown}... ({count} characters)")
            self._screen.notice(told.format(shown=shown, count=len(text)))
        return text

    def _leave(self) -> None:
        self._prompt.leave(_Quit())

    # ── waking ───────────────────────────────────────────────────────────────────────────────

    def _running(self) -> None:
        """A prompt has begun to run: nothing may have been missed on the way here."""
        if self._stage.signals.leaving:
            self._leave()
        elif self._waker.done and not self._greeted:
            self._changed()

    def _changed(self) -> None:
        """From the waking thread: a step was made, or it is done."""
        if not self._waker.done:
            self._prompt.refresh()
        elif self._waker.failure is not None:
            self._prompt.leave(self._waker.failure)
        else:
            self._prompt.above(self._greet)

    def _greet(self) -> None:
        """What Echo says first, once, and which voices are missing."""
        if self._waker.failure is not None:
            raise self._waker.failure
        if self._greeted or self._waker.session is None:
            return
        self._greeted = True
        self._prompt.refresh()
        for step in self._waker.steps.values():
            if step.error:
                self._screen.waking(step)
        if self._waker.greeting:
            stream = self._screen.stream(self._words("Echo:"))
            stream.write(self._waker.greeting)
            stream.end()

    def _awake(self) -> Session | None:
        """The session, waiting for it if need be; None when Ctrl-C ended the waiting."""
        if not self._waker.done:
            self._wait()
        if not self._waker.done:
            return None
        self._greet()
        return self._waker.session

    def _wait(self) -> None:
        """Tell that the words wait, and which steps are over, on one growing line."""
        stop, told = Flag(), set[str]()
        stream = self._screen.stream()
        stream.write(self._words("Echo is still waking; your words wait."))
        with self._stage.signals.during(interrupt=stop.set, leave=stop.set):
            while not self._waker.done and not stop():
                self._stage.quiet.collect()
                for step in tuple(self._waker.steps.values()):
                    if step.done >= 1.0 and step.stage not in told:
                        told.add(step.stage)
                        stream.write(".")
                time.sleep(TICK_S)
        stream.end()

    # ── answering ────────────────────────────────────────────────────────────────────────────

    def _answer(self, text: str) -> str:
        """Do what was typed; what is to stand in the next prompt."""
        meant = read(text)
        if isinstance(meant, Call) and meant.command.run is None:
            raise _Quit
        if isinstance(meant, Call) and meant.command.name == "help":
            show_help(self._screen, self._words)
            return ""
        session = self._awake()
        if session is None:
            return text
        if isinstance(meant, str):
            play(session, meant, self._stage)
        elif meant.command.run is not None:
            meant.command.run(Desk(session, self._screen, self._words), meant.argument)
        self._screen.blank()
        return ""


class _Quit(Exception):
    """The user, or a signal, ends the chat."""
