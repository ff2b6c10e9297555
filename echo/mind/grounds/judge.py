"""Which claims of memory in a reply rest on nothing that Echo could know. Pure.

Every word of a reply that names something and was said nowhere (claims.py) is weighed by what
tells of it: how its clause is made, what stands around it, whether another of its kind was said
instead. A regression weighs these marks one by one, a small net (net.py) reads the reply as it
runs; what stands above the line by both is marked, and so is a plain one. Both were set on
hand-written replies (tests/mind/data/README.md) by bench/ground_weights.py. It is a check by words:
a wrong story told in the right words passes, and a strong paraphrase may be marked.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from echo.mind.grounds import net, retold, words
from echo.mind.grounds.claims import Candidate, candidates
from echo.mind.grounds.support import Support
from echo.nouns import LANGS, Lang

_EDGES = " ,.?!\"“”'‘’「」『』"
_FILE = Path(__file__).parent / "data" / "grounds.json"


class Weights(NamedTuple):
    """What each mark weighs, and the net beside them; a sum above `line` is a claim that nothing
    supports.
    """

    bias: float
    line: float
    net: float
    marks: dict[str, float]


@cache
def weights(lang: Lang) -> Weights:
    """Those of replies in this language."""
    kept = json.loads(_FILE.read_text("utf-8"))[lang]
    return Weights(kept["bias"], kept["line"], kept["net"], kept["marks"])


def prepare() -> None:
    """Read weights, nets and groups of words now, so that the first turn need not."""
    retold.groups()
    for lang in LANGS:
        weights(lang)
        net.nets(lang)


def odds(reply: str, found: Sequence[Candidate], asked: str) -> list[float]:
    """How much speaks for an invented memory, of each candidate of a reply to what was asked: log
    odds, of the regression and of the net together.
    """
    langs = {lang_of(one) for one in found}
    seen = {lang: heard(reply, found, asked, net.nets(lang), lang) for lang in langs}
    made = []
    for n, one in enumerate(found):
        by = weights(lang_of(one))
        made.append(together(weight(one, by), seen[lang_of(one)][n], by.net))
    return made


def together(weighed: float, by_net: float | None, share: float) -> float:
    """The regression and a share of the net; where that read nothing, the regression speaks for
    both.
    """
    return weighed + share * (weighed if by_net is None else by_net)


def heard(
    reply: str, found: Sequence[Candidate], asked: str, nets: net.Nets, lang: Lang
) -> list[float | None]:
    """What nets say of each candidate; None where they read no word of it."""
    attributes, covered = words.read(reply, found, lang, asked)
    of_words = nets.odds(attributes)
    return [float(of_words[places].max()) if places else None for places in covered]


def lang_of(candidate: Candidate) -> Lang:
    """The language of the sentence it stands in."""
    return "ko" if candidate.korean else "en"


def weight(candidate: Candidate, by: Weights) -> float:
    """The same by the regression alone."""
    known = by.marks
    return by.bias + sum(known.get(name, 0.0) * size for name, size in candidate.marks.items())


def is_frank(candidate: Candidate) -> bool:
    """Does its clause say that it was never told?"""
    return "c_never_told" in candidate.marks


def is_plain(candidate: Candidate) -> bool:
    """A time, a quotation or a name that stands nowhere, in a sentence that says it remembers."""
    marks = candidate.marks
    if "swap" in marks or "t_follows" in marks:
        return False
    return "recalls" in marks and any(kind in marks for kind in ("time", "quote", "name"))


def ungrounded(reply: str, support: Support) -> tuple[str, ...]:
    """The words of a reply that claim a memory nothing supports, in order, each once."""
    spans: list[tuple[int, int]] = []
    every = sorted(candidates(reply, support), key=lambda one: (one.start, one.end))
    for found, weighed in zip(every, odds(reply, every, support.words), strict=True):
        over = weighed > weights(lang_of(found)).line
        if is_frank(found) or not (over or is_plain(found)):
            continue
        if spans and not any(c.isalnum() for c in reply[spans[-1][1] : found.start]):
            spans[-1] = (spans[-1][0], max(spans[-1][1], found.end))  # side by side: one claim
        else:
            spans.append((found.start, found.end))
    claims = (reply[start:end].strip(_EDGES) for start, end in spans)
    return tuple(dict.fromkeys(claim for claim in claims if claim))
