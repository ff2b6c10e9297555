"""What begins with a slash, and what only looks like it."""

from __future__ import annotations

from datetime import date

import pytest

from echo.errors import UsageError
from echo.repl.commands import COMMANDS, Call, complete, read, span


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
