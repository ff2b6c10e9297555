"""Plain text, pasted transcripts, Markdown and Obsidian's daily notes: words with a day at most.

A line of plain text is one turn of the user's own; `나의 말:` and `ChatGPT의 말:` begin blocks of
two speakers. So is a line of a note, where a table and a block of code are one: a note that was
added to gives its new lines only, and recall need not quote all of it. Its properties (YAML front
matter) are no words. Knows no files beyond their lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from datetime import time as clock

from echo.i18n import msgid
from echo.memory.chats.given import MAX_TEXT, Given, Notices, Refs, Report, clip
from echo.memory.dayfiles import Line
from echo.memory.transcript import said
from echo.nouns import DAY_SESSION, ECHO, Turn
from echo.text import scrub

_BLOCK = 100_000  # lines; repeats are numbered within a block, so that memory stays bounded
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_EMPTY = re.compile(r"\s*(?:(?:[-*_]\s*){3,}|(?:[-*+]|\d+[.)])?\s*(?:\[[ xX]\])?\s*|#+\s*|>\s*)")
_DAY = re.compile(r"(?<!\d)(\d{4})[-_.년 ]{1,2}(\d{1,2})[-_.월 ]{1,2}(\d{1,2})(?!\d)")
_PACKED = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})(?!\d)")
_FIELD = re.compile(r"(date|day|created|날짜|생성일?)\s*:\s*(.+)", re.IGNORECASE)
_KEY = re.compile(r"[\w\- ]+:(?:\s|$)|\s|-\s|#|\s*$")
_OURS = {"에코": ECHO, "Echo": ECHO}
UNMARKED = msgid("a line above the first speaker")
MAX_PROPERTIES = 200  # lines; what goes on longer is no front matter


@dataclass(frozen=True, slots=True)
class Origin:
    """Where lines come from. name: of the file; written: the day it was last written."""

    name: str
    written: date
    zone: tzinfo

    @property
    def day(self) -> date | None:
        """The day a file's name begins with, as 2024-12-09.md does."""
        name = self.name.rsplit("/", 1)[-1]
        return day_in(name[:12]) if name[:4].isdecimal() else None


def day_in(text: str) -> date | None:
    """The first date in a name or a property."""
    for match in (*_DAY.finditer(text), *_PACKED.finditer(text)):
        try:
            made = date(*map(int, match.groups()))
        except ValueError:
            continue
        if 1900 <= made.year < 9999:
            return made
    return None


def lines_of_text(
    lines: Iterable[Line], origin: Origin, given: Given, report: Report, *, blocks: bool
) -> Iterator[Turn]:
    """Plain text, or a transcript (blocks), of which what stands above the first mark is nobody's.

    Lines have no times: they are of the day of the file.
    """
    noon = datetime.combine(origin.day or origin.written, clock(12), origin.zone)
    refs = _LineRefs(origin.name)
    session = clip(f"{DAY_SESSION}import:{origin.name}")
    for item in said(lines):
        if isinstance(item, Line):
            if item.text is None:
                report(item.number, item.why)
        elif blocks and not item.marked:
            report(item.line, UNMARKED)
        else:
            text, who = scrub(item.text), _OURS.get(item.who, item.who)
            at = noon + timedelta(microseconds=item.line)
            ref = refs.of(item.line, who, text)
            yield Turn(ref, at, who or given.user, text, session)


class _LineRefs:
    """Refs of lines without times: of the file's name, the words, and which time it says them."""

    def __init__(self, name: str) -> None:
        self._name = scrub(name)
        self._refs = Refs()
        self._block = 0

    def of(self, line: int, *facts: str) -> str:
        if line // _BLOCK != self._block:
            self._block = line // _BLOCK
            self._refs.clear()
        return self._refs.of("text", self._name, str(self._block), *facts)


# ── Markdown ─────────────────────────────────────────────────────────────────────────────────


def lines_of_note(
    lines: Iterable[Line], origin: Origin, given: Given, report: Report, notices: Notices
) -> Iterator[Turn]:
    """A note: of the day its name tells, or its properties, or when it was last written."""
    note = _Note(origin)
    for number, text in _pieces(_body(lines, note, report), notices):
        yield note.turn(number, scrub(text), given)


class _Note:
    """What is known of a note when its first line comes."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self.told: date | None = None  # by its properties
        self._refs: _LineRefs | None = None

    def turn(self, number: int, text: str, given: Given) -> Turn:
        day = self._origin.day or self.told
        if self._refs is None:  # a note of a day is the same wherever the vault lies
            name = self._origin.name
            self._refs = _LineRefs(name.rsplit("/", 1)[-1] if self._origin.day else name)
        noon = datetime.combine(day or self._origin.written, clock(12), self._origin.zone)
        name = clip(f"{DAY_SESSION}note:{self._origin.name}")
        ref = self._refs.of(number, "note", text)
        return Turn(ref, noon + timedelta(microseconds=number), given.user, text, name)


def _body(lines: Iterable[Line], note: _Note, report: Report) -> Iterator[tuple[int, str]]:
    """The lines behind the properties; a rule that opens no properties is a line like others."""
    held: list[tuple[int, str]] = []
    inside = False
    for line in lines:
        if line.text is None:
            report(line.number, line.why)
            continue
        text = line.text.lstrip("\ufeff") if line.number == 1 else line.text
        if line.number == 1 and text.rstrip() == "---":
            inside = True
        elif inside and text.rstrip() in ("---", "..."):
            inside = False
            note.told = next((d for _, held_ in held if (d := _field(held_))), None)
            held = []
            continue
        elif inside and (not _KEY.match(text) or len(held) > MAX_PROPERTIES):
            inside = False
            yield from held
            held = []
        if inside:
            held.append((line.number, text))
        else:
            yield line.number, text
    yield from held


def _field(text: str) -> date | None:
    match = _FIELD.match(text)
    return day_in(match[2]) if match else None


def _pieces(lines: Iterable[tuple[int, str]], notices: Notices) -> Iterator[tuple[int, str]]:
    """(where it begins, its words): every line by itself; a table and a fence of code whole."""
    block: list[str] = []
    start = size = 0
    fence = ""
    for number, text in lines:
        opened = _FENCE.match(text)
        joins = fence or (block and block[-1].lstrip()[:1] == text.lstrip()[:1] == "|")
        if block and (not joins or size > MAX_TEXT):
            yield start, "\n".join(block)
            block, size = [], 0
        if not fence and _EMPTY.fullmatch(text):
            notices.count += bool(text.strip())
            continue
        start = start if block else number
        block.append(text)
        size += len(text) + 1
        if not fence and opened:
            fence = opened[1]
        elif fence and opened and opened[1].startswith(fence) and text.strip() == opened[1]:
            fence = ""
    if block:
        yield start, "\n".join(block)


def has_properties(lines: Iterable[Line]) -> bool:
    """Does the file begin with YAML front matter that is closed?"""
    rest = iter(lines)
    first = next(rest, None)
    if first is None or (first.text or "").lstrip("\ufeff").rstrip() != "---":
        return False
    fields = 0
    for line in rest:
        text = line.text or ""
        if text.rstrip() in ("---", "..."):
            return fields > 0
        if not _KEY.match(text):
            return False
        fields += ":" in text
    return False
