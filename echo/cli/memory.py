"""`fillin recall`, `memory` and `feeling`: what is remembered, taken in, given out, and read."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from echo.cli import asjson
from echo.cli.door import Door, JsonOption, add
from echo.cli.typed import file_lines, moment, piped, whole
from echo.config import zone
from echo.errors import IngestError, UsageError
from echo.i18n import msgid
from echo.nouns import Recollection
from echo.text import scrub

if TYPE_CHECKING:
    from echo.memory.importers import Imported
    from echo.render.imported import Report

BLOCK = 2000  # lines read at once by the feeling reader


def register(app: typer.Typer) -> None:
    """The commands of this file that stand by themselves."""
    add(app, "recall", recall, msgid("what Echo would remember, and why"))
    add(app, "feeling", feeling, msgid("what the feeling reader sees in words"))


def register_memory(app: typer.Typer) -> None:
    """The commands under `memory`."""
    add(app, "import", import_, msgid("take a file or a folder of files into memory"))
    add(app, "stats", stats, msgid("how much is remembered"))


# ── recall ───────────────────────────────────────────────────────────────────────────────────


def recall(
    door: Door,
    query: Annotated[
        list[str] | None, typer.Argument(metavar="QUERY", help=msgid("what to remember"))
    ] = None,
    limit: Annotated[
        str | None,
        typer.Option(
            "--limit",
            metavar="N",
            help=msgid("at most so many (10)"),
        ),
    ] = None,
    batch: Annotated[
        str | None,
        typer.Option("--batch", metavar="FILE.jsonl", help=msgid('one {"query": ...} a line')),
    ] = None,
    now: Annotated[
        str | None, typer.Option("--now", metavar="TIME", help=msgid("as if asked at this time"))
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Ask memory one question, or a file of them."""
    where = zone(door.config)
    asked_at = moment(now, where) if now else datetime.now(where)
    if (batch is None) == (not query):
        raise UsageError("Name a question, or a file of them with --batch.", "See `{command} -h`.",
                         command="fillin recall")  # fmt: skip
    most = whole(limit, 1, 10_000) if limit else 10
    if batch is not None:
        _batch(door, Path(batch), most, asked_at)
        return
    told = next(_recalled(door, iter([(" ".join(query or ()), asked_at)]), most))
    if as_json:
        asjson.put(asjson.recollection(told))
    else:
        door.screen().recollection(told, user=door.user)


def _recalled(
    door: Door, questions: Iterator[tuple[str, datetime]], limit: int
) -> Iterator[Recollection]:
    from echo.recall.search import recall as search

    with door.store() as store:
        for query, at in questions:
            yield search(store, door.user, query, now=at, limit=limit)


def _batch(door: Door, path: Path, limit: int, now: datetime) -> None:
    for told in _recalled(door, _questions(path, now, zone(door.config)), limit):
        asjson.put(asjson.recollection(told))


def _questions(path: Path, now: datetime, where: tzinfo) -> Iterator[tuple[str, datetime]]:
    """Query and time of every line; a line may carry its own "now"."""
    for number, line in enumerate(file_lines(path), 1):
        if not line.strip():
            continue
        try:
            asked: Any = json.loads(line)
            query = asked["query"]
        except (ValueError, TypeError, KeyError) as exc:
            raise _bad_line(path, number) from exc
        if not isinstance(query, str):
            raise _bad_line(path, number)
        own = asked.get("now")
        yield query, moment(str(own), where) if own else now


def _bad_line(path: Path, line: int) -> IngestError:
    return IngestError(
        "{path}, line {line}: this is not a question.",
        'Each line is an object such as {{"query": "..."}}.',
        path=path,
        line=line,
    )


# ── memory ───────────────────────────────────────────────────────────────────────────────────


def import_(
    door: Door,
    source: Annotated[str, typer.Argument(metavar="FILE|DIR", help=msgid("what to take in"))],
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help=msgid("what the file is; found out where not said"),
        ),
    ] = None,
    me: Annotated[
        str | None,
        typer.Option("--me", metavar="NAME", help=msgid("the speaker in the file who is you")),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=msgid("only tell what would be taken in"))
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Take in, or tell what would be."""
    from echo.memory import importers

    fmt = next((known for known in importers.FORMATS if known == format_), None)
    if format_ is not None and fmt is None:
        raise UsageError(
            "{value} is not a format memory is taken in from.",
            "Choose one of {choices}.",
            value=format_,
            choices=", ".join(importers.FORMATS),
        )
    given = importers.Given(door.user, zone(door.config), scrub(me or ""))
    if dry_run:
        made = importers.bring(None, Path(source), given, fmt=fmt)
    else:
        with door.settled().store() as store:
            made = importers.bring(store, Path(source), given, fmt=fmt)
    if as_json:
        told = {"new": made.new, "repeated": made.repeated, "known": made.known}
        counts = {} if dry_run else told
        asjson.put({**made.as_json(), **counts})
    else:
        from echo.render.imported import view

        door.screen().show(view(_report(made, door.user, dry_run=dry_run), door.words))


def _report(made: Imported, user: str, *, dry_run: bool) -> Report:
    """What came in, as the value that is drawn: render knows no importer."""
    from echo.render.imported import Report

    return Report(
        made.format, made.turns, tuple(made.speakers.items()), made.since, made.until,
        tuple(made.skipped), made.new, made.repeated, dry_run, user, made.notices,
        made.known,
    )  # fmt: skip


def stats(door: Door, as_json: JsonOption = False) -> None:
    """Count what is remembered."""
    with door.store() as store:
        told = store.stats(door.user)
    if as_json:
        asjson.put(asjson.stats(told))
    else:
        door.screen().stats(told)


# ── feeling ──────────────────────────────────────────────────────────────────────────────────


def feeling(
    door: Door,
    text: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT", help=msgid("the words to read"))
    ] = None,
    batch: Annotated[
        str | None,
        typer.Option("--batch", metavar="FILE", help=msgid("every line of a file, as JSON")),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read words without a model."""
    from echo.feeling.reader import read

    if batch is not None:
        _read_lines(list(file_lines(Path(batch))))
        return
    words = " ".join(text) if text else "" if sys.stdin.isatty() else piped(sys.stdin)
    if not words.strip():
        raise UsageError("Nothing was said.", "Name the words, pipe them in, or use --batch FILE.")
    if as_json:
        asjson.put(asjson.mood(words, read(words)))
    else:
        from echo.render.mood import view

        door.screen().show(view(read(words), door.words))


def _read_lines(lines: list[str]) -> None:
    from echo.feeling.reader import read_all

    for start in range(0, len(lines), BLOCK):
        block = lines[start : start + BLOCK]
        for line, mood in zip(block, read_all(block), strict=True):
            asjson.put(asjson.mood(line, mood))
