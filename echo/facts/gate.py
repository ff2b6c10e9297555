"""May a turn tell a fact at all? A linear model over its words says so in microseconds, so that the
tagger need not look at every line of a long memory. Pure.
"""

from __future__ import annotations

import re
from itertools import pairwise

from echo.facts import owners
from echo.nouns import Lang

_WORD = re.compile(r"[가-힣]+|[a-z']+|\d+|\?")


def marks(text: str, lang: Lang) -> list[str]:
    """What speaks for and against it: words and neighbours; of Korean words how they begin."""
    words = _WORD.findall(text.lower())
    if lang == "en":
        return [*words, *map("_".join, pairwise(words))]
    heads = [word[:2] for word in words]
    tails = [f"-{word[-2:]}" for word in words if len(word) > 2]
    return [*words, *heads, *tails, *map("_".join, pairwise(heads))]


def passes(text: str, lang: Lang) -> bool:
    """Is it worth a closer look?"""
    by = owners.heads(lang)["gate"]
    told = set(marks(text, lang))
    return bool(told) and owners.score(by, told) >= 0
