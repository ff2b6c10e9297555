"""Templates: `(a|b|)` chooses, `{slot}` fills, `<은>` puts the particle that fits; ☺ and ☹ stand
for :) and :( so that brackets stay marks. Pure.

Also reads the tables of sentences in `words/`. Knows nothing of what the sentences are about.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from echo.nouns import Feeling, Lang, Need

T = TypeVar("T")
_CHOICE = re.compile(r"\(([^()]*\|[^()]*)\)")
_SLOT = re.compile(r"\{(\w+)\}")
_JOSA = re.compile(r"<([은이을과야랑라로아였네구])>")
_PAIRS = {
    "은": ("은", "는"), "이": ("이", "가"), "을": ("을", "를"), "과": ("과", "와"),
    "야": ("이야", "야"), "랑": ("이랑", "랑"), "라": ("이라", "라"), "로": ("으로", "로"),
    "아": ("아", "야"), "였": ("이었", "였"), "네": ("이네", "네"), "구": ("이구나", "구나"),
}  # fmt: skip
_CLOSED_DIGITS = "013678"
_RIEUL = 8


def final(word: str) -> int:
    """The final consonant of the last sounding letter: 0 when open, 8 for ㄹ, else other."""
    last = next((c for c in reversed(word) if c.isalnum()), "")
    if "가" <= last <= "힣":
        return (ord(last) - 0xAC00) % 28
    if last in "178lL":
        return _RIEUL
    return 1 if last in _CLOSED_DIGITS or last in "mnMN" else 0


def with_josa(text: str) -> str:
    """Every `<은>`-like mark as the form that fits what stands before it."""
    while found := _JOSA.search(text):
        closed, open_ = _PAIRS[found[1]]
        end = final(text[: found.start()])
        use = closed if end and not (found[1] == "로" and end == _RIEUL) else open_
        text = text[: found.start()] + use + text[found.end() :]
    return text


class Leaning(random.Random):
    """Chance that leans to what stands first: .6, .24, .1, … Of replies, so that a tiny model
    unsure of the topic does not end at the one phrase that many topics share."""

    def choice(self, seq: Sequence[T]) -> T:
        """One of seq, mostly the first."""
        return seq[min(int(self.expovariate(0.92)), len(seq) - 1)]


def choose(template: str, rng: random.Random) -> str:
    """One reading of a template's alternatives, innermost first."""
    while found := _CHOICE.search(template):
        pick = rng.choice(found[1].split("|"))
        template = template[: found.start()] + pick + template[found.end() :]
    return template


def fill(template: str, rng: random.Random, slots: Mapping[str, str] | None = None) -> str:
    """Choices made, slots filled, particles fitted, white space folded."""
    text = choose(template, rng).replace("☹", ":(").replace("☺", ":)")
    text = _SLOT.sub(lambda m: (slots or {})[m[1]], text)
    lines = [re.sub(r" {2,}", " ", line).strip() for line in with_josa(text).split("\n")]
    return "\n".join(lines)


def slots_of(template: str) -> set[str]:
    """The names of the slots in a template."""
    return set(_SLOT.findall(template))


@dataclass(slots=True)
class Topic:
    """A subject of small talk: what a user may say of it and what the voices make of it.

    says: user lines; adjectives: put into the language's frames of feeling; openers and tails:
    the two halves of a reply; ideas: what creation sketches.
    """

    name: str
    feeling: Feeling
    need: Need
    valence: float
    arousal: float
    weight: float
    says: list[str] = field(default_factory=list)
    adjectives: list[str] = field(default_factory=list)
    openers: list[str] = field(default_factory=list)
    tails: list[str] = field(default_factory=list)
    ideas: list[str] = field(default_factory=list)


_MARKS = {"<": "says", "a": "adjectives", ">": "openers", "?": "tails", "!": "ideas"}
WORDS = Path(__file__).parent / "words"


def topics(lang: Lang) -> tuple[Topic, ...]:
    """Every topic of a language, from its table."""
    found: list[Topic] = []
    for line in (WORDS / f"talk_{lang}.txt").read_text("utf-8").splitlines():
        if line.startswith("# "):
            name, feeling, need, valence, arousal, *weight = line[2:].split()
            found.append(
                Topic(
                    name,
                    feeling,
                    need,
                    float(valence),
                    float(arousal),
                    float(weight[0]) if weight else 1.0,
                )  # type: ignore[arg-type]
            )
        elif line.strip():
            mark, text = line.split(" ", 1)
            getattr(found[-1], _MARKS[mark]).extend(text.split("|") if mark == "a" else [text])
    return tuple(found)


def pools(lang: Lang) -> dict[str, tuple[str, ...]]:
    """Named lists of words of a language: `name: a|b|c` lines."""
    found: dict[str, tuple[str, ...]] = {}
    for line in (WORDS / f"pools_{lang}.txt").read_text("utf-8").splitlines():
        if line.strip():
            name, _, words = line.partition(": ")
            found[name] = (*found.get(name, ()), *words.split("|"))
    return found
