"""The user's word about a fact: it is none, or it is another. Acts of the journal; knows the store.

Only what has been told so far is meant: who says it again later has told it again.
"""

from __future__ import annotations

from dataclasses import replace

from echo.errors import StoreError
from echo.facts.ledger import fact_id
from echo.memory import facts, journal
from echo.memory.details import dump
from echo.memory.rows import instant
from echo.memory.store import Store
from echo.nouns import Fact, Known

SHORTEST = 4  # digits of an id that are enough when no other begins with them


def one(store: Store, user: str, ident: str) -> Known:
    """The fact of that id, or of the only id that begins so. Raises StoreError."""
    found = [known for known in store.known(user) if known.id.startswith(ident.lower())]
    exact = [known for known in found if known.id == ident.lower()]
    met = exact or found
    if not met or len(ident) < SHORTEST or len({known.id for known in met}) > 1:
        raise StoreError(
            "There is no fact {id}, or more than one begins so.",
            "`fillin memory facts` prints facts with their ids.",
            id=ident,
        )
    return met[-1]


def retract(store: Store, user: str, ident: str) -> Known:
    """It is no fact. The turns that told it stay; the journal keeps a digest of it, no words."""
    known = one(store, user, ident)
    with store.writing() as conn:
        user_id = store.user_id(conn, user)
        said = {"fact": known.id, "upto": _told(store, user, known)}
        store.post(conn, user_id, ("", journal.RETRACT, dump(said)))
    store.journaled()
    return known


def correct(store: Store, user: str, ident: str, value: str) -> Known:
    """Put another value in its place; the journal keeps both. Gone with the turn that told it."""
    known = one(store, user, ident)
    said: dict[str, object] = {"ref": known.refs[-1], "fact": known.id, "value": value}
    said["upto"] = _told(store, user, known)
    with store.writing() as conn:
        user_id = store.user_id(conn, user)
        store.post(conn, user_id, ("", journal.CORRECTION, dump(said)))
    store.journaled()
    mended = fact_id(replace(known.fact, value=value))
    return next((k for k in store.known(user) if k.id == mended), known)


def _told(store: Store, user: str, known: Known) -> int:
    """When it was told last, in microseconds: the user means that, too, where it lies ahead (a note
    of today is of noon; a clock was set back)."""
    turns = store.resolve(user, known.refs).values()
    return max((instant(turn.at)[0] for turn in turns), default=0)


def propose(store: Store, user: str, ref: str, found: tuple[Fact, ...]) -> None:
    """What a brain read out of a turn; nothing too, so that it is not asked again."""
    said = {"ref": ref, "facts": [facts.as_json(fact) for fact in found]}
    with store.writing() as conn:
        user_id = store.user_id(conn, user)
        store.post(conn, user_id, (f"facts-{ref}", journal.FACTS, dump(said)))


def waiting(store: Store, user: str, limit: int) -> list[tuple[str, str]]:
    """(ref, words) of turns that neither rules nor a brain has read facts out of, newest first."""
    with store.database.read() as conn:
        user_id = store.names.find(conn, user)
        done = facts.looked_at(conn, user_id)
        return [row for row in facts.silent(conn, user_id) if row[0] not in done][:limit]
