"""What holds after all that was told: a fold over facts in order of time. Pure; knows no database.

A newer value takes the place of an older one where there can be but one (a home, an age); the
older one stays, with the time it ended. Law: the same facts and mends in any order of arrival
give the same result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field, replace
from datetime import datetime
from hashlib import blake2b

from echo.facts.entities import entity, only_one
from echo.nouns import Fact, Known
from echo.text import key as text_key

_ONE_VALUE = frozenset(
    ("age", "birthday", "home", "origin", "work", "workplace", "school", "partner")
)
LASTS = frozenset(("name", "birthday", "origin"))  # what does not change of itself
_AGAINST = {"likes": "dislikes", "dislikes": "likes"}
RETRACT, CORRECT = "retract", "correction"


@dataclass(frozen=True, slots=True)
class Told:
    """A fact with the turn that told it, and when."""

    fact: Fact
    ref: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Mend:
    """The user's word about a fact: it is none (retract), or it is another value (correction)."""

    kind: str
    id: str
    at: datetime
    value: str = ""


@dataclass
class _Held:
    """A fact on its way through the fold."""

    fact: Fact
    refs: list[str]
    since: datetime
    until: datetime | None = None
    against: str = ""
    edited: bool = False

    def known(self) -> Known:
        return Known(
            fact_id(self.fact), self.fact, tuple(dict.fromkeys(self.refs)), self.since, self.until,
            self.against, self.edited,
        )  # fmt: skip


def fact_id(fact: Fact) -> str:
    """The public name of a fact: the same subject, relation and value have the same."""
    parts = (entity(fact.subject), fact.relation, _folded(fact.value), str(fact.negated))
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()


def fold(told: Iterable[Told], mends: Iterable[Mend] = ()) -> tuple[Known, ...]:
    """Every fact that was told and not taken back, oldest first; until says which hold no more."""
    ledger = _Ledger(_by_fact(mends))
    for one in sorted(told, key=lambda t: (t.at, t.ref, astuple(t.fact))):
        ledger.hear(one)
    return tuple(
        sorted((held.known() for held in ledger.all), key=lambda k: (k.since, k.id, k.refs))
    )


def _by_fact(mends: Iterable[Mend]) -> dict[str, list[Mend]]:
    found: dict[str, list[Mend]] = {}
    for mend in sorted(mends, key=lambda m: m.at):
        found.setdefault(mend.id, []).append(mend)
    return found


@dataclass
class _Ledger:
    mends: Mapping[str, list[Mend]]
    all: list[_Held] = field(default_factory=list)
    holding: dict[tuple[str, str], list[_Held]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # what somebody is called → who it is

    def hear(self, told: Told) -> None:
        """One more fact, in order of time."""
        mended = self._mended(told)
        if mended is None:
            return
        fact, edited = mended
        who = self._who(fact.subject)
        if fact.relation == "name":
            self.names[_folded(fact.value)] = who
        key = (who, fact.relation)
        holding = self.holding.setdefault(key, [])
        same = next((held for held in holding if _same(held.fact, fact)), None)
        if same is not None:
            same.refs.append(told.ref)
            same.edited |= edited
            return
        against = self._end(key, fact, told.at)
        held = _Held(fact, [told.ref], told.at, against=against, edited=edited)
        self.holding[key].append(held)
        self.all.append(held)

    def _mended(self, told: Told) -> tuple[Fact, bool] | None:
        """The fact as the user mended it, and whether they did; None when they took it back."""
        fact, edited = told.fact, False
        for _ in range(len(self.mends) + 1):
            later = [m for m in self.mends.get(fact_id(fact), ()) if m.at >= told.at]
            if not later:
                return fact, edited
            if later[-1].kind == RETRACT:
                return None
            if later[-1].value == fact.value:
                return fact, True
            fact, edited = replace(fact, value=later[-1].value), True
        return fact, edited

    def _who(self, subject: str) -> str:
        who = entity(subject)
        return self.names.get(who, who)

    def _end(self, key: tuple[str, str], fact: Fact, at: datetime) -> str:
        """End what the new fact takes the place of; the value it contradicts, if it does."""
        who, relation = key
        holding = self.holding[key]
        if fact.negated:
            ended = [held for held in holding if self._meant(held.fact, fact)]
        elif relation in _ONE_VALUE or (relation == "name" and only_one(who)):
            ended = [held for held in holding if not held.fact.negated]
        elif relation == "appointment":
            ended = [held for held in holding if _alike(held.fact.value, fact.value)]
        else:
            ended = [h for h in holding if h.fact.negated and _alike(h.fact.value, fact.value)]
            if fact.instead and relation == "medicine":
                ended += [held for held in holding if not held.fact.negated][-1:]
        self._close(key, ended, at)
        other = (who, _AGAINST.get(relation, ""))
        if other in self.holding and not fact.negated:
            turned = [h for h in self.holding[other] if _alike(h.fact.value, fact.value)]
            self._close(other, turned, at)
        if relation in LASTS and ended and not fact.instead and not fact.negated:
            return ended[-1].fact.value
        return ""

    def _close(self, key: tuple[str, str], ended: list[_Held], at: datetime) -> None:
        for held in ended:
            held.until = at
        if ended:
            self.holding[key] = [held for held in self.holding[key] if held.until is None]

    def _meant(self, old: Fact, denial: Fact) -> bool:
        """Does a denial mean this fact? By its value, or by the name of whom it is about."""
        called = self.names.get(_folded(denial.value), "")
        return not old.negated and (
            _alike(old.value, denial.value) or (called != "" and called in _entities(old.value))
        )


def _entities(value: str) -> set[str]:
    return {entity(word) for word in (value, *value.split())}


def _same(old: Fact, new: Fact) -> bool:
    if old.negated != new.negated or (old.when != new.when and new.relation == "appointment"):
        return False
    return _folded(old.value) == _folded(new.value)


def _alike(one: str, other: str) -> bool:
    one, other = _folded(one), _folded(other)
    return one in other or other in one


def _folded(text: str) -> str:
    return text_key(text).casefold()
