"""`fillin`: the tree of commands and the one exit. Parses, calls one thing, renders; no more.

Everything a person can mend leaves here as two lines on stderr and an exit code: 1 runtime, 2
usage, 130 interrupted. Anything else is a bug and shows its traceback.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from echo import __version__
from echo.cli import (
    backup,
    doctor,
    facts,
    memory,
    models,
    models_fit,
    rights,
    settings,
    shell,
    talk,
)
from echo.cli.door import HomeOption, LangOption, UserOption, screen
from echo.cli.tree import Group, prepare, usage
from echo.config import load
from echo.errors import EchoError, Interrupted
from echo.home import find
from echo.i18n import Words, catalogue, choose, msgid
from echo.nouns import Lang


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    args = list(sys.argv[1:] if argv is None else argv)
    _steady(sys.stdout, sys.stderr)
    words = catalogue(language(args, os.environ))
    try:
        code = tree(words).main(args, prog_name="fillin", standalone_mode=False)
    except EchoError as exc:
        return _told(exc, words)
    except typer.TyperException as exc:
        return _told(usage(exc), words)
    except (typer.Abort, KeyboardInterrupt):  # the end of input where a question was asked; Ctrl-C
        return Interrupted.exit_code
    return code if isinstance(code, int) else 0


def _told(error: EchoError, words: Words) -> int:
    screen(sys.stderr, words, os.environ).error(error)
    return error.exit_code


def _steady(*files: object) -> None:
    """A terminal that cannot show a letter gets a question mark, not a traceback."""
    for file in files:
        if isinstance(file, io.TextIOWrapper):
            file.reconfigure(errors="replace")


def language(args: Sequence[str], env: Mapping[str, str]) -> Lang:
    """The language for help and mistakes, before the command line is understood."""
    flag = _after(args, "--lang")
    try:
        home = _after(args, "--home")
        config = load(find(Path(home) if home else None, env, Path.cwd()), env)
    except (EchoError, OSError):  # the command itself will say what is wrong with it
        return choose(flag, env.get("FILLIN_LANG", ""), env)
    return choose(flag, config.echo.lang, env)


def _after(args: Sequence[str], name: str) -> str | None:
    """The value of a long option, wherever it stands before `--`."""
    for i, arg in enumerate(args):
        if arg == "--":
            return None
        if arg == name and i + 1 < len(args):
            return args[i + 1]
        if arg.startswith(f"{name}="):
            return arg.partition("=")[2]
    return None


# ── the tree ─────────────────────────────────────────────────────────────────────────────────


def tree(words: Words) -> Any:
    """Every command, its help in words."""
    app = _typer(msgid("Echo: a companion of your own that remembers."), _root)
    talk.register(app)
    memory.register(app)
    inner = _typer(msgid("your memory: take in, show, edit, forget, give out, check"), _bare)
    memory.register_memory(inner)
    rights.register_memory(inner)
    facts.register_memory(inner)
    app.add_typer(inner, name="memory")
    inner = _typer(msgid("the models: on disk, from a hub, and which voice has which"), _bare)
    models.register_models(inner)
    models_fit.register_models_fit(inner)
    app.add_typer(inner, name="models")
    inner = _typer(msgid("copies of your memory that are proved by restoring them"), _bare)
    backup.register_backup(inner)
    app.add_typer(inner, name="backup")
    doctor.register(app)
    inner = _typer(msgid("what is set, and where it was set"), _bare)
    settings.register_config(inner)
    app.add_typer(inner, name="config")
    settings.register(app)
    shell.register(app)
    command = typer.main.get_command(app)
    prepare(command, words)
    return command


def _typer(help_: str, callback: Any) -> typer.Typer:
    return typer.Typer(
        cls=Group,
        help=help_,
        callback=callback,
        invoke_without_command=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )


def _bare(ctx: typer.Context) -> None:
    """A group without a command shows what it has."""
    if ctx.invoked_subcommand is None:
        print(ctx.get_help())  # noqa: T201 - help is Typer's text, made of ours


def _root(
    ctx: typer.Context,
    *,
    home: HomeOption = None,
    user: UserOption = None,
    lang: LangOption = None,
    version: Annotated[bool, typer.Option("--version", help=msgid("show the version"))] = False,
) -> None:
    if version:
        print(f"fillin {__version__}")  # noqa: T201
        raise typer.Exit
    _bare(ctx)
