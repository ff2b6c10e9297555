"""Facts that a question asks for, put first among what is recalled: the turns that told them.

The ranking of all other hits is none of its business. A turn whose fact holds no more comes after
the one that took its place, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from echo.facts import asked
from echo.memory.store import Store
from echo.nouns import ECHO, Hit, Known, Recollection, Turn
from echo.recall.senses import in_both

_OF_OTHERS = 0.45  # confidence at most, where the best hit tells it of somebody else
FACT, FORMER = "fact", "former fact"  # reasons


def first(
    store: Store,
    user: str,
    told: Recollection,
    limit: int,
) -> Recollection:
    """The same recollection with the sources of the facts asked for at its head, at most limit.

    A best hit that tells what is asked of somebody else leaves it untold.
    A question that asks for more than a fact, or about others, is left as it is: what it says
    besides has to stand in the fact (echo.facts.asked), so no guard by ranking is needed here.
    A turn of the conversation itself is shown too: who asks wants it beside the question.
    """
    question = asked.read(told.query)
    if question is None or limit <= 0:
        return told
    facts = store.known(user, asked.wanted(question))
    asked_for = asked.answers(question, facts)
    turns = store.resolve(user, {known.refs[-1] for known in asked_for})
    meant = [
        known
        for known in asked_for
        if known.refs[-1] in turns
        and asked.says(question, facts, known, in_both(turns[known.refs[-1]].text))
    ]
    reasons = _reasons(meant[: asked.MOST])
    best = told.hits[0].score if told.hits else 0.0
    head = [_hit(turns[ref], reasons[ref], told, store, user, best) for ref in reasons]
    if not reasons:
        best_turn = told.hits[0].turn if told.hits else None
        if told.known and best_turn and asked.is_of_others(question, facts, best_turn):
            return replace(told, known=False, confidence=min(told.confidence, _OF_OTHERS))
        return told
    rest = [hit for hit in told.hits if hit.turn.ref not in reasons]
    holds = FACT in reasons.values()
    sure = max(told.confidence, 0.95) if holds else told.confidence
    return replace(
        told, known=told.known or holds, hits=tuple((*head, *rest)[:limit]), confidence=sure
    )


def without_others(store: Store, user: str, told: Recollection) -> Recollection:
    """For a prompt: when nothing was told of what is asked, without the turns that tell it of
    somebody else, and without Echo's answers to them: a hamster's name is not the cat's.
    """
    question = None if told.known else asked.read(told.query)
    if question is None or not told.hits:
        return told
    facts = store.known(user, asked.wanted(question))
    shown = [turn for hit in told.hits for turn in (hit.turn, *hit.near)]
    others = {turn.ref for turn in shown if asked.is_of_others(question, facts, turn)}
    for ref in tuple(others):
        others.update(one.ref for one in store.around(user, ref, 1) if one.speaker == ECHO)
    kept = [
        replace(hit, near=tuple(turn for turn in hit.near if turn.ref not in others))
        for hit in told.hits
        if hit.turn.ref not in others
    ]
    return replace(told, hits=tuple(kept)) if others else told


def _reasons(facts: Sequence[Known]) -> dict[str, str]:
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
