"""Asking memory: question → index → ranking → turns with reasons and neighbours.

Never raises for anything a person may type or paste. Knows the store's API; the order of hits is
ranking's, what days a question means is dates'.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from echo.memory.store import Store
from echo.nouns import ECHO, Hit, Recollection
from echo.recall import dates
from echo.recall.ranking import Found, Question, Ranked, is_question, rank
from echo.recall.words import LONGEST, Term, Word, words_of
from echo.text import scrub

CANDIDATES = 300
KNOWN = 0.55  # coverage of the question's words from which it counts as told
SPAN = 2
MOST_WORDS = 32  # of a pasted page, the rarest
MANY = 20_000  # turns from which frequent terms are left out of the search
FREQUENT = 0.02  # share of the turns that makes a term frequent
_LOOKED_AT = 5  # hits that decide whether it was told

_OF_ME = re.compile(
    r"\b(?:i|my|me|mine|we|our)\b|(?<![가-힣])(?:내|나|난|제|저|우리)(?![가-힣]{2})", re.IGNORECASE
)
_OF_ECHO = re.compile(r"\b(?:you|your|echo)\b|(?<![가-힣])(?:너|네가|니가|넌|에코)", re.IGNORECASE)
_TOLD_BY_ECHO = re.compile(
    r"\b(?:you|echo) (?:said|say|told|recommend\w*|suggest\w*|promis\w*)|did (?:you|echo) (?:say|tell|recommend|suggest|promise)"
    r"|(?:너|네가|니가|넌|에코)[가는]?\s.*(?:말했|추천|얘기했|약속|알려)",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"\bwhen\b|\bwhat (?:year|month|day|date)\b|언제|며칠|몇\s?(?:월|년|일)", re.IGNORECASE
)


def recall(
    store: Store,
    user: str,
    query: str,
    *,
    now: datetime,
    limit: int = 10,
    exclude: frozenset[str] = frozenset(),
) -> Recollection:
    """What the user's memory holds that bears on a question, best first.

    now: aware; relative dates in the query are counted from it. limit: hits at most. exclude:
    refs that are no hits (they stand in the conversation already).
    """
    asked = scrub(query)[:LONGEST]
    question = _question(store, user, asked, now)
    ranked = [hit for hit in _ranked(store, user, question) if hit.turn.ref not in exclude]
    hits = tuple(_hit(store, user, one) for one in ranked[: max(limit, 0)])
    return Recollection(query, _known(question, ranked), hits)


def _hit(store: Store, user: str, one: Ranked) -> Hit:
    return Hit(one.turn, one.score, one.why, store.around(user, one.turn.ref, SPAN))


# ── the question ─────────────────────────────────────────────────────────────────────────────


def _question(store: Store, user: str, asked: str, now: datetime) -> Question:
    today = now.date()
    spans = dates.spans(asked, today)
    words = words_of(dates.without(asked, today)) if spans else words_of(asked)
    count = store.document_count(user)
    seen = store.frequency(user, {form for w in words for t in w.terms for form in t.forms})
    words = _rarest(words, seen)
    rarity = tuple(_rarity(count, term, seen) for word in words for term in word.terms)
    return Question(
        words,
        rarity,
        spans,
        user,
        of_me=bool(_OF_ME.search(asked)),
        of_echo=bool(_TOLD_BY_ECHO.search(asked)),
        when=bool(_WHEN.search(asked)),
    )


def _rarest(words: tuple[Word, ...], seen: Mapping[str, int]) -> tuple[Word, ...]:
    """Of a pasted page, the rarest words that memory holds; of a question, all, in order."""
    if len(words) <= MOST_WORDS:
        return words
    held = [word for word in words if any(_frequency(term, seen) for term in word.terms)]
    held.sort(key=lambda word: min(filter(None, (_frequency(t, seen) for t in word.terms))))
    return tuple(held[:MOST_WORDS])


def _frequency(term: Term, seen: Mapping[str, int]) -> int:
    return sum(seen.get(form, 0) for form in term.forms)


def _rarity(count: int, term: Term, seen: Mapping[str, int]) -> float:
    """BM25's idf, never negative."""
    frequency = min(_frequency(term, seen), count)
    return math.log(1 + (count - frequency + 0.5) / (frequency + 0.5))


# ── the search ───────────────────────────────────────────────────────────────────────────────


def _ranked(store: Store, user: str, question: Question) -> list[Ranked]:
    match = _match(question, frequent=_frequent(store, user))
    candidates = store.candidates(user, match, CANDIDATES) if match else []
    return rank(question, [Found(candidate.rowid, candidate.turn) for candidate in candidates])


def _frequent(store: Store, user: str) -> float:
    """The idf under which a term is too frequent to search by; 0 while memory is small."""
    count = store.document_count(user)
    return math.log(1 + (1 - FREQUENT) / FREQUENT) if count > MANY else 0.0


def _match(question: Question, *, frequent: float) -> str:
    """One OR of every term, and of the days meant; the rarest three terms stay in any case."""
    terms = list(zip(question.rarity, question.terms, strict=True))
    kept = [term for rarity, term in terms if rarity >= frequent]
    if len(kept) < 3:
        kept = [term for _, term in sorted(terms, key=lambda pair: -pair[0])[:3]]
    said = " OR ".join(dict.fromkeys(term.match for term in kept))
    days = " OR ".join(f'"{token}"' for token in dates.tokens(question.spans))
    return " OR ".join(
        part
        for part in (
            f"{{own context}} : ({said})" if said else "",
            f"{{dates}} : ({days})" if days else "",
        )
        if part
    )


def _known(question: Question, ranked: Iterable[Ranked]) -> bool:
    """Whether this was ever told: coverage of what was asked, by turns that tell something.

    Questions tell nothing, and Echo's own words tell only what Echo said.
    """
    telling = [
        hit
        for hit in ranked
        if not is_question(hit.turn.text) and (question.of_echo or hit.turn.speaker != ECHO)
    ][:_LOOKED_AT]
    if not question.words:
        return any("date" in dict(hit.why) for hit in telling)
    return any(hit.coverage >= KNOWN for hit in telling)
