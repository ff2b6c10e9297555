"""What a memory holds, as a handful of digests: two databases with the same remember the same.

Row ids, order of arrival and what belongs to this machine only (file stamps, index) are left out.
Reads; knows tables, no files.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from hashlib import blake2b

_QUERIES: Mapping[str, str] = {
    "occurrences": (
        "select u.name, o.ref, coalesce(o.raw, t.body), o.at, o.zone, p.name, s.name, o.status,"
        " o.gone is not null from occurrence o join text t on t.id = o.text"
        " join speaker p on p.id = o.speaker join session s on s.id = o.session"
        " join user u on u.id = o.user"
        " order by u.name, o.ref"
    ),
    "texts": "select u.name, o.key from text o join user u on u.id = o.user order by u.name, o.key",
    "exchanges": (
        "select u.name, w.ref, r.ref, s.name, o.status, o.details from exchange o"
        " join occurrence w on w.id = o.words join occurrence r on r.id = o.reply"
        " join session s on s.id = o.session join user u on u.id = o.user order by u.name, w.ref"
    ),
    "identities": "select * from identity order by version",
    "acts": (
        "select u.name, o.kind, o.ref, o.body, case o.kind when 'gone' then 0 else o.at end"
        " from act o join user u on u.id = o.user order by u.name, o.kind, o.ref"
    ),
    "tombstones": (
        "select u.name, o.kind, o.digest from tombstone o"
        " join user u on u.id = o.user order by u.name, o.kind, o.digest"
    ),
    "facts": (
        "select u.name, o.ref, f.subject, f.relation, f.value, f.negated, f.said_when, f.instead"
        " from fact f join occurrence o on o.id = f.occurrence join user u on u.id = f.user"
        " order by u.name, o.ref, f.subject, f.relation, f.value"
    ),
    "shared": "select value from setting where name = 'shared day files'",
}


def digests(conn: sqlite3.Connection) -> dict[str, str]:
    """Name → blake2b-128 hex of every row of that kind, in an order of its own."""
    return {name: _digest(conn, query) for name, query in _QUERIES.items()}


def counts(conn: sqlite3.Connection) -> dict[str, int]:
    """How many rows of each kind there are."""
    query = "select count(*) from ({})"
    return {
        name: int(conn.execute(query.format(inner)).fetchone()[0])
        for name, inner in _QUERIES.items()
    }


def _digest(conn: sqlite3.Connection, query: str) -> str:
    total = blake2b(digest_size=16)
    for row in conn.execute(query):
        total.update(repr(row).encode("utf-8", "surrogatepass"))
        total.update(b"\n")
    return total.hexdigest()
