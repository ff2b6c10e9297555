"""Input files that still hold what was forgotten: found, and on the user's word cleaned.

Boot never changes an input file; this does, and only this. A line that goes is left empty, so the
others keep their numbers. Knows day files, digests and the history of typed lines; no words.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from echo.errors import IngestError
from echo.memory import dayfiles, edits, journal, tombstones, transcript
from echo.memory.absorb import keys_of
from echo.memory.dayfiles import DayFile, Line
from echo.memory.purge import put
from echo.memory.sources import Refs, owner_of
from echo.memory.store import Store
from echo.memory.transcript import Said, said
from echo.text import key, scrub

_END = re.compile(r"\r?\n?\Z")


@dataclass(frozen=True, slots=True)
class Holding:
    """An input file that still says forgotten things. spans: first and last line of each."""

    file: DayFile
    encoding: str
    spans: tuple[tuple[int, int], ...]
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    """The digests a file is read against."""

    refs: Set[bytes]
    texts: Set[bytes]
    cut: Set[bytes]
    edited: Set[str]


def holding(store: Store, memory: Path, user: str) -> list[Holding]:
    """The input files of this user in which forgotten words still stand."""
    with store.database.read() as conn:
        user_id = store.names.find(conn, user)
        refs, texts, cut = (tombstones.all_of(conn, user_id, kind) for kind in tombstones.KINDS)
        kept = _Kept(refs, texts, cut, edits.refs(conn, user_id))
        ours = owner_of(conn) in ("", user)
    if not kept.refs and not kept.texts:
        return []
    files = (file for file in dayfiles.find(memory, user) if ours or not file.shared)
    return [found for found in (_holding(file, user, kept) for file in files) if found]


def clean(store: Store, user: str, held: Sequence[Holding]) -> None:
    """Empty those lines in the files themselves. Raises OSError, StoreError."""
    for one in held:
        path = one.file.path.resolve()
        put(path, _emptied(path.read_bytes(), one))
        cut = [tombstones.name_of(ref) for ref in one.refs]
        with store.writing() as conn:
            user_id = store.user_id(conn, user)
            tombstones.lay(conn, user_id, tombstones.CUT, cut)
            for body in tombstones.bodies({tombstones.CUT: cut}):
                store.post(conn, user_id, ("", journal.FORGET, body))
            conn.execute(
                "update file set done = 0, offset = 0, lines = 0, holes = 1"
                " where user = ? and path = ?",
                (user_id, one.file.name),
            )
        store.journaled()


# ── one file ─────────────────────────────────────────────────────────────────────────────────


def _holding(file: DayFile, user: str, kept: _Kept) -> Holding | None:
    try:
        with dayfiles.open_regular(file.path) as handle:
            if journal.is_header(handle.readline(256)):
                return None
            encoding = dayfiles.encoding_of(handle)
            refs = Refs(dayfiles.ref_prefix(user, file), Counter(), 0, kept.cut)
            found = list(_forgotten(handle, encoding, refs, kept))
    except (IngestError, OSError, UnicodeError):  # what cannot be read was never in memory
        return None
    if not found:
        return None
    return Holding(file, encoding, tuple(span for span, _ in found), tuple(ref for _, ref in found))


def _forgotten(
    handle: BinaryIO, encoding: str, refs: Refs, kept: _Kept
) -> Iterator[tuple[tuple[int, int], str]]:
    """((first line, last line), ref) of everything that was forgotten."""
    waiting: list[tuple[Said, str]] = []
    last = 0
    for item in said(dayfiles.lines(handle, encoding)):
        if isinstance(item, Line):
            for one, ref in waiting:
                yield (one.line, item.number - 1 if one.marked else item.number), ref
            waiting = []
            last = item.number
            continue
        digest, exact = keys_of(scrub(item.text))
        ref = refs.ref(item.line, exact)
        stays = ref in kept.edited  # it says something else by now
        if tombstones.name_of(ref) in kept.refs or (digest in kept.texts and not stays):
            waiting.append((item, ref))
    for one, ref in waiting:
        yield (one.line, last), ref


def _emptied(data: bytes, one: Holding) -> bytes:
    """The file's bytes with those lines empty; marks, line ends and the encoding stay."""
    wide = one.encoding == "utf-16"
    bom = next((b for b in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) if data.startswith(b)), b"")
    name = ("utf-16-be" if bom == codecs.BOM_UTF16_BE else "utf-16-le") if wide else one.encoding
    name = "utf-8" if name == "utf-8-sig" else name
    mark = "\n".encode(name)
    step = len(mark)
    gone = {number for first, last in one.spans for number in range(first, last + 1)}
    lines = [_line(raw, name) if number in gone else raw
             for number, raw in enumerate(_split(data, mark, step), 1)]  # fmt: skip
    return b"".join(lines)


def _split(data: bytes, mark: bytes, step: int) -> Iterator[bytes]:
    start = at = 0
    while (at := data.find(mark, at)) >= 0:
        if at % step:  # half of two characters of UTF-16
            at += 1
            continue
        yield data[start : at + step]
        start = at = at + step
    if start < len(data):
        yield data[start:]


def _line(raw: bytes, name: str) -> bytes:
    text = raw.decode(name)
    start = "\ufeff" if text.startswith("\ufeff") else ""
    end = _END.search(text)
    return (start + transcript.mark_of(text.removeprefix("\ufeff"))
            + (end[0] if end else "")).encode(name)  # fmt: skip


# ── what was typed ───────────────────────────────────────────────────────────────────────────


def clean_history(path: Path, words: Sequence[str]) -> int:
    """Take entries that hold forgotten words out of a history of typed lines; how many."""
    if not path.is_file():
        return 0
    keys = [key(text) for text in words]
    blocks = re.split(r"(?=\n# )", path.read_text("utf-8", "surrogateescape"))
    kept = [block for block in blocks if not _typed(block, keys)]
    if len(kept) < len(blocks):
        put(path, "".join(kept).encode("utf-8", "surrogateescape"))
    return len(blocks) - len(kept)


def _typed(block: str, keys: Sequence[str]) -> bool:
    lines = [line[1:] for line in block.split("\n") if line.startswith("+")]
    typed = key("\n".join(lines))
    return bool(typed) and any(words == typed or (len(words) > 1 and words in typed)
                               for words in keys)  # fmt: skip
