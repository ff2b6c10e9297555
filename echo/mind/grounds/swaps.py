"""Words that were told of another: Leeds of the sister, where it was said of the brother. Pure.

Who goes with what is told by what stands near in the lines: a word of the reply is held against the
words beside it there, and against another of its kind that was told nearer to these.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from echo.facts.tokens import lexicon
from echo.mind.grounds.marks import PARTICLES
from echo.mind.grounds.slots import FAR, Slots, Terms, terms
from echo.recall.senses import fine_kinds, kinds
from echo.terms.split import is_korean

_NAMES = frozenset(("given_names", "pet_names", "towns", "employers", "drugs"))
LEAST = 0.15  # of FAR: what is hardly nearer says nothing


def swapped(word: str, beside: Sequence[Terms], reply: Terms, slots: Slots) -> tuple[float, float]:
    """By how much another of its kind stands nearer in the lines to the words beside it, and how
    far this one stands from them: shares of FAR. reply: the terms of the reply and of now.
    """
    there = [one for one in beside if slots.has(one)]
    if not there or not slots.has(_terms(word)):
        return 0.0, 0.0
    kin = (one for one in slots.around(there, reply) if of_kind(word, one))
    nearest = min((slots.distance(_terms(one), there) for one in kin), default=FAR)
    own = slots.distance(_terms(word), there)
    return (own - nearest) / FAR, own / FAR


def of_kind(one: str, other: str) -> bool:
    """May two words stand for two of one kind: numbers, names, fish?"""
    if one[0].isdigit() or other[0].isdigit():
        return one[0].isdigit() and other[0].isdigit()
    if is_korean(one) != is_korean(other):
        return False
    own, others = _kinds_of(one), _kinds_of(other)
    if own and others:
        return not own.isdisjoint(others)
    if not _NAMES.issuperset(own | others):
        return False
    return alike(one, other) if is_korean(one) else one[0].isupper() and other[0].isupper()


def alike(one: str, other: str) -> bool:
    """Do two words stand in the same form: a number each, a name each, the same particle?"""
    if one.isdigit() or other.isdigit():
        return one.isdigit() and other.isdigit()
    if is_korean(one) != is_korean(other):
        return False
    if is_korean(one):
        kind, same = (
            next((name for name, p in PARTICLES if p.search(word)), "") for word in (one, other)
        )
        return kind == same and (bool(kind) or one[-1] == other[-1])
    return one[0].isupper() == other[0].isupper() and one[-2:] == other[-2:]


def _terms(word: str) -> Terms:
    return frozenset(terms(word))


@lru_cache(1 << 14)
def _kinds_of(word: str) -> frozenset[str]:
    own = terms(word)
    there = lexicon("ko" if is_korean(word) else "en")
    named = (kind for one in (word.lower(), *own) for kind in there.get(one.lstrip("="), ()))
    return frozenset((*kinds(own), *fine_kinds(own), *named))
