"""Asking memory: question → index → ranking → turns with reasons and neighbours.

Never raises for anything a person may type or paste. Knows the store's API; the order of hits is
ranking's, what days a question means is dates'.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from echo.memory.store import Store
from echo.nouns import ECHO, Hit, Recollection
from echo.recall import dates, days
from echo.recall.ranking import Found, Question, Ranked, is_question, rank
from echo.recall.words import LONGEST, Term, Word, words_of
from echo.text import scrub

CANDIDATES = 120
KNOWN = 0.5  # coverage of the question's words from which it counts as told
SPAN = 2
MOST_WORDS = 32  # of a pasted page, the rarest
MANY = 20_000  # turns from which frequent terms are left out of the search
FREQUENT = 0.02  # share of the turns that makes a term frequent
LEAST = 3  # terms that are searched by however frequent they are
_LOOKED_AT = 5  # hits that decide whether it was told

_OF_ME = re.compile(
    r"\b(?:i|my|me|mine|we|our)\b|(?<![가-힣])(?:내|나|난|제|저|우리)(?![가-힣]{2})", re.IGNORECASE
)
_OF_ECHO = re.compile(
    r"\b(?:you|echo) (?:said|say|told|recommend\w*|suggest\w*|promis\w*)"
    r"|\bdid (?:you|echo) (?:say|tell|recommend|suggest|promise)"
    r"|(?<![가-힣])(?:너|네가|니가|넌|에코)[가는]?\s.*(?:말했|추천|얘기했|약속|알려)",
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
    query = scrub(query)
    asked = _ask(store, user, query[:LONGEST], now)
    found = _ranked(store, user, asked, limit)
    if not found:  # nothing but stop words may be left to find by
        found = _ranked(store, user, _ask(store, user, query[:LONGEST], now, stop=True), limit)
    ranked = [hit for hit in found if hit.turn.ref not in exclude]
    hits = tuple(_hit(store, user, one) for one in ranked[: max(limit, 0)])
    return Recollection(query, _known(asked.question, ranked), hits)


def _hit(store: Store, user: str, one: Ranked) -> Hit:
    return Hit(one.turn, one.score, one.why, store.around(user, one.turn.ref, SPAN))


# ── the question ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question beside what memory holds of it. held: index token → turns it stands in."""

    question: Question
    held: Mapping[str, int]
    count: int


def _ask(store: Store, user: str, text: str, now: datetime, *, stop: bool = False) -> _Asked:
    spans, rest = dates.read(text, now.date())
    words = words_of(text, stop=True) if stop else words_of(rest)
    count = store.document_count(user)
    held = store.frequency(user, {form for w in words for t in w.terms for form in t.forms})
    words = _rarest(words, held)
    question = Question(
        words,
        tuple(_rarity(count, term, held) for word in words for term in word.terms),
        spans,
        user,
        of_me=bool(_OF_ME.search(text)),
        of_echo=bool(_OF_ECHO.search(text)),
        when=bool(_WHEN.search(text)),
    )
    return _Asked(question, held, count)


def _rarest(words: tuple[Word, ...], held: Mapping[str, int]) -> tuple[Word, ...]:
    """Of a pasted page, the rarest words that memory holds; of a question, all, in order."""
    if len(words) <= MOST_WORDS:
        return words
    found = [word for word in words if any(_frequency(term, held) for term in word.terms)]
    found.sort(key=lambda word: min(filter(None, (_frequency(t, held) for t in word.terms))))
    return tuple(found[:MOST_WORDS])


def _frequency(term: Term, held: Mapping[str, int]) -> int:
    return sum(held.get(form, 0) for form in term.forms)


def _rarity(count: int, term: Term, held: Mapping[str, int]) -> float:
    """BM25's idf, never negative."""
    frequency = min(_frequency(term, held), count)
    return math.log(1 + (count - frequency + 0.5) / (frequency + 0.5))


# ── the search ───────────────────────────────────────────────────────────────────────────────


def _ranked(store: Store, user: str, asked: _Asked, limit: int) -> list[Ranked]:
    """Candidates in order. Frequent words are searched by only when nothing else finds anything."""
    terms = asked.question.terms
    rare = _rare(asked) if asked.count > MANY else terms
    most = max(CANDIDATES, 3 * limit)
    candidates = store.candidates(user, _match(asked, rare), most)
    if not candidates and len(rare) < len(terms):
        candidates = store.candidates(user, _match(asked, terms), most)
    found = [Found(candidate.rowid, candidate.turn) for candidate in candidates]
    return rank(asked.question, found)


def _rare(asked: _Asked) -> tuple[Term, ...]:
    """The terms that stand in few turns; at least three of those that stand in any."""
    held = [term for term in asked.question.terms if term.prefix or _frequency(term, asked.held)]
    held.sort(key=lambda term: _frequency(term, asked.held))
    few = [term for term in held if _frequency(term, asked.held) <= FREQUENT * asked.count]
    return tuple(few if len(few) >= LEAST else held[:LEAST])


def _match(asked: _Asked, terms: Iterable[Term]) -> str:
    """One OR of these terms, and of the days meant; "" when memory holds none of them."""
    forms = dict.fromkeys(term.match(asked.held) for term in terms)
    said = " OR ".join(filter(None, forms))
    dated = " OR ".join(f'"{token}"' for token in days.tokens(asked.question.spans))
    parts = (f"{{own context}} : ({said})" if said else "", f"dates : ({dated})" if dated else "")
    return " OR ".join(filter(None, parts))


def _known(question: Question, ranked: Iterable[Ranked]) -> bool:
    """Whether this was ever told: coverage of what was asked, by turns that tell something.

    Questions tell nothing, and Echo's own words tell only what Echo said.
    """
    telling = [
        hit
        for hit in ranked
        if not is_question(hit.turn.text) and (question.of_echo or hit.turn.speaker != ECHO)
    ][:_LOOKED_AT]
    return any(hit.coverage >= KNOWN for hit in telling)
