"""Many occurrences into the tables at once: dedup, raw variants, index. Knows no files, no values
above a row, and opens no transaction of its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence, Set
from hashlib import blake2b
from typing import NamedTuple

from echo.memory import facts, index
from echo.memory.rows import chunks
from echo.text import key as text_key


class Fresh(NamedTuple):
    """One occurrence about to be stored. at, zone: rows.instant; file, line: where it was read."""

    ref: str
    text: str
    at: int
    zone: int
    speaker: int
    session: int
    status: str = "complete"
    file: int | None = None
    line: int | None = None
    key: bytes | None = None  # key_of(text), when it is known already
    gone: int | None = None  # when its line left its file: kept, not indexed


class Absorbed(NamedTuple):
    """How many texts were new, how many known, and which rows were made (first > last: none)."""

    new: int
    repeated: int
    first: int
    last: int


def key_of(text: str) -> bytes:
    """The key of a text row: blake2b-128 of NFC with folded white space."""
    return _digest(text_key(text))


def keys_of(text: str) -> tuple[bytes, bytes]:
    """(the key of its text row, the digest of the very words); mostly they are one."""
    folded = text_key(text)
    key = _digest(folded)
    return key, key if folded == text else _digest(text)


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()


def absorb(
    conn: sqlite3.Connection,
    user_id: int,
    rows: Sequence[Fresh],
    known: Set[str] | None = None,
    *,
    later: bool = False,
) -> Absorbed:
    """Store and index what is not there yet. A ref that is known already is left alone.

    known: which of the refs memory has, when the caller has looked; later: somebody else will
    see to what follows from the rows, the index and the facts (ahead.py).
    """
    done = keep(conn, user_id, rows, known, later=later)
    if done.first <= done.last and not later:
        index.append(conn, user_id)
    return done


def keep(
    conn: sqlite3.Connection,
    user_id: int,
    rows: Sequence[Fresh],
    known: Set[str] | None = None,
    *,
    later: bool = False,
) -> Absorbed:
    """Store without telling the index; a few new rows it need not be told of."""
    if known is None:
        known = known_refs(conn, user_id, (row.ref for row in rows))
    wanted = _unknown(rows, known)
    first = next_id(conn, "occurrence")
    if not wanted:
        return Absorbed(0, 0, first, first - 1)
    keys = [row.key or key_of(row.text) for row in wanted]
    texts, new = _texts(conn, user_id, keys, wanted)
    conn.executemany(
        "insert into occurrence (id, user, ref, text, raw, at, zone, speaker, session, status,"
        " file, line, gone, kept) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                first + i, user_id, row.ref, texts[key][0],
                None if row.text == texts[key][1] else row.text,
                row.at, row.zone, row.speaker, row.session, row.status,
                row.file, row.line, row.gone, _kept(row),
            )
            for i, (row, key) in enumerate(zip(wanted, keys, strict=True))
        ),
    )  # fmt: skip
    if later:
        facts.put_off(conn, user_id, first)
    else:
        facts.learn(conn, user_id, first, wanted)
    return Absorbed(new, len(wanted) - new, first, first + len(wanted) - 1)


def _kept(row: Fresh) -> int:
    """What the journal says of a new row, or will in a moment (schema.py)."""
    return 2 if row.gone is not None else 1 if row.file is None else 0


def _unknown(rows: Sequence[Fresh], known: Set[str]) -> list[Fresh]:
    wanted: dict[str, Fresh] = {}
    for row in rows:
        wanted.setdefault(row.ref, row)  # of two with one ref the first stays
    return [row for ref, row in wanted.items() if ref not in known]


def known_refs(conn: sqlite3.Connection, user_id: int, refs: Iterable[str]) -> set[str]:
    """Those of the refs that memory has."""
    known: set[str] = set()
    for marks, some in chunks(refs):
        query = f"select ref from occurrence where user = ? and ref in ({marks})"  # noqa: S608
        known.update(row[0] for row in conn.execute(query, (user_id, *some)))
    return known


def next_id(conn: sqlite3.Connection, table: str) -> int:
    """An id that no row has, nor one that was forgotten had (removal.py). table: fixed names."""
    query = (
        "select max(coalesce(max(id), 0), coalesce((select cast(value as integer) from setting"  # noqa: S608
        f" where name = 'last {table}'), 0)) + 1 from {table}"
    )
    return int(conn.execute(query).fetchone()[0])


def _texts(
    conn: sqlite3.Connection, user_id: int, keys: Sequence[bytes], rows: Sequence[Fresh]
) -> tuple[dict[bytes, tuple[int, str]], int]:
    """Key → (text row id, its words), and how many rows had to be made."""
    found: dict[bytes, tuple[int, str]] = {}
    for marks, some in chunks(dict.fromkeys(keys)):
        query = f"select key, id, body from text where user = ? and key in ({marks})"  # noqa: S608
        found.update((k, (i, body)) for k, i, body in conn.execute(query, (user_id, *some)))
    start = new = next_id(conn, "text")
    made = []
    for key, row in zip(keys, rows, strict=True):
        if key not in found:
            found[key] = (new, row.text)
            made.append((new, user_id, key, row.text))
            new += 1
    conn.executemany("insert into text (id, user, key, body) values (?, ?, ?, ?)", made)
    return found, new - start
