"""The chat in a real pty, as a person sees it."""

from __future__ import annotations

import signal
import stat
import termios
import time
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path

import pytest

from echo.memory.store import Store
from tests.repl.terminal import Terminal

Start = Callable[..., Terminal]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    begun: list[Terminal] = []

    def begin(**settings: object) -> Terminal:
        begun.append(Terminal(tmp_path, **settings))  # type: ignore[arg-type]
        return begun[-1]

    yield begin
    for terminal in begun:
        terminal.close()


def test_prompt_stands_while_brains_still_load_and_typing_waits(start: Start) -> None:
    """One launch: nobody waits for a model before they may type."""
    terminal = start(wake_s=2.0)
    began = time.monotonic()
    terminal.wait("Echo is waking")
    assert time.monotonic() - began < 1.5
    terminal.send("안녕 에코")
    assert "> 안녕 에코" in terminal.wait("안녕 에코", 1.0)
    text = terminal.wait("다시 왔네.")
    assert text.index("다시 왔네.") < text.index("> 안녕 에코"), "the greeting stands above"
    assert "waking" not in text, "the progress line is gone"
    terminal.send("!\r")
    terminal.wait("들었어: 안녕 에코!")


def test_message_sent_while_loading_is_answered_later(start: Start) -> None:
    """What is typed meanwhile waits, it is not lost and not refused."""
    terminal = start(wake_s=1.5)
    terminal.wait(">")
    terminal.send("벌써 물어볼게\r")
    terminal.wait("your words wait")
    text = terminal.wait("들었어: 벌써 물어볼게")
    assert text.index("your words wait") < text.index("다시 왔네.") < text.index("들었어")


def test_ctrl_c_while_waiting_gives_the_words_back(start: Start) -> None:
    """Waiting can be given up without losing what was typed."""
    terminal = start(wake_s=4.0)
    terminal.wait(">")
    terminal.send("기다리는 말\r")
    terminal.wait("your words wait")
    terminal.child.sendintr()
    terminal.wait(lambda text: text.count("> 기다리는 말") == 2)
    assert terminal.kept() == []


def test_lines_pasted_before_the_first_prompt_are_one_message(start: Start) -> None:
    """The kernel hands early lines over one by one; they must not become one message each."""
    terminal = start(wake_s=0.5)
    terminal.send("첫 줄\n둘째 줄\n")
    terminal.wait("들었어: 첫 줄")
    terminal.prompt(2)
    assert [words for words, _, _ in terminal.kept()] == ["첫 줄\n둘째 줄"]


def test_answer_streams_before_it_is_whole(start: Start) -> None:
    """The first words appear while the rest is still being thought."""
    terminal = start(answers=["하나 둘 셋 넷 다섯 여섯 일곱 여덟"], pace=0.3)
    terminal.prompt()
    terminal.send("세어 봐\r")
    assert "여덟" not in terminal.wait("Echo: 하나")
    terminal.wait("일곱 여덟")


def test_ctrl_c_keeps_the_partial_answer_and_the_chat(start: Start) -> None:
    """Ctrl-C stops an answer, never the chat; a second one does no harm."""
    terminal = start(answers=["하나 둘 셋 넷 다섯 여섯 일곱 여덟", "또 왔네"], pace=0.2)
    terminal.prompt()
    terminal.send("세어 봐\r")
    terminal.wait("Echo: 하나 둘")
    terminal.child.sendintr()
    terminal.child.sendintr()
    terminal.wait("Stopped. What was said so far is kept.")
    (kept,) = terminal.kept()
    assert kept[2] == "interrupted"
    assert kept[1].startswith("하나 둘")
    assert "여덟" not in kept[1]
    terminal.send("계속\r")
    terminal.wait("또 왔네")


def test_interrupt_from_outside_clears_the_line(start: Start) -> None:
    """`kill -INT` is Ctrl-C: at the prompt it clears the line, and an empty one gets a hint."""
    terminal = start()
    terminal.prompt()
    terminal.send("보내지 않을 말")
    terminal.wait("> 보내지 않을 말")
    terminal.kill(signal.SIGINT)
    terminal.wait(lambda text: "보내지" not in text)
    terminal.kill(signal.SIGINT)
    terminal.wait("Ctrl-D or /quit leaves.")
    terminal.send("이어서")
    terminal.wait(lambda text: "/quit" not in text and "> 이어서" in text)
    assert terminal.kept() == []


def test_dumb_terminal_gets_plain_text(start: Start) -> None:
    """TERM=dumb, as inside an editor: no sequences at all, and it still talks."""
    terminal = start(color=False, term="dumb")
    terminal.wait(">")
    terminal.send("안녕\r")
    terminal.wait("들었어: 안녕")
    terminal.send("\x04")
    assert terminal.code() == 0
    assert b"\x1b" not in terminal.raw


def test_keys_typed_into_an_answer_wait_for_the_next_prompt(start: Start) -> None:
    """They are not echoed into the answer, and Enter in them sends."""
    terminal = start(answers=["천천히 대답하는 중이야 정말로", "다음"], pace=0.2)
    terminal.prompt()
    terminal.send("첫 말\r")
    terminal.wait("Echo: 천천히")
    terminal.send("이어서 할 말\r")
    terminal.wait("Echo: 다음")
    terminal.send("\x04")
    assert terminal.code() == 0
    text = terminal.text()
    assert "Echo: 천천히 대답하는 중이야 정말로\n\n> 이어서 할 말\nEcho: 다음" in text


def test_keys_are_not_echoed_after_a_suspension(start: Start) -> None:
    """A shell puts its own terminal modes back on Ctrl-Z; fg must make them quiet again."""
    terminal = start(answers=["천천히 대답하는 중이야 정말로", "다음"], pace=0.25)
    terminal.prompt()
    terminal.send("첫 말\r")
    terminal.wait("Echo: 천천히")
    modes = termios.tcgetattr(terminal.child.child_fd)
    modes[3] |= termios.ECHO | termios.ICANON
    termios.tcsetattr(terminal.child.child_fd, termios.TCSANOW, modes)
    terminal.kill(signal.SIGCONT)
    time.sleep(0.2)
    terminal.send("이어서\r")
    assert "Echo: 천천히 대답하는 중이야 정말로\n\n> 이어서" in terminal.wait("Echo: 다음")


def test_hangul_in_24_columns_stays_whole(start: Start) -> None:
    """A narrow phone terminal: two-cell letters wrap, Backspace takes one letter back."""
    terminal = start(columns=24, lines=10)
    terminal.prompt()
    terminal.send("아주 긴 한글 문장을 좁은 창에 쳐 본닭")
    terminal.wait("본닭")
    terminal.send("\x7f다")
    terminal.wait("본다")
    text = terminal.text().replace("\n", "").replace(" ", "")
    assert ">아주긴한글문장을좁은창에쳐본다" in text
    terminal.send("\r")
    terminal.wait("들었어")
    terminal.prompt(2)
    assert terminal.kept()[0][0] == "아주 긴 한글 문장을 좁은 창에 쳐 본다"


def test_decomposed_hangul_is_one_syllable(start: Start) -> None:
    """macOS sends NFD: Backspace must take a syllable, not a jamo."""
    terminal = start()
    terminal.prompt()
    terminal.send("하" + "\u1112\u1161\u11ab")
    terminal.wait("하한")
    terminal.send("\x7f")
    terminal.wait(lambda text: text.endswith("> 하"))


def test_bracketed_paste_of_a_novel_is_one_message(start: Start) -> None:
    """Ten thousand lines arrive whole, are not sent before Enter, and are not repeated."""
    terminal = start(answers=["다 읽었어"])
    terminal.prompt()
    novel = "\n".join(f"{i}번째 줄: 비가 오는 날이었다." for i in range(10_000))
    terminal.send("\x1b[200~")
    for i in range(0, len(novel), 4000):
        terminal.send(novel[i : i + 4000])
        terminal.read()
    terminal.send("\x1b[201~")
    terminal.wait("9999번째", 20)
    assert terminal.kept() == []
    terminal.send("\r")
    terminal.wait("다 읽었어", 20)
    terminal.prompt()
    assert terminal.kept()[0][0] == novel
    assert f"({len(novel)} characters)" in terminal.text()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signal_mid_answer_commits_and_restores(
    start: Start, number: signal.Signals, code: int
) -> None:
    """Pods are taken away with little notice: the partial is kept and the terminal sane."""
    terminal = start(answers=["하나 둘 셋 넷 다섯 여섯 일곱 여덟"], pace=0.3, commit_s=0.3)
    terminal.prompt()
    terminal.send("세어 봐\r")
    terminal.wait("Echo: 하나")
    began = time.monotonic()
    terminal.kill(number)
    assert terminal.code() == code
    assert time.monotonic() - began < 2.0
    assert terminal.kept()[0][2] == "interrupted"
    assert terminal.sane


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signal_at_the_prompt_and_while_loading(
    start: Start, number: signal.Signals, code: int
) -> None:
    """The same promptness where nothing is being said."""
    terminal = start(wake_s=20.0)
    terminal.wait("Echo is waking")
    terminal.kill(number)
    assert terminal.code() == code
    assert terminal.sane
    assert b"\x1b[?2004l" in terminal.raw, "bracketed paste was switched off"


def test_hang_up_of_the_line_commits_the_partial(start: Start) -> None:
    """The SSH connection breaks: writing fails from then on, the words are still kept."""
    terminal = start(answers=["하나 둘 셋 넷 다섯 여섯 일곱 여덟"], pace=0.3)
    terminal.prompt()
    terminal.send("세어 봐\r")
    terminal.wait("Echo: 하나")
    assert terminal.hang_up() == 129
    assert terminal.kept()[0][2] == "interrupted"


def test_hang_up_at_the_prompt_ends_quietly(start: Start) -> None:
    """Nobody is there to read a traceback, and no process may stay behind."""
    terminal = start()
    terminal.prompt()
    assert terminal.hang_up() == 129


def test_a_brain_that_will_not_stop_does_not_keep_the_pod(start: Start) -> None:
    """Stuck in native code: the chat leaves anyway, in time."""
    terminal = start(answers=["하나 " * 200], pace=0.1, deaf=True)
    terminal.prompt()
    terminal.send("세어 봐\r")
    terminal.wait("Echo: 하나")
    began = time.monotonic()
    terminal.kill(signal.SIGTERM)
    assert terminal.code() == 143
    assert time.monotonic() - began < 2.5


def test_escape_sequences_of_a_model_do_not_reach_the_terminal(start: Start) -> None:
    """A model repeats what it has read: clipboard, title and cursor sequences stay text."""
    evil = "봐 \x1b]52;c;aGk=\x07 \x9b2J \x1b[2J \x1b]0;title\x07 끝\r\n"
    terminal = start(answers=[evil], color=False)
    terminal.prompt()
    terminal.send("읽어 줘\r")
    terminal.wait("끝")
    terminal.prompt(2)
    for sequence in (b"\x1b]52", b"\x1b]0;", b"\x1b[2J", "\x9b".encode(), b"\x07"):
        assert sequence not in terminal.raw
    assert "> 읽어 줘" in terminal.text(), "the screen was not cleared"


def test_idle_prompt_writes_nothing(start: Start) -> None:
    """An IME draws at the cursor: a repaint while idle would tear a half-made syllable."""
    terminal = start()
    terminal.prompt()
    terminal.wait("다시 왔네.")
    terminal.read()
    before = len(terminal.raw)
    time.sleep(1.5)
    terminal.read()
    assert len(terminal.raw) == before


def test_cursor_place_is_never_asked(start: Start) -> None:
    """Over SSH the answer would be read as keys: 20;1R."""
    terminal = start()
    terminal.prompt()
    terminal.send("안녕\r")
    terminal.wait("들었어")
    assert b"\x1b[6n" not in terminal.raw


def test_history_is_private_and_lasts(start: Start, tmp_path: Path) -> None:
    """Arrow-up finds yesterday's words; nobody else can read them."""
    first = start()
    first.prompt()
    first.send("어제 한 말\r")
    first.wait("들었어")
    first.prompt(2)
    first.send("\x04")
    assert first.code() == 0
    path = tmp_path / ".echo" / "history-me"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    second = start()
    second.prompt()
    second.send("\x1b[A")
    second.wait("> 어제 한 말")


def test_wake_that_fails_says_two_lines_and_ends(start: Start) -> None:
    """No traceback for what a person can mend."""
    terminal = start(fails=True)
    terminal.wait("Look at models/.")
    assert terminal.code() == 1
    assert "No brain could be loaded." in terminal.text()
    assert "Traceback" not in terminal.text()


# ── the real Session on a real store; only the brain is scripted ─────────────────────────────


def test_tomorrow_echo_remembers(start: Start) -> None:
    """Talk, leave, come back: greeting, recall and /why know what was said."""
    first = start(real=True, answers=["기억할게."])
    first.prompt()
    first.send("내 고양이 이름은 모푸야\r")
    first.wait("Echo: 기억할게.")
    first.prompt(2)
    first.send("\x04")
    assert first.code() == 0
    second = start(real=True, answers=["네 고양이 이름은 모푸야."])
    second.prompt()
    second.send("/recall 고양이 이름\r")
    second.wait("you: 내 고양이 이름은 모푸야")
    second.prompt(2)
    second.send("내 고양이 이름 기억나?\r")
    second.wait("Echo: 네 고양이 이름은 모푸야.")
    second.prompt(3)
    second.send("/why\r")
    text = second.wait("First word after")
    assert "What Echo remembered\n  1. " in text
    second.send("/insight\r")
    second.wait("2 exchanges, ")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_partial_answer_is_in_memory_after_a_signal(
    start: Start, tmp_path: Path, number: signal.Signals
) -> None:
    """Whatever ends the answer, the words and what was said so far are kept as interrupted."""
    terminal = start(real=True, answers=["하나 둘 셋 넷 다섯 여섯 일곱 여덟 아홉 열"], pace=0.3)
    terminal.prompt()
    terminal.send("세어 봐\r")
    terminal.wait("Echo: 하나 둘")
    terminal.kill(number)
    if number is signal.SIGINT:
        terminal.wait("Stopped.")
        terminal.send("\x04")
    assert terminal.code() == {signal.SIGTERM: 143, signal.SIGHUP: 129, signal.SIGINT: 0}[number]
    store = Store.open(tmp_path / "echo.db", journal=tmp_path / "memory", zone=UTC)
    (kept,) = store.exchanges("me")
    store.close()
    assert kept.words.text == "세어 봐"
    assert kept.reply.status == "interrupted"
    assert kept.reply.text.startswith("하나 둘")
    assert "열" not in kept.reply.text
