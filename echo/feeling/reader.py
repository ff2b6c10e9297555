"""What the words of a line feel like, read without a model. Knows no speaker, no day, no store.

The seam for a trained reader: it may replace what stands behind `read` and `read_all`; the
evidence stays the words that moved the figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import cast

from echo.feeling import english, korean
from echo.feeling.english import clip
from echo.feeling.lexicon import Weighed, emoticons
from echo.nouns import Feeling, Mood, Need, Reading

_LATIN = re.compile(r"[A-Za-z]")
_HANGUL = re.compile(r"[가-힣]")
_LETTER = re.compile(r"[^\W\d_]")
_REPEAT = re.compile(r"(.)\1{2,}")
_SOFTEN = 15 / 16  # VADER's alpha on a scale of one: how fast many words saturate
_EXCLAMATION = 0.292 / 4
_EDGE = 0.15  # |valence| under this is no feeling by itself
_NEUTRAL = Mood()
_DECIMALS = 4


def read_all(lines: Iterable[str]) -> list[Mood]:
    """One mood for every line, blank ones too."""
    return [read(line) for line in lines]


def levels(lines: Iterable[str]) -> list[tuple[float, float]]:
    """(valence, arousal) of every line, as read_all gives them, without saying why."""
    return [
        _levels(found, text) if (found := _weigh(text, named=False)) else (0.0, 0.0)
        for text in lines
    ]


def read(text: str) -> Mood:
    """What one line weighs. Blank lines and lines of emoticons alone are neutral."""
    found = _weigh(text)
    return _mood(found, _levels(found, text)) if found else _NEUTRAL


def _weigh(text: str, *, named: bool = True) -> list[Weighed]:
    """The words, signs included, that carry feeling."""
    forms = emoticons()
    folded = _REPEAT.sub(r"\1\1", text)
    signs: list[Weighed] = []
    if forms.rare.search(folded):
        signs = [Weighed(m[0], *forms.entries[m[0]]) for m in forms.pattern.finditer(folded)]
    words = forms.pattern.sub(" ", folded) if signs else folded
    if not _LETTER.search(words):
        return []
    found = signs
    if _HANGUL.search(words):
        found = korean.weigh(words, named=named) + found
    if _LATIN.search(words):
        found = english.weigh(words) + found
    return found


def _levels(found: Sequence[Weighed], text: str) -> tuple[float, float]:
    total = force = stirred = 0.0
    for _, weight, arousal, _ in found:
        total += weight
        size = abs(weight) or 0.1
        force += size
        stirred += size * arousal
    exclamations = min(text.count("!"), 3)
    if exclamations and total:
        total += exclamations * _EXCLAMATION * (1 if total > 0 else -1)
    valence = round(_squash(total), _DECIMALS)
    return valence, round(min(1.0, stirred / force + 0.1 * exclamations), _DECIMALS)


def _mood(found: Sequence[Weighed], levels: tuple[float, float]) -> Mood:
    valence, arousal = levels
    return Mood(
        valence=valence,
        arousal=arousal,
        feelings=_feelings(found),
        evidence=tuple((word.word, round(word.weight, _DECIMALS)) for word in found),
    )


def _squash(total: float) -> float:
    return clip(total / float(total * total + _SOFTEN) ** 0.5)


def _feelings(found: Sequence[Weighed]) -> tuple[tuple[str, float], ...]:
    sums: dict[str, float] = {}
    for word in found:
        if word.feeling:
            sums[word.feeling] = sums.get(word.feeling, 0.0) + (abs(word.weight) or 0.4)
    scored = ((name, round(_squash(score), _DECIMALS)) for name, score in sums.items())
    return tuple(sorted(scored, key=lambda pair: -pair[1]))


# ── the fallback for the emotion brain ───────────────────────────────────────────────────────

_NEEDS: dict[str, Need] = {
    "joy": "celebration", "sadness": "comfort", "anger": "comfort", "anxiety": "comfort",
    "love": "company", "fatigue": "space", "loneliness": "company", "calm": "company",
    "surprise": "company", "none": "company",
}  # fmt: skip
_ADVICE = re.compile(
    r"어떻게|어떡|어쩌|할까|좋을까|조언|추천|how (?:do|can|should|to)|should i|what (?:do|should) i"
    r"|advice|help me|any ideas",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"[?？]\s*$|(?:뭐야|뭐지|누구야|언제야|어디야|알려\s?줘|기억나)\s*[.]?$")


def reading(mood: Mood, text: str) -> Reading:
    """The reader's stand-in for the emotion brain: feeling from the mood, need guessed."""
    feeling = _name(mood)
    return Reading(feeling, round(mood.valence, 1), round(mood.arousal, 1), _need(feeling, text))


def _name(mood: Mood) -> Feeling:
    if mood.feelings:
        return cast("Feeling", mood.feelings[0][0])
    if abs(mood.valence) < _EDGE:
        return "none"
    return "joy" if mood.valence > 0 else "sadness"


def _need(feeling: Feeling, text: str) -> Need:
    if _ADVICE.search(text):
        return "advice"
    if feeling in ("none", "surprise") and _QUESTION.search(text):
        return "information"
    return _NEEDS[feeling]
