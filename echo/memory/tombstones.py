"""What the user had forgotten, as digests: words that no file may bring back. Knows no words.

`ref` names an occurrence, `text` a sentence that nobody says any more, `cut` an occurrence whose
line was also taken out of its file, so that lines like it are counted without it. Digests of
short sentences can be guessed by trying; they stand beside the words' own absence, no more.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import blake2b

from echo.memory import edits
from echo.memory.absorb import Fresh, key_of, known_refs
from echo.memory.rows import chunks

REF, TEXT, CUT = "ref", "text", "cut"
KINDS = (REF, TEXT, CUT)
PER_ACT = 2000  # digests in one journal record


def name_of(ref: str) -> bytes:
    """The digest that stands for a ref: a ref may have been chosen by an importer, and say much."""
    return blake2b(ref.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def lay(conn: sqlite3.Connection, user_id: int, kind: str, digests: Iterable[bytes]) -> None:
    """Keep digests. Those that are there already stay."""
    conn.executemany(
        "insert or ignore into tombstone values (?, ?, ?)",
        ((user_id, kind, digest) for digest in digests),
    )


def any_of(conn: sqlite3.Connection, user_id: int) -> bool:
    """Has this user ever forgotten anything?"""
    query = "select 1 from tombstone where user = ? limit 1"
    return conn.execute(query, (user_id,)).fetchone() is not None


def among(
    conn: sqlite3.Connection, user_id: int, kind: str, digests: Iterable[bytes]
) -> set[bytes]:
    """Those of the digests that were kept."""
    found: set[bytes] = set()
    for marks, some in chunks(dict.fromkeys(digests)):
        query = f"select digest from tombstone where user = ? and kind = ? and digest in ({marks})"  # noqa: S608
        found.update(row[0] for row in conn.execute(query, (user_id, kind, *some)))
    return found


def all_of(conn: sqlite3.Connection, user_id: int, kind: str) -> frozenset[bytes]:
    """Every digest of one kind."""
    query = "select digest from tombstone where user = ? and kind = ?"
    return frozenset(row[0] for row in conn.execute(query, (user_id, kind)))


def forgotten_refs(conn: sqlite3.Connection, user_id: int, refs: Collection[str]) -> set[str]:
    """Those of the refs that were forgotten."""
    if not refs or not any_of(conn, user_id):
        return set()
    names = {name_of(ref): ref for ref in refs}
    return {names[digest] for digest in among(conn, user_id, REF, names)}


def sift(conn: sqlite3.Connection, user_id: int, rows: Sequence[Fresh]) -> list[Fresh]:
    """The rows without those that were forgotten, by ref or by words: for files and imports.

    What is said anew, and what the journal says, is not for this function.
    """
    if not rows or not any_of(conn, user_id):
        return list(rows)
    refs = among(conn, user_id, REF, (name_of(row.ref) for row in rows))
    texts = among(conn, user_id, TEXT, (row.key or key_of(row.text) for row in rows))
    said = {row.ref for row in rows if (row.key or key_of(row.text)) in texts}
    if said:  # a turn that was given other words is not what its line says any more
        said -= known_refs(conn, user_id, said) | edits.refs(conn, user_id)
    return [row for row in rows if name_of(row.ref) not in refs and row.ref not in said]


# ── as the journal has it ────────────────────────────────────────────────────────────────────


def bodies(digests: Mapping[str, Sequence[bytes]]) -> Iterable[str]:
    """The JSON of `forget` records: kind → digests, as many records as it takes."""
    for kind in KINDS:
        every = digests.get(kind, ())
        for i in range(0, len(every), PER_ACT):
            yield json.dumps({kind: [digest.hex() for digest in every[i : i + PER_ACT]]})


def restore(conn: sqlite3.Connection, user_id: int, body: str) -> bool:
    """Keep what a `forget` record says; whether it could be read."""
    try:
        said = {k: [bytes.fromhex(d) for d in v] for k, v in json.loads(body).items()}
    except (ValueError, TypeError, AttributeError):  # of a later Echo: the journal still has it
        return False
    for kind in KINDS:
        lay(conn, user_id, kind, said.get(kind, ()))
    return True
