"""What grows between one user and Echo. A pure fold of that user's own turns, in order of time.

Law, tested: absorbing all turns from the empty bond gives the live bond. Knows no store.
Mood decays by the time stamps, with a half-life of two days, so a replay gives the same mood on
any day it is run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from echo.nouns import Mood

HALF_LIFE_S = 2 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Bond:
    """What Echo carries of one user between turns.

    mood: decayed mean of how their words felt; weight: the decayed number of turns behind it;
    turns: how many were absorbed; days: on how many different days; last: the newest of them.
    """

    mood: Mood = field(default_factory=Mood)
    weight: float = 0.0
    turns: int = 0
    days: int = 0
    last: datetime | None = None
    last_day: date | None = None


def absorb(bond: Bond, at: datetime, mood: Mood) -> Bond:
    """The bond after one more of the user's turns. at: aware."""
    kept = bond.weight * _decay(bond.last, at)
    weight = kept + 1.0
    return Bond(
        Mood(
            (bond.mood.valence * kept + mood.valence) / weight,
            (bond.mood.arousal * kept + mood.arousal) / weight,
        ),
        weight,
        bond.turns + 1,
        bond.days + (at.date() != bond.last_day),
        at,
        at.date(),
    )


def replay(turns: Iterable[tuple[datetime, Mood]]) -> Bond:
    """The bond that these turns, oldest first, add up to."""
    bond = Bond()
    for at, mood in turns:
        bond = absorb(bond, at, mood)
    return bond


def _decay(last: datetime | None, at: datetime) -> float:
    if last is None:
        return 0.0
    return float(0.5 ** (max(0.0, (at - last).total_seconds()) / HALF_LIFE_S))
