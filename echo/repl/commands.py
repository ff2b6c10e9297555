"""What begins with a slash: one table, its reading and its completion. Knows Session's contract.

A message may begin with a slash too: "/ …", "/usr/bin" and "/*" are words, and "//help" says
"/help" to Echo.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from echo.errors import UsageError
from echo.i18n import Words, msgid
from echo.nouns import VOICES, Mode
from echo.render.lines import line
from echo.render.screen import Screen

if TYPE_CHECKING:
    from echo.mind.session import Session

MODES: tuple[Mode, ...] = ("full", "auto", "solo")
SPANS = ("day", "week", "month")
RECALLED = 5
_COMMAND = re.compile(r"/([^\W\d_]+)(?:[ \t]+(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a command may use."""

    session: Session
    screen: Screen
    words: Words


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table.

    alias: the same in Korean letters, for a keyboard that stands on Hangul; argument: as shown in
    /help; options: what completes it; run: None leaves the chat.
    """

    name: str
    alias: str
    argument: str
    about: str
    run: Callable[[Desk, str], None] | None
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A command as typed."""

    command: Command
    argument: str


def read(text: str) -> Call | str:
    """A command to run, or the words to say. Raises UsageError for a command that is not known."""
    text = text.strip("\n").rstrip()
    typed = text.lstrip()
    if typed.startswith("//"):
        return typed[1:]
    match = _COMMAND.fullmatch(typed)
    if match is None:
        return text
    name, argument = match[1], (match[2] or "").strip()
    for command in COMMANDS:
        if name.lower() in (command.name, command.alias):
            return Call(command, argument)
    raise _unknown(name)


def _unknown(name: str) -> UsageError:
    names = [each for command in COMMANDS for each in (command.name, command.alias)]
    near = get_close_matches(name.lower(), names, n=1, cutoff=0.5)
    if near:
        return UsageError(
            "There is no /{name}. Did you mean /{near}?",
            "To say it to Echo as it is, type //{name}.",
            name=name,
            near=near[0],
        )
    return UsageError(
        "There is no /{name}; /help lists what there is.",
        "To say it to Echo as it is, type //{name}.",
        name=name,
    )


# ── what they do ─────────────────────────────────────────────────────────────────────────────


def show_help(screen: Screen, _: Words) -> None:
    """Every command on a line, and the keys."""
    for command in COMMANDS:
        usage = f"/{command.name} {_(command.argument)}".rstrip()
        screen.show((line((usage, "strong"), f"  {_(command.about)}"),))
    screen.notice(_("Enter sends, Alt-Enter or Ctrl-J breaks the line, Ctrl-C stops Echo."))


def _help(desk: Desk, argument: str) -> None:
    show_help(desk.screen, desk.words)


def _why(desk: Desk, argument: str) -> None:
    last = desk.session.last
    if last is None:
        desk.screen.notice(desk.words("Echo has not said anything yet."))
        return
    absent = desk.session.absent()
    models = {v: name for v, name in desk.session.voices().items() if v not in absent}
    desk.screen.exchange(last, user=desk.session.user, voices=models)


def _recall(desk: Desk, argument: str) -> None:
    if not argument:
        raise UsageError("Recall what?", "For example: /recall the name of my cat")
    found = desk.session.recall(argument, RECALLED)
    desk.screen.recollection(found, user=desk.session.user)


def _facts(desk: Desk, argument: str) -> None:
    from echo.render.facts import facts

    known = desk.session.facts()
    desk.screen.show(facts(known, desk.words, all_=argument.lower() in ("all", "모두")))


def _insight(desk: Desk, argument: str) -> None:
    since, until = span(argument or "day", desk.session.now().date())
    found = desk.session.insight(since, until, paragraph=False)
    desk.screen.insight(found, user=desk.session.user)


def span(argument: str, today: date) -> tuple[date, date]:
    """The first and last day of "day", "week", "month" (all until today) or of a date."""
    back = {"day": 0, "week": 6, "month": 29}.get(argument)
    if back is not None:
        return today - timedelta(days=back), today
    try:
        day = date.fromisoformat(argument)
    except ValueError as exc:
        raise UsageError(
            "{given} is no span of days.", "Say day, week, month, or a date: 2026-03-02.",
            given=argument,
        ) from exc  # fmt: skip
    return day, day


def _mode(desk: Desk, argument: str) -> None:
    _ = desk.words
    if argument:
        chosen = next((mode for mode in MODES if mode == argument.lower()), None)
        if chosen is None:
            raise UsageError("There is no mode {given}.", "Say full, auto or solo.", given=argument)
        desk.session.mode = chosen
    about = {
        "full": _("full: all three voices think about every message."),
        "auto": _("auto: Echo chooses which voices a message needs."),
        "solo": _("solo: only self speaks; the quickest."),
    }
    desk.screen.notice(about[desk.session.mode], "")


def _lora(desk: Desk, argument: str) -> None:
    _ = desk.words
    voice, _blank, rest = argument.partition(" ")
    chosen = next((v for v in VOICES if v == voice.lower()), None)
    if argument and chosen is None:
        raise UsageError(
            "There is no voice {given}.", "Say emotion, self or creation.", given=voice
        )
    if chosen is not None and rest.strip():
        path, scale = _adapter(rest.strip())
        desk.session.adapt(chosen, path, scale)
    none = _("no LoRA")
    for each, name in desk.session.adapters().items():
        desk.screen.notice(f"{each}: {name or none}", "")


def _adapter(given: str) -> tuple[Path | None, float]:
    """FILE, "FILE SCALE" or off."""
    if given.lower() in ("off", "없이"):
        return None, 1.0
    name, _, last = given.rpartition(" ")
    try:
        scale = float(last) if name else 1.0
    except ValueError:
        name, scale = given, 1.0
    return Path(name or given).expanduser(), scale


COMMANDS = (
    Command("help", "도움", "", msgid("shows this list"), _help),
    Command("why", "왜", "", msgid("shows why Echo said what it last said"), _why),
    Command("recall", "기억", msgid("QUERY"), msgid("asks memory"), _recall),
    Command(
        "facts", "사실", "[all]", msgid("shows what you told of yourself and yours"), _facts,
        ("all",),
    ),
    Command(
        "insight", "하루", msgid("[day|week|month|DATE]"), msgid("shows how the days felt"),
        _insight, SPANS,
    ),
    Command(
        "mode", "모드", "[full|auto|solo]", msgid("chooses which voices think"), _mode, MODES,
    ),
    Command(
        "lora", "로라", msgid("[VOICE FILE [SCALE] | VOICE off]"),
        msgid("lets a voice speak with a LoRA"), _lora, VOICES,
    ),
    Command("quit", "끝", "", msgid("leaves; Ctrl-D does too"), None),
)  # fmt: skip


# ── completion ───────────────────────────────────────────────────────────────────────────────


def complete(text: str) -> Iterator[tuple[str, int, str]]:
    """What may end text, which ends at the cursor: (completion, start before it, about)."""
    if not text.startswith("/") or text.startswith("//") or "\n" in text:
        return
    name, blank, argument = text[1:].partition(" ")
    for command in COMMANDS:
        if not blank:
            yield from _names(command, name)
        elif name.lower() in (command.name, command.alias):
            for option in command.options:
                if option.startswith(argument.lower()):
                    yield option, -len(argument), ""


def _names(command: Command, typed: str) -> Iterator[tuple[str, int, str]]:
    for name in (command.name, command.alias):
        if name.startswith(typed.lower()) and (name == command.name or typed):
            tail = " " if command.argument else ""
            yield f"/{name}{tail}", -len(typed) - 1, command.about
            return
