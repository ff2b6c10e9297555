"""Turns from files of other programs: JSON lines, plain text, pasted transcripts.

What a file is, its content says. Streams; a line that cannot be read is reported with its number
and left out. The same file read again gives the same refs, so it adds nothing twice; a file that
has grown adds its new end. Knows no database beyond Store.ingest.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from datetime import time as clock
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Literal, get_args

from echo.errors import IngestError
from echo.i18n import msgid
from echo.memory import dayfiles, journal
from echo.memory.dayfiles import Line, natural
from echo.memory.store import Store
from echo.memory.transcript import said
from echo.nouns import ECHO, Skipped, Turn
from echo.text import digest, scrub

Format = Literal["jsonl", "transcript", "text"]
FORMATS: tuple[Format, ...] = get_args(Format)
MAX_NAME = 200  # characters of a speaker, a session, a ref
MAX_SKIPPED = 100  # lines named in a report
_SNIFF_LINES = 200
_SNIFF_CHARS = 65_536

NO_JSON = msgid("not a JSON object")
NO_TEXT = msgid("no text")
NO_SPEAKER = msgid("no speaker")
NO_TIME = msgid("no time in ISO 8601")
BAD_NAME = msgid("a session or ref that is no short string")
MORE = msgid("more lines were left out")

Report = Callable[[int, str], None]  # line number, reason


@dataclass(frozen=True, slots=True)
class Given:
    """What the one who imports knows: whose words plain lines are, and what naive times mean.

    me: the speaker in the file who is that user, "" when the file calls them by their own name.
    """

    user: str
    zone: tzinfo
    me: str = ""


@dataclass
class Imported:
    """What came in, or would. speakers: name → turns; skipped: lines that were left out."""

    format: str = ""
    turns: int = 0
    speakers: dict[str, int] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None
    skipped: list[Skipped] = field(default_factory=list)
    new: int = 0
    repeated: int = 0

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

    def skip(self, file: str, reason: str) -> None:
        """A file or a line of one was left out."""
        if len(self.skipped) < MAX_SKIPPED:
            self.skipped.append(Skipped(file, reason))
        elif len(self.skipped) == MAX_SKIPPED:
            self.skipped.append(Skipped(file, MORE))


def bring(store: Store | None, path: Path, given: Given, *, fmt: Format | None = None) -> Imported:
    """Read a file, or every file of a folder, into memory; store None: only say what would come.

    Raises IngestError when there is nothing to read at all, StoreError.
    """
    made = Imported()
    files = _files(path)
    for file in files:
        try:
            kind = fmt or sniff(file)
            if kind not in made.format.split("+"):
                made.format = f"{made.format}+{kind}".strip("+")
            turns = read(file, kind, given, lambda n, why, f=file: made.skip(f"{f.name}:{n}", why))  # type: ignore[misc]
            _into(store, given.user, made, made.count(turns), file.name)
        except IngestError as exc:
            if len(files) == 1:
                raise
            made.skip(file.name, str(exc.params.get("reason", exc)))
        except (OSError, UnicodeError) as exc:
            raise IngestError(
                "{path} cannot be imported: {reason}.", path=file, reason=dayfiles.UNREADABLE
            ) from exc
    return made


def _into(
    store: Store | None, user: str, made: Imported, turns: Iterator[Turn], source: str
) -> None:
    if store is None:
        for _ in turns:
            pass
        return
    new, repeated = store.ingest(user, turns, source=scrub(source))
    made.new += new
    made.repeated += repeated


def _files(path: Path) -> list[Path]:
    """The file itself, or what lies in the folder and below, in natural order, nothing hidden."""
    if not path.is_dir():
        return [path]
    found = (
        Path(folder) / name
        for folder, _, names in os.walk(path)
        for name in names
        if not name.startswith(".")
    )
    files = sorted(found, key=lambda file: natural(str(file.relative_to(path))))
    if not files:
        raise IngestError("{path} holds no files to import.", path=path)
    return files


# ── what a file is ───────────────────────────────────────────────────────────────────────────


def sniff(path: Path) -> Format:
    """The format, by content. Raises IngestError for what is no text, or Echo's own journal."""
    with _opened(path) as file:
        if journal.is_header(file.readline(256)):
            raise IngestError(
                "{path} is a part of Echo's journal.",
                "Put its day folder under memory/ and run `fillin boot`.",
                path=path,
            )
        encoding = _encoding(file, path)
        head = list(islice(dayfiles.lines(file, encoding), _SNIFF_LINES))
    texts = [line.text[:_SNIFF_CHARS] for line in head if line.text and not line.text.isspace()]
    if texts and _object(texts[0]) is not None:
        return "jsonl"
    marked = any(not isinstance(item, Line) and item.marked for item in said(head))
    return "transcript" if marked else "text"


def _opened(path: Path) -> BinaryIO:
    try:
        return dayfiles.open_regular(path)
    except IngestError as exc:
        raise _unreadable(path, exc) from exc


def _encoding(file: BinaryIO, path: Path) -> str:
    try:
        return dayfiles.encoding_of(file)
    except IngestError as exc:
        raise _unreadable(path, exc) from exc


def _unreadable(path: Path, exc: IngestError) -> IngestError:
    return IngestError("{path} cannot be imported: {reason}.", path=path, reason=exc.message)


def read(path: Path, fmt: Format, given: Given, report: Report) -> Iterator[Turn]:
    """The turns of a file in its order. report is told of lines that are left out."""
    with _opened(path) as file:
        lines = dayfiles.lines(file, _encoding(file, path))
        if fmt == "jsonl":
            yield from _json_turns(lines, given, report)
        else:
            written = os.fstat(file.fileno())
            noon = datetime.combine(dayfiles.written_on(written, given.zone), clock(12), given.zone)
            yield from _plain_turns(lines, path.name, noon, given, report)


# ── JSON lines ───────────────────────────────────────────────────────────────────────────────


def _json_turns(lines: Iterable[Line], given: Given, report: Report) -> Iterator[Turn]:
    seen: Counter[str] = Counter()
    for line in lines:
        if line.text is None:
            report(line.number, line.why)
        elif line.text and not line.text.isspace():
            made = _json_turn(line.text, given.zone)
            if isinstance(made, str):
                report(line.number, made)
            else:
                named = made if made.ref else _named(made, seen)
                yield replace(named, speaker=given.user) if made.speaker == given.me else named


def _json_turn(text: str, zone: tzinfo) -> Turn | str:
    """The turn of one line, or why it is none. Without a ref the ref is empty."""
    row = _object(text)
    if row is None:
        return NO_JSON
    words, speaker = row.get("text"), row.get("speaker")
    if not isinstance(words, str):
        return NO_TEXT
    if not isinstance(speaker, str) or not 0 < len(speaker) <= MAX_NAME:
        return NO_SPEAKER
    session, ref = row.get("session") or "", row.get("ref") or ""
    if not all(isinstance(name, str) and len(name) <= MAX_NAME for name in (session, ref)):
        return BAD_NAME
    at = _time(row.get("at"), zone)
    if at is None:
        return NO_TIME
    return Turn(scrub(str(ref)), at, scrub(speaker), scrub(words), scrub(str(session)))


def _object(text: str) -> dict[str, object] | None:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _time(value: object, zone: tzinfo) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if at is None or not 1 < at.year < 9999:  # the last day of time has no other time zone
        return None
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _named(turn: Turn, seen: Counter[str]) -> Turn:
    """A ref from what the line says: the same line gives the same ref, said twice it gives two."""
    name = digest("\0".join((turn.at.isoformat(), turn.speaker, turn.session, turn.text)))[:18]
    seen[name] += 1
    ref = f"{name}-{seen[name]}" if seen[name] > 1 else name
    return Turn(ref, turn.at, turn.speaker, turn.text, turn.session)


# ── plain text and transcripts ───────────────────────────────────────────────────────────────


def _plain_turns(
    lines: Iterable[Line], name: str, noon: datetime, given: Given, report: Report
) -> Iterator[Turn]:
    """Lines have no times: they are of the day the file was written, in order.

    A ref is a chain over the file's name and everything up to the line, so a file that grew keeps
    the refs of its beginning, and another file never shares one.
    """
    chain = blake2b(scrub(name).encode(), digest_size=9)
    session = f"import:{scrub(name)}"
    for item in said(lines):
        if isinstance(item, Line):
            if item.text is None:
                report(item.number, item.why)
            continue
        text = scrub(item.text)
        chain.update(f"\0{item.mine}\0{text}".encode())
        at = noon + timedelta(microseconds=item.line)
        speaker = given.user if item.mine else ECHO
        yield Turn(chain.hexdigest(), at, speaker, text, session)
