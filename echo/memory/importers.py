"""Turns from files of other programs: which reader a file gets, and what came in.

What a file is, its content says. Streams; what cannot be read is reported with its line and left
out. The same words read again get the same refs, so they add nothing twice; a file that has grown
adds its new end. The readers themselves are in chats/. Knows no database beyond Store.ingest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from echo.errors import IngestError
from echo.i18n import msgid
from echo.memory import dayfiles
from echo.memory.chats import assistants, entries, jsonl, kakaocsv, kakaotalk, pieces, plain
from echo.memory.chats.given import Given, Notices, Report
from echo.memory.chats.pieces import Piece
from echo.memory.chats.sniffing import FORMATS, OWN, Format, lines, reader_of_bytes, sniffed
from echo.memory.store import Store
from echo.nouns import Skipped, Turn
from echo.text import scrub

__all__ = ["FORMATS", "Format", "Given", "Imported", "bring", "sniff"]
MAX_SKIPPED = 100  # lines named in a report

MORE = msgid("more lines were left out")
NOTHING = msgid("a zip archive with nothing in it that Echo can read")
COPY = msgid("a backup copy")
CUT = msgid("it could not be read to its end")

_CHATS: frozenset[str] = frozenset(("kakaotalk", "chatgpt", "claude"))


@dataclass
class Imported:
    """What came in, or would. speakers: name → turns; skipped: what was left out and why;
    known: turns that were in memory already, or were forgotten and stay so; notices: how many
    pictures, stickers, joins and hidden messages were passed over.
    """

    format: str = ""
    turns: int = 0
    speakers: dict[str, int] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None
    skipped: list[Skipped] = field(default_factory=list)
    new: int = 0
    repeated: int = 0
    known: int = 0
    notices: int = 0

    def as_json(self) -> Mapping[str, object]:
        """DESIGN.md's contract for --dry-run --json."""
        return {
            "format": self.format,
            "turns": self.turns,
            "speakers": self.speakers,
            "from": self.since.isoformat() if self.since else None,
            "to": self.until.isoformat() if self.until else None,
            "skipped": [{"file": s.file, "reason": s.reason} for s in self.skipped],
        }

    def count(self, turns: Iterable[Turn]) -> Iterator[Turn]:
        """The same turns, counted as they pass."""
        for turn in turns:
            self.turns += 1
            self.speakers[turn.speaker] = self.speakers.get(turn.speaker, 0) + 1
            self.since = turn.at if self.since is None else min(self.since, turn.at)
            self.until = turn.at if self.until is None else max(self.until, turn.at)
            yield turn

    def kind(self, fmt: Format) -> None:
        """Something of this format was met."""
        if fmt not in self.format.split("+"):
            self.format = f"{self.format}+{fmt}".strip("+")

    def skip(self, file: str, reason: str) -> None:
        """A file or a line of one was left out."""
        if len(self.skipped) < MAX_SKIPPED:
            self.skipped.append(Skipped(file, reason))
        elif len(self.skipped) == MAX_SKIPPED:
            self.skipped.append(Skipped(file, MORE))


# ── what comes in ────────────────────────────────────────────────────────────────────────────


def bring(store: Store | None, path: Path, given: Given, *, fmt: Format | None = None) -> Imported:
    """Read a file, or every file of a folder, into memory; store None: only say what would come.

    Raises IngestError when there is nothing to read at all, or nobody is called given.me;
    StoreError.
    """
    if given.me:  # it cannot be mended afterwards: what is in comes in only once
        _look_for_me(path, given, _bring(None, path, given, fmt))
    return _bring(store, path, given, fmt)


def _look_for_me(path: Path, given: Given, made: Imported) -> None:
    if made.speakers and given.user not in made.speakers:
        raise IngestError(
            "Nobody in {path} is called {name}.", "Its speakers are {speakers}.",
            path=path, name=given.me, speakers=", ".join(list(made.speakers)[:20]),
        )  # fmt: skip


def _bring(store: Store | None, path: Path, given: Given, fmt: Format | None) -> Imported:
    made = Imported()

    def name_of(file: Path) -> str:
        return scrub(file.name if file == path else str(file.relative_to(path)))

    files = pieces.files(path, lambda file, why: made.skip(name_of(file), why))
    take = partial(_take, store, given, made, fmt)
    for file in files:
        name = name_of(file)
        if file != path and pieces.is_copy(file.name):
            made.skip(name, COPY)
            continue
        try:
            _file(file, name, given, made, take)
        except (IngestError, OSError, UnicodeError) as exc:
            reason = _reason(exc)
            if len(files) == 1:
                raise IngestError(
                    "{path} cannot be imported: {reason}.", _hint(reason), path=file, reason=reason
                ) from exc
            made.skip(name, reason)
    return made


def _file(
    path: Path, name: str, given: Given, made: Imported, take: Callable[[Piece], Format]
) -> None:
    with dayfiles.open_regular(path) as handle:
        if pieces.is_zip(handle.read(4)):
            _archive(handle, name, given, made, take)
        else:
            take(pieces.of_file(name, handle, given.zone))


def _reason(exc: Exception) -> str:
    return exc.message if isinstance(exc, IngestError) else dayfiles.UNREADABLE


def _hint(reason: str) -> str:
    return msgid("Put its day folder under memory/ and run `fillin boot`.") if reason == OWN else ""


def _archive(
    handle: BinaryIO, name: str, given: Given, made: Imported, take: Callable[[Piece], Format]
) -> None:
    """The members of a zip: conversations, or when there are none every text there is."""
    found = [(piece, _kind(piece)) for piece in pieces.of_zip(name, handle, given.zone)]
    chats = [piece for piece, kind in found if kind in _CHATS]
    wanted = chats or [piece for piece, kind in found if kind in FORMATS]
    for piece, kind in found:
        if not chats and kind not in FORMATS:
            made.skip(piece.name, kind)
    if not wanted:
        made.skipped.clear()
        raise IngestError(NOTHING)
    for piece in wanted:
        try:
            take(piece)
        except IngestError as exc:
            made.skip(piece.name, exc.message)


def _take(
    store: Store | None, given: Given, made: Imported, fmt: Format | None, piece: Piece
) -> Format:
    """One piece into memory. Raises IngestError when nothing of it can be read."""
    with piece.open() as file:
        kind = fmt or sniffed(file, piece.name)
        made.kind(kind)
        notices = Notices()

        def report(line: int, why: str) -> None:
            made.skip(f"{piece.name}:{line}", why)

        file.seek(0)
        found = _turns(kind, file, piece, given, report, notices)
        _into(store, given.user, made, _whole(found, made, piece.name), piece.name)
        made.notices += notices.count
    return kind


def _whole(turns: Iterator[Turn], made: Imported, name: str) -> Iterator[Turn]:
    """The turns as far as the file can be read; what stops in the middle is reported."""
    begun = False
    try:
        for turn in made.count(turns):
            begun = True
            yield turn
    except IngestError as exc:
        if not begun:
            raise
        made.skip(name, exc.message)
    except (OSError, UnicodeError):
        if not begun:
            raise
        made.skip(name, CUT)


def _into(
    store: Store | None, user: str, made: Imported, turns: Iterator[Turn], source: str
) -> None:
    if store is None:
        for _ in turns:
            pass
        return
    before = made.turns
    new, repeated = store.ingest(user, turns, source=source)
    made.new += new
    made.repeated += repeated
    made.known += made.turns - before - new - repeated


def sniff(path: Path) -> Format:
    """The format, by content. Raises IngestError for what is no text, or Echo's own journal."""
    try:
        with dayfiles.open_regular(path) as file:
            return sniffed(file, path.name)
    except (IngestError, OSError, UnicodeError) as exc:
        reason = _reason(exc)
        raise IngestError(
            "{path} cannot be imported: {reason}.", _hint(reason), path=path, reason=reason
        ) from exc


def _kind(piece: Piece) -> str:
    """The format of a member, or why it has none."""
    try:
        with piece.open() as file:
            return sniffed(file, piece.name)
    except (IngestError, OSError, UnicodeError) as exc:
        return _reason(exc)


# ── which reader ─────────────────────────────────────────────────────────────────────────────


def _turns(
    kind: Format, file: BinaryIO, piece: Piece, given: Given, report: Report, notices: Notices
) -> Iterator[Turn]:
    """The turns of a file in its order. report is told of what is left out."""
    if kind in ("chatgpt", "claude"):
        found = entries.entries(reader_of_bytes(file), lambda row: bool(assistants.family(row)))
        return assistants.turns(found, given, report, notices)
    text = lines(file)
    if kind == "jsonl":
        return jsonl.turns(text, given, report, notices)
    if kind == "kakaotalk":
        return _kakao(file, given, report, notices)
    origin = plain.Origin(piece.name, piece.day, given.zone)
    if kind == "markdown":
        return plain.lines_of_note(text, origin, given, report, notices)
    return plain.lines_of_text(text, origin, given, report, blocks=kind == "transcript")


def _kakao(file: BinaryIO, given: Given, report: Report, notices: Notices) -> Iterator[Turn]:
    rows = kakaocsv.looks_like(lines(file))
    file.seek(0)
    reader = kakaocsv.turns if rows else kakaotalk.turns
    return reader(lines(file), given, report, notices)
