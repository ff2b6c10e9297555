"""What a damaged database still says of exchanges, row by row, as far as it can be read.

Words are committed before any reply and reach the journal with it; between the two only the
database has them. Reads a copy, through tables alone: of all its trees those are the fewest.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from echo.errors import StoreError
from echo.memory import quarantine
from echo.memory.rows import check_user, moment, turn_of
from echo.memory.store import Store
from echo.memory.tombstones import forgotten_refs
from echo.nouns import ECHO, Turn

_ODD = (ValueError, TypeError, OverflowError, StoreError)
_QUERY = (
    "select u.name, w.ref, w.at, w.zone, p.name, coalesce(w.raw, t.body), s.name, 'pending',"
    " e.reply, e.part_ref, e.part_at, e.part_zone, e.part_text"
    " from exchange e cross join occurrence w on w.id = e.words cross join text t on t.id = w.text"
    " cross join speaker p on p.id = w.speaker cross join session s on s.id = w.session"
    " cross join user u on u.id = e.user"
)
_REPLY = (
    "select o.ref, o.at, o.zone, 'echo', coalesce(o.raw, t.body), '', o.status"
    " from occurrence o cross join text t on t.id = o.text where o.id = ?"
)


@dataclass(frozen=True, slots=True)
class Talk:
    """Somebody's words, and the answer as far as it came."""

    user: str
    words: Turn
    reply: Turn | None


def talks(database: Path) -> list[Talk]:
    """Every exchange that can be read, oldest first."""
    found: list[Talk] = []
    with suppress(sqlite3.Error, *_ODD):
        conn = quarantine.reader(database)
        try:
            for row in conn.execute(_QUERY):
                with suppress(sqlite3.Error, *_ODD):
                    found.append(_talk(conn, row))
        finally:
            conn.close()
    return found


def _talk(conn: sqlite3.Connection, row: tuple[Any, ...]) -> Talk:
    words = turn_of(row[1:8])
    reply, ref, at, zone, text = row[8:]
    kept = conn.execute(_REPLY, (reply,)).fetchone() if reply is not None else None
    if kept is not None:
        answer = turn_of(kept)
        ref, when, text = answer.ref, answer.at, answer.text
    elif ref:
        when = moment(at, zone)
    else:
        return Talk(row[0], words, None)
    return Talk(row[0], words, Turn(ref, when, ECHO, text, words.session))


def bring(store: Store, found: list[Talk]) -> None:
    """Those of them that neither the journal nor the day files had: kept as interrupted."""
    for user in dict.fromkeys(talk.user for talk in found):
        with suppress(StoreError):
            check_user(user)
            for talk in _unknown(store, user, [one for one in found if one.user == user]):
                store.begin(user, talk.words)
                if talk.reply is not None:
                    store.partial(user, talk.words.ref, talk.reply)
            store.mend(user)


def _unknown(store: Store, user: str, found: list[Talk]) -> list[Talk]:
    with store.writing() as conn:
        user_id = store.user_id(conn, user)
        refs = {talk.words.ref for talk in found}
        refs |= {talk.reply.ref for talk in found if talk.reply is not None}
        gone = forgotten_refs(conn, user_id, refs)
        rows = conn.execute("select ref from occurrence where user = ?", (user_id,))
        known = {ref for (ref,) in rows} | gone
    return [
        talk
        for talk in found
        if talk.words.ref not in known and (talk.reply is None or talk.reply.ref not in known)
    ]
