"""The line one types into: keys, history, completion, a toolbar. Knows no session.

prompt-toolkit is imported by whoever imports this file, so that `fillin --help` need not.
Nothing here asks the terminal where its cursor is (the answers leak as `20;1R` over SSH), and
nothing is drawn while nobody types and nothing has changed: an IME draws at the real cursor.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.application import Application, create_app_session, run_in_terminal
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import AnyFormattedText
from prompt_toolkit.history import FileHistory
from prompt_toolkit.input import Input
from prompt_toolkit.input.typeahead import store_typeahead
from prompt_toolkit.key_binding import KeyBindings, KeyPress, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import ColorDepth, Output
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.styles import Style

from echo.i18n import Words
from echo.text import scrub

MARK = "> "
LONG = 4000  # characters from which a sent message is not repeated on the screen
ROWS = 7  # lines kept free for the completion menu
EARLY = {"\r": Keys.ControlM, "\x04": Keys.ControlD}  # keys that may end what was typed early
ESCAPE_S = 0.05  # how long a lone ESC waits for the rest of a sequence


class Terminal(Vt100_Output):
    """A terminal that is never asked for its cursor's place, and can still show a toolbar."""

    @property
    def responds_to_cpr(self) -> bool:
        """Never ask: over SSH the answers come late and are read as keys."""
        return False

    def get_rows_below_cursor_position(self) -> int:
        """At least this line; prompt-toolkit hides toolbars until it knows a number."""
        return 1


class Dumb(Vt100_Output):
    """A terminal that only takes text: TERM=dumb, inside an editor."""

    def write_raw(self, data: str) -> None:
        """Sequences are left out; prompt-toolkit writes a few even here."""
        if not data.startswith("\x1b"):
            super().write_raw(data)


class History(FileHistory):
    """What was typed before, in a file only its owner can read. Novels are not kept."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        path.chmod(0o600)
        super().__init__(path)

    def store_string(self, string: str) -> None:
        """Append one entry unless it is a novel."""
        if len(string) <= LONG:
            super().store_string(scrub(string))


class Left(Exception):
    """The chat is to end while a prompt stands."""


class Prompt:
    """Asks for one message at a time.

    on_running is called on the main thread when a prompt has begun to run; status gives the line
    under it.
    """

    def __init__(
        self,
        words: Words,
        history: Path,
        completer: Completer,
        *,
        color: bool,
        input: Input | None = None,  # noqa: A002 - prompt-toolkit's own name
        output: Output | None = None,
    ) -> None:
        self.long = False  # was the last message too long to be repeated?
        self.on_running: Callable[[], None] = lambda: None
        self.status: Callable[[], str] = lambda: ""
        self._words = words
        self._completer = completer
        self._running = False
        self._hint = ""
        self._session: PromptSession[str] = _session(
            MARK,
            multiline=True,
            prompt_continuation=_continuation,
            wrap_lines=True,
            history=History(history),
            completer=completer,
            complete_while_typing=Condition(self._is_command),
            reserve_space_for_menu=ROWS,
            enable_suspend=True,
            key_bindings=self._keys(),
            style=_style(color),
            include_default_pygments_style=False,
            color_depth=None if color else ColorDepth.DEPTH_1_BIT,
            input=input,
            output=output,
        )
        self._session.app.ttimeoutlen = ESCAPE_S
        self._session.default_buffer.on_text_insert += _compose
        self._session.default_buffer.on_text_changed += self._forget_hint

    @property
    def app(self) -> Application[str]:
        """prompt-toolkit's application."""
        return self._session.app

    def ask(self, default: str = "") -> str:
        """One message. Raises EOFError on Ctrl-D, or what leave() was given."""
        self.long = self.app.erase_when_done = False
        self._running = True
        try:
            return self._session.prompt(
                default=default,
                pre_run=self.on_running,
                set_exception_handler=False,
                handle_sigint=False,
            )
        finally:
            self._running = False

    def feed(self, text: str, keys: str) -> None:
        """Give the next prompt what was typed before it stood: one paste, then Enter, Ctrl-D."""
        early = [KeyPress(Keys.BracketedPaste, text)] if text else []
        early += [KeyPress(EARLY[key], key) for key in keys]
        store_typeahead(self._session.input, early)

    # ── from other threads and signal handlers ───────────────────────────────────────────────

    def refresh(self) -> None:
        """Draw the line under the prompt anew, or take it away."""
        self._session.bottom_toolbar = (self._hint or self.status()) or None
        self._soon(self.app.invalidate)

    def above(self, show: Callable[[], None]) -> None:
        """Call show with the prompt taken away; what it prints stays above the prompt."""

        def guarded() -> None:
            try:
                show()
            except BaseException as exc:  # noqa: BLE001 - raised again by ask()
                self._exit(exc)

        self._soon(lambda: run_in_terminal(guarded))

    def leave(self, why: BaseException) -> None:
        """End the prompt that stands; ask() raises why."""
        self._soon(lambda: self._exit(why))

    def clear(self) -> None:
        """What Ctrl-C does at the prompt: throw the line away, or say how to leave."""
        self._soon(self._clear)

    def _soon(self, act: Callable[[], object]) -> None:
        loop = self.app.loop
        if loop is None or not self._running:
            return
        try:
            loop.call_soon_threadsafe(act, context=self.app.context)
        except RuntimeError:  # the loop has just been closed: the prompt is over anyway
            return

    def _exit(self, why: BaseException) -> None:
        if self.app.is_running and not self.app.is_done:
            self.app.exit(exception=why)

    # ── keys ─────────────────────────────────────────────────────────────────────────────────

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()

        @keys.add("enter")
        def _(event: KeyPressEvent) -> None:
            self._send(event.current_buffer)

        @keys.add("escape", "enter")
        @keys.add("c-j")
        def _(event: KeyPressEvent) -> None:
            event.current_buffer.newline(copy_margin=False)

        @keys.add("tab")
        def _(event: KeyPressEvent) -> None:
            self._complete(event.current_buffer)

        @keys.add("c-c")
        @keys.add("<sigint>")
        def _(event: KeyPressEvent) -> None:
            self._clear()

        return keys

    def _send(self, buffer: Buffer) -> None:
        if not buffer.text.strip():
            return
        self.long = self.app.erase_when_done = len(buffer.text) > LONG
        buffer.validate_and_handle()

    def _complete(self, buffer: Buffer) -> None:
        """A single completion is taken at once, so that what follows it can be completed too."""
        asked = CompleteEvent(completion_requested=True)
        found = list(self._completer.get_completions(buffer.document, asked))
        if len(found) == 1:
            buffer.cancel_completion()
            buffer.delete_before_cursor(-found[0].start_position)
            buffer.insert_text(found[0].text)
        elif buffer.complete_state:
            buffer.complete_next()
        elif found:
            buffer.start_completion(insert_common_part=True)

    def _clear(self) -> None:
        buffer = self._session.default_buffer
        if buffer.text:
            buffer.reset()
            self.app.invalidate()
        else:
            self._hint = self._words("Ctrl-D or /quit leaves.")
            self.refresh()

    def _forget_hint(self, buffer: Buffer) -> None:
        if self._hint:
            self._hint = ""
            self.refresh()

    def _is_command(self) -> bool:
        document = self._session.default_buffer.document
        return document.text.startswith("/") and document.line_count == 1


def _continuation(width: int, line_number: int, wrap_count: int) -> AnyFormattedText:
    return "" if wrap_count else " " * min(width, len(MARK))


def _compose(buffer: Buffer) -> None:
    """Join jamo into syllables as they come, so that Backspace takes back a syllable."""
    before = buffer.document.text_before_cursor
    if not unicodedata.is_normalized("NFC", before):
        joined = unicodedata.normalize("NFC", before)
        after = buffer.document.text_after_cursor
        buffer.document = Document(joined + after, len(joined))


def _style(color: bool) -> Style:
    toolbar = "noreverse fg:ansibrightblack" if color else "noreverse"
    rules: dict[str, Any] = {"bottom-toolbar": toolbar, "bottom-toolbar.text": toolbar}
    return Style.from_dict(rules)


def _session(*args: Any, output: Output | None, **options: Any) -> PromptSession[str]:
    """A PromptSession on the output given, else on the terminal that stdout is."""
    if output is not None or not sys.stdout.isatty():
        return PromptSession(*args, output=output, **options)
    term = os.environ.get("TERM", "dumb")
    if term in ("dumb", "unknown"):  # the prompt for such is used only where no output is named
        with create_app_session(output=Dumb.from_pty(sys.stdout, term=term)):
            return PromptSession(*args, **options)
    return PromptSession(*args, output=Terminal.from_pty(sys.stdout, term=term), **options)
