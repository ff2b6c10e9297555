"""What rules and the tagger found, weighed: of each value whose it is, whether it is denied, and
whether it can be trusted. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from echo.facts import clauses, owners, tagger
from echo.facts.edges import OWNER, Span
from echo.facts.form import ME
from echo.facts.tokens import Reading
from echo.nouns import Fact, Lang

TAGGER, RULES, BOTH = "tagger", "rules", "both"
LINES = {TAGGER: 0.5, RULES: 0.0, BOTH: 0.0}  # log odds from which on a fact stands
_WHO_ONE_IS = ("name", "birthday", "partner")  # a wrong one of these is asked about, or hurts
_SURER = 1.5
_WITH = frozenset(
    ("한테", "한테는", "에게", "랑", "이랑", "하고", "네")
)  # not behind one's own name
_TIMED = ("plan", "appointment")
_DENIED = -1.0  # log odds: a denial that is missed leaves something standing that is no more
_OVER, _ENDED, _GOES_ON = 4.0, 1.0, -0.5  # log odds, by whether the words speak of an end
_NEAR = 5  # words


class Found(NamedTuple):
    """A fact that may be told; marks: what speaks for trusting it; by: who found it (TAGGER, RULES,
    BOTH).
    """

    fact: Fact
    marks: Sequence[str]
    by: str


def prepare(lang: Lang) -> None:
    """Read what is needed for that language."""
    owners.heads(lang)
    tagger.spans("", (), lang)


def trusted(text: str, ruled: Sequence[Fact], lang: Lang) -> Iterator[Fact]:
    """The facts that stand; each with its probability."""
    reading, spans = tagger.spans(text, ruled, lang)
    heads = owners.heads(lang)
    for fact, marks, by in candidates(text, reading, spans, ruled, heads, lang):
        odds = owners.score(heads["trust"], marks)
        sure = by == TAGGER and fact.subject == ME and fact.relation in _WHO_ONE_IS
        if odds >= (_SURER if sure else LINES[by]):
            yield replace(fact, confidence=round(1 / (1 + math.exp(-odds)), 2))


def candidates(
    text: str,
    reading: Reading,
    spans: Sequence[Span],
    ruled: Sequence[Fact],
    heads: owners.Heads,
    lang: Lang,
) -> Iterator[Found]:
    """All that was found, by either; what both found once, as the rules have it."""
    said = tagger.of_rules(text, reading, ruled)
    met: set[int] = set()
    for span in spans:
        if span.relation == OWNER:
            continue
        place = mate(text, reading, span, ruled)
        if place is None:
            fact = _fact(text, reading, span, spans, heads, lang)
            if not fact.subject or _replaced(fact, ruled) or _with_them(reading, span, fact):
                continue
        else:
            met.add(place)
            fact = _agreed(text, reading, span, spans, heads, ruled[place], lang)
        told = next((name for name in said[span.first : span.last + 1] if name), "").rstrip("!")
        marks = owners.of_trust(reading, span, spans, tagged=True, ruled=told)
        clause = owners.sentence(text, reading, span)
        by = TAGGER if place is None else BOTH
        yield Found(replace(fact, instead=clauses.changed(clause, lang)), marks, by)
    for n, fact in enumerate(ruled):
        if n not in met and (there := _place(text, reading, fact)) is not None:
            marks = owners.of_trust(reading, there, spans, tagged=False, ruled=fact.relation)
            yield Found(fact, marks, RULES)


def _with_them(reading: Reading, span: Span, fact: Fact) -> bool:
    """Is it somebody one did something with or to, and not how one is called?"""
    after = reading.words[span.last + 1 : span.last + 2]
    return fact.relation == "name" and fact.subject == ME and bool(_WITH.intersection(after))


def mate(text: str, reading: Reading, span: Span, ruled: Sequence[Fact]) -> int | None:
    """Which of the rules' facts is the same: of that relation, in some of the same words."""
    for n, fact in enumerate(ruled):
        there = _place(text, reading, fact) if fact.relation == span.relation else None
        if there is not None and there.first <= span.last and span.first <= there.last:
            return n
    return None


def _replaced(fact: Fact, ruled: Sequence[Fact]) -> bool:
    """Do the rules say that another took its place (`swapped the lisinopril for losartan`)?"""
    return any(one.instead and one.relation == fact.relation for one in ruled)


def _place(text: str, reading: Reading, fact: Fact) -> Span | None:
    start = text.find(fact.value)
    end = start + len(fact.value)
    here = [n for n, t in enumerate(reading.tokens) if start < t.end and t.start < end]
    if not reading.tokens:
        return None
    if start < 0 or not here:
        return Span(fact.relation, 0, 0, 0.0)
    return Span(fact.relation, here[0], here[-1], 0.0)


def _fact(
    text: str,
    reading: Reading,
    span: Span,
    spans: Sequence[Span],
    heads: owners.Heads,
    lang: Lang,
) -> Fact:
    """The fact that a span carries; its subject is "" when nobody can tell whose it is."""
    value = owners.worded(text, reading, span)
    who = owners.whose(text, reading, span, spans, heads["owner"], None)
    clause = owners.sentence(text, reading, span)
    odds = _denial(reading, span, heads)
    beside = owners.around(text, reading, span, _NEAR)
    if clauses.over(beside, lang):
        odds += _OVER
    else:
        odds += _ENDED if clauses.ended(clause, lang) else _GOES_ON
    when = owners.when(text, reading, span) if span.relation in _TIMED else ""
    return Fact(who, span.relation, value, odds > _DENIED, when)


def _agreed(
    text: str,
    reading: Reading,
    span: Span,
    spans: Sequence[Span],
    heads: owners.Heads,
    ruled: Fact,
    lang: Lang,
) -> Fact:
    """What rules found too: of the two values the longer, and their name of whom it is about."""
    value = owners.worded(text, reading, span)
    who = owners.whose(text, reading, span, spans, heads["owner"], ruled.subject)
    if ME not in (who, ruled.subject) or not who:
        who = ruled.subject
    over = clauses.over(owners.around(text, reading, span, _NEAR), lang)
    denied = ruled.negated or (over and _denial(reading, span, heads) > 0)
    return replace(ruled, subject=who, value=max(value, ruled.value, key=len), negated=denied)


def _denial(reading: Reading, span: Span, heads: owners.Heads) -> float:
    return owners.score(heads["denied"], owners.of_denial(reading, span))
