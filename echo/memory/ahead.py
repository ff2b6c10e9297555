"""What follows from many new rows, worked out by other processes while a boot reads on.

Which words stand where (a segment of the index) and what they tell (facts) follows from the rows
alone. Workers read spans of committed rows from the same database; the one writer puts in what
they found, in the order of the rows, and only when nothing but its own doing has changed since
they looked. Killed at any moment, the rows are there, the index reads them when it is asked, and
the facts are caught up on by whoever opens the memory next. Knows rows and workers; no files.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from echo.memory import facts, index, segments
from echo.memory.rows import newest
from echo.memory.store import Store
from echo.workers import Lost, Workers, answer

MANY = 3_000_000  # bytes to be read: from here on workers are worth their start
_BUSY_S = 30.0
_REFUSED = (sqlite3.Error, OSError, ImportError)  # of a worker: no room, no more open files


class Found(NamedTuple):
    """What a span of rows gave. version: of the index, when it was looked at."""

    version: int
    segment: segments.Segment | None
    facts: list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class _Span:
    """Rows after … until that a worker looks at; of those after `facts`, what they tell."""

    user_id: int
    after: int
    until: int
    facts: int
    found: Future[Found]

    @property
    def what(self) -> tuple[int, int, int, int]:
        """What `look` is asked."""
        return self.user_id, self.after, self.until, self.facts


def look(database: Path, user_id: int, after: int, until: int, facts_after: int) -> Found:
    """The work itself, in a process of its own or not."""
    place = f"{database.absolute().as_uri()}?mode=ro"
    conn = sqlite3.connect(place, uri=True, timeout=_BUSY_S, isolation_level=None)
    try:
        conn.execute("begin")
        return _looked(conn, user_id, after, until, facts_after)
    finally:
        conn.close()


def _looked(
    conn: sqlite3.Connection, user_id: int, after: int, until: int, facts_after: int
) -> Found:
    docs = index.span(conn, user_id, after, until)
    return Found(
        index.state(conn, user_id).version,
        segments.made(docs) if docs else None,
        facts.found(conn, user_id, max(after, facts_after), until),
    )


class Ahead:
    """One boot's spans: handed out as rows are committed, put in as they come back.

    While `at_work`, rows are stored with later=True.
    """

    def __init__(self, store: Store, user: str, workers: Workers, size: int) -> None:
        """size: bytes to be read; with few, or where nobody else can read, it is at rest."""
        self._store, self._user, self._workers = store, user, workers
        self._spans: deque[_Span] = deque()
        self._own: set[int] = set()  # versions of the index that our own hand made
        self._upto: int | None = None
        self._given_up = False
        self.at_work = workers.count > 0 and size >= MANY and store.database.shared

    def advance(self) -> None:
        """Hand out what has been committed since, put in what has come back."""
        if not self.at_work or self._store.database.writing:
            return
        while self._spans and self._spans[0].found.done():
            self._put(self._spans.popleft())
        self._hand_out(index.BULK)

    def finish(self) -> None:
        """All of it; the rest without workers."""
        if not self.at_work:
            return
        self._hand_out(index.BULK)
        self._hand_out(index.QUIET)
        while self._spans:
            if self._spans[0].found.done() or not self._share():
                self._put(self._spans.popleft())
        self.at_work = False
        with self._store.writing() as conn:
            facts.catch_up(conn, self._store.user_id(conn, self._user))

    def _share(self) -> bool:
        """While a worker is busy with the first span, do the last that none has begun."""
        for place in reversed(range(1, len(self._spans))):
            span = self._spans[place]
            if span.found.cancel():
                mine: Future[Found] = Future()
                try:
                    mine.set_result(look(self._store.database.path, *span.what))
                except _REFUSED as exc:
                    mine.set_exception(exc)
                self._spans[place] = replace(span, found=mine)
                return True
        return False

    def _hand_out(self, least: int) -> None:
        if self._given_up:
            return
        with self._store.database.read() as conn:
            user_id = self._store.names.find(conn, self._user)
            last = newest(conn)
            after = facts.waiting(conn, user_id)
            upto = index.state(conn, user_id).sealed if self._upto is None else self._upto
        while last - upto >= least:
            until = min(upto + index.BULK, last)
            what = (user_id, upto, until, last if after is None else after)
            try:
                job = self._workers.submit(look, self._store.database.path, *what)
            except Lost:
                break  # what is left is done without, when all has been read
            self._spans.append(_Span(*what, job))
            upto = until
        self._upto = upto

    def _put(self, span: _Span) -> None:
        """What a span gave, unless the rows have changed under it: then it is looked at again."""
        try:
            found = answer(span.found)
        except (Lost, *_REFUSED):  # then the writer does it, and says what is wrong
            found = None
        with self._store.writing() as conn:
            user_id = self._store.user_id(conn, self._user)
            if found is None or not self._still(conn, user_id, span, found):
                if index.state(conn, user_id).sealed != span.after:
                    self._give_up()
                    return
                found = _looked(conn, *span.what)
            index.seal(conn, user_id, span.until, found.segment)
            self._own.add(index.state(conn, user_id).version)
            first = max(span.after, span.facts)
            if first < span.until:
                facts.keep(conn, user_id, first, span.until, found.facts)

    def _give_up(self) -> None:
        """Another has sealed these rows meanwhile: the rest is done when all has been read."""
        for span in self._spans:
            span.found.cancel()
        self._spans.clear()
        self._given_up = True

    def _still(self, conn: sqlite3.Connection, user_id: int, span: _Span, found: Found) -> bool:
        sealed, version = index.state(conn, user_id)
        since = range(found.version + 1, version + 1)
        return sealed == span.after and all(one in self._own for one in since)
