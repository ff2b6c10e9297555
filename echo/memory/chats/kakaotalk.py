"""KakaoTalk's exports as text: Windows and Mac bars with `[name] [time]`, phones with
`date time, name : words`; Korean and English.

A message lasts to the next one; what KakaoTalk says itself is no part of it. Streams. Knows no
files beyond their lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from echo.memory.chats import stamps
from echo.memory.chats.given import (
    BAD_DATE,
    MAX_TEXT,
    NO_DATE,
    Given,
    Notices,
    Refs,
    Report,
    clip,
)  # fmt: skip
from echo.memory.chats.notices import is_media, is_system
from echo.memory.dayfiles import Line
from echo.nouns import Turn
from echo.text import scrub

NAME = "kakaotalk"
_MARKS = "\ufeff\u200e\u200f"
_DESK = re.compile(r"\[(?P<who>.+?)\] \[(?P<time>[^\[\]]{4,14})\](?: (?P<text>.*))?", re.DOTALL)
_PHONE = re.compile(r"[,:] ?(?P<who>.{1,200}?) :(?: (?P<text>.*))?", re.DOTALL)
_ROOM = re.compile(
    r"(?:KakaoTalk Chats with (?P<en>.+)|(?P<desk>.+?) (?:with )?(?:KakaoTalk|Talk) Chats"
    r"|(?P<ko>.+?)(?: ?님과의?)? 카카오톡 대화)\s*"
)
_SAVED = re.compile(r"(?:저장한 ?날짜|Date Saved|Saved Date|Saved on) ?: ?.*")
_SELF = "회원님"  # how phones sign what the owner said
_HEAD = 5  # lines in which a header may stand


@dataclass(slots=True)
class _Block:
    """One message as it grows."""

    at: datetime
    who: str
    lines: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, text: str) -> None:
        self.lines.append(text)
        self.size += len(text) + 1

    def words(self) -> str:
        """Without what follows the words: blank lines, days, announcements."""
        kept, last = self.lines, ""
        while len(kept) > 1 and (_is_tail(kept[-1]) or (_SAVED.fullmatch(last) and _is_room(kept))):
            last = kept.pop()
        return scrub("\n".join(kept).rstrip())


def _is_room(lines: list[str]) -> bool:
    """Where exports were joined, the next one's header follows the words."""
    return _ROOM.fullmatch(lines[-1]) is not None


def _is_tail(line: str) -> bool:
    bare = line.strip()
    return (
        not bare
        or stamps.DAY_ALONE.fullmatch(bare) is not None
        or stamps.STAMP.fullmatch(bare) is not None
        or _SAVED.fullmatch(bare) is not None
        or is_system(bare)
    )


def looks_like(lines: Iterable[Line]) -> bool:
    """Is there a message of a phone, or a bar with a message under it, or a header?"""
    barred = desk = room = False
    for line in lines:
        text = _clean(line.text or "")
        stamp = stamps.STAMP.match(text)
        if stamp is not None and _PHONE.match(text, stamp.end()):
            return True
        barred = barred or stamps.BAR.fullmatch(text) is not None
        room = room or (line.number <= _HEAD and _ROOM.fullmatch(text) is not None)
        saved = line.number <= _HEAD and _SAVED.fullmatch(text) is not None
        desk = desk or _desk(text) is not None
        if (barred and (desk or room)) or (room and (saved or desk)) or (desk and saved):
            return True
    return False


def turns(lines: Iterable[Line], given: Given, report: Report, notices: Notices) -> Iterator[Turn]:
    """The messages in their order; a message that cannot be dated is reported."""
    reader = _Reader(given, report, notices)
    for line in lines:
        if line.text is None:
            report(line.number, line.why)
        else:
            yield from reader.take(line.number, _clean(line.text))
    yield from reader.close()


def _clean(text: str) -> str:
    return text.lstrip(_MARKS) if text[:1] in _MARKS else text


def _desk(text: str) -> tuple[re.Match[str], re.Match[str]] | None:
    if not text.startswith("["):
        return None
    match = _DESK.fullmatch(text)
    time = match and stamps.TIME.fullmatch(match["time"].strip())
    return (match, time) if match and time else None


class _Reader:
    """Where in a chat the reading is: its room, its day, the message that is still growing."""

    def __init__(self, given: Given, report: Report, notices: Notices) -> None:
        self._given = given
        self._report = report
        self._notices = notices
        self._room = ""
        self._day: date | None = None
        self._block: _Block | None = None
        self._maker = Maker(given, notices)

    def take(self, number: int, text: str) -> Iterator[Turn]:
        """One more line; turns it completed come out."""
        stamp = stamps.STAMP.match(text) if text[:1].isalnum() else None
        if stamp is not None and text[stamp.end() :].strip():
            yield from self._stamped(number, text, stamp)
        elif (said := _desk(text)) is not None:
            yield from self.close()
            self._signed(number, *said)
        elif text.startswith("-") and (bar := stamps.BAR.fullmatch(text)):
            yield from self.close()
            self._day = stamps.day_of(bar)
        elif self._block is not None:
            if self._block.size > MAX_TEXT:
                at, who = self._block.at, self._block.who
                yield from self.close()
                self._block = _Block(at, who)
            self._block.add(text)
        else:
            self._header(number, text)

    def _stamped(self, number: int, text: str, stamp: re.Match[str]) -> Iterator[Turn]:
        """A line of a phone: somebody's words, or an announcement."""
        yield from self.close()
        said = _PHONE.match(text, stamp.end())
        at = stamps.moment_of(stamp)
        if said is None:
            self._notices.add()
        elif at is None:
            self._report(number, BAD_DATE)
        else:
            self._begin(at, said["who"], said["text"])

    def _signed(self, number: int, said: re.Match[str], time: re.Match[str]) -> None:
        """A line of a desktop: its day stands in the bar above."""
        at = stamps.time_of(time)
        if self._day is None or at is None:
            self._report(number, NO_DATE if self._day is None else BAD_DATE)
        else:
            self._begin(datetime.combine(self._day, at), said["who"], said["text"])

    def _begin(self, at: datetime, who: str, text: str | None) -> None:
        self._block = _Block(at, who)
        self._block.add(text or "")

    def _header(self, number: int, text: str) -> None:
        room = _ROOM.fullmatch(text) if number <= _HEAD else None
        if room is not None:
            self._maker.room = clip(room["en"] or room["desk"] or room["ko"])

    def close(self) -> Iterator[Turn]:
        """The message that was growing is whole."""
        block, self._block = self._block, None
        if block is not None:
            yield from self._maker.turn(block.at, block.who, block.words())


class Maker:
    """Messages of one room as turns: one session a day, refs from what was said."""

    def __init__(self, given: Given, notices: Notices, room: str = "") -> None:
        self.room = room
        self._given = given
        self._notices = notices
        self._refs = Refs()
        self._day: date | None = None

    def turn(self, at: datetime, who: str, text: str) -> Iterator[Turn]:
        """The turn, unless nobody said anything."""
        if not text.strip() or is_media(text):
            self._notices.add()
            return
        if at.date() != self._day:
            self._day = at.date()
            self._refs.clear()
        ref = self._refs.of(NAME, self.room, at.isoformat(), clip(who), text)
        speaker = self._given.name(who)
        if not self._given.me and who.strip() == _SELF:
            speaker = self._given.user
        session = clip(f"{NAME}:{self.room[:120]}:{at:%Y-%m-%d}")
        yield Turn(ref, at.replace(tzinfo=self._given.zone), speaker, text, session)
