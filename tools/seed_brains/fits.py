"""Does a reply of the seed brains fit what was said? Every sentence of it is held against the
sentences that were written for each topic; the nearest tell what it speaks of. Pure.

Source: the tables of small talk.
"""

from __future__ import annotations

import itertools
import re
from functools import cache

from echo.nouns import Lang
from tools.seed_brains.smalltalk import HOURS
from tools.seed_brains.texts import topics, with_josa

_CHOICE = re.compile(r"\(([^()]*)\)")
_SENTENCE = re.compile(r"[^.?!…]+")
_SLOT = re.compile(r"\{\w+\}")
_AS_NEAR = 0.02  # sentences this close to the nearest are as near


def sentences(reply: str, lang: Lang) -> list[frozenset[str]]:
    """The topics that each sentence of a reply speaks of."""
    return [_nearest(text, lang) for m in _SENTENCE.finditer(reply) if (text := m[0].strip())]


def _nearest(text: str, lang: Lang) -> frozenset[str]:
    own = _thirds(text)
    near = [
        (2 * len(own & other) / (len(own) + len(other)), name) for name, other in _written(lang)
    ]
    best = max(size for size, _ in near)
    return frozenset(name for size, name in near if best and size >= best - _AS_NEAR)


@cache
def _written(lang: Lang) -> tuple[tuple[str, frozenset[str]], ...]:
    found: set[tuple[str, frozenset[str]]] = set()
    for topic in topics(lang):
        for template in (*topic.openers, *topic.tails, *topic.ideas):
            hours = [text for _, text in HOURS[lang]] if "{hello}" in template else [""]
            for hour in hours:
                for whole in _readings(template.replace("{hello}", hour)):
                    for m in _SENTENCE.finditer(with_josa(_SLOT.sub("", whole))):
                        if m[0].strip():
                            found.add((topic.name, _thirds(m[0])))
    return tuple(found)


def _readings(template: str) -> list[str]:
    """Every reading of a template's alternatives."""
    parts = _CHOICE.split(template)
    choices = [part.split("|") if at % 2 else [part] for at, part in enumerate(parts)]
    return ["".join(some) for some in itertools.product(*choices)]


def _thirds(text: str) -> frozenset[str]:
    low = f"  {' '.join(text.lower().split())} "
    return frozenset(low[i : i + 3] for i in range(len(low) - 2))
