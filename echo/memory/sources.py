"""What the database knows of input files: how far each was read, and which line each turn was.

Runs inside somebody else's transaction. Knows rows, opens nothing.
"""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from echo.memory import index
from echo.memory.absorb import Fresh, keys_of
from echo.memory.outbox import Outbox
from echo.memory.rows import chunks, instant

PLAIN, TRANSCRIPT, JOURNAL, SKIPPED = "plain", "transcript", "journal", "skipped"
BLOCK = 100_000  # lines; repeats are numbered within a block, so that memory stays bounded
_REF = 12  # hex digits of a line's digest in its ref


@dataclass(frozen=True, slots=True)
class Source:
    """One input file as far as it has been read. offset, lines: where the next reading begins.

    prefix: blake2b of the bytes before offset; done: it was read to its end, as stamp says it
    was then; reason: why it was left out.
    """

    id: int
    name: str
    kind: str
    encoding: str = ""
    stamp: tuple[int, int, int, int] = (0, 0, 0, 0)
    offset: int = 0
    lines: int = 0
    prefix: bytes = b""
    done: bool = False
    reason: str = ""


def stamp_of(info: os.stat_result) -> tuple[int, int, int, int]:
    """What tells without opening it that a file has not changed."""
    return info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns


def all_of(conn: sqlite3.Connection, user_id: int) -> dict[str, Source]:
    """Every file that was looked at for this user, by name."""
    rows = conn.execute(
        "select id, path, kind, encoding, dev, inode, size, mtime, offset, lines, prefix, done,"
        " reason from file where user = ?",
        (user_id,),
    )
    found = {}
    for row, path, kind, encoding, dev, inode, size, mtime, *read in rows:
        offset, count, prefix, done, reason = read
        stamp = (dev, inode, size, mtime)
        found[path] = Source(
            row, path, kind, encoding, stamp, offset, count, prefix or b"", bool(done), reason
        )
    return found


def register(conn: sqlite3.Connection, user_id: int, path: str, kind: str) -> Source:
    """A file met for the first time."""
    query = "insert into file (user, path, kind) values (?, ?, ?)"
    return Source(int(conn.execute(query, (user_id, path, kind)).lastrowid or 0), path, kind)


def save(conn: sqlite3.Connection, source: Source) -> None:
    """How far it has been read."""
    conn.execute(
        "update file set kind = ?, encoding = ?, dev = ?, inode = ?, size = ?, mtime = ?,"
        " offset = ?, lines = ?, prefix = ?, done = ?, reason = ? where id = ?",
        (
            source.kind, source.encoding, *source.stamp, source.offset, source.lines,
            source.prefix, int(source.done), source.reason, source.id,
        ),
    )  # fmt: skip


# ── which line a turn was ────────────────────────────────────────────────────────────────────


class Refs:
    """Refs of the lines of one file: the same file gives the same refs, whenever it is read.

    A ref is made of the file's name, the digest of the line and, from the second time on that the
    file says it, which time this is; not of the line number, so a line put in above does not give
    all others new names.
    """

    def __init__(self, prefix: str, seen: Counter[str], block: int) -> None:
        self._prefix = prefix
        self._seen = seen
        self._block = block

    def ref(self, line: int, exact: bytes) -> str:
        """The ref of the next line. Lines must come in order."""
        block = line // BLOCK
        if block != self._block:
            self._block = block
            self._seen.clear()
        short = exact.hex()[:_REF]
        self._seen[short] = count = self._seen[short] + 1
        if block:
            return f"{self._prefix}{short}-{count}-{block}"
        return f"{self._prefix}{short}-{count}" if count > 1 else f"{self._prefix}{short}"


def refs(conn: sqlite3.Connection, source: Source, prefix: str) -> Refs:
    """Refs from where the next reading begins: what the block said before is counted."""
    block = source.lines // BLOCK
    rows = conn.execute(
        "select coalesce(o.raw, t.body) from occurrence o join text t on t.id = o.text"
        " where o.file = ? and o.line between ? and ?",
        (source.id, max(block * BLOCK, 1), source.lines),
    )
    seen = Counter(keys_of(text)[1].hex()[:_REF] for (text,) in rows)
    return Refs(prefix, seen, block)


def forget_lines(conn: sqlite3.Connection, source: Source) -> None:
    """Before reading again: lines past the place count as not seen (negative) until they are."""
    conn.execute(
        "update occurrence set line = -line where file = ? and line > ?", (source.id, source.lines)
    )


def seen_again(
    conn: sqlite3.Connection, user_id: int, rows: Sequence[Fresh], known: dict[str, int | None]
) -> None:
    """Known refs are in the file: they get their line and time anew, and come back when gone.

    Never another date: the index holds words for it.
    """
    here = [row for row in rows if row.ref in known]
    _revise(conn, user_id, [row.ref for row in here if known[row.ref] is not None], gone=None)
    conn.executemany(
        "update occurrence set line = ?1, file = ?2,"
        " at = case when zone = ?3 and (at + zone * 1000000) / 86400000000"
        " = (?4 + ?3 * 1000000) / 86400000000 then ?4 else at end where user = ?5 and ref = ?6",
        [(row.line, row.file, row.zone, row.at, user_id, row.ref) for row in here],
    )


def let_go(
    conn: sqlite3.Connection, user_id: int, source: Source, out: Outbox | None, now: datetime
) -> int:
    """Lines that a rewritten file no longer has: no longer recalled, kept in the journal."""
    rows = conn.execute(
        "select id, ref from occurrence where file = ? and line < 0 and gone is null", (source.id,)
    ).fetchall()
    _revise(conn, user_id, [ref for _, ref in rows], gone=instant(now)[0])
    if out is not None:
        for row, ref in rows:
            out.post_gone(conn, user_id, ref, row)
    return len(rows)


def _revise(conn: sqlite3.Connection, user_id: int, refs: Sequence[str], gone: int | None) -> None:
    sessions: dict[int, set[int]] = {}
    for marks, some in chunks(refs):
        query = f"select session, id from occurrence where user = ? and ref in ({marks})"  # noqa: S608
        for session, row in conn.execute(query, (user_id, *some)):
            sessions.setdefault(session, set()).add(row)
    for session, ids in sessions.items():
        out, back = (set[int](), ids) if gone is None else (ids, set[int]())
        index.revise(conn, user_id, session, out, back)
        conn.executemany("update occurrence set gone = ? where id = ?", [(gone, i) for i in ids])
