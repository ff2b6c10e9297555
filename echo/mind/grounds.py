"""Which claims of memory in a reply rest on something that was recalled. Pure; first form.

A claim is a date, a quotation or a capitalised name in a sentence that says Echo remembers. It
is grounded when the words that were recalled, the history or the user's own words hold it.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator

from echo.text import key

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_CLAIMS = re.compile(
    r"기억|말했|들었|얘기했|이야기했|했었|그랬"
    r"|\b(remember|you (said|told|mentioned)|last time|you were)\b",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}|\d{1,2}월\s*\d{1,2}일|\b(?:January|February|March|April|May|June|July"
    r"|August|September|October|November|December)\s+\d{1,2}\b"
)
_QUOTE = re.compile(r"[\"“「'‘]([^\"”」'’]{2,60})[\"”」'’]")
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][a-z]{2,}\b")
_MONTHS = tuple(name.lower() for name in calendar.month_name[1:])


def ungrounded(reply: str, sources: Iterable[str]) -> tuple[str, ...]:
    """The claims in reply that no source holds, in order, each once."""
    known = key(" ".join(sources)).lower()
    claims = (claim for said in _SENTENCE.findall(reply) if _CLAIMS.search(said)
              for claim in _claims(said))  # fmt: skip
    return tuple(dict.fromkeys(claim for claim in claims if not _held(claim, known)))


def _claims(sentence: str) -> Iterator[str]:
    yield from _DATE.findall(sentence)
    yield from _QUOTE.findall(sentence)
    yield from _NAME.findall(_DATE.sub(" ", sentence.strip()))


def _held(claim: str, known: str) -> bool:
    return any(form in known for form in (key(claim).lower(), *_as_numbers(claim)))


def _as_numbers(claim: str) -> Iterator[str]:
    """3월 2일 and March 2 as -03-02: recalled lines carry their dates in digits."""
    korean = re.fullmatch(r"(\d{1,2})월\s*(\d{1,2})일", claim)
    if korean:
        yield f"-{int(korean[1]):02}-{int(korean[2]):02}"
    word, _, day = claim.partition(" ")
    if word.lower() in _MONTHS and day.isdigit():
        yield f"-{_MONTHS.index(word.lower()) + 1:02}-{int(day):02}"
