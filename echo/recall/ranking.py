"""Which of the candidates answer a question, and why. Pure: no store, no clock, no database.

A candidate is scored by its own words, then by the words of the two turns on either side pooled
with them before saturation (BM25F with b = 0: short chat turns are not better for being short),
then nudged by session, speaker, dates and its form. Weights were set by hand with an eye on
all five development conversations of LoCoMo (bench/locomo.py), so its figure flatters them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from echo.nouns import ECHO, Turn
from echo.recall.days import Span
from echo.recall.words import Term, Word
from echo.text import index_tokens

NEAR = {-2: 0.25, -1: 0.5, 1: 0.5, 2: 0.25}  # how much a neighbour's words count as one's own
SATURATION = 1.0  # BM25's k1
NAME = 0.5  # the name of somebody who speaks here stands in every other line
SESSION = 0.3  # shares of the best lexical score
DATE = 0.5
SPEAKER = 0.1
QUESTION = 0.1
ASKED_AGAIN = 0.6  # the same question, asked before, is no answer to it
WHEN = 0.1
REPEATED = 0.05
SESSION_TOP = 3
DAY = 0.9  # how much the days asked for count beside a word, for whether it was told
BESIDE = 0.8  # how far a word in a neighbouring turn covers what was asked


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. rarity: idf of each term, in the order of words and their terms.

    user: who asks; of_me / of_echo / when: whether the question is about the asker, about Echo,
    for a time.
    """

    words: tuple[Word, ...]
    rarity: tuple[float, ...]
    spans: tuple[Span, ...]
    user: str
    of_me: bool = False
    of_echo: bool = False
    when: bool = False

    @property
    def terms(self) -> tuple[Term, ...]:
        """Every term of every word, in order."""
        return tuple(term for word in self.words for term in word.terms)


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate as ranking sees it. place: order of arrival; neighbours are places apart."""

    place: int
    turn: Turn


class Ranked(NamedTuple):
    """A turn with its score and the reasons that add up to it; coverage 0…1 of the words asked."""

    turn: Turn
    score: float
    why: tuple[tuple[str, float], ...]
    coverage: float


def rank(question: Question, candidates: Sequence[Found]) -> list[Ranked]:
    """Candidates, best first; ties go to the older turn. The same text comes once."""
    scores = _lexical(question, candidates)
    best = max((own + context for own, context, _ in scores), default=0.0) or 1.0
    sessions = _sessions(candidates, [own for own, _, _ in scores])
    ranked = []
    for found, (own, context, coverage) in zip(candidates, scores, strict=True):
        nudges = _nudges(question, found.turn)
        nudges.insert(0, ("session", SESSION * sessions[found.turn.session]))
        why = [("own", own), ("context", context)]
        why += [(name, weight * best) for name, weight in nudges]
        ranked.append(_ranked(found.turn, why, coverage))
    ranked.sort(key=lambda hit: (-hit.score, hit.turn.at))
    return _once(ranked, best)


def _ranked(turn: Turn, why: Sequence[tuple[str, float]], coverage: float) -> Ranked:
    kept = tuple((name, round(weight, 4)) for name, weight in why if abs(weight) >= 5e-5)
    return Ranked(turn, round(sum(weight for _, weight in kept), 4), kept, coverage)


# ── words ────────────────────────────────────────────────────────────────────────────────────


def _lexical(question: Question, candidates: Sequence[Found]) -> list[tuple[float, float, float]]:
    """(own, context, coverage) of each candidate; own + context is 1 at one mention of all."""
    counts = _counts(question, candidates)
    neighbours = {(found.turn.session, found.place): i for i, found in enumerate(candidates)}
    weights = _weights(question, {found.turn.speaker for found in candidates})
    total = sum(weights) or 1.0
    scores = []
    for i, found in enumerate(candidates):
        pooled: list[float] = list(counts[i])
        for step, share in NEAR.items():
            j = neighbours.get((found.turn.session, found.place + step))
            if j is not None:
                pooled = [p + share * n for p, n in zip(pooled, counts[j], strict=True)]
        own = sum(w * _saturated(n) for w, n in zip(weights, counts[i], strict=True)) / total
        both = sum(w * _saturated(n) for w, n in zip(weights, pooled, strict=True)) / total
        dated = any(found.turn.at.date() in span for span in question.spans)
        scores.append((own, both - own, _coverage(question, counts[i], pooled, dated=dated)))
    return scores


def _saturated(count: float) -> float:
    return count * (SATURATION + 1) / (count + SATURATION)


def _counts(question: Question, candidates: Sequence[Found]) -> list[list[int]]:
    """How often each term stands in each candidate."""
    terms = question.terms
    exact = {form: i for i, term in enumerate(terms) for form in term.forms}
    starts = [(term.forms[0], i) for i, term in enumerate(terms) if term.prefix]
    known: dict[str, int] = {}
    rows = []
    for found in candidates:
        row = [0] * len(terms)
        for token in index_tokens(found.turn.text):
            place = known.get(token)
            if place is None:
                begun = (i for start, i in starts if token.startswith(start))
                place = known[token] = exact.get(token, next(begun, -1))
            if place >= 0:
                row[place] += 1
        rows.append(row)
    return rows


def _weights(question: Question, speakers: set[str]) -> list[float]:
    """Rarity of each term; terms of one word share it, and speakers' names count less."""
    names = {speaker.lower() for speaker in speakers}
    weights = []
    rarity = iter(question.rarity)
    for word in question.words:
        share = (NAME if _named(word, names) else 1.0) / math.sqrt(len(word.terms))
        weights += [next(rarity) * share for _ in word.terms]
    return weights


def _named(word: Word, names: set[str]) -> bool:
    return word.stem in names or any(form in names for term in word.terms for form in term.forms)


def _coverage(
    question: Question, own: Sequence[int], pooled: Sequence[float], *, dated: bool
) -> float:
    """The share of what was asked, by rarity, that a candidate or the turns around it speak of.

    A word is as rare as its rarest term; the days asked for count as one word more.
    """
    got = total = 0.0
    start = 0
    for word in question.words:
        terms = range(start, start + len(word.terms))
        start = terms.stop
        rarities = [question.rarity[i] for i in terms]
        held = sum(question.rarity[i] * (1.0 if own[i] else BESIDE) for i in terms if pooled[i])
        total += max(rarities)
        got += max(rarities) * held / (sum(rarities) or 1.0)
    if question.spans:
        day = DAY * total / len(question.words) if question.words else 1.0
        got, total = got + day * dated, total + day
    return got / total if total else 0.0


# ── nudges ───────────────────────────────────────────────────────────────────────────────────


def _sessions(candidates: Sequence[Found], owns: Sequence[float]) -> Mapping[str, float]:
    """How much each session speaks of what is asked, 1 for the one that does most."""
    by_session: dict[str, list[float]] = defaultdict(list)
    for found, own in zip(candidates, owns, strict=True):
        by_session[found.turn.session].append(own)
    sums = {name: sum(sorted(owns)[-SESSION_TOP:]) for name, owns in by_session.items()}
    most = max(sums.values(), default=0.0) or 1.0
    return {name: total / most for name, total in sums.items()}


def _nudges(question: Question, turn: Turn) -> list[tuple[str, float]]:
    asks = is_question(turn.text)
    again = asks and _says_no_more(question, turn)
    day = turn.at.date()
    return [
        ("date", DATE if any(day in span for span in question.spans) else 0.0),
        ("speaker", _speaker(question, turn)),
        ("when", WHEN if question.when and _tells_time(turn.text) else 0.0),
        ("question", -ASKED_AGAIN if again else -QUESTION if asks else 0.0),
    ]


def _speaker(question: Question, turn: Turn) -> float:
    """The one who is asked about is likelier to have said it; Echo's own words are no source."""
    if turn.speaker == ECHO:
        return SPEAKER if question.of_echo else -SPEAKER
    if turn.speaker == question.user:
        return SPEAKER if question.of_me else 0.0
    return SPEAKER if any(_named(word, {turn.speaker.lower()}) for word in question.words) else 0.0


def is_question(text: str) -> bool:
    """Whether a turn ends by asking."""
    return text.rstrip(" )\"'”’~!.").endswith(("?", "？"))


def _says_no_more(question: Question, turn: Turn) -> bool:
    """A turn whose words are nearly all words of the question."""
    forms = {form for term in question.terms for form in term.forms}
    tokens = index_tokens(turn.text)
    return len(tokens) <= len(forms) + 8 and sum(t in forms for t in tokens) * 2 >= len(tokens)


_TIMES = frozenset((
    "yesterday", "today", "tonight", "tomorrow", "ago", "last", "next", "week", "weekend",
    "month", "year", "morning", "monday", "tuesday", "wednesday", "thursday", "friday",
    "saturday", "sunday", "january", "february", "march", "april", "june", "july", "august",
    "september", "october", "november", "december", "recently", "since", "어제", "그제", "저께",
    "오늘", "내일", "모레", "지난", "저번", "이번", "다음", "작년", "올해", "주말", "요일",
    "아침", "저녁", "새벽", "년에", "월에", "일에",
))  # fmt: skip


def _tells_time(text: str) -> bool:
    return not _TIMES.isdisjoint(index_tokens(text))


# ── the same words twice ─────────────────────────────────────────────────────────────────────


def _once(ranked: Sequence[Ranked], best: float) -> list[Ranked]:
    """Each text at its best occurrence, a little higher for having been said again."""
    times: dict[str, int] = defaultdict(int)
    first: dict[str, Ranked] = {}
    for hit in ranked:
        words = " ".join(hit.turn.text.split())
        times[words] += 1
        first.setdefault(words, hit)
    once = [
        hit if times[words] == 1 else _repeated(hit, times[words], best)
        for words, hit in first.items()
    ]
    return sorted(once, key=lambda hit: (-hit.score, hit.turn.at))


def _repeated(hit: Ranked, times: int, best: float) -> Ranked:
    bonus = best * REPEATED * math.log2(times)
    return _ranked(hit.turn, (*hit.why, (f"said {times} times", bonus)), hit.coverage)
