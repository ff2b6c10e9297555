"""Facts that a question asks for, put first among what is recalled: the turns that told them.

The ranking of all other hits is none of its business. A turn whose fact holds no more comes after
the one that took its place, and says so.
"""

from __future__ import annotations

from dataclasses import replace

from echo.facts import asked
from echo.memory.store import Store
from echo.nouns import Hit, Known, Recollection, Turn

FACT, FORMER = "fact", "former fact"  # reasons


def first(
    store: Store, user: str, told: Recollection, limit: int, exclude: frozenset[str] = frozenset()
) -> Recollection:
    """The same recollection with the sources of the facts asked for at its head, at most limit."""
    question = asked.read(told.query)
    if question is None or limit <= 0:
        return told
    facts = asked.answers(question, store.known(user, asked.wanted(question)))
    reasons = _reasons(facts)
    turns = store.resolve(user, reasons)
    best = told.hits[0].score if told.hits else 0.0
    known = [ref for ref in reasons if ref in turns]
    head = [
        _hit(turns[ref], reasons[ref], told, store, user, best)
        for ref in known
        if ref not in exclude
    ]
    if not known:
        return told
    rest = [hit for hit in told.hits if hit.turn.ref not in reasons]
    holds = any(reasons[ref] == FACT for ref in known)
    sure = max(told.confidence, 0.95) if holds else told.confidence
    return replace(
        told, known=told.known or holds, hits=tuple((*head, *rest)[:limit]), confidence=sure
    )


def _reasons(facts: tuple[Known, ...]) -> dict[str, str]:
    """Ref of the newest turn of each fact → why it is shown."""
    found: dict[str, str] = {}
    for known in facts:
        found.setdefault(known.refs[-1], FACT if known.until is None else FORMER)
    return found


def _hit(turn: Turn, reason: str, told: Recollection, store: Store, user: str, best: float) -> Hit:
    """As it was recalled, or anew; what lifted it to the head is its fact."""
    was = next((hit for hit in told.hits if hit.turn.ref == turn.ref), None)
    hit = was or Hit(turn, 0.0, (), store.around(user, turn.ref, 2))
    lift = best + 1.0 - hit.score if reason == FACT else max(best + 0.5 - hit.score, 0.0)
    return replace(hit, score=hit.score + lift, why=((reason, lift), *hit.why))
