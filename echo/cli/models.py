"""`fillin models`: GGUF files on disk and from a hub. Parses, asks for a yes, calls the shelf."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from echo.cli import asjson
from echo.cli.door import Door, JsonOption, add, nobody
from echo.config import zone
from echo.errors import UsageError
from echo.i18n import msgid
from echo.nouns import VOICES, Voice

if TYPE_CHECKING:
    from echo.render.health import Finding
    from echo.shelf.pull import Plan

YES = ("y", "yes", "네", "예", "응")


def register_models(app: typer.Typer) -> None:
    """The commands under `models`."""
    add(app, "list", list_, msgid("the models on disk, and which voice speaks with which"))
    add(app, "pull", pull, msgid("fetch a model, or a preset's models, from a hub"))
    add(app, "verify", verify, msgid("check models: digest, tensors, template, tokenizer"))
    add(app, "use", use, msgid("let a voice, or all, speak with a model"))


# ── list ─────────────────────────────────────────────────────────────────────────────────────


def list_(
    door: Door,
    presets: Annotated[
        bool, typer.Option("--presets", help=msgid("named sets of models that `pull` knows"))
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show models/ and what the voices are set to; or the presets."""
    from echo.render import models as views

    if presets:
        _list_presets(door, as_json=as_json)
        return
    from echo.shelf import ledger
    from echo.shelf.stock import stock

    if not door.home.planted:
        raise nobody(door.home)
    folder = door.home.models
    found, parts = stock(door.home, door.config, door.words), ledger.unfinished(folder)
    if as_json:
        begun = [{"file": name, "bytes": size} for name, size in parts]
        models = [asdict(model) for model in found]
        asjson.put({"folder": str(folder), "models": models, "unfinished": begun})
        return
    door.screen().show(views.listing(found, door.words, str(folder)))
    door.screen().show(views.unfinished(parts, door.words, str(folder / ledger.FOLDER)))


def _list_presets(door: Door, *, as_json: bool) -> None:
    from echo.render import models as views
    from echo.shelf.presets import PRESETS

    rows = [
        (p.name, p.context, [(voice, str(p.voices[voice])) for voice in VOICES]) for p in PRESETS
    ]
    if as_json:
        asjson.put({"presets": [
            {"name": name, "context": context, "voices": dict(voices)}
            for name, context, voices in rows
        ]})  # fmt: skip
    else:
        door.screen().show(views.presets(rows, door.words))


# ── verify ───────────────────────────────────────────────────────────────────────────────────


def verify(
    door: Door,
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE", help=msgid("a file of models/, or a path; all without it")),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check each model; exit 1 when one does not pass."""
    from echo.render import models as views
    from echo.shelf.checks import verify as check
    from echo.shelf.stock import in_use, on_disk
    from echo.shelf.use import find

    if not door.home.planted:
        raise nobody(door.home)
    paths = [find(door.home, name, Path.cwd()) for name in files or ()]
    if not paths:
        paths = list(dict.fromkeys((*in_use(door.home, door.config), *on_disk(door.home.models))))
    total = sum(path.stat().st_size for path in paths if path.is_file())
    with _meter(total) as heard:
        found = [(path.name, list(check(path, heard))) for path in paths]
    if as_json:
        _put_checks(door, found)
    else:
        door.screen().show(views.checks(found, door.words))
    if any(one.state == "bad" for _, checks in found for one in checks):
        raise typer.Exit(1)


def _put_checks(door: Door, found: Sequence[tuple[str, Sequence[Finding]]]) -> None:
    from echo.render.health import told

    rows: list[dict[str, Any]] = []
    for name, checks in found:
        said = [(one, *told(one, door.words)) for one in checks]
        rows.append({
            "file": name,
            "ok": all(one.state != "bad" for one in checks),
            "checks": [{"name": one.name, "state": one.state, "title": title, "said": text,
                        "mend": mend} for one, title, text, mend in said],
        })  # fmt: skip
    asjson.put({"ok": all(row["ok"] for row in rows), "models": rows})


# ── pull ─────────────────────────────────────────────────────────────────────────────────────


def pull(
    door: Door,
    what: Annotated[
        str,
        typer.Argument(
            metavar="MODEL|PRESET",
            help=msgid("OWNER/NAME, OWNER/NAME:QUANT, OWNER/NAME:FILE, or 8gb, 24gb, 48gb, 80gb"),
        ),
    ],
    yes: Annotated[bool, typer.Option("--yes", help=msgid("do not ask"))] = False,
) -> None:
    """Show what the hub says, ask, fetch."""
    from echo.render import models as views
    from echo.shelf.hub import Hub
    from echo.shelf.pull import carry_out, plan
    from echo.shelf.wish import sources

    wanted = sources(what)
    door = door.settled()
    where = zone(door.config)
    with closing(Hub(door.env)) as hub:
        made = plan(hub, wanted, door.home.models)
        err = door.screen(sys.stderr)
        err.show(views.offers(made.offers, made.need, made.free, door.words))
        if made.errands and not yes and not _agreed(door):
            return
        with _meter(sum(errand.file.bytes for errand in made.errands)) as heard:
            paths = carry_out(hub, made, heard, lambda: datetime.now(where))
    _tell_pulled(door, what, made, paths)


def _agreed(door: Door) -> bool:
    """Ask on a terminal; anywhere else --yes has to be said."""
    if not sys.stdin.isatty():
        raise UsageError("This needs a yes.", "Add --yes, or run it on a terminal.")
    asked = door.words(msgid("Fetch it? (yes/no)"))
    sys.stderr.write(f"{asked} ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in YES


def _tell_pulled(door: Door, what: str, made: Plan, paths: Sequence[Path]) -> None:
    from echo.shelf.parts import part_of
    from echo.shelf.presets import preset

    screen = door.screen()
    for path in paths:
        said = msgid("{path} was here already.") if path in made.here else msgid(
            "{path} is here, and its digest is right.")  # fmt: skip
        screen.notice(door.words(said).format(path=path), "")
    firsts = [path.name for path in paths if (part := part_of(path.name)) is None
              or part.number == 1]  # fmt: skip
    found = preset(what)
    name = found.name if found else firsts[0]
    door.note(msgid("`fillin models use {name}` lets the voices speak with it."), name=name)


# ── use ──────────────────────────────────────────────────────────────────────────────────────


def use(
    door: Door,
    what: Annotated[
        str,
        typer.Argument(metavar="FILE|PRESET", help=msgid("a file of models/, a path, or a preset")),
    ],
    voice: Annotated[
        str | None,
        typer.Option("--voice", metavar="emotion|self|creation", help=msgid("this voice alone")),
    ] = None,
) -> None:
    """Write config.toml, its comments kept."""
    from echo.shelf.use import settings, trained, write

    if not door.home.planted:
        raise nobody(door.home)
    wanted = settings(door.home, what, _voices(voice), Path.cwd())
    write(door.home, wanted)
    for key, value in wanted.items():
        said = door.words(msgid("{key} is now {value}."))
        door.screen().notice(said.format(key=key, value=value), "")
        name = key.split(".")[1]
        if key.endswith(".model") and f"brains.{name}.context" not in wanted:
            _warn_of_context(door, name, trained(door.home, value))


def _voices(named: str | None) -> tuple[Voice, ...]:
    if named is None:
        return VOICES
    found = tuple(voice for voice in VOICES if voice == named)
    if not found:
        raise UsageError(
            "{value} is not a voice.",
            "Choose one of {choices}.",
            value=named,
            choices=", ".join(VOICES),
        )
    return found


def _warn_of_context(door: Door, voice: str, most: int) -> None:
    asked = door.config.get(f"brains.{voice}.context")
    if isinstance(asked, int) and 0 < most < asked:
        said = msgid("{key} is {asked}, and this model was made for {most}: it will hold no more.")
        door.note(said, key=f"brains.{voice}.context", asked=asked, most=most)


# ── small things ─────────────────────────────────────────────────────────────────────────────


@contextmanager
def _meter(total: int) -> Iterator[Callable[[int], None]]:
    """A line on stderr that counts bytes: how many of how many, and how fast."""
    from echo.render.meter import Meter

    meter, began, done = Meter(sys.stderr, room=28), time.monotonic(), 0

    def heard(more: int) -> None:
        nonlocal done
        done += more
        pace = done / max(time.monotonic() - began, 0.1) / 1e6
        note = f"{done / 1e9:.2f}/{total / 1e9:.2f} GB  {pace:.0f} MB/s"
        meter.update(done / total if total else 0.0, note)

    try:
        yield heard
    finally:
        meter.end()
