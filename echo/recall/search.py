"""Asking memory: question → index → ranking → turns with reasons and neighbours.

Never raises for anything a person may type or paste. Knows the store's API; the order of hits is
ranking's, what days a question means is dates', whether it was told knowing's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np

from echo.feeling.reader import read as feel
from echo.memory.store import Store
from echo.nouns import ECHO, Hit, Recollection, Turn
from echo.recall import asked as questions
from echo.recall import knowing, matching, told
from echo.recall.asked import Asked
from echo.recall.days import Span
from echo.recall.matching import Floats, Match
from echo.recall.ranking import WEIGHTS, Candidates, Ranked, Scores, Weights, order, score
from echo.terms.marks import ASKS, ONLY_ASKS, TELLS_NUMBER, TELLS_TIME
from echo.terms.split import exact, runs
from echo.text import scrub

if TYPE_CHECKING:
    from echo.memory.queries import Lookup
    from echo.memory.view import Ints, View

SPAN = 2
FELT = 40  # candidates whose feeling is read, when a question is about one
_EPOCH = date(1970, 1, 1).toordinal()


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
    refs that are no hits (they stand in the conversation already), unless they told the very fact
    that is asked for.
    """
    query = scrub(query)
    with store.lookup(user) as lookup:
        found = look(lookup, questions.read(query, now), user, now)
        if not len(found.places):  # nothing but stop words may be left to find by
            found = look(lookup, questions.read(query, now, stop=True), user, now)
        confidence = knowing.confidence(found.signs())
        hits = _hits(lookup, found, limit, exclude) if limit > 0 else ()
    recalled = Recollection(query, confidence >= knowing.KNOWN, hits, round(confidence, 4))
    return told.first(store, user, recalled, limit)


# ── what is found ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Found:
    """Candidates of one question, as ranking is given them, and the places they stand at.

    count: turns there are.
    """

    asked: Asked
    places: Ints
    given: Candidates
    count: int

    def scores(self, weights: Weights = WEIGHTS) -> Scores:
        """How ranking sees them."""
        return score(self.given, self.asked.wanted, weights)

    def signs(self) -> knowing.Signs | None:
        """What speaks for its having been told."""
        scores = self.scores()
        return knowing.signs(self.given, scores, self.asked.wanted, WEIGHTS, self.count)


def look(lookup: Lookup, asked: Asked, user: str, now: datetime) -> Found:
    """The candidates of a question, with all that ranking wants to know of them."""
    view = lookup.view
    found = matching.matches(lookup, asked.words)
    speakers = lookup.speakers()
    meant = _meant(asked, speakers)
    weights = _weights(found, speakers)
    total = float(weights.sum()) or 1.0
    dated = _dated(view, asked.spans)
    lift = np.float32(WEIGHTS.date * total) * dated.astype(np.float32)
    pairs = zip(found, weights.tolist(), strict=True)
    places = matching.choose(view, pairs, lift, matching.CANDIDATES)
    table = matching.table(view, found, places)
    given = _given(view, table, weights, (speakers, user, now))
    of_me = np.isin(view.speakers[places], [i for i, name in speakers.items() if name == user])
    given = replace(
        given,
        dated=dated[places],
        named=np.isin(view.speakers[places], meant) | (of_me & asked.of_me),
        to_echo=of_me & _by_echo(view, view.after[places], speakers),
        company=_company(view, places, meant),
    )
    given = replace(given, unsaid=np.array([not match.said for match in found], np.bool_))
    return Found(asked, places, given, view.alive)


def _given(
    view: View, table: matching.Table, weights: Floats, whose: tuple[dict[int, str], str, datetime]
) -> Candidates:
    speakers, _, now = whose
    places = table.places
    marks = view.marks[places]
    none = np.zeros(len(places), np.bool_)
    today = now.date().toordinal() - _EPOCH
    return Candidates(
        table.degrees,
        table.sessions,
        weights,
        unsaid=none,
        dialogue=_dialogue(view, table),
        dated=none,
        named=none,
        company=none,
        by_echo=_by_echo(view, places, speakers),
        to_echo=none,
        asks=(marks & ONLY_ASKS) > 0,
        answered=(view.marks[view.before[places]] & ASKS) > 0,
        tells_time=(marks & TELLS_TIME) > 0,
        tells_number=(marks & TELLS_NUMBER) > 0,
        age=np.maximum(today - view.days[places], 0).astype(np.float32),
        length=view.lengths[places].astype(np.float32),
    )


def _dialogue(view: View, table: matching.Table) -> matching.Bools:
    """Where somebody else speaks among the turns around."""
    others = view.speakers[table.around] != view.speakers[table.places][:, None]
    return np.asarray((others & (table.around >= 0)).any(1), np.bool_)


def _by_echo(view: View, places: Ints, speakers: dict[int, str]) -> matching.Bools:
    return np.isin(view.speakers[places], [i for i, name in speakers.items() if name == ECHO])


def _names(speakers: dict[int, str]) -> dict[str, list[int]]:
    """Term of a name → who is called so."""
    found: dict[str, list[int]] = {}
    for number, name in speakers.items():
        if name != ECHO:
            for run in runs(name):
                found.setdefault(exact(run)[0], []).append(number)
    return found


def _meant(asked: Asked, speakers: dict[int, str]) -> list[int]:
    """The speakers whose names stand in the question."""
    names = _names(speakers)
    return [one for word in asked.words for term in word.exact for one in names.get(term, ())]


def _weights(found: Sequence[Match], speakers: dict[int, str]) -> Floats:
    """Rarity of each word; the name of somebody who speaks here counts less."""
    names = _names(speakers)
    return np.array(
        [
            match.rarity
            * (WEIGHTS.name if any(t in names for t in match.word.exact) else 1.0)
            * (WEIGHTS.light if match.word.light else 1.0)
            for match in found
        ],
        np.float32,
    )


def _company(view: View, places: Ints, meant: list[int]) -> matching.Bools:
    """Whose session holds a turn of one of them."""
    if not meant:
        return np.zeros(len(places), np.bool_)
    theirs = np.unique(view.sessions[np.isin(view.speakers, meant)])
    return np.isin(view.sessions[places], theirs)


def _dated(view: View, spans: Sequence[Span]) -> matching.Bools:
    """Which turns are of a day that is meant."""
    found = np.zeros(len(view.days), np.bool_)
    if spans:
        low = min(span.first for span in spans).toordinal()
        high = max(span.last for span in spans).toordinal()
        meant = np.zeros(high - low + 1, np.bool_)
        for span in spans:
            meant[span.first.toordinal() - low : span.last.toordinal() - low + 1] = True
        inside = np.flatnonzero((view.days >= low - _EPOCH) & (view.days <= high - _EPOCH))
        found[inside] = meant[view.days[inside] - (low - _EPOCH)]
    return found


# ── hits ─────────────────────────────────────────────────────────────────────────────────────


def _hits(lookup: Lookup, found: Found, limit: int, exclude: frozenset[str]) -> tuple[Hit, ...]:
    view, places = lookup.view, found.places
    scores = found.scores()
    if found.asked.feels:
        scores = _felt(lookup, found, scores)
    ranked = order(scores, view.texts[places], view.sessions[places], limit + len(exclude))
    around = {hit.place: _around(view, int(places[hit.place])) for hit in ranked}
    turns = lookup.turns({place for near in around.values() for place in near})
    hits = (_hit(turns, int(places[hit.place]), hit, around[hit.place]) for hit in ranked)
    return tuple(hit for hit in hits if hit.turn.ref not in exclude)[:limit]


def _hit(turns: dict[int, Turn], place: int, hit: Ranked, around: Iterable[int]) -> Hit:
    near = tuple(turns[one] for one in around if one != place)
    return Hit(turns[place], hit.score, hit.why, near)


def _around(view: View, place: int) -> list[int]:
    """The place with up to SPAN on each side within its session, in order."""
    found = [place]
    for links, end in ((view.before, 0), (view.after, None)):
        one = place
        for _ in range(SPAN):
            one = int(links[one])
            if one < 0:
                break
            found.insert(len(found) if end is None else end, one)
    return found


def _felt(lookup: Lookup, found: Found, scores: Scores) -> Scores:
    """What weighed comes a little higher, when it is asked how something felt."""
    best = np.argsort(-scores.score, kind="stable")[:FELT]
    turns = lookup.turns(int(found.places[i]) for i in best)
    felt = np.zeros_like(scores.score)
    for i in best:
        felt[i] = WEIGHTS.feeling * abs(feel(turns[int(found.places[i])].text).valence)
    return replace(scores, score=scores.score + felt, parts={**scores.parts, "feeling": felt})
