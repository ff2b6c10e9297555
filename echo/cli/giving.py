"""`fillin memory export`: a memory given out, to stdout or into files of its user's."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from echo.cli.door import Door
from echo.errors import StoreError, UsageError
from echo.i18n import msgid
from echo.text import safe

EXPORTS = ("jsonl", "markdown", "sqlite")


def export(
    door: Door,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="jsonl|markdown|sqlite",
            help=msgid("one turn a line; a page a day; a database of your rows alone"),
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option("--out", metavar="PATH", help=msgid("a file, for markdown a folder")),
    ] = None,
) -> None:
    """Print or write every turn."""
    from echo.memory import export as ways

    format_ = format_ or EXPORTS[0]
    if format_ not in EXPORTS:
        raise UsageError(
            "{value} is not a format memory is given out in.",
            "Choose one of {choices}.",
            value=format_,
            choices=", ".join(EXPORTS),
        )
    if format_ == "sqlite" and out is None:
        raise UsageError("A database needs a file.", "Name one with --out PATH.")
    with door.store() as store:
        if format_ == "sqlite":
            ways.export_sqlite(store, door.user, Path(out or "").expanduser().absolute())
        elif format_ == "jsonl":
            _put((f"{line.rstrip()}\n" for line in ways.export_jsonl(store, door.user)), out)
        elif out is None:
            shown = safe if sys.stdout.isatty() else str
            for number, (_, text) in enumerate(ways.export_markdown(store, door.user)):
                sys.stdout.write(("\n" if number else "") + shown(text))
        else:
            for on, text in ways.export_markdown(store, door.user):
                _put((text,), str(Path(out) / f"{on}.md"))


def _put(lines: Iterable[str], out: str | None) -> None:
    if out is None:
        sys.stdout.writelines(lines)
        return
    path = Path(out).expanduser()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            path.chmod(0o600)
            file.writelines(lines)
    except OSError as exc:
        raise StoreError(
            "{path} cannot be written: {reason}.",
            "Name a place that is not there yet and is yours.",
            path=path,
            reason=exc.strerror or exc,
        ) from exc
