"""The index of one user as columns of numbers in memory: what recall reckons with.

A turn has a place in the columns; neighbours within its session are links between places. What
stands in segments is read as it lies (some 40 bytes a turn); the turns above them are split into
terms here, once, and the newest are added the moment they are asked for. Postings stay in the
database and are read term by term. Used under the database's lock; knows no question.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from echo.memory import index, segments
from echo.memory.segments import Doc

Ints: TypeAlias = NDArray[np.int32]
_KINDS = tuple(np.dtype(kind) for kind in ("<i8", "<i4", "<i4", "<i4", "<i4", "u1", "u1"))
_ROOM = 1024  # places kept free for new turns
_NOWHERE = -(2**31)  # the day of a dead place: no span of days holds it


@dataclass
class View:
    """The columns; `size` of their places are in use, the last one is nobody's: links of -1 end
    there. days: since 1970; before, after: the places of the neighbours in the session, or -1.
    """

    user_id: int
    size: int = 0
    alive: int = 0
    rows: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, np.int64))
    sessions: Ints = field(default_factory=lambda: np.zeros(1, np.int32))
    speakers: Ints = field(default_factory=lambda: np.zeros(1, np.int32))
    texts: Ints = field(default_factory=lambda: np.zeros(1, np.int32))
    days: Ints = field(default_factory=lambda: np.full(1, _NOWHERE, np.int32))
    marks: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(1, np.uint8))
    lengths: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(1, np.uint8))
    before: Ints = field(default_factory=lambda: np.full(1, -1, np.int32))
    after: Ints = field(default_factory=lambda: np.full(1, -1, np.int32))
    _version: int = -1
    _newest: int = 0  # the highest row that has been seen
    _segments: list[tuple[int, int]] = field(default_factory=list)  # (segment, its first place)
    _tail: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _ends: dict[int, int] = field(default_factory=dict)  # session → its last place, once looked up

    def refresh(self, conn: sqlite3.Connection) -> None:
        """Make it say what the rows say."""
        if not index.exists(conn, self.user_id):  # it can only be read, and was never indexed
            sealed, version = 0, 0
        else:
            sealed, version = index.state(conn, self.user_id)
        if version != self._version:
            self._load(conn, sealed)
            self._version = version
        for doc in index.unsealed(conn, self.user_id, self._newest):
            self._add(doc)

    # ── from segments ────────────────────────────────────────────────────────────────────────

    def _load(self, conn: sqlite3.Connection, sealed: int) -> None:
        pieces: list[tuple[NDArray[Any], ...]] = []
        self._segments, self.size = [], 0
        self._tail.clear()
        if index.exists(conn, self.user_id):
            for segment, size, blob in segments.blobs(conn, self.user_id):
                pieces.append(_split(size, blob))
                self._segments.append((segment, self.size))
                self.size += size
            late = index.loose(conn, self.user_id)
        else:
            late = []
        pieces.append(_columns(late))
        for place, doc in enumerate(late, self.size):
            self._keep(doc, place)
        self.size += len(late)
        self._newest = sealed
        self._fill(pieces)
        self._link()

    def _fill(self, pieces: Sequence[tuple[NDArray[Any], ...]]) -> None:
        spare = tuple(np.zeros(_ROOM, kind) for kind in _KINDS)
        made = [np.concatenate(column) for column in zip(*pieces, spare, strict=True)]
        self.rows, self.sessions, self.speakers, self.texts, self.days = made[:5]
        self.marks, self.lengths = made[5:]
        self.days[self.rows == 0] = _NOWHERE
        self.alive = int(np.count_nonzero(self.rows))

    def _link(self) -> None:
        """Who stands beside whom: turns of one session in the order of their rows."""
        self.before = np.full(len(self.rows), -1, np.int32)
        self.after = np.full(len(self.rows), -1, np.int32)
        self._ends.clear()
        living = np.flatnonzero(self.rows).astype(np.int32)
        order = living[np.argsort(self.rows[living], kind="stable")]
        order = order[np.argsort(self.sessions[order], kind="stable")]
        first, second = order[:-1], order[1:]
        same = self.sessions[first] == self.sessions[second]
        self.before[second[same]] = first[same]
        self.after[first[same]] = second[same]

    # ── one more ─────────────────────────────────────────────────────────────────────────────

    def _add(self, doc: Doc) -> None:
        place = self.size
        if place + 1 >= len(self.rows):
            self._grow()
        self.rows[place], self.sessions[place], self.speakers[place] = doc[:3]
        self.texts[place], self.days[place], self.marks[place], self.lengths[place] = doc[3:7]
        last = self._end(doc.session)
        self.before[place] = last
        if last >= 0:
            self.after[last] = place
        self._ends[doc.session] = place
        self._keep(doc, place)
        self.size += 1
        self.alive += 1
        self._newest = doc.row

    def _end(self, session: int) -> int:
        found = self._ends.get(session)
        if found is None:
            places = np.flatnonzero(self.sessions[: self.size] == session)
            newest = places[np.argmax(self.rows[places])] if len(places) else -1
            found = int(newest)
        return found

    def _grow(self) -> None:
        more = max(_ROOM, len(self.rows) // 8)
        for name in ("rows", "sessions", "speakers", "texts", "marks", "lengths"):
            column = getattr(self, name)
            setattr(self, name, np.concatenate((column, np.zeros(more, column.dtype))))
        self.days = np.concatenate((self.days, np.full(more, _NOWHERE, np.int32)))
        self.before = np.concatenate((self.before, np.full(more, -1, np.int32)))
        self.after = np.concatenate((self.after, np.full(more, -1, np.int32)))

    def _keep(self, doc: Doc, place: int) -> None:
        for term in doc.terms:
            self._tail[term].append(place)

    # ── asking ───────────────────────────────────────────────────────────────────────────────

    def places(self, conn: sqlite3.Connection, terms: Iterable[str]) -> dict[str, Ints]:
        """Term → the places it stands in; terms nobody said are left out."""
        wanted = list(dict.fromkeys(terms))
        found: dict[str, list[Ints]] = defaultdict(list)
        for segment, first in self._segments:
            for term, data in segments.postings(conn, self.user_id, segment, wanted).items():
                found[term].append(np.frombuffer(data, "<u2").astype(np.int32) + np.int32(first))
        for term in wanted:
            if term in self._tail:
                found[term].append(np.array(self._tail[term], np.int32))
        return {
            term: pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
            for term, pieces in found.items()
        }


def _split(size: int, blob: bytes) -> tuple[NDArray[Any], ...]:
    """The columns of a segment's docs blob, as they lie."""
    start = 0
    made = []
    for kind in _KINDS:
        made.append(np.frombuffer(blob, kind, size, start))
        start += size * kind.itemsize
    return tuple(made)


def _columns(docs: Sequence[Doc]) -> tuple[NDArray[Any], ...]:
    return tuple(np.array([doc[i] for doc in docs], dtype=kind) for i, kind in enumerate(_KINDS))
