"""What the database knows of input files: how far each was read, and which line each turn was.

Runs inside somebody else's transaction. Knows rows, opens nothing.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from echo.memory import index, untold
from echo.memory.absorb import Absorbed, Fresh
from echo.memory.outbox import Outbox
from echo.memory.rows import chunks, instant, moment
from echo.memory.tombstones import CUT, name_of
from echo.memory.tombstones import all_of as all_of_kind

PLAIN, TRANSCRIPT, JOURNAL, SKIPPED = "plain", "transcript", "journal", "skipped"
ABSENT = "absent"  # the file was taken away; the journal holds its words
UNKEPT, SAID, GONE = 0, 1, 2  # occurrence.kept
_DAY = 86_400_000_000
_RUN = 4000
BLOCK = 100_000  # lines; repeats are numbered within a block, so that memory stays bounded
_REF = 12  # hex digits of a line's digest in its ref


@dataclass(frozen=True, slots=True)
class Source:
    """One input file as far as it has been read. offset, lines: where the next reading begins.

    prefix: blake2b of the bytes before offset; done: it was read to its end, as stamp says it
    was then; reason: why it was left out; at: the instant of its line 0 as it was first read;
    holes: lines of it were forgotten, so it is always read from its beginning.
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
    at: tuple[int, int] | None = None
    holes: bool = False

    @property
    def read_before(self) -> bool:
        """Has this database read it to its end, ever? Else only the journal has told of it."""
        return self.stamp[1] != 0


def stamp_of(info: os.stat_result) -> tuple[int, int, int, int]:
    """What tells without opening it that a file has not changed.

    As SQLite can hold it: on network filesystems inodes are numbers up to 2^64.
    """
    return (
        _signed(info.st_dev), _signed(info.st_ino), info.st_size, _signed(info.st_mtime_ns),
    )  # fmt: skip


def _signed(number: int) -> int:
    """64 bits of it, the uppermost its sign."""
    return (number + (1 << 63)) % (1 << 64) - (1 << 63)


def all_of(conn: sqlite3.Connection, user_id: int) -> dict[str, Source]:
    """Every file that was looked at for this user, by name."""
    rows = conn.execute(f"select {_COLUMNS} from file where user = ?", (user_id,))  # noqa: S608
    return {source.name: source for source in map(_source, rows)}


_COLUMNS = (
    "id, path, kind, encoding, dev, inode, size, mtime, offset, lines, prefix, done, reason,"
    " at, zone, holes"
)


def _source(row: Sequence[Any]) -> Source:
    ident, path, kind, encoding, dev, inode, size, mtime, *read = row
    offset, count, prefix, done, reason, at, zone, holes = read
    return Source(
        ident, path, kind, encoding, (dev, inode, size, mtime), offset, count, prefix or b"",
        bool(done), reason, None if at is None else (at, zone), bool(holes),
    )  # fmt: skip


def owner_of(conn: sqlite3.Connection) -> str:
    """The user to whom day files that stand under nobody's name belong; "" while nobody does."""
    query = "select value from setting where name = 'shared day files'"
    row = conn.execute(query).fetchone()
    return str(row[0]) if row else ""


def living(conn: sqlite3.Connection, source: Source) -> set[str]:
    """The refs of the turns that a file holds."""
    query = "select ref from occurrence where file = ? and gone is null"
    return {row[0] for row in conn.execute(query, (source.id,))}


def register(conn: sqlite3.Connection, user_id: int, path: str, kind: str) -> Source:
    """The row of a file, made when there is none."""
    known = conn.execute(
        f"select {_COLUMNS} from file where user = ? and path = ?",  # noqa: S608
        (user_id, path),
    ).fetchone()
    if known is not None:
        return _source(known)
    query = "insert into file (user, path, kind) values (?, ?, ?)"
    return Source(int(conn.execute(query, (user_id, path, kind)).lastrowid or 0), path, kind)


def restore(conn: sqlite3.Connection, user_id: int, said: Mapping[str, Any]) -> None:
    """What a `file` record says: of which day its lines are, and whose a shared file is."""
    source = register(conn, user_id, str(said["file"]), PLAIN)
    if source.at is None and "refs" not in said:
        save(conn, replace(source, at=instant(datetime.fromisoformat(said["at"]))))
    if said.get("shared"):
        query = (
            "insert or ignore into setting select 'shared day files', name from user where id = ?"
        )
        conn.execute(query, (user_id,))


def later(conn: sqlite3.Connection, user_id: int) -> dict[str, dict[str, tuple[int, int]]]:
    """File → ref → instant of line 0, for lines that came into a file on another day."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    query = "select body from act where user = ? and kind = 'file' and ref not like 'file:%'"
    for (body,) in conn.execute(query, (user_id,)):
        said = json.loads(body)
        at = instant(datetime.fromisoformat(said["at"]))
        found.setdefault(said["file"], {}).update(dict.fromkeys(said["refs"], at))
    return found


def save(conn: sqlite3.Connection, source: Source) -> None:
    """How far it has been read."""
    conn.execute(
        "update file set kind = ?, encoding = ?, dev = ?, inode = ?, size = ?, mtime = ?,"
        " offset = ?, lines = ?, prefix = ?, done = ?, reason = ?, at = ?, zone = ?, holes = ?"
        " where id = ?",
        (
            source.kind, source.encoding, *source.stamp, source.offset, source.lines,
            source.prefix, int(source.done), source.reason, *(source.at or (None, None)),
            int(source.holes), source.id,
        ),
    )  # fmt: skip


# ── which line a turn was ────────────────────────────────────────────────────────────────────


class Refs:
    """Refs of the lines of one file: the same file gives the same refs, whenever it is read.

    A ref is made of the file's name, the digest of the line and, from the second time on that the
    file says it, which time this is; not of the line number, so a line put in above does not give
    all others new names.
    """

    def __init__(
        self, prefix: str, seen: Counter[str], block: int, cut: Set[bytes] = frozenset()
    ) -> None:
        self._prefix = prefix
        self._seen = seen
        self._block = block
        self._cut = cut  # lines that were taken out when they were forgotten: counted all the same
        self.skipped = False

    def ref(self, line: int, exact: bytes) -> str:
        """The ref of the next line. Lines must come in order."""
        block = line // BLOCK
        if block != self._block:
            self._block = block
            self._seen.clear()
        short = exact.hex()[:_REF]
        self._seen[short] += 1
        ref = self._ref(short, block)
        while self._cut and name_of(ref) in self._cut:
            self.skipped = True
            self._seen[short] += 1
            ref = self._ref(short, block)
        return ref

    def _ref(self, short: str, block: int) -> str:
        count = self._seen[short]
        if block:
            return f"{self._prefix}{short}-{count}-{block}"
        return f"{self._prefix}{short}-{count}" if count > 1 else f"{self._prefix}{short}"


def refs(conn: sqlite3.Connection, user_id: int, source: Source, prefix: str) -> Refs:
    """Refs from where the next reading begins: what the block said before is counted."""
    block = source.lines // BLOCK
    rows = conn.execute(
        "select ref from occurrence where file = ? and line between ? and ?",
        (source.id, max(block * BLOCK, 1), source.lines),
    )
    start = len(prefix)
    seen = Counter(ref[start : start + _REF] for (ref,) in rows)
    return Refs(prefix, seen, block, all_of_kind(conn, user_id, CUT))


def forget_lines(conn: sqlite3.Connection, source: Source) -> None:
    """Before reading again: lines past the place count as not seen (negative) until they are."""
    conn.execute(
        "update occurrence set line = -line where file = ? and line > ?", (source.id, source.lines)
    )


def seen_again(
    conn: sqlite3.Connection, user_id: int, rows: Sequence[Fresh], known: dict[str, int | None]
) -> None:
    """Known refs are in the file: they get their line and hour anew, and come back when gone.

    Never another date: the index holds words for it.
    """
    here = [row for row in rows if row.ref in known]
    _revise(conn, user_id, [row.ref for row in here if known[row.ref] is not None], gone=None)
    conn.executemany(
        "update occurrence set line = ?1, file = ?2,"
        " at = at - ((at + zone * 1000000) % ?3 + ?3) % ?3 + ?4 where user = ?5 and ref = ?6",
        [
            (row.line, row.file, _DAY, (row.at + row.zone * 1_000_000) % _DAY, user_id, row.ref)
            for row in here
        ],
    )


def let_go(
    conn: sqlite3.Connection, user_id: int, source: Source, out: Outbox | None, now: datetime
) -> int:
    """Lines that a rewritten file no longer has: no longer recalled, kept in the journal."""
    rows = conn.execute(
        "select id, ref, kept, at from occurrence where file = ? and line < 0 and gone is null",
        (source.id,),
    ).fetchall()
    _revise(conn, user_id, [row[1] for row in rows], gone=instant(now)[0])
    if out is not None:
        for row, ref, kept, _ in rows:
            if kept == UNKEPT:
                out.post_gone(conn, user_id, ref, row)
        out.post_flip(conn, user_id, _moved(rows), gone=True)
    _keep(conn, [row[0] for row in rows], GONE)
    return len(rows)


def depart(
    conn: sqlite3.Connection, user_id: int, source: Source, out: Outbox | None, new_ref: str
) -> int:
    """The file is not there any more: its words stay, and from now on the journal holds them."""
    rows = conn.execute(
        "select id, ref, kept, at from occurrence where file = ? and gone is null order by id",
        (source.id,),
    ).fetchall()
    if out is not None:
        fresh = [row for row, _, kept, _ in rows if kept == UNKEPT]
        post_runs(conn, user_id, fresh, (out, new_ref, source.name))
        out.post_flip(conn, user_id, _moved(rows), gone=False)
    _keep(conn, [row[0] for row in rows], SAID)
    _absent(conn, source)
    return len(rows)


def move_away(
    conn: sqlite3.Connection, user_id: int, source: Source, out: Outbox | None, now: datetime
) -> int:
    """The file has another name: as turns of the old name its lines are gone."""
    forget_lines(conn, replace(source, lines=0))
    count = let_go(conn, user_id, source, out, now)
    _absent(conn, source)
    return count


def _absent(conn: sqlite3.Connection, source: Source) -> None:
    conn.execute("update occurrence set file = null, line = null where file = ?", (source.id,))
    save(conn, replace(source, kind=ABSENT, stamp=(0, 1, 0, 0), done=False, offset=0, lines=0))


def post_runs(
    conn: sqlite3.Connection, user_id: int, rows: Sequence[int],
    where: tuple[Outbox | None, str, str],
) -> None:  # fmt: skip
    """Have turns written to the journal; rows: ascending; where: outbox, an id, the source."""
    out, new_ref, source = where
    for number, (first, last) in enumerate(_runs(rows), 1):
        if out is not None:
            done = Absorbed(0, 0, first, last)
            out.post_turns(conn, user_id, f"{new_ref}-{number}", done, source)


def _moved(rows: Sequence[tuple[int, str, int, int]]) -> list[tuple[str, int]]:
    """(ref, at) of turns that the journal has already: perhaps of another line of the day."""
    return [(ref, at) for _, ref, kept, at in rows if kept != UNKEPT]


def flip(
    conn: sqlite3.Connection, user_id: int, turns: Mapping[str, int], *, gone: int | None
) -> None:
    """What a `lines` record says: turns that no file holds are gone, or back, and since when."""
    refs = list(turns)
    free: list[str] = []
    for marks, some in chunks(refs):
        query = (
            f"select ref from occurrence where user = ? and ref in ({marks}) and file is null"  # noqa: S608
            f" and gone is {'null' if gone is not None else 'not null'}"
        )
        free += [row[0] for row in conn.execute(query, (user_id, *some))]
    _revise(conn, user_id, free, gone=gone)
    conn.executemany(
        "update occurrence set at = ? where user = ? and ref = ? and file is null",
        [(at, user_id, ref) for ref, at in turns.items()],
    )
    for marks, some in chunks(refs):
        conn.execute(
            f"update occurrence set kept = ? where user = ? and ref in ({marks})",  # noqa: S608
            (SAID if gone is None else GONE, user_id, *some),
        )


def _keep(conn: sqlite3.Connection, rows: Sequence[int], kept: int) -> None:
    conn.executemany("update occurrence set kept = ? where id = ?", [(kept, row) for row in rows])


def _runs(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Ascending ids as (first, last) of each run without a gap, some thousands at most."""
    start = 0
    for i in range(1, len(rows) + 1):
        if i == len(rows) or rows[i] != rows[i - 1] + 1 or i - start >= _RUN:
            yield rows[start], rows[i - 1]
            start = i


def _revise(conn: sqlite3.Connection, user_id: int, refs: Sequence[str], gone: int | None) -> None:
    rows: set[int] = set()
    days: set[str] = set()
    for marks, some in chunks(refs):
        query = f"select id, at, zone from occurrence where user = ? and ref in ({marks})"  # noqa: S608
        for row, at, zone in conn.execute(query, (user_id, *some)):
            rows.add(row)
            days.add(moment(at, zone).date().isoformat())
    if rows:
        out, back = (set[int](), rows) if gone is None else (rows, set[int]())
        index.revise(conn, user_id, out, back)
        conn.executemany("update occurrence set gone = ? where id = ?", [(gone, i) for i in rows])
        untold.note(conn, user_id, days)  # what was made of them says too much, or too little
