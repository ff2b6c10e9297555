"""What every command comes in through: whose Echo, which user, which language.

`add` gives each command the options that all of them have and hands it one frozen Door. Knows no
command; opens nothing heavy before it is asked to.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from echo.cli.tree import Command
from echo.config import DEFAULT, Config, Place, load, read_env, system_timezone, template
from echo.errors import EchoError, HomeError
from echo.home import Home, default, find, plant, seed
from echo.i18n import Words, catalogue, choose, msgid
from echo.nouns import Lang

if TYPE_CHECKING:
    from echo.memory.store import Store
    from echo.render.screen import Screen

PIPE_CLOSED = 141  # what a shell says of a program that SIGPIPE ended

HomeOption = Annotated[
    str | None, typer.Option("--home", metavar="DIR", help=msgid("the folder Echo lives in"))
]
UserOption = Annotated[
    str | None, typer.Option("--user", metavar="NAME", help=msgid("whose words these are"))
]
LangOption = Annotated[
    str | None, typer.Option("--lang", metavar="ko|en", help=msgid("language of the program"))
]
JsonOption = Annotated[bool, typer.Option("--json", help=msgid("answer as JSON"))]


@dataclass(frozen=True, slots=True)
class Door:
    """One call of the program: where, who, in which language."""

    home: Home
    config: Config
    lang: Lang
    words: Words
    env: Mapping[str, str]

    @property
    def user(self) -> str:
        """Whose words these are."""
        return self.config.echo.user

    def screen(self, file: TextIO | None = None) -> Screen:
        """Where values are drawn: stdout, or the file given."""
        return screen(file or sys.stdout, self.words, self.env)

    def note(self, text: str, **values: object) -> None:
        """One quiet sentence on stderr."""
        said = self.words(text)
        self.screen(sys.stderr).notice(said.format(**values) if values else said)

    def flagged(self, key: str, value: object, flag: str) -> Door:
        """The same call with one more setting from the command line."""
        if value is None:
            return self
        config = self.config.apply({key: value}, "flag", {key: Place(flag)})
        return replace(self, config=config)

    def settled(self) -> Door:
        """This door once somebody is home; the platform's own home is planted when it is not."""
        if self.home.planted:
            return self
        if self.home != default(self.env):
            raise nobody(self.home)
        made = DEFAULT.apply({"echo.timezone": system_timezone()}, "file")
        plant(self.home, settings=template(made, self.words), seed=seed())
        self.note(msgid("Echo now lives in {path}."), path=self.home.root)
        return self

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The memory of this home, closed again afterwards."""
        from echo.wake import open_store

        if not self.home.planted:
            raise nobody(self.home)
        store = open_store(self.home, self.config)
        try:
            yield store
        finally:
            store.close()


def nobody(home: Home) -> HomeError:
    """No Echo lives there."""
    return HomeError(
        "No Echo lives in {path}.", "`fillin init {path}` makes a home for one.", path=home.root
    )


def screen(file: TextIO, words: Words, env: Mapping[str, str]) -> Screen:
    """A Screen as this terminal, or pipe, wants it."""
    from echo.render.screen import Screen, wants_color

    return Screen(file, words=words, color=wants_color(file, env))


# ── commands ─────────────────────────────────────────────────────────────────────────────────


def add(
    app: typer.Typer, name: str, function: Callable[..., None], help_: str, *, reads: bool = True
) -> None:
    """Make function(door, …) a command. reads=False: it must work where config.toml is broken.

    Its options are typed str, bool or list[str]: values come as they were typed.
    """
    app.command(name, cls=Command, help=help_)(_through_door(function, reads))


def _common(
    home: HomeOption = None, user: UserOption = None, lang: LangOption = None
) -> None:  # only its signature is used
    """The options that every command has."""


def _through_door(function: Callable[..., None], reads: bool) -> Callable[..., None]:
    def run(**given: Any) -> None:
        ctx: typer.Context = given.pop("ctx")
        before = ctx.find_root().params
        asked = {name: given.pop(name) or before.get(name) for name in ("home", "user", "lang")}
        with _quiet_pipes():
            function(enter(asked, os.environ, reads=reads), **given)

    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    common = inspect.signature(_common, eval_str=True).parameters.values()
    context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    every = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in (context, *own, *common)]
    run.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]
    return run


def enter(asked: Mapping[str, Any], env: Mapping[str, str], *, reads: bool = True) -> Door:
    """The door for what was asked: flags over environment over file."""
    named = asked.get("home")
    home = find(Path(named) if named else None, env, Path.cwd())
    flags = {"echo.user": asked.get("user"), "echo.lang": asked.get("lang")}
    if reads:
        config = load(home, env, flags)
    else:
        values, places = read_env(env)
        config = DEFAULT.apply(values, "environment", places)
        config = config.apply({k: v for k, v in flags.items() if v}, "flag")
    lang = choose(None, config.echo.lang if reads else _lang(home, env, flags, config), env)
    return Door(home, config, lang, catalogue(lang), env)


def _lang(home: Home, env: Mapping[str, str], flags: Mapping[str, Any], otherwise: Config) -> str:
    """The language of a home whose settings may be broken: then that of everything else."""
    try:
        return load(home, env, flags).echo.lang
    except EchoError:  # the command itself will say what is wrong there
        return otherwise.echo.lang


@contextmanager
def _quiet_pipes() -> Iterator[None]:
    """`fillin recall … | head -1` ends without a word when head has seen enough."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # Whatever is still buffered would be written, and fail, again while Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(PIPE_CLOSED) from None
