"""Whose a fact is, whether it is denied, and how much to trust it: three linear models over what
stands around a value (bench/fact_weights.py sets them). Pure.

Words that may name whom a fact is about are mentions: those the tagger calls so, names it found as
values, and words for kin and animals. Nobody of them is ME.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from echo.facts.edges import OWNER, Span
from echo.facts.form import ME
from echo.facts.tokens import Reading, without_end
from echo.nouns import Lang

Weights = Mapping[str, float]
Heads = Mapping[str, Weights]
BIAS = ""
_NAMES = ("name", "friend", "partner", "pet")
_KIN = frozenset(
    ("KIN", "SPOUSE", "SWEET", "PET", "FRIEND", "kin", "partners", "pets", "work_people",
     "school_people", "neighbours", "kin_told", "pets_told")
)  # fmt: skip
_GIVEN = frozenset(("given_names", "pet_names"))
_TRADES = frozenset(("JOB", "DOCTOR", "jobs", "trades"))
_FIRST = frozenset(
    ("i", "i'm", "im", "i've", "ive", "i'd", "my", "me", "we", "mine",
     "나", "난", "내", "제", "저", "전", "내가", "제가", "나는", "저는", "우리")
)  # fmt: skip
_BEFORE = frozenset(
    ("my", "our", "the", "a", "an", "his", "her", "their", "me", "one", "two", "three", "four",
     "five", "both", "우리", "울", "내", "제", "저희")
)  # fmt: skip
_COUNTS = frozenset(
    ("마리", "한", "두", "세", "네", "둘", "셋", "하나", "명", "한마리", "두마리", "세마리")
)
_OWN = ("family", "friend", "partner", "pet")  # mostly the speaker's
_MEETINGS = ("plan", "appointment")
_SELF = _FIRST - {"my", "me", "mine", "내", "우리", "제"}
_SUBJECT = frozenset(
    ("'s", "is", "has", "was", "are", "have", "이", "가", "은", "는", "이가", "이는", "께서", "도")
)
PRONOUN = "he or she"  # who it stands for has to be seen
_STANDS = frozenset(("he", "she", "he's", "she's", "hes", "shes", "걔", "얘", "쟤"))
_THEM = _STANDS | {"they", "his", "her", "their", "그분", "본인", "지", "자기"}
_BREAKS = frozenset((",", ";", "-", "and", "but", "so", "하고", "인데", "고", "근데", ".", "!"))
_SURE = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.94, 0.97, 0.985, 0.995)
_FAR = (0, 1, 2, 3, 5, 8, 13)


class Mention(NamedTuple):
    """Tokens first … last name somebody. kind: by what they were found."""

    first: int
    last: int
    kind: str


def mentions(reading: Reading, found: Sequence[Span], value: Span) -> list[Mention]:
    """Who may be meant beside ME, in the order of the words."""
    made: list[Mention] = []
    taken: set[int] = set(range(value.first, value.last + 1))
    for span in found:
        here = set(range(span.first, span.last + 1))
        if span.relation in (OWNER, *_NAMES) and not here & taken:
            made.append(Mention(span.first, span.last, span.relation))
            taken |= here
    for i, kinds in enumerate(reading.kinds):
        if i in taken or reading.tokens[i].bound:
            continue
        kind = "kin" if _KIN.intersection(kinds) else _called(reading, i)
        if reading.words[i] in _STANDS:
            kind = PRONOUN
        if kind:
            last = i
            while last + 1 < len(reading.kinds) and _joined(reading, last + 1, taken):
                last += 1
            made.append(Mention(i, last, kind))
            taken.update(range(i, last + 1))
    return sorted(made)


def _called(reading: Reading, i: int) -> str:
    """Is it a given name, or may it be one, or a word for people by what they do?"""
    if _GIVEN.intersection(reading.kinds[i]):
        return "given"
    if _TRADES.intersection(reading.kinds[i]) or reading.words[i + 1 : i + 2] in (["님"], ["씨"]):
        return "trade"
    word = reading.tokens[i].text
    begins = not i or reading.sentence[i - 1] != reading.sentence[i]
    return "cased" if word[0].isupper() and not begins and not reading.kinds[i] else ""


def _joined(reading: Reading, i: int, taken: set[int]) -> bool:
    """Does this token belong to the name of kin that begins before it?"""
    bound = reading.tokens[i].bound
    return i not in taken and not bound and bool(_KIN.intersection(reading.kinds[i]))


def named(text: str, reading: Reading, first: int, last: int) -> str:
    """The words of these tokens, without what is bound to the last of them."""
    return text[reading.tokens[first].start : reading.tokens[last].end]


def worded(text: str, reading: Reading, value: Span) -> str:
    """The words of a value (세 살, where it says 세 살이고)."""
    words = named(text, reading, value.first, value.last)
    last = reading.tokens[value.last].text
    return words.removesuffix(last) + without_end(last)


def called(text: str, reading: Reading, one: Mention) -> str:
    """The words for somebody: no `my`, `the` or number before them."""
    first = one.first
    while first < one.last and reading.words[first] in _BEFORE:
        first += 1
    last = one.last
    while last > first and (reading.words[last] in _COUNTS or reading.words[last][0] == "9"):
        last -= 1
    words = named(text, reading, first, last)
    return words[1:] if words[:1] == "울" and len(words) > 2 else words


# ── what a model goes by ─────────────────────────────────────────────────────────────────────


def of_me(reading: Reading, value: Span, rivals: Sequence[Mention], ruled: str | None) -> list[str]:
    """What speaks for ME. ruled: whose it is by the rules, None where they found nothing."""
    before, after = _beside(reading, value)
    near = [reading.words[i] for i in _here(reading, value) if reading.words[i] in _FIRST]
    return [
        "me", f"me {value.relation}", f"me first={bool(near)}", f"me rivals={min(len(rivals), 3)}",
        f"me {value.relation} rivals={min(len(rivals), 3)}", f"me -1={before}", f"me +1={after}",
        f"me led={_led(reading, value)}", f"me ruled={_agrees(ruled, ME)}",
        f"me {value.relation} led={_led(reading, value)}",
        *(f"me has={word}" for word in near),
        *(f"me has {rival.kind}" for rival in rivals),
        *(f"me {value.relation} has {rival.kind}" for rival in rivals),
    ]  # fmt: skip


def of_mention(reading: Reading, value: Span, one: Mention, rivals: Sequence[Mention]) -> list[str]:
    """What speaks for this mention, whatever it is called."""
    ahead = one.last < value.first
    gap = (one.last + 1, value.first) if ahead else (value.last + 1, one.first)
    between = reading.words[gap[0] : gap[1]]
    far = max((size for size in _FAR if size <= len(between)), default=0)
    side = "<" if ahead else ">"
    same = reading.sentence[one.first] == reading.sentence[value.first]
    closer = sum(gap[0] <= other.first < gap[1] for other in rivals if other != one)
    before, after = _at(reading, one.first - 1), _at(reading, one.last + 1)
    breaks = sum(word in _BREAKS for word in between)
    told = [
        "m", f"m {value.relation}", f"m {one.kind}", f"m {one.kind} {value.relation}",
        f"m far={side}{far}", f"m same={same}", f"m closer={side}{min(closer, 3)}",
        f"m closer={side}{min(closer, 3)} {same}", f"m -1={before}", f"m +1={after}",
        f"m +1={after} {side}", f"m breaks={side}{min(breaks, 3)}",
        f"m breaks={side}{min(breaks, 3)} {one.kind}", f"m far={side}{far} {value.relation}",
        f"m own={before in _FIRST}", f"m own={before in _FIRST} {side}",
        f"m first={one.first == 0}", f"m word={_at(reading, one.first)}",
    ]  # fmt: skip
    for word in between:
        if word in _FIRST:
            told.append(f"m i{side} {value.relation in _NAMES}")
        elif word in _THEM:
            told.append(f"m he{side}")
    if len(between) == 1:
        told += [f"m gap={side}{between[0]}", f"m gap={side}{between[0]} {value.relation}"]
    if not between:
        told += [f"m gap={side}", f"m gap={side} {value.relation}"]
    return told


def of_denial(reading: Reading, value: Span) -> list[str]:
    """What speaks for and against "this is not, or no more"."""
    told = [value.relation]
    for i in _here(reading, value):
        word = reading.words[i]
        if value.first <= i <= value.last or not word[0].isalnum():
            continue
        side = "<" if i < value.first else ">"
        away = value.first - i if i < value.first else i - value.last
        near = "near" if away < 4 else "far"
        told += [f"{side}{word}", f"{side}{near} {word}", f"{value.relation} {word}"]
        told += [f"{side}{near} {word[:2]}*", f"{value.relation} {side}{word[:2]}*"]
        if "가" <= word[0] <= "힣":
            told += [f"{side}{near} {word[0]}*", f"{value.relation} {near} {word[0]}*"]
    return told


def of_trust(
    reading: Reading, value: Span, found: Sequence[Span], *, tagged: bool, ruled: str
) -> list[str]:
    """What speaks for keeping it. ruled: the relation that rules found in the value, or ""."""
    agreed = "same" if ruled == value.relation else "other" if ruled else "none"
    ask, unreal = reading.asks[value.first], reading.unreal[value.first]
    told = [
        f"{agreed} {tagged}", f"{value.relation} {agreed} {tagged}", f"ask={ask} {agreed} {tagged}",
        f"unreal={unreal} {agreed} {tagged}", f"long={min(value.last - value.first, 4)}",
        f"many={min(len(found), 4)}", f"words={min(len(reading.words) // 6, 4)}",
    ]  # fmt: skip
    for line in _SURE:
        if tagged and value.sure >= line:
            told += [f"sure={line}", f"{value.relation} sure={line}", f"{agreed} sure={line}"]
    return told


def _beside(reading: Reading, value: Span) -> tuple[str, str]:
    return _at(reading, value.first - 1), _at(reading, value.last + 1)


def _at(reading: Reading, i: int) -> str:
    return reading.words[i] if 0 <= i < len(reading.words) else "|"


def _here(reading: Reading, value: Span) -> list[int]:
    """Where the tokens of the value's sentence stand."""
    return [i for i, n in enumerate(reading.sentence) if n == reading.sentence[value.first]]


def _led(reading: Reading, value: Span, them: frozenset[str] = _THEM) -> str:
    """Who was named last before the value in its sentence: i, he (one of `them`), or nobody."""
    for i in range(value.first - 1, -1, -1):
        if reading.sentence[i] != reading.sentence[value.first]:
            break
        if reading.words[i] in _FIRST:
            return "i"
        if reading.words[i] in them:
            return "he"
    return ""


# ── the models ───────────────────────────────────────────────────────────────────────────────


def heads(lang: Lang) -> Heads:
    """The weights by model: owner, denied, trust, gate."""
    return _of_all()[lang]


@cache
def _of_all() -> Mapping[str, Heads]:
    file = files("echo.facts").joinpath("data", "heads.json")
    made: dict[str, Heads] = json.loads(file.read_text("utf-8"))
    return made


def score(by: Weights, told: Iterable[str]) -> float:
    """Log odds."""
    return by[BIAS] + sum(by.get(name, 0.0) for name in told)


def whose(
    text: str,
    reading: Reading,
    value: Span,
    found: Sequence[Span],
    by: Weights,
    ruled: str | None,
) -> str:
    """ME, or the words for whom it is about, "" when nobody can tell. ruled: whose by the rules."""
    rivals = mentions(reading, found, value)
    told = whom(text, reading, value, rivals, ruled)
    who = max(told, key=lambda one: score(by, one[1]))[0]
    before = [one for one in rivals if one.last < value.first]
    if who.lower() in _STANDS or (who == ME and ruled is None and _of_them(reading, value)):
        meant = [one for one in before if one.kind != PRONOUN]  # the last one spoken of
        return called(text, reading, meant[-1]) if meant else ""
    if who == ME and ruled is None and value.relation not in (*_OWN, *_MEETINGS):
        return _subject(text, reading, value, before) or ME
    return who


def _of_them(reading: Reading, value: Span) -> bool:
    """Is he or she the last one named before the value in its sentence, and no I?"""
    return value.relation not in _OWN and _led(reading, value, _STANDS) == "he"


def _subject(text: str, reading: Reading, value: Span, before: Sequence[Mention]) -> str:
    """Whom the clause is about: kin with the mark of a subject before the value, and no I."""
    here = [i for i in before if reading.sentence[i.last] == reading.sentence[value.first]]
    if not here or here[-1].kind != "kin" or _at(reading, here[-1].last + 1) not in _SUBJECT:
        return ""
    between = reading.words[here[-1].last + 1 : value.first]
    return "" if _SELF.intersection(between) else called(text, reading, here[-1])


def whom(
    text: str, reading: Reading, value: Span, rivals: Sequence[Mention], ruled: str | None
) -> Iterator[tuple[str, list[str]]]:
    """Each who may be meant, ME or one of the rivals, with what speaks for them."""
    yield ME, of_me(reading, value, rivals, ruled)
    for one in rivals:
        words = called(text, reading, one)
        told = of_mention(reading, value, one, rivals)
        told.append(f"m ruled={_agrees(ruled, words)}")
        short = words.split()[-1]
        led = words.split()[0].lower()
        yield words, [*told, f"whole={words != short}", f"whole {led}"]
        if words != short:
            yield short, [*told, "short", f"short {led}"]


def _agrees(ruled: str | None, words: str) -> str:
    """Do the rules, where they found something, say it is of whom these words name?"""
    if ruled is None:
        return "none"
    return "same" if ruled.lower() == words.lower() else "other"


def when(text: str, reading: Reading, value: Span) -> str:
    """The time that is said in the value's sentence, nearest to it; "" when none is."""
    here = [i for i in _here(reading, value) if reading.timed[i]]
    if not here:
        return ""
    first = last = min(here, key=lambda i: abs(i - value.first))
    while first - 1 in here:
        first -= 1
    while last + 1 in here:
        last += 1
    return named(text, reading, first, last)


def around(text: str, reading: Reading, value: Span, words: int) -> str:
    """The value's sentence, as far as so many words before and behind it."""
    here = _here(reading, value)
    first, last = max(here[0], value.first - words), min(here[-1], value.last + words)
    return named(text, reading, first, last)


def sentence(text: str, reading: Reading, value: Span) -> str:
    """The sentence in which a value stands."""
    return around(text, reading, value, len(reading.words))
