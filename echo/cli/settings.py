"""`fillin init` and `fillin config`: a fresh home, and what is set where."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from echo.cli.door import Door, JsonOption, add, nobody
from echo.config import (
    KEYS,
    Config,
    Place,
    is_user,
    set_value,
    system_timezone,
    template,
    zone_exists,
)
from echo.home import Home, plant, seed
from echo.i18n import catalogue, choose, msgid


def register(app: typer.Typer) -> None:
    """The commands of this file that stand by themselves."""
    add(app, "init", init, msgid("make a home for an Echo in a folder"), reads=False)


def register_config(app: typer.Typer) -> None:
    """The commands under `config`."""
    add(app, "show", show, msgid("every setting, its value, and where it was set"))
    add(app, "set", set_, msgid("write one setting into config.toml"), reads=False)
    add(app, "path", path, msgid("where config.toml is"), reads=False)


# ── init ─────────────────────────────────────────────────────────────────────────────────────


def init(
    door: Door,
    folder: Annotated[str, typer.Argument(metavar="DIR", help=msgid("a new or an empty folder"))],
    timezone: Annotated[
        str | None,
        typer.Option("--timezone", metavar="ZONE", help=msgid('such as "Asia/Seoul"')),
    ] = None,
) -> None:
    """Plant a home; on a terminal, ask what was not said."""
    home = Home(Path(folder).expanduser().absolute())
    if home.planted:
        made = plant(home, settings="", seed=seed())
        door.note(msgid("An Echo lives in {path} already."), path=home.root)
    else:
        config = door.config.apply(
            {} if timezone is None else {"echo.timezone": timezone},
            "flag",
            {"echo.timezone": Place("--timezone")},
        )
        config = _asked(door, config) if _on_terminal() else config
        config = _with_zone(config)
        words = catalogue(choose(None, config.echo.lang, door.env))
        made = plant(home, settings=template(config, words), seed=seed())
        door.screen().notice(
            words(msgid("Made a home for Echo in {path}.")).format(path=home.root), ""
        )
    for new in made:
        door.note(msgid("new: {path}"), path=new)


def _on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _with_zone(config: Config) -> Config:
    """A home remembers the zone it was made in: pods run on UTC, their people do not."""
    if config.echo.timezone:
        return config
    return config.apply({"echo.timezone": system_timezone()}, "file")


def _asked(door: Door, config: Config) -> Config:
    """The answers of whoever sits there; what a flag has said is not asked again."""
    given = config.origins
    if "echo.lang" not in given:
        lang = _ask("Language / 언어 (ko, en)", door.lang, lambda a: a in ("ko", "en"), "ko, en")
        config = config.apply({"echo.lang": lang}, "file")
    words = catalogue(choose(None, config.echo.lang, door.env))
    if "echo.user" not in given:
        wrong = words(msgid("Up to 40 letters, digits, hyphens or underscores."))
        asked = words(msgid("What shall Echo call you?"))
        config = config.apply({"echo.user": _ask(asked, config.echo.user, is_user, wrong)}, "file")
    if "echo.timezone" not in given:
        wrong = words(msgid('A name such as "Asia/Seoul" or "Europe/Berlin".'))
        asked = words(msgid("Which time zone do your days follow?"))
        answer = _ask(asked, system_timezone(), lambda a: not a or zone_exists(a), wrong)
        config = config.apply({"echo.timezone": answer}, "file")
    return config


def _ask(question: str, default: str, right: Callable[[str], bool], wrong: str) -> str:
    """One answer from the terminal; an empty one is the default. The end of input aborts."""
    while True:
        sys.stderr.write(f"{question} [{default}] ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise typer.Abort
        answer = line.strip() or default
        if right(answer):
            return answer
        sys.stderr.write(f"  {wrong}\n")


# ── config ───────────────────────────────────────────────────────────────────────────────────


def show(door: Door, as_json: JsonOption = False) -> None:
    """List every setting."""
    config = door.config
    if as_json:
        told = {k: {"value": config.get(k), "from": config.origin(k)} for k in KEYS}
        print(json.dumps(told, ensure_ascii=False, indent=2))  # noqa: T201
        return
    origins = {
        "default": msgid("default"),
        "file": msgid("config.toml"),
        "environment": msgid("environment"),
        "flag": msgid("command line"),
    }
    door.screen().table(
        (key, _shown(config.get(key)), door.words(origins[config.origin(key)])) for key in KEYS
    )


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def set_(
    door: Door,
    key: Annotated[str, typer.Argument(metavar="KEY", help=msgid("such as echo.lang"))],
    value: Annotated[str, typer.Argument(metavar="VALUE", help=msgid("its new value"))],
) -> None:
    """Write one setting."""
    if not door.home.planted:
        raise nobody(door.home)
    written = set_value(door.home.config, key, value)
    door.note(msgid("{key} is now {value}."), key=key, value=_shown(written))


def path(door: Door) -> None:
    """Print where config.toml is, whether or not it is there yet."""
    print(door.home.config)  # noqa: T201
