"""Which claims of memory in a reply rest on nothing that Echo could know. Pure.

Every word of a reply that names something and was said nowhere (claims.py) is weighed by what
tells of it: how its clause is made, what stands around it, whether another of its kind was said
instead.
The weights were set on hand-written replies (tests/mind/data/README.md) by
bench/ground_weights.py; a candidate above the line is marked, and so is a plain one. It is a check
by words: a wrong story told in the right words passes, and a strong paraphrase may be marked.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

from echo.mind.grounds.claims import Candidate, candidates
from echo.mind.grounds.support import Support
from echo.nouns import Lang

_EDGES = " ,.?!\"“”'‘’「」『』"
_FILE = Path(__file__).parent / "data" / "grounds.json"


class Weights(NamedTuple):
    """What each mark weighs; a sum above `line` is a claim that nothing supports."""

    bias: float
    line: float
    marks: dict[str, float]


@cache
def weights(lang: Lang) -> Weights:
    """Those of replies in this language."""
    kept = json.loads(_FILE.read_text("utf-8"))[lang]
    return Weights(kept["bias"], kept["line"], kept["marks"])


def weight(candidate: Candidate, by: Weights) -> float:
    """How much speaks for an invented memory: log odds."""
    known = by.marks
    return by.bias + sum(known.get(name, 0.0) * size for name, size in candidate.marks.items())


def is_frank(candidate: Candidate) -> bool:
    """Does its clause say that it was never told?"""
    return "c_never_told" in candidate.marks


def is_plain(candidate: Candidate) -> bool:
    """A time, a quotation or a name that stands nowhere, in a sentence that says it remembers."""
    marks = candidate.marks
    return "recalls" in marks and any(kind in marks for kind in ("time", "quote", "name"))


def ungrounded(reply: str, support: Support) -> tuple[str, ...]:
    """The words of a reply that claim a memory nothing supports, in order, each once."""
    spans: list[tuple[int, int]] = []
    for found in sorted(candidates(reply, support), key=lambda one: (one.start, one.end)):
        by = weights("ko" if found.korean else "en")
        if is_frank(found) or (weight(found, by) <= by.line and not is_plain(found)):
            continue
        if spans and not any(c.isalnum() for c in reply[spans[-1][1] : found.start]):
            spans[-1] = (spans[-1][0], max(spans[-1][1], found.end))  # side by side: one claim
        else:
            spans.append((found.start, found.end))
    words = (reply[start:end].strip(_EDGES) for start, end in spans)
    return tuple(dict.fromkeys(word for word in words if word))
