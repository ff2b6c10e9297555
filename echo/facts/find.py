"""Words → facts: the one door to the rules of both languages. Pure; knows no database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from operator import add

from echo.facts import gate, learned
from echo.facts.form import book
from echo.nouns import LANGS, Fact, Lang

RULES = "5"  # raise it with every change of what is found: memory then finds all facts anew
_HANGUL = re.compile(r"[\uac00-\ud7a3\u3130-\u318f]")
RELATIONS = (
    "name", "age", "birthday", "home", "origin", "work", "workplace", "school", "family",
    "friend", "partner", "pet", "owns", "language", "likes", "dislikes", "favourite", "health",
    "allergy", "medicine", "plan", "appointment",
)  # fmt: skip
LONGEST = 2000  # characters; who pastes a page tells nothing of themselves with it


def find(text: str, *, skim: bool = False) -> tuple[Fact, ...]:
    """What these words tell about whoever says them and theirs; the same words, the same facts.

    skim: look closely only where rules find something, a thirtieth of the work.
    """
    if len(text) > LONGEST or not text.strip():
        return ()
    lang: Lang = "ko" if _HANGUL.search(text) else "en"
    ruled = by_rules(text, lang)
    if not ruled and (skim or not gate.passes(text, lang)):
        return ()
    return _once(learned.trusted(text, ruled, lang))


def prepare() -> None:
    """Read words and weights now (a tenth of a second), so that the first turn need not."""
    for lang in LANGS:
        learned.prepare(lang)


def by_rules(text: str, lang: Lang) -> tuple[Fact, ...]:
    """What the rules alone find."""
    if lang == "ko":
        if not _korean(text):
            return ()
        from echo.facts.korean import find as rules
    else:
        if not _english(text):
            return ()
        from echo.facts.english import find as rules
    return _once(rules(text))


def _korean(text: str) -> bool:
    """May these words tell something? Most tell nothing, and this says so in microseconds."""
    rules = book("korean")
    pairs = rules.pairs.intersection(map(add, text, text[1:]))
    return _sifted(text, pairs, rules.paired, rules.sieves)


def _english(text: str) -> bool:
    rules = book("english")
    low = text.lower().replace("’", "'")
    if ("my " in low or "our " in low) and _MINE.search(text):
        return True
    return _sifted(low, low.translate(_NO_POINTS).split(), rules.asked, rules.sieves)


def _sifted(
    text: str,
    words: Iterable[str],
    asked: Mapping[str, tuple[int, ...]],
    sieves: Sequence[re.Pattern[str]],
) -> bool:
    tried: set[int] = set()
    for word in words:
        places = asked.get(word)
        if places:
            for place in places:
                if place not in tried:
                    if sieves[place].search(text):
                        return True
                    tried.add(place)
    return False


_MINE = re.compile(r"\b(?:[Mm]y|[Oo]ur) (?:[a-z-]+ ){1,2}[A-Z][a-z]")  # my sister Anna
_NO_POINTS = str.maketrans(dict.fromkeys('.,!?;:()"~…', " "))
_WHOLE = frozenset(("owns", "home", "school", "workplace", "favourite", "name", "health", "family"))


def _once(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Of two that say the same one: the longer where it names a thing, else the shorter."""
    kept: list[Fact] = []
    for fact in facts:
        same = next((i for i, other in enumerate(kept) if _alike(fact, other)), None)
        if same is None:
            kept.append(fact)
        elif _better(fact, kept[same]):
            kept[same] = fact
    met = {fact.value for fact in kept if fact.relation == "appointment"}
    return tuple(
        fact for fact in kept if fact.relation != "plan" or not any(v in fact.value for v in met)
    )


def _alike(one: Fact, other: Fact) -> bool:
    same = (one.subject, one.relation) == (other.subject, other.relation)
    return same and (one.value in other.value or other.value in one.value)


def _better(new: Fact, old: Fact) -> bool:
    longer = len(new.value) > len(old.value)
    return longer if new.relation in _WHOLE else len(new.value) < len(old.value)
