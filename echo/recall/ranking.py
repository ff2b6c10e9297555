"""Which of the candidates answer a question, and why. Pure: no store, no clock, no texts.

A candidate is scored by its own words, then by those of the two turns on either side pooled with
them before saturation (BM25F with b = 0: short chat turns are not better for being short), then
nudged by session, speaker, days, its form. All are shares of the rarity of the question's words, so
that a score means the same in every memory. WEIGHTS is the one place where they are set;
bench/locomo.py sets them on some conversations and checks them on the others.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Bools: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Weights:
    """before, after: how much the words of the neighbours count as one's own; saturation: BM25's
    k1; the rest, where nothing else is said, are shares of a turn that holds every word once.
    """

    before: float = 0.65
    after: float = 0.5
    beyond: float = 0.5  # a turn further away counts so much of one nearer
    answers: float = 0.5  # the turn before counts so much more when it asks
    saturation: float = 1.0
    sharp: float = 1.15  # the power of a word's rarity
    together: float = 0.0  # several of the words in one turn, beside each alone
    session: float = 0.3
    crowd: float = 0.5  # mentions in a session that count as half of all there could be
    date: float = 0.5
    undated: float = 0.7  # what a day counts, of that, where no word is said
    alone: float = 0.3  # what neighbours and session count where only one speaks: a diary
    speaker: float = 0.1
    company: float = 0.1  # the one who is asked about speaks in the same session
    echo: float = 0.1  # Echo's own words, when it is asked what it said
    hearsay: float = 0.35  # what they lose otherwise: they repeat what was told
    when: float = 0.15
    number: float = 0.1
    question: float = 0.1
    again: float = 0.75  # what one asked oneself before is no answer: it loses this share
    length: float = 0.0
    recent: float = 0.05
    feeling: float = 0.15
    repeated: float = 0.05
    same_day: float = 0.02  # for every better hit of the same session
    name: float = 0.5  # the rarity of a speaker's name counts this much
    light: float = 0.3  # and that of a word for the kind of answer: 날짜, 사람, kind, time


WEIGHTS = Weights()
ALL = 0.9  # own words from which a question says no more than the one that is asked
NEAR_DAYS = 60.0  # after so many days recency has fallen to 1/e
DAY = 0.9  # how much the days asked for count beside a word, for whether it was told
BESIDE = 0.8  # how far a word in a neighbouring turn covers what was asked


@dataclass(frozen=True, slots=True)
class Candidates:
    """n candidates, a column each.

    degrees: (words, n, 1 + 2 r), each word in the turn itself, in the r turns before and in the r
    after, from near to far; sessions: (words, n), how much of each word the session holds;
    weights, unsaid: (words,), the rarity, and what nobody ever
    said; dated: its day is one of those asked for; named, company: it was
    said by whoever is asked about, and whether that one speaks in its session; to_echo: said by
    whoever asks now, and Echo answered; answered: the turn before asks;
    dialogue: somebody else speaks close by; age: days; length: words.
    """

    degrees: Floats
    sessions: Floats
    weights: Floats
    unsaid: Bools
    dated: Bools
    named: Bools
    company: Bools
    by_echo: Bools
    to_echo: Bools
    asks: Bools
    answered: Bools
    dialogue: Bools
    tells_time: Bools
    tells_number: Bools
    age: Floats
    length: Floats


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question asks for beside its words: days, a time, a number, what Echo said; chat: it
    is no question, so what is recent may be meant.
    """

    days: bool = False
    when: bool = False
    number: bool = False
    of_echo: bool = False
    chat: bool = False


@dataclass(frozen=True, slots=True)
class Scores:
    """score and coverage (0…1 of what was asked), each (n,); parts: reason → (n,), which add up
    to the score.
    """

    score: Floats
    coverage: Floats
    parts: dict[str, Floats]


def score(given: Candidates, wanted: Wanted, weights: Weights = WEIGHTS) -> Scores:
    """Every candidate, by every reason."""
    own, pooled, coverage = _words(given, weights)
    again = given.to_echo | ((own >= ALL) & (given.length <= 2 * len(given.weights) + 4))
    if not wanted.of_echo:  # beside Echo's words stands mostly the question they answered
        pooled = np.where(given.by_echo, own, pooled)
    parts = {
        "own": own,
        "context": pooled - own,
        "session": weights.session * _session(given, weights) * shared(given, weights),
        "date": weights.date * given.dated * _fitting(pooled, given, weights),
        "speaker": weights.speaker * given.named + weights.company * given.company,
        "echo": (weights.echo if wanted.of_echo else -weights.hearsay) * given.by_echo,
        "when": weights.when * given.tells_time * wanted.when,
        "number": weights.number * given.tells_number * wanted.number,
        "question": given.asks * -(weights.question + weights.again * again * pooled),
        "length": weights.length * np.log1p(given.length),
        "recent": weights.recent * np.exp(-given.age / NEAR_DAYS) * wanted.chat,
    }
    parts = {name: part.astype(np.float32) for name, part in parts.items()}
    return Scores(np.sum(list(parts.values()), 0), _covered(coverage, given, wanted), parts)


def _shares(given: Candidates, weights: Weights) -> Floats:
    """What each word is of the whole question, (words, 1)."""
    rare = given.weights**weights.sharp
    return np.asarray(rare[:, None] / (float(rare.sum()) or 1.0), np.float32)


def _words(given: Candidates, weights: Weights) -> tuple[Floats, Floats, Floats]:
    """(own, with the neighbours', how much is covered), each (n,), as shares of all rarity."""
    share = _shares(given, weights)
    degrees = given.degrees
    own, reach = degrees[:, :, 0], degrees.shape[2] // 2
    fall = (weights.beyond ** np.arange(reach)).astype(np.float32)
    before = degrees[:, :, 1 : 1 + reach] @ fall * np.float32(weights.before)
    answers = degrees[:, :, 1] * given.answered * np.float32(weights.answers)
    after = degrees[:, :, 1 + reach :] @ fall * np.float32(weights.after)
    close = shared(given, weights)
    pooled = own + (before + answers + after) * close
    near = np.maximum(degrees[:, :, 1:3], degrees[:, :, 1 + reach : 3 + reach]).max(2) * close
    alone = (share * _saturated(own, weights)).sum(0)
    return (
        alone + weights.together * alone**2,
        (share * _saturated(pooled, weights)).sum(0) + weights.together * alone**2,
        (share * np.maximum(own, BESIDE * near)).sum(0),
    )


def shared(given: Candidates, weights: Weights) -> Floats:
    """How much a turn has to do with those around it."""
    return np.where(given.dialogue, 1.0, weights.alone).astype(np.float32)


def _fitting(pooled: Floats, given: Candidates, weights: Weights) -> Floats:
    """A day that is meant counts whole where half of the words are said too."""
    said = 2 * pooled if len(given.weights) else np.ones_like(pooled)
    whole = weights.undated + (1 - weights.undated) * np.minimum(1.0, said)
    return np.asarray(whole, np.float32)


def _saturated(count: Floats, weights: Weights) -> Floats:
    return count * (weights.saturation + 1) / (count + weights.saturation)


def _session(given: Candidates, weights: Weights) -> Floats:
    """How much the session speaks of what is asked, 0…1."""
    held = given.sessions
    share = _shares(given, weights)
    return np.asarray((share * held / (held + np.float32(weights.crowd))).sum(0), np.float32)


def _covered(coverage: Floats, given: Candidates, wanted: Wanted) -> Floats:
    """The days asked for count nearly as one word more."""
    if not wanted.days:
        return coverage
    day = DAY / max(len(given.weights), 1) if len(given.weights) else 1.0
    words = 1.0 if len(given.weights) else 0.0
    return ((coverage * words + day * given.dated) / (words + day)).astype(np.float32)


# ── order ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate by its place in the table, its score and the reasons that add up to it."""

    place: int
    score: float
    why: tuple[tuple[str, float], ...]
    coverage: float


def order(
    scores: Scores, texts: NDArray[np.int32], sessions: NDArray[np.int32], most: int,
    weights: Weights = WEIGHTS,
) -> list[Ranked]:  # fmt: skip
    """The best candidates: each text once, at its best occurrence, a little higher for having been
    said again; each session a little lower with every hit it has already had.
    """
    times: dict[int, int] = defaultdict(int)
    for text in texts.tolist():
        times[text] += 1
    repeated = np.log2([times[text] for text in texts.tolist()]) * weights.repeated
    total = scores.score + np.minimum(repeated, 0.2)
    chosen: list[Ranked] = []
    seen: set[int] = set()
    had: dict[int, int] = defaultdict(int)
    left = np.argsort(-total, kind="stable")[: 4 * most + 40].tolist()
    while left and len(chosen) < most:
        i = max(left, key=lambda j: total[j] - weights.same_day * had[int(sessions[j])])
        left.remove(i)
        if int(texts[i]) in seen:
            continue
        seen.add(int(texts[i]))
        session = int(sessions[i])
        extra = (
            (f"said {times[int(texts[i])]} times", float(min(repeated[i], 0.2))),
            ("same session", -weights.same_day * had[session]),
        )
        had[session] += 1
        chosen.append(_ranked(scores, i, extra))
    return chosen


def _ranked(scores: Scores, i: int, extra: tuple[tuple[str, float], ...]) -> Ranked:
    parts = [(name, float(part[i])) for name, part in scores.parts.items()]
    why = tuple((name, round(w, 4)) for name, w in (*parts, *extra) if abs(w) >= 5e-5)
    return Ranked(i, round(sum(w for _, w in why), 4), why, float(scores.coverage[i]))
