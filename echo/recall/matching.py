"""Where the words of a question stand: from the index's columns to a table of candidates.

Every word is matched in a degree: 1 where the word itself stands, less where only parts of it or a
word of nearly the same sense do. Each turn's degrees, weighted by rarity, choose the candidates,
neighbours included; for those alone the table is filled. Knows columns and terms, no weights of
the ranking, no texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from echo.memory.view import Ints, View
from echo.recall.words import Word, apart, parts, word
from echo.terms.split import exact
from echo.text import is_stop

if TYPE_CHECKING:
    from echo.memory.queries import Lookup

Floats: TypeAlias = NDArray[np.float32]
Bools: TypeAlias = NDArray[np.bool_]
CANDIDATES = 600
PARTS = 0.8  # how much a word counts where all pairs of its syllables stand, and not the word
SHARPER = 1.5  # how quickly that falls with the share of them that stand
UNHEARD = 0.5  # a pair nobody ever said counts so much of one that was
BEGINS = 0.5  # where only the beginning of a word of one syllable stands
ACROSS = 0.95  # where a word of the other language stands that means the same
SENSE = 0.4  # where a word of nearly the same sense stands
TOLD = 0.6  # the degree from which a word counts as said
FEW = 200  # a memory of fewer lines is taken for the beginning of one of so many
STEPS = (0.5, 0.25)  # how much a neighbour's words count for choosing, one and two turns away
REACH = 4  # turns on either side that ranking looks at


@dataclass(frozen=True, slots=True)
class Match:
    """One word: the places where it stands in some degree, its rarity, in how many it is said."""

    word: Word
    places: Ints
    degrees: Floats
    rarity: float
    said: int


@dataclass(frozen=True, slots=True)
class Table:
    """Candidates and how they match. places: (n,); around: (n, 1 + 2 REACH) the place itself, the
    turns before from near to far, those after, -1 for none; degrees: (words, n, 1 + 2 REACH);
    sessions: (words, n), how much of each word stands in the candidate's session.
    """

    places: Ints
    around: Ints
    degrees: Floats
    sessions: Floats


# ── words ────────────────────────────────────────────────────────────────────────────────────


def matches(lookup: Lookup, words: Sequence[Word]) -> list[Match]:
    """Each word as it stands in the index; words written together are parted as memory has them."""
    found = lookup.places(term for word in words for term in word.terms)
    words = _apart(lookup, words, found)
    scratch = np.zeros(len(lookup.view.rows), np.float32)
    return [_match(lookup.view, word, found, scratch) for word in words]


def _apart(lookup: Lookup, words: Sequence[Word], found: dict[str, Ints]) -> Sequence[Word]:
    together = [word for word in words if not any(term in found for term in word.exact)]
    pieces = {part: exact(part) for word in together for part in parts(word.run)}
    if not pieces:
        return words
    there = lookup.places(term for terms in pieces.values() for term in terms)
    said = {part for part, terms in pieces.items() if any(term in there for term in terms)}
    split: dict[tuple[str, ...], Word] = {}
    for one in words:
        runs = apart(one.run, said) if one in together else ()
        for made in map(word, (run for run in runs if not is_stop(run))) if runs else (one,):
            split.setdefault(made.exact, made)
    made_new = [one for one in split.values() if one not in words]
    found.update(lookup.places(term for one in made_new for term in one.terms))
    return tuple(split.values())


def _match(view: View, word: Word, found: dict[str, Ints], scratch: Floats) -> Match:
    """scratch: zeros, a place each; zeros again afterwards."""
    _parts(view, word, found, scratch)
    weaker = ((SENSE, word.senses), (BEGINS, word.begins), (ACROSS, word.across))
    for degree, terms in (*weaker, (1.0, word.exact)):
        for term in terms:
            if term in found:
                places = found[term]
                scratch[places] = np.maximum(scratch[places], np.float32(degree))
    places = np.flatnonzero(scratch).astype(np.int32)
    degrees = scratch[places]
    scratch[places] = 0
    said = int(np.count_nonzero(degrees >= TOLD))
    return Match(word, places, degrees, rarity(view.alive, said), said)


def _parts(view: View, word: Word, found: dict[str, Ints], scratch: Floats) -> None:
    weights = {term: rarity(view.alive, len(found[term])) for term in word.pairs if term in found}
    unheard = len(word.pairs) - len(weights)  # across the seam of two words, mostly
    total = sum(weights.values()) * (1 + UNHEARD * unheard / max(len(weights), 1))
    for term, weight in weights.items():
        scratch[found[term]] += np.float32(weight / total)
    if weights:
        places = np.concatenate([found[term] for term in weights])  # some twice: the same result
        scratch[places] = PARTS * np.minimum(scratch[places], 1) ** SHARPER


def rarity(count: int, said: int) -> float:
    """BM25's idf, never negative, of a word said in so many of count lines."""
    count = max(count, FEW)  # in three lines no word is rare, and every match would be chance
    said = min(said, count)
    return float(np.log1p((count - said + 0.5) / (said + 0.5)))


# ── candidates ───────────────────────────────────────────────────────────────────────────────


def choose(view: View, found: Iterable[tuple[Match, float]], lift: Floats, most: int) -> Ints:
    """The places worth ranking. found: matches with their weights; lift: what each place has
    beside its words (dates), 0 for most.
    """
    total = lift.copy()
    for match, weight in found:
        total[match.places] += np.float32(weight) * match.degrees
    said = np.flatnonzero(total).astype(np.int32)
    near = np.zeros_like(total)
    for links in (view.before, view.after):
        places: Ints = said
        for step in STEPS:
            places = links[places]
            near[places] += np.float32(step) * total[said]
    total += near
    total[-1] = 0  # where links end that lead nowhere
    chosen: Ints = np.flatnonzero(total).astype(np.int32)
    if len(chosen) > most:
        best = np.argpartition(total[chosen], len(chosen) - most)[-most:]
        chosen = np.sort(chosen[best])
    return chosen


def table(view: View, found: Sequence[Match], places: Ints) -> Table:
    """The candidates with their degrees."""
    around = np.empty((len(places), 1 + 2 * REACH), np.int32)
    around[:, 0] = places
    for links, first in ((view.before, 1), (view.after, 1 + REACH)):
        at = places
        for step in range(REACH):
            around[:, first + step] = at = links[at]
    degrees = np.zeros((len(found), *around.shape), np.float32)
    sessions = np.zeros((len(found), len(places)), np.float32)
    scratch = np.zeros(len(view.rows), np.float32)
    of = view.sessions[places]
    for i, match in enumerate(found):
        scratch[match.places] = match.degrees
        degrees[i] = scratch[around]
        scratch[match.places] = 0
        within = view.sessions[match.places]
        sessions[i] = np.bincount(within, match.degrees, int(of.max(initial=0)) + 1)[of]
    return Table(places, around, degrees, sessions)
