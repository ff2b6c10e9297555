"""Which words of a turn tell a fact: a linear-chain CRF over the words (Lafferty et al., 2001).

It learned from turns written for it (bench/fact_weights.py says from which and how well), not from
anybody's memory; the weights lie in data/. It says where a value stands and of what relation it
is, and who is spoken of; whose fact it is, is echo.facts.owners. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from threading import Lock

import pycrfsuite

from echo.facts import edges
from echo.facts.edges import OWNER, Span
from echo.facts.features import attributes
from echo.facts.tokens import Reading, read
from echo.nouns import Fact, Lang

OUT = "O"
_DOUBTFUL, _LEAST, _ON = 0.8, 0.12, 0.5  # probabilities: of no fact, of a fact, of its next word
_ONE = Lock()  # a tagger holds the turn it was given last
_DATA = Path(__file__).parent / "data"


def spans(text: str, ruled: Sequence[Fact], lang: Lang) -> tuple[Reading, list[Span]]:
    """The turn as it was read, and what was found in it. ruled: what rules found."""
    tagger = _tagger(lang)
    reading = read(text, lang)
    with _ONE:
        return reading, list(tagged(tagger, text, reading, ruled, lang))


def tagged(
    tagger: pycrfsuite.Tagger, text: str, reading: Reading, ruled: Sequence[Fact], lang: Lang
) -> Iterator[Span]:
    """What this tagger finds in a turn."""
    if not reading.tokens:
        return
    labels = tagger.tag(attributes(reading, of_rules(text, reading, ruled), lang))
    yield from edges.whole(reading, list(_decoded(tagger, labels)), lang)


def _decoded(tagger: pycrfsuite.Tagger, labels: Sequence[str]) -> Iterator[Span]:
    """The spans of the likeliest labels, and those that were nearly as likely where it has none."""
    known = sorted(tagger.labels())
    starts = [label for label in known if label[0] == "B" and label[2:] != OWNER]
    first = 0
    while first < len(labels):
        last = first
        if labels[first] != OUT:
            relation = labels[first][2:]
            while last + 1 < len(labels) and labels[last + 1] == f"I-{relation}":
                last += 1
            sure = min(tagger.marginal(labels[i], i) for i in range(first, last + 1))
            yield Span(relation, first, last, sure)
        elif tagger.marginal(OUT, first) < _DOUBTFUL:
            label = max(starts, key=lambda name: tagger.marginal(name, first))
            sure = tagger.marginal(label, first)
            further = f"I-{label[2:]}"
            while (
                further in known
                and last + 1 < len(labels)
                and labels[last + 1] == OUT
                and tagger.marginal(further, last + 1) > sure * _ON
            ):
                last += 1
            if sure > _LEAST:
                yield Span(label[2:], first, last, sure)
        first = last + 1


def of_rules(text: str, reading: Reading, ruled: Sequence[Fact]) -> list[str]:
    """The relation that rules found at each token, "" where they found none."""
    found = [""] * len(reading.tokens)
    for fact in ruled:
        start = text.find(fact.value)
        for i, token in enumerate(reading.tokens):
            if 0 <= start < token.end and token.start < start + len(fact.value) and not found[i]:
                found[i] = fact.relation + "!" * fact.negated
    return found


@cache
def _tagger(lang: Lang) -> pycrfsuite.Tagger:
    tagger = pycrfsuite.Tagger()
    tagger.open(str(_DATA / f"{lang}.crfsuite"))
    return tagger
