"""Where a value begins and ends: what the tagger found, with what else belongs to the same name or
the same thing (`St` Lucia, 인하대 `물류학과`, arthritis `in both thumbs`). Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from echo.facts.form import words_of
from echo.facts.tokens import Reading
from echo.nouns import Lang

OWNER = "who"  # the label of words that name whom a fact is about
_PLACES = ("home", "origin")
_COMPOUND = frozenset(  # things of several words in Korean
    ("health", "medicine", "school", "work", "workplace", "plan", "appointment", "owns", "family")
)
_SHORTENED = frozenset(("St", "Mr", "Mrs", "Ms", "Dr", "Fr", "Mt", "Sgt"))
_NO_NAMES = frozenset(
    ("i", "i'm", "i've", "my", "the", "a", "he", "she", "we", "they", "and", "but", "so")
)
_COUNTED = words_of(
    "마리|대|개월|년차|주차|주|기|기말|형|급|학년|살|세|번|명|개|채|한|두|네|초기|말기|수술|골절|증상"
)
_FURTHER = ("health", "appointment", "likes", "dislikes")  # things with an of, a with or an in
_PREPOSITIONS = frozenset(("of", "with", "for", "in", "on", "at", "from", "to"))
_ENDED = words_of(
    "so|and|but|or|that|when|because|cause|cos|coz|which|who|since|if|while|though|until|till|as|"
    "is|are|was|were|am|be|been|has|have|had|do|does|did|will|would|can|cant|can't|could|i|i'm|im|"
    "he|she|it|we|they|you|this|these|it's|its|at|now|today|tonight|again|still"
)
_FARTHEST = 4  # words behind a value that may go with it
_LISTS = frozenset(("and", ",", "n", "&", "에", "이랑", "랑", "하고"))


class Span(NamedTuple):
    """Tokens first … last (it too) that carry a value of the relation. sure: the least probability
    of their labels (forward-backward), 0 to 1.
    """

    relation: str
    first: int
    last: int
    sure: float


def whole(reading: Reading, found: Sequence[Span], lang: Lang) -> Iterator[Span]:
    """The same spans, each with all that belongs to it; parts of one thing as one."""
    joined = list(_joined(reading, [cut for span in found if (cut := _cut(reading, span))]))
    taken = {i for span in joined for i in range(span.first, span.last + 1)}
    for span in joined:
        grown = _named(reading, span, taken)
        if lang == "en" and span.relation in _FURTHER:
            grown = grown._replace(last=_further(reading, grown.last, taken))
        yield grown


def _cut(reading: Reading, span: Span) -> Span | None:
    """Without signs at its ends; None when it is nothing else, or runs over a line's end."""
    first, last = span.first, span.last
    while first <= last and (not reading.words[first][0].isalnum() or reading.tokens[first].bound):
        first += 1
    while last >= first and not reading.words[last][0].isalnum():
        last -= 1
    if first > last or "\n" in reading.words[first : last + 1]:
        return None
    return span._replace(first=first, last=last)


def _joined(reading: Reading, found: Sequence[Span]) -> Iterator[Span]:
    """Parts of one name, and a family told as a list, put together."""
    before: Span | None = None
    for span in found:
        if before is not None and _one(reading, before, span):
            before = before._replace(last=span.last, sure=min(before.sure, span.sure))
            continue
        if before is not None:
            yield before
        before = span
    if before is not None:
        yield before


def _one(reading: Reading, before: Span, after: Span) -> bool:
    if before.relation != after.relation or before.relation == OWNER:
        return False
    gap = reading.words[before.last + 1 : after.first]
    if not gap:
        return True
    return before.relation == "family" and len(gap) == 1 and gap[0] in _LISTS


def _named(reading: Reading, span: Span, taken: set[int]) -> Span:
    first, last = span.first, span.last
    while (
        first > 0
        and first - 1 not in taken
        and _goes_with(reading, first - 1, first, span.relation)
    ):
        first -= 1
    count = len(reading.tokens)
    while (
        last + 1 < count
        and last + 1 not in taken
        and _goes_with(reading, last + 1, last, span.relation)
    ):
        last += 1
    if span.relation in _PLACES and last + 2 < count and reading.words[last + 1] == ",":
        there = reading.tokens[last + 2]  # Beckley, West Virginia
        if there.text[0].isupper() and last + 2 not in taken:
            return _named(reading, span._replace(first=first, last=last + 2), taken)
    return span._replace(first=first, last=last)


def _goes_with(reading: Reading, other: int, edge: int, relation: str) -> bool:
    """Is this token, beside the edge of a value, a part of the same name?"""
    one, mine = reading.tokens[other], reading.tokens[edge]
    first, second = (one, mine) if other < edge else (mine, one)
    if reading.timed[other] or second.start - first.end > 1:
        return False
    if reading.sentence[other] != reading.sentence[edge]:
        return one.text == "." and edge < other and mine.text in _SHORTENED
    if "가" <= mine.text[0] <= "힣" or "가" <= one.text[0] <= "힣":
        behind = edge < other and relation in _COMPOUND
        return not one.bound and _counts(reading, other, behind=behind)
    if mine.text == ".":
        return reading.tokens[edge - 1].text in _SHORTENED and one.text[0].isupper()
    if one.text == ".":
        return edge < other and mine.text in _SHORTENED
    return (
        one.text[0].isupper() and mine.text[0].isupper() and reading.words[other] not in _NO_NAMES
    )


def _counts(reading: Reading, i: int, *, behind: bool) -> bool:
    word = reading.words[i]
    return (
        word[0] == "9" or word in _COUNTED or (behind and bool(reading.kinds[i]) and len(word) > 1)
    )


def _further(reading: Reading, last: int, taken: set[int]) -> int:
    """The last word of `for the knee` behind an appointment."""
    there = last + 1
    if there >= len(reading.words) or reading.words[there] not in _PREPOSITIONS:
        return last
    end = there
    for i in range(there + 1, min(there + 1 + _FARTHEST, len(reading.words))):
        word = reading.words[i]
        if i in taken or reading.timed[i] or not word[0].isalnum() or word in _ENDED:
            break
        end = i
    return end if end > there and not reading.timed[there] else last
