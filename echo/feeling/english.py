"""English sentences: VADER's rules in short form. Knows words, not who said them.

Source: Hutto & Gilbert, VADER (ICWSM 2014): boosters, negation within three words, capitals,
"but". Numbers are the paper's, divided by four.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from echo.feeling.lexicon import English, Entry, Weighed, english

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*|[.,;:!?()]+|\n")
_CAPITALS = re.compile(r"\b[A-Z]{2,}\b")
_NEGATORS = frozenset((
    "not", "no", "never", "none", "nobody", "nothing", "nowhere", "neither", "nor",
    "cannot", "cant", "without", "hardly", "barely", "rarely", "scarcely", "seldom",
    "aint", "isnt", "wasnt", "dont", "doesnt", "didnt", "wont", "wouldnt", "couldnt",
    "shouldnt", "havent", "hasnt", "hadnt", "arent", "werent",
))  # fmt: skip
_MORE = frozenset((
    "absolutely", "completely", "deeply", "especially", "extremely", "incredibly",
    "totally", "really", "so", "such", "too", "very", "utterly", "truly", "super", "most",
    "more", "particularly", "quite", "remarkably", "awfully",
))  # fmt: skip
_LESS = frozenset((
    "almost", "kinda", "sorta", "less", "little", "slightly", "somewhat", "partly",
    "kind_of", "sort_of",
))  # fmt: skip
_BOOST = 0.293 / 4
_CAPS = 0.733 / 4
_FLIP = -0.74
_FADE = (1.0, 0.95, 0.9)  # of a booster one, two, three words away


def weigh(text: str) -> list[Weighed]:
    """The words of an English text that carry feeling, negation and boosters counted in."""
    lexicon = english()
    text = text.replace("’", "'")
    words = _WORD.findall(text.lower())
    if not lexicon.heads.isdisjoint(words):
        words = _joined(words, lexicon)
    known = lexicon.words
    found = [(i, known[word]) for i, word in enumerate(words) if word in known and word != "no"]
    if not found:
        return []
    but = max((i for i, word in enumerate(words) if word == "but"), default=-1)
    mood = (_shouted(text), but)
    return [_weighed(words, i, entry, mood) for i, entry in found if entry != (0, 0, "")]


def _joined(words: Sequence[str], lexicon: English) -> list[str]:
    """The same words with phrases ("fed up") as one."""
    joined: list[str] = []
    i = 0
    while i < len(words):
        if words[i] not in lexicon.heads:
            joined.append(words[i])
            i += 1
            continue
        spans = (n for n in (4, 3, 2) if "_".join(words[i : i + n]) in lexicon.words)
        n = next(spans, 1)
        joined.append("_".join(words[i : i + n]))
        i += n
    return joined


def _shouted(text: str) -> frozenset[str]:
    """Words in capitals, when the rest is not."""
    if text.isupper():
        return frozenset()
    return frozenset(word.lower() for word in _CAPITALS.findall(text))


def _weighed(
    words: Sequence[str], i: int, entry: Entry, mood: tuple[frozenset[str], int]
) -> Weighed:
    shouted, but = mood
    sign = 1 if entry.valence > 0 else -1 if entry.valence < 0 else 0
    weight = entry.valence + (sign * _CAPS if words[i] in shouted else 0.0)
    before = _before(words, i)
    for fade, word in zip(_FADE, before, strict=False):
        weight += sign * _BOOST * fade * ((word in _MORE) - (word in _LESS))
    feeling = entry.feeling
    if _negated(before):
        weight *= _FLIP
        feeling = turned(entry)
    if but >= 0:
        weight *= 0.5 if i < but else 1.5
    return Weighed(words[i].replace("_", " "), clip(weight), entry.arousal, feeling)


def _before(words: Sequence[str], i: int) -> list[str]:
    """Up to three words before words[i], nearest first, within its own clause."""
    near: list[str] = []
    for word in reversed(words[max(0, i - 3) : i]):
        if not word[0].isalpha():
            break
        near.append(word)
    return near


def _negated(before: Sequence[str]) -> bool:
    if "never" in before and ("so" in before[:2] or "this" in before[:2]):
        return False
    return any(word in _NEGATORS or word.endswith("n't") for word in before)


def turned(entry: Entry) -> str:
    """The feeling a negated word leaves: "not sad" is calm, "not happy" is sad."""
    if entry.valence < 0:
        return "calm"
    return "sadness" if entry.feeling in ("joy", "love") else ""


def clip(weight: float) -> float:
    """weight, held within -1…1."""
    return max(-1.0, min(1.0, weight))
