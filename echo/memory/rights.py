"""What a user may do with their own memory: see it, put other words, have it forgotten.

Knows the store and its tables; input files and the search for what is left are next door
(cleaning.py, proof.py).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from echo.errors import StoreError
from echo.memory import edits, journal, purge, removal, tombstones, untold
from echo.memory.absorb import key_of
from echo.memory.rows import COLUMNS, JOINED, chunks, instant, turn_of
from echo.memory.store import Store
from echo.nouns import Turn
from echo.text import key


@dataclass(frozen=True, slots=True)
class Choice:
    """Which turns are meant; what is not said does not matter. since <= at < until.

    text: turns that hold these words, whatever the case and the white space.
    """

    ref: str = ""
    since: datetime | None = None
    until: datetime | None = None
    speaker: str = ""
    text: str = ""

    @property
    def all(self) -> bool:
        """Is everything meant?"""
        return self == Choice()


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was taken out. days: whose turns they were; replies: answers that went with words."""

    turns: tuple[Turn, ...]
    days: tuple[str, ...]
    replies: int


def show(store: Store, user: str, choice: Choice, limit: int | None = None) -> Iterator[Turn]:
    """The turns meant, oldest first."""
    with store.database.read() as conn:
        found = [turn for _, turn in _chosen(conn, store.names.find(conn, user), choice)]
    return islice(found, limit)


def edit(store: Store, user: str, ref: str, text: str) -> Turn:
    """Put other words in the place of a turn's; the journal keeps both. Raises StoreError."""
    with store.writing() as conn:
        user_id = store.user_id(conn, user)
        old = edits.words_of(conn, user_id, ref)
        if old is None:
            raise nobody_said(ref)
        if old != text:
            store.post(conn, user_id, ("", journal.EDIT, edits.body(ref, text, old)))
            edits.apply(conn, user_id, ref, text)
    turn = store.turn(user, ref)
    if turn is None:
        raise nobody_said(ref)
    with store.writing() as conn:
        untold.note(conn, store.user_id(conn, user), (turn.at.date().isoformat(),))
    store.journaled()
    return turn


def nobody_said(ref: str) -> StoreError:
    """There is no such turn."""
    return StoreError(
        "Memory has no turn {ref}.", "`fillin memory show` prints turns with their refs.", ref=ref
    )


# ── forgetting ───────────────────────────────────────────────────────────────────────────────


def to_forget(store: Store, user: str, choice: Choice) -> tuple[Turn, ...]:
    """What a forget would take: the turns meant, gone ones too, and the replies to them."""
    with store.database.read() as conn:
        user_id = store.names.find(conn, user)
        return tuple(turn for _, turn in _with_replies(conn, user_id, choice))


def forget(store: Store, user: str, choice: Choice) -> Forgotten:
    """Take them out of the database and the journal for good, and leave digests of them.

    A process that is killed meanwhile leaves a note; the next to open the memory goes on. Raises
    JournalError when the journal cannot be written: then nothing was forgotten.
    """
    store.complete()  # with an answer its exchange goes, and the words would never be written
    with store.writing() as conn:
        user_id = store.user_id(conn, user)
        meant = len(_chosen(conn, user_id, choice, gone=True))
        found = _with_replies(conn, user_id, choice)
        rows = [row for row, _ in found]
        days = tuple(sorted({turn.at.date().isoformat() for _, turn in found}))
        if found:
            _forget(conn, store, user_id, rows)
            untold.note(conn, user_id, days)
            purge.begin(conn, user_id)
    store.journaled()
    if found:
        store.purge()
    return Forgotten(tuple(turn for _, turn in found), days, len(found) - meant)


def clear_days(memory: Path, user: str, days: Sequence[str]) -> None:
    """What was made of these days goes; boot makes it again from what is left."""
    for day in days:
        (memory / user / f"day{day.replace('-', '')}" / "insight.json").unlink(missing_ok=True)


def _forget(conn: sqlite3.Connection, store: Store, user_id: int, rows: Sequence[int]) -> None:
    refs, keys = _digests(conn, user_id, rows)
    removal.remove(conn, user_id, rows)
    store.names.forget()  # speakers and sessions may have gone with their last turn
    kept: set[bytes] = set()
    for marks, some in chunks(keys):
        query = f"select key from text where user = ? and key in ({marks})"  # noqa: S608
        kept.update(row[0] for row in conn.execute(query, (user_id, *some)))
    laid = {tombstones.REF: sorted(refs), tombstones.TEXT: sorted(keys - kept)}
    for kind, digests in laid.items():
        tombstones.lay(conn, user_id, kind, digests)
    for body in tombstones.bodies(laid):
        store.post(conn, user_id, ("", journal.FORGET, body))


def _digests(
    conn: sqlite3.Connection, user_id: int, rows: Sequence[int]
) -> tuple[set[bytes], set[bytes]]:
    """Of the refs and of the words, those before an edit too."""
    refs: set[str] = set()
    keys: set[bytes] = set()
    for marks, some in chunks(rows):
        query = (
            "select o.ref, t.key, o.raw from occurrence o join text t on t.id = o.text"  # noqa: S608
            f" where o.id in ({marks})"
        )
        for ref, text, raw in conn.execute(query, some):
            refs.add(ref)
            keys.update((text, key_of(raw)) if raw is not None else (text,))
    keys.update(edits.old_keys(conn, user_id, refs))
    return {tombstones.name_of(ref) for ref in refs}, keys


def still_said(store: Store, words: Sequence[str]) -> set[str]:
    """Those of the words that other turns of this home say too."""
    with store.database.read() as conn:
        query = "select 1 from text where instr(body, ?) limit 1"
        return {one for one in words if conn.execute(query, (one,)).fetchone() is not None}


# ── which turns ──────────────────────────────────────────────────────────────────────────────


def _chosen(
    conn: sqlite3.Connection, user_id: int, choice: Choice, *, gone: bool = False
) -> list[tuple[int, Turn]]:
    where, values = ["o.user = ?"], [user_id]
    if not gone:
        where.append("o.gone is null")
    for clause, value in (
        ("o.ref = ?", choice.ref or None),
        ("o.at >= ?", instant(choice.since)[0] if choice.since else None),
        ("o.at < ?", instant(choice.until)[0] if choice.until else None),
        ("p.name = ?", choice.speaker or None),
    ):
        if value is not None:
            where.append(clause)
            values.append(value)  # type: ignore[arg-type]
    rows = conn.execute(
        f"select o.id, {COLUMNS} from {JOINED} where {' and '.join(where)} order by o.at, o.id",  # noqa: S608
        values,
    )
    words = key(choice.text).casefold()
    found = ((row[0], turn_of(row[1:])) for row in rows)
    return [(row, t) for row, t in found if not words or words in key(t.text).casefold()]


def _with_replies(conn: sqlite3.Connection, user_id: int, choice: Choice) -> list[tuple[int, Turn]]:
    """An answer grew from the words it answers: it goes with them."""
    found = dict(_chosen(conn, user_id, choice, gone=True))
    if not choice.all:
        for marks, some in chunks(list(found)):
            rows = conn.execute(
                f"select o.id, {COLUMNS} from exchange e join occurrence o on o.id = e.reply"  # noqa: S608
                " join text t on t.id = o.text join speaker p on p.id = o.speaker"
                f" join session s on s.id = o.session where e.words in ({marks})",
                some,
            )
            found.update((row[0], turn_of(row[1:])) for row in rows.fetchall())
    return sorted(found.items())
