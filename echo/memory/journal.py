"""The form of a journal file: records to lines and back. docs/journal.md is its specification.

    #echo-journal <tab> 1 <tab> user <tab> day <tab> part
    at <tab> kind <tab> speaker <tab> text <tab> status <tab> session <tab> id <tab> check

One record a line, whatever the text holds. Pure; knows no database and no folders.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from typing import cast

from echo.errors import JournalError
from echo.nouns import Status, Turn

MARK = "#echo-journal"
VERSION = "1"
TORN = "\t~torn\n"  # what a later writer puts behind a line that was cut short
SAID, EXCHANGE, IMPORT, IDENTITY, GONE = "said", "exchange", "import", "identity", "gone"
EDIT, FORGET, FILE, LINES = "edit", "forget", "file", "lines"
FACTS, CORRECTION, RETRACT = "facts", "correction", "retract"
ABOUT_A_TURN = (EDIT, FACTS, CORRECTION)  # acts that go with the turn they name
RESERVED = ("rule", "thread", "origin", "user")

# what would end a line or a field, drive a terminal, or cannot be UTF-8
_ESCAPED = re.compile(
    "[\\\\\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_UNESCAPED = re.compile(r"\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|(.))", re.DOTALL)
_SHORT = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_LONG = {"\\": "\\", "n": "\n", "t": "\t", "r": "\r"}
_FIELDS = 8


@dataclass(frozen=True, slots=True)
class Header:
    """What the first line of a journal file says."""

    user: str
    day: date
    part: int


@dataclass(frozen=True, slots=True)
class Record:
    """One act. text: the words of a turn, or the JSON of any other kind; id: a turn's ref."""

    id: str
    at: datetime
    kind: str
    speaker: str
    text: str
    status: Status = "complete"
    session: str = ""

    def turn(self) -> Turn:
        """The turn of a record of kind said or gone."""
        return Turn(self.id, self.at, self.speaker, self.text, self.session, self.status)


def of_turn(turn: Turn, kind: str = SAID) -> Record:
    """The record of one turn."""
    return Record(turn.ref, turn.at, kind, turn.speaker, turn.text, turn.status, turn.session)


def header_line(header: Header) -> str:
    """The first line of a file."""
    fields = (MARK, VERSION, escape(header.user), header.day.isoformat(), str(header.part))
    return "\t".join(fields) + "\n"


def is_header(line: bytes) -> bool:
    """Does a file that begins with this line belong to Echo? A header cut short counts too."""
    mark = f"{MARK}\t".encode()
    return line.startswith(mark) or (len(line) > len(mark) // 2 and mark.startswith(line))


def read_header(line: str) -> Header:
    """The header of a first line. Raises JournalError for a version this Echo does not know."""
    fields = line.rstrip("\n").split("\t")
    try:
        mark, version, user, day, part = fields
        header = Header(unescape(user), date.fromisoformat(day), int(part))
    except ValueError as exc:
        raise JournalError("The first line of this journal file is damaged.") from exc
    if mark != MARK or version != VERSION:
        raise JournalError(
            "This journal file has version {version}, which this Echo does not read.",
            "Update Echo; the file has not been touched.",
            version=repr(version),
        )
    return header


def line_of(record: Record) -> str:
    """The record on one line, its end included."""
    fields = (
        record.at.isoformat(), record.kind, record.speaker, record.text,
        record.status, record.session, record.id,
    )  # fmt: skip
    body = "\t".join(escape(field) for field in fields)
    return f"{body}\t{check(body)}\n"


def record_of(line: str) -> Record | None:
    """The record of a line; None for one that was torn or damaged: its check does not fit."""
    body, _, sum_ = line.removesuffix("\n").rpartition("\t")
    fields = body.split("\t")
    if len(fields) != _FIELDS - 1 or sum_ != check(body):
        return None
    at, kind, speaker, text, status, session, ref = map(unescape, fields)
    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        return None
    return Record(ref, when, kind, speaker, text, cast("Status", status), session)


def is_torn(line: str) -> bool:
    """Was this line cut short by a crash, and marked so by whoever wrote next?"""
    return line.endswith(TORN) or not line.endswith("\n")


def check(body: str) -> str:
    """8 hex digits of blake2b over everything before the last tab."""
    return blake2b(body.encode(), digest_size=4).hexdigest()


def escape(text: str) -> str:
    """Text without line ends, tabs and controls: \\n, \\t, \\r, \\\\, \\uXXXX, \\UXXXXXXXX."""
    return _ESCAPED.sub(_escape, text)


def unescape(text: str) -> str:
    """The inverse of escape."""
    return _UNESCAPED.sub(_unescape, text) if "\\" in text else text


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    code = ord(char)
    return _SHORT.get(char) or (f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")


def _unescape(match: re.Match[str]) -> str:
    digits = match[1] or match[2]
    return chr(int(digits, 16)) if digits else _LONG.get(match[3], match[0])
