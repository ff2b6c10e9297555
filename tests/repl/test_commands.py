"""What begins with a slash, and what only looks like it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest

from bench.random_gguf import TINY, write, write_lora
from echo.being.bond import Bond
from echo.brains.loading import BrainSpec, load_together
from echo.errors import ModelFileError, UsageError
from echo.i18n import catalogue
from echo.memory.store import Store
from echo.mind.cast import Cast
from echo.mind.session import Chance, Self, Session
from echo.nouns import VOICES, Identity
from echo.render.screen import Screen
from echo.repl.commands import COMMANDS, Call, Desk, complete, read, span


@pytest.mark.parametrize(
    ("typed", "name", "argument"),
    [
        ("/why", "why", ""),
        (" /recall  내 고양이 \n", "recall", "내 고양이"),
        ("/MODE solo", "mode", "solo"),
        ("/기억 고양이", "recall", "고양이"),
        ("/끝", "quit", ""),
    ],
)
def test_commands_are_read(typed: str, name: str, argument: str) -> None:
    """Blanks and capitals do not matter; Korean keyboards need not switch."""
    call = read(typed)
    assert isinstance(call, Call)
    assert (call.command.name, call.argument) == (name, argument)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("/ 라고 쓰면?", "/ 라고 쓰면?"),
        ("/usr/bin/env", "/usr/bin/env"),
        ("/* comment */", "/* comment */"),
        ("//help", "/help"),
        ("1/2", "1/2"),
        ("/3", "/3"),
        ("\n    return 1\n", "    return 1"),
    ],
)
def test_other_slashes_are_words(typed: str, words: str) -> None:
    """Paths, comments and fractions are things people say."""
    assert read(typed) == words


@pytest.mark.parametrize(
    ("typed", "near"), [("/whi", "why"), ("/recal x", "recall"), ("/insigt", "insight")]
)
def test_unknown_command_names_the_nearest(typed: str, near: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(typed)
    assert f"Did you mean /{near}?" in str(caught.value)


def test_unknown_command_far_from_all() -> None:
    """No silly suggestion; how to say it anyway."""
    with pytest.raises(UsageError) as caught:
        read("/zzzz")
    assert str(caught.value) == "There is no /zzzz; /help lists what there is."
    assert caught.value.hint.format(**caught.value.params).endswith("//zzzz.")


def test_completion_of_names_and_arguments() -> None:
    """Everything after a slash; the options of a command after its blank; nothing else."""
    everything = [text.strip() for text, _, _ in complete("/")]
    assert everything == [f"/{command.name}" for command in COMMANDS]
    assert list(complete("/in")) == [("/insight ", -3, "shows how the days felt")]
    assert next(complete("/하"))[:2] == ("/하루 ", -2)
    assert list(complete("/mode s")) == [("solo", -1, "")]
    assert [text for text, _, _ in complete("/insight ")] == ["day", "week", "month"]
    assert list(complete("//in")) == list(complete("in")) == list(complete("/in\n")) == []


def test_spans_end_today() -> None:
    today = date(2026, 3, 1)
    assert span("day", today) == (today, today)
    assert span("week", today) == (date(2026, 2, 23), today)
    assert span("month", today) == (date(2026, 1, 31), today)
    assert span("2025-12-31", today) == (date(2025, 12, 31), date(2025, 12, 31))


# ── /lora, on a session with three real voices ───────────────────────────────────────────────


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Desk, StringIO]]:
    model = write(tmp_path / "tiny.gguf", TINY)
    brains = dict(zip(VOICES, load_together([BrainSpec(256)] * 3, model), strict=True))
    store = Store.open(tmp_path / "echo.db", journal=None, zone=UTC)
    who = Self("me", "en", Identity(1, "d", "You are Echo."), UTC)
    chance = Chance(lambda: datetime(2026, 3, 2, tzinfo=UTC), lambda: "r")
    session = Session(who, store, Cast(brains, {}), chance, session="s", bond=Bond())
    out = StringIO()
    yield Desk(session, Screen(out, words=catalogue("en")), catalogue("en")), out
    session.close()


def said(desk: tuple[Desk, StringIO], typed: str) -> str:
    call = read(typed)
    assert isinstance(call, Call)
    assert call.command.run is not None
    call.command.run(desk[0], call.argument)
    return desk[1].getvalue()


def test_a_lora_is_put_on_and_taken_off(desk: tuple[Desk, StringIO], tmp_path: Path) -> None:
    lora = write_lora(tmp_path / "warm voice.gguf")
    assert "self: no LoRA" in said(desk, "/lora")
    assert "self: warm voice.gguf" in said(desk, f"/lora self {lora} 0.5")
    assert desk[0].session.adapters() == {
        "emotion": "", "self": "warm voice.gguf", "creation": "",
    }  # fmt: skip
    said(desk, "/lora self off")
    assert not any(desk[0].session.adapters().values())


def test_a_wrong_lora_is_one_sentence(desk: tuple[Desk, StringIO], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no voice loud"):
        said(desk, "/lora loud x.gguf")
    with pytest.raises(ModelFileError, match="no adapter"):
        said(desk, f"/lora self {tmp_path}/absent.gguf")
    assert not any(desk[0].session.adapters().values())
