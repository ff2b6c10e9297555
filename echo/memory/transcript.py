"""Lines to what was said: plain lines are the user's own, marked blocks have two speakers.

The documents paste conversations like this, the mark on a line of its own or before the words:

    나의 말:
    고양이 이름은 모푸야.
    ChatGPT의 말: 예쁜 이름이네.

A block lasts until the next mark. Pure; knows no files and no store.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from echo.memory.dayfiles import Line

MAX_BLOCK = 1 << 20  # characters; a block that grows past this is given out in pieces
_MARK = re.compile(
    r"\s*(?:\*\*|#+ )?(?:(나의 말)|(ChatGPT|에코|Echo)의 말)\s*[::](?:\*\*)?[ \t]*(.*)", re.DOTALL
)
# English marks are ordinary words too, so only a line of its own is one
_ENGLISH = re.compile(r"\s*(?:\*\*|#+ )?(?:(You)|(ChatGPT|Echo)) said:(?:\*\*)?[ \t]*()", re.DOTALL)


class Said(NamedTuple):
    """One utterance. mine: by the user; line: where it begins; marked: it stood in a block;
    who: the name in its mark when it is not the user's.
    """

    line: int
    text: str
    mine: bool
    marked: bool
    who: str = ""


def said(lines: Iterable[Line]) -> Iterator[Said | Line]:
    """Utterances in order; every line comes by too, after what it completed.

    A Line is passed on so that the reader knows how far it has come and why one was left out.
    """
    block: list[str] = []
    start, who, inside, size = 0, "", False, 0
    for line in lines:
        text = line.text
        if text is None:
            yield line
            continue
        match = _mark(text)
        if match is not None or (inside and size > MAX_BLOCK):
            yield from _closed(start, block, who)
            block, size, start = [], 0, line.number
        if match is not None:
            inside, who, text = True, match[2] or "", match[3]
        if inside:
            block.append(text)
            size += len(text) + 1
        elif text and not text.isspace():
            yield Said(line.number, text, mine=True, marked=False)
        yield line
    yield from _closed(start, block, who)


def _mark(text: str) -> re.Match[str] | None:
    """Most lines have no mark: two searches are cheaper than a match."""
    if "의 말" in text:
        return _MARK.match(text)
    return _ENGLISH.fullmatch(text) if " said:" in text else None


def mark_of(text: str) -> str:
    """The mark a line begins with, without the words after it; "" when it has none."""
    match = _mark(text.rstrip("\r\n"))
    return "" if match is None else text[: match.start(match.re.groups)]


def _closed(start: int, block: list[str], who: str) -> Iterator[Said]:
    text = "\n".join(block).strip("\n \t")
    if text:
        yield Said(start, text, not who, marked=True, who=who)
