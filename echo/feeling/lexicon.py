"""The word lists behind the reader, read once. Knows the files; knows no sentence.

VADER's valences (MIT, data/VADER-LICENSE) for English; the other lists are Echo's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_LOOK = re.compile(r"\(\?<?!.*?\)")  # what looks around and matches nothing


class Entry(NamedTuple):
    """What one word weighs: valence -1…1, arousal 0…1, a name of nouns.FEELINGS or ""."""

    valence: float
    arousal: float
    feeling: str


class Weighed(NamedTuple):
    """A word of a sentence after negation and boosters; weight -1…1."""

    word: str
    weight: float
    arousal: float
    feeling: str


@dataclass(frozen=True, slots=True)
class Forms:
    """A pattern that finds forms in running text, and what each form weighs.

    rare: where it finds nothing there is none of the forms; quicker than the pattern.
    """

    pattern: re.Pattern[str]
    entries: Mapping[str, Entry]
    rare: re.Pattern[str]


def _rows(name: str) -> Iterator[list[str]]:
    text = files("echo.feeling").joinpath("data", name).read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("# "):
            yield line.split("\t")


def _entry(valence: str, arousal: str, feeling: str) -> Entry:
    return Entry(float(valence), float(arousal), "" if feeling == "-" else feeling)


# ── forms in running text ────────────────────────────────────────────────────────────────────


@cache
def emoticons() -> Forms:
    """Emoticons and emoji, longest first."""
    entries = {
        form: _entry(*numbers)
        for forms, *numbers in _rows("emoticons.tsv")
        for form in forms.split()
    }
    branches: dict[str, list[str]] = {}
    for form in entries:  # :/ opens no path and T_T ends no name
        before = r"(?<!\w{0})" if form[0].isascii() and form[0].isalpha() else ""
        after = r"(?![\w/])" if form[-1].isascii() else ""
        tail = before.format(form[0]) + re.escape(form[1:]) + after
        branches.setdefault(re.escape(form[0]), []).append(tail)
    return Forms(_tree(branches), entries, _rare(entries))


def _rare(forms: Iterable[str]) -> re.Pattern[str]:
    """One letter of each form that people seldom write; forms without such a letter as a whole."""
    signs: set[str] = set()
    wholes: list[str] = []
    for form in forms:
        sign = next((c for c in form if not (c.isascii() and c.isalnum()) and c not in "._-()"), "")
        if sign:
            signs.add(re.escape(sign))
        else:
            wholes.append(re.escape(form))
    return re.compile("|".join([f"[{''.join(sorted(signs))}]", *wholes]))


@cache
def korean() -> Forms:
    """Korean stems; a last open syllable takes any final consonant (슬프: 슬픈, 슬픔, 슬플)."""
    entries: dict[str, Entry] = {}
    branches: dict[str, list[str]] = {}
    for forms, *numbers in _rows("korean.tsv"):
        for form in forms.split():
            stem = form.lstrip("^")
            entries[stem.replace("_", "")] = _entry(*numbers)
            start = f"(?<![가-힣]{stem[0]})" if form.startswith("^") else ""
            branches.setdefault(stem[0], []).append(start + _tail(stem[1:]))
    return Forms(_tree(branches), entries, re.compile("[가-힣]"))


def _tree(branches: Mapping[str, Iterable[str]]) -> re.Pattern[str]:
    """One pattern of first letter → tails, longest first.

    Every branch begins with a literal: only then does sre skip ahead to a letter that can begin
    a form, which is what makes the reader quick.
    """
    return re.compile(
        "|".join(f"{first}(?:{'|'.join(_longest(tails))})" for first, tails in branches.items())
    )


def _longest(tails: Iterable[str]) -> list[str]:
    return sorted(tails, key=lambda tail: len(_LOOK.sub("", tail)), reverse=True)


def _tail(rest: str) -> str:
    if rest and (ord(rest[-1]) - 0xAC00) % 28 == 0:
        rest = f"{rest[:-1]}[{rest[-1]}-{chr(ord(rest[-1]) + 27)}]"
    return rest.replace("_", r"\s?")


def stem_of(found: str, entries: Mapping[str, Entry]) -> Entry:
    """The entry whose form was found in a text, whatever final consonant it carried there."""
    bare = "".join(found.split())
    entry = entries.get(bare)
    if entry is None:
        last = ord(bare[-1])
        entry = entries[bare[:-1] + chr(last - (last - 0xAC00) % 28)]
    return entry


# ── English words ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class English:
    """Words and phrases (joined by _) with what they weigh, and the first words of phrases."""

    words: Mapping[str, Entry]
    heads: frozenset[str]


@cache
def english() -> English:
    """VADER's words, with the arousal and feeling of the stem they begin with."""
    valences = {word: float(valence) for word, valence in _rows("vader_lexicon.tsv")}
    stems, wholes = _stems()
    words = {word: _plain(valence, _named(word, stems)) for word, valence in valences.items()}
    for word, (valence, arousal, feeling) in wholes.items():
        given = valences.get(word, 0.0) if valence == "-" else float(valence)
        words[word] = Entry(given, arousal, feeling)
    return English(words, frozenset(word.split("_")[0] for word in wholes if "_" in word))


_Named = tuple[str, float, str]


def _stems() -> tuple[dict[str, _Named], dict[str, _Named]]:
    stems: dict[str, _Named] = {}
    wholes: dict[str, _Named] = {}
    for forms, valence, arousal, feeling in _rows("english.tsv"):
        named = (valence, float(arousal), "" if feeling == "-" else feeling)
        for form in forms.split():
            if form.startswith("="):
                wholes[form[1:]] = named
            else:
                stems[form] = named
    return stems, wholes


def _named(word: str, stems: Mapping[str, _Named]) -> _Named | None:
    found = (stems.get(word[:n]) for n in range(len(word), 1, -1))
    return next((named for named in found if named is not None), None)


_PLEASANT = frozenset(("joy", "love", "calm"))


def _plain(valence: float, named: _Named | None) -> Entry:
    """VADER's valence; a feeling that points the other way ("joyless") is not believed."""
    if named is None:
        return Entry(valence, 0.3 + 0.3 * abs(valence), "")
    _, arousal, feeling = named
    against = feeling != "surprise" and (feeling in _PLEASANT) != (valence > 0)
    return Entry(valence, arousal, "" if against else feeling)
