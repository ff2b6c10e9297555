"""The chat without a terminal: prompt-toolkit's pipe input, a Screen on a StringIO."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from echo.errors import BrainError, StoreError
from echo.i18n import msgid
from echo.nouns import Waking
from echo.render.screen import Screen
from echo.repl.loop import run
from tests.repl.fake import FakeSession


class Talk:
    """Types keys into a chat and keeps what it printed."""

    def __init__(self, keys: PipeInput, home: Path) -> None:
        self.keys = keys
        self.history = home / "history-me"
        self.out = StringIO()
        self.steps: list[Waking] = []

    def __call__(self, session: FakeSession, typed: str) -> int:
        self.keys.send_text(typed)
        return run(
            lambda progress, stop: self._wake(session, progress),  # type: ignore[arg-type,return-value]
            screen=Screen(self.out, words=msgid),
            words=msgid,
            history=self.history,
            input=self.keys,
            output=DummyOutput(),
        )

    def _wake(self, session: FakeSession, progress: Callable[[Waking], None]) -> FakeSession:
        for step in self.steps:
            progress(step)
        return session

    @property
    def text(self) -> str:
        return self.out.getvalue()


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    with create_pipe_input() as keys:
        yield Talk(keys, tmp_path)


def test_words_are_answered_and_ctrl_d_leaves(talk: Talk) -> None:
    """The whole loop once: greeting, answer, exit code 0, the session closed."""
    session = FakeSession("네 고양이 이름은 모푸야.")
    assert talk(session, "내 고양이 이름?\r\x04") == 0
    assert session.heard == ["내 고양이 이름?"]
    assert talk.text.count("Echo: 다시 왔네.") == 1
    assert "Echo: 네 고양이 이름은 모푸야.\n" in talk.text
    assert session.closed


def test_line_breaks_by_alt_enter_and_ctrl_j(talk: Talk) -> None:
    """Two ways to break a line, because terminals swallow one or the other."""
    session = FakeSession()
    talk(session, "하나\x1b\r둘\n셋\r\x04")
    assert session.heard == ["하나\n둘\n셋"]


def test_paste_keeps_its_lines(talk: Talk) -> None:
    """Enter inside a bracketed paste does not send; CRLF becomes one line break."""
    session = FakeSession()
    talk(session, "\x1b[200~시 한 편\r\n둘째 줄\r\x1b[201~\r\x04")
    assert session.heard == ["시 한 편\n둘째 줄"]


def test_blank_lines_are_not_sent(talk: Talk) -> None:
    """Enter on nothing costs no turn."""
    session = FakeSession()
    talk(session, "\r  \r\x15말\r\x04")
    assert session.heard == ["말"]


def test_ctrl_c_clears_the_line(talk: Talk) -> None:
    """A thought better not sent; the chat goes on."""
    session = FakeSession()
    assert talk(session, "보내지 않을 말\x03보낼 말\r\x04") == 0
    assert session.heard == ["보낼 말"]


def test_broken_bytes_are_scrubbed(talk: Talk) -> None:
    """A terminal's bad byte may not reach memory as a surrogate, nor break the history file."""
    session = FakeSession()
    talk.keys.send_bytes(b"caf\xff \x00 x")
    talk(session, "\r\x04")
    assert all("\udcff" not in words and "\x00" not in words for words in session.heard)
    talk.history.read_text("utf-8")


def test_error_in_a_turn_is_two_lines_and_the_chat_lives_on(talk: Talk) -> None:
    """A brain that fails once is no reason to end a conversation."""
    failed = BrainError("The brain {name} failed.", "Try /mode solo.", name="seed")
    session = FakeSession(failed, "이제 돼")
    assert talk(session, "하나\r둘\r\x04") == 0
    assert "The brain seed failed.\n  Try /mode solo.\n" in talk.text
    assert "Echo: 이제 돼" in talk.text


def test_bug_in_a_turn_is_raised_and_the_session_closed(talk: Talk) -> None:
    """What is not an EchoError is a bug: its traceback is for whoever mends it."""
    session = FakeSession(ZeroDivisionError("bug"))
    with pytest.raises(ZeroDivisionError, match="bug"):
        talk(session, "하나\r")
    assert session.closed


def test_wake_that_fails_ends_with_its_exit_code(talk: Talk, tmp_path: Path) -> None:
    """Without memory there is nobody to talk to."""

    def wake(progress: object, stop: object) -> FakeSession:
        raise StoreError("Memory cannot be opened.", "Run {tool}.", tool="`fillin doctor`")

    screen = Screen(talk.out, words=msgid)
    code = run(
        wake,  # type: ignore[arg-type]
        screen=screen,
        words=msgid,
        history=talk.history,
        input=talk.keys,
        output=DummyOutput(),
    )
    assert code == 1
    assert talk.text == "Memory cannot be opened.\n  Run `fillin doctor`.\n"


def test_missing_voice_is_told_once(talk: Talk) -> None:
    """A brain that did not load is said in one line, and Echo talks without it."""
    talk.steps = [
        Waking("emotion", 1.0, "a.gguf", error="a.gguf is cut short."),
        Waking("self", 1.0, "b.gguf"),
    ]
    session = FakeSession(absent={"emotion": "a.gguf is cut short."})
    talk(session, "말\r\x04")
    assert talk.text.count("emotion is left out: a.gguf is cut short.\n") == 1
    assert "b.gguf" not in talk.text


def test_signal_handlers_are_given_back(talk: Talk) -> None:
    """The chat is a guest in its process."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCONT)
    before = [signal.getsignal(number) for number in numbers]
    talk(FakeSession(), "\x04")
    assert [signal.getsignal(number) for number in numbers] == before


# ── slash commands ───────────────────────────────────────────────────────────────────────────


def test_help_lists_every_command(talk: Talk) -> None:
    talk(FakeSession(), "/help\r\x04")
    for name in ("/help", "/why", "/recall QUERY", "/insight [", "/mode [", "/quit"):
        assert name in talk.text


def test_quit_leaves_without_waiting(talk: Talk) -> None:
    session = FakeSession()
    assert talk(session, "/quit\r들리면 안 돼\r") == 0
    assert session.heard == []


def test_why_before_and_after_an_answer(talk: Talk) -> None:
    """Nothing to explain at first; then thoughts, memories and what was left out."""
    talk(FakeSession("모푸야."), "/why\r이름?\r/why\r\x04")
    assert "Echo has not said anything yet." in talk.text
    assert "creation: left out: it took too long" in talk.text
    assert "you: 고양이 이름은 모푸야." in talk.text


def test_recall_asks_memory_and_survives_its_error(talk: Talk) -> None:
    assert talk(FakeSession(), "/recall\r/recall fail\r/recall 고양이\r\x04") == 0
    assert "Recall what?\n" in talk.text
    assert "Memory is locked.\n  Close the other Echo.\n" in talk.text
    assert "1. Monday 2 March 2026, 21:04\n   you: 고양이 이름은 모푸야.\n" in talk.text


def test_insight_of_a_day_a_week_and_nonsense(talk: Talk) -> None:
    """The session's clock decides what today is, not the machine's."""
    talk(FakeSession(), "/insight\r/insight week\r/insight 2026-03-02\r/insight soon\r\x04")
    assert "Saturday 21 November 2026\n" in talk.text
    assert "Sunday 15 November 2026 to Saturday 21 November 2026\n" in talk.text
    assert "Monday 2 March 2026\n" in talk.text
    assert "soon is no span of days.\n" in talk.text


def test_mode_is_told_set_and_refused(talk: Talk) -> None:
    session = FakeSession()
    talk(session, "/mode\r/mode solo\r/mode loud\r\x04")
    assert "full: all three voices" in talk.text
    assert "solo: only self speaks" in talk.text
    assert "There is no mode loud.\n  Say full, auto or solo.\n" in talk.text
    assert session.mode == "solo"
