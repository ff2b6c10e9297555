"""JSON lines as DESIGN.md has them, and as `memory export` prints them: one turn a line.

Knows no files beyond their lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import tzinfo

from echo.memory.chats.given import (
    BAD_NAME,
    MAX_NAME,
    NO_JSON,
    NO_SPEAKER,
    NO_TEXT,
    NO_TIME,
    Given,
    Notices,
    Refs,
    Report,
    iso,
)  # fmt: skip
from echo.memory.dayfiles import Line
from echo.nouns import Turn
from echo.text import scrub

_KEYS = frozenset(("at", "speaker", "text"))


def looks_like(lines: Iterable[Line]) -> bool:
    """Is one of the first lines an object with at least one of the fields a turn must have?"""
    rows = (parsed(line.text) for line in lines if line.text and line.text[:1] in "{ \t\ufeff")
    return any(row is not None and _KEYS & row.keys() for row in rows)


def turns(lines: Iterable[Line], given: Given, report: Report, _: Notices) -> Iterator[Turn]:
    """The turns in their order; a line that is none is reported."""
    refs = Refs()
    me = scrub(given.me)
    for line in lines:
        if line.text is None:
            report(line.number, line.why)
        elif line.text and not line.text.isspace():
            made = _turn(line.text, given.zone)
            if isinstance(made, str):
                report(line.number, made)
                continue
            if not made.ref:
                facts = (made.at.isoformat(), made.speaker, made.session, made.text)
                made = replace(made, ref=refs.of(*facts))
            yield replace(made, speaker=given.user) if made.speaker == me else made


def _turn(text: str, zone: tzinfo) -> Turn | str:
    """The turn of one line, or why it is none. Without a ref the ref is empty."""
    row = parsed(text)
    if row is None:
        return NO_JSON
    words, speaker = row.get("text"), row.get("speaker")
    if not isinstance(words, str):
        return NO_TEXT
    if not isinstance(speaker, str) or not 0 < len(speaker) <= MAX_NAME:
        return NO_SPEAKER
    session, ref = row.get("session") or "", row.get("ref") or ""
    if not all(isinstance(name, str) and len(name) <= MAX_NAME for name in (session, ref)):
        return BAD_NAME
    at = iso(row.get("at"), zone)
    if at is None:
        return NO_TIME
    return Turn(scrub(str(ref)), at, scrub(speaker), scrub(words), scrub(str(session)))


def parsed(text: str) -> dict[str, object] | None:
    """The object of a line, or None."""
    try:
        row = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None
