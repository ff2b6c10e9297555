"""Day files that are no more: taken away, or the same file under another name.

When one went and another came that says the same, line for line, it has been renamed: the new one
says those lines from now on, on the day its new name tells, and what the user did to them (put
other words, had them forgotten) goes with them. Of a file that is simply gone the journal keeps
the words. Knows files, their rows and digests.
"""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from echo.errors import IngestError
from echo.memory import dayfiles, edits, journal, sources, tombstones
from echo.memory.absorb import keys_of
from echo.memory.dayfiles import DayFile, Line
from echo.memory.sources import Refs, Source
from echo.memory.store import Store
from echo.memory.transcript import said
from echo.text import scrub

_WORDS = (sources.PLAIN, sources.TRANSCRIPT)


@dataclass(frozen=True, slots=True)
class _Lost:
    """A file that is not there any more. refs: of its turns; prefix: how they begin."""

    source: Source
    refs: Set[str]

    @property
    def prefix(self) -> str:
        return next(iter(self.refs))[: dayfiles.PREFIX]


@dataclass(frozen=True, slots=True)
class _Line:
    """What a line would be called if it stood in the lost file; whether it was forgotten."""

    ref: str
    text: str
    forgotten: bool


def departed(store: Store, user: str, memory: Path, found: Sequence[DayFile]) -> None:
    """Files that memory has read and that are no more.

    found: those that are there; a name of theirs need not be what the disk calls them.
    """
    there = {file.name for file in found}
    with store.writing() as conn:
        user_id = store.user_id(conn, user)
        known = sources.all_of(conn, user_id)
        lost = [s for s in known.values() if _is_lost(s, memory, there)]
        if not lost:
            return
        ours = sources.owner_of(conn) in ("", user)
        fresh = [f for f in found if (ours or not f.shared) and _is_fresh(known.get(f.name))]
        for source in lost:
            if not _renamed(store, conn, (user_id, user), source, fresh):
                store.depart(conn, user_id, source)


def _is_lost(source: Source, memory: Path, there: Set[str]) -> bool:
    if source.kind not in _WORDS or not source.read_before or source.name in there:
        return False
    try:
        (memory / source.name).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:  # it may be there: nothing is known
        return False
    return False


def _is_fresh(source: Source | None) -> bool:
    return source is None or source.kind == sources.ABSENT


# ── under another name ───────────────────────────────────────────────────────────────────────


def _renamed(
    store: Store, conn: sqlite3.Connection, whose: tuple[int, str], source: Source,
    fresh: list[DayFile],
) -> bool:  # fmt: skip
    """Was it given another name? Then what is known of its lines is known under that."""
    user_id, user = whose
    lost = _Lost(source, sources.living(conn, source))
    if not lost.refs:
        return False
    for file in fresh:
        lines = _same(conn, user_id, lost, file)
        if lines is not None:
            fresh.remove(file)
            _carry(store, conn, user_id, lines, dayfiles.ref_prefix(user, file))
            store.move_away(conn, user_id, source)
            return True
    return False


def _same(conn: sqlite3.Connection, user_id: int, lost: _Lost, file: DayFile) -> list[_Line] | None:
    """The lines of a file that says just what the lost one said; None when it does not."""
    try:
        with dayfiles.open_regular(file.path) as handle:
            if os.fstat(handle.fileno()).st_size != lost.source.stamp[2]:
                return None
            found = list(_lines(conn, user_id, lost.prefix, handle))
    except (IngestError, OSError, UnicodeError):
        return None
    refs = {line.ref for line in found}
    strange = any(line.ref not in lost.refs and not line.forgotten for line in found)
    return None if strange or not lost.refs <= refs else found


def _lines(
    conn: sqlite3.Connection, user_id: int, prefix: str, handle: BinaryIO
) -> Iterator[_Line]:
    names, texts, cut = (tombstones.all_of(conn, user_id, kind) for kind in tombstones.KINDS)
    refs = Refs(prefix, Counter(), 0, cut)
    for item in said(dayfiles.lines(handle, dayfiles.encoding_of(handle))):
        if isinstance(item, Line):
            continue
        text = scrub(item.text)
        key, exact = keys_of(text)
        ref = refs.ref(item.line, exact)
        yield _Line(ref, text, tombstones.name_of(ref) in names or key in texts)


def _carry(
    store: Store, conn: sqlite3.Connection, user_id: int, lines: Sequence[_Line], prefix: str
) -> None:
    """What the user did to lines, under the refs they are going to have."""
    edited = edits.refs(conn, user_id)
    forgotten = []
    for line in lines:
        ref = prefix + line.ref[dayfiles.PREFIX :]
        if line.forgotten:
            forgotten.append(tombstones.name_of(ref))
        elif line.ref in edited:
            words = edits.words_of(conn, user_id, line.ref)
            if words is not None:
                store.post(conn, user_id, ("", journal.EDIT, edits.body(ref, words, line.text)))
    tombstones.lay(conn, user_id, tombstones.REF, forgotten)
    for body in tombstones.bodies({tombstones.REF: forgotten}):
        store.post(conn, user_id, ("", journal.FORGET, body))
