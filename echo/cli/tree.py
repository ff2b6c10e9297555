"""How commands and their help are put into a person's language. Knows no command by name.

Typer makes the tree; help is English msgids until `prepare` walks it. Mistakes on the command
line come out of here as UsageError, never as Typer's own English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from echo.errors import EchoError, UsageError
from echo.i18n import Words, msgid

_EXTRA = re.compile(r"unexpected extra argument(?:s|\(s\))? \((.*)\)")


class _Said:
    """Help under headings in the language of `words`."""

    words: Words = staticmethod(msgid)

    def ours(self, params: list[Any]) -> list[Any]:
        """Typer's parameters, the one for help included: it is made at the last moment."""
        for param in params:
            param.process_value = _as_typed(param)
            if "--help" in param.opts:
                param.help = self.words(msgid("show this and leave"))
        return params

    def write_usage(self, ctx: Any, formatter: Any) -> None:
        pieces = " ".join(ctx.command.collect_usage_pieces(ctx))
        usage = self.words(msgid("Usage"))
        formatter.write_usage(ctx.command_path, pieces, f"{usage}: ")

    def write_options(self, ctx: Any, formatter: Any) -> None:
        arguments: list[tuple[str, str]] = []
        options: list[tuple[str, str]] = []
        for param in ctx.command.get_params(ctx):
            if param.param_type_name == "argument":
                arguments.append((_name(param), param.help or ""))
            else:
                options.append(param.get_help_record(ctx))
        for heading, rows in ((msgid("Arguments"), arguments), (msgid("Options"), options)):
            if rows:
                with formatter.section(self.words(heading)):
                    formatter.write_dl(rows)


class Command(_Said, TyperCommand):
    """One command."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Arguments and options, as we want them."""
        return self.ours(super().get_params(ctx))

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """The first line of help."""
        self.write_usage(ctx, formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """What may be said to the command."""
        self.write_options(ctx, formatter)


class Group(_Said, TyperGroup):
    """A command that has commands."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Arguments and options, as we want them."""
        return self.ours(super().get_params(ctx))

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """The first line of help."""
        self.write_usage(ctx, formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The commands first: they are what somebody is looking for."""
        rows = [(name, self.commands[name].help or "") for name in self.list_commands(ctx)]
        with formatter.section(self.words(msgid("Commands"))):
            formatter.write_dl(rows)
        self.write_options(ctx, formatter)

    def list_commands(self, ctx: Any) -> list[str]:
        """In the order they were added: what is done daily comes first."""
        return list(self.commands)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command meant by the first word."""
        name = args[0]
        if name in self.commands or name.startswith("-"):
            return super().resolve_command(ctx, args)
        raise _unknown(
            name,
            list(self.commands),
            (
                msgid("There is no command {name}."),
                msgid("There is no command {name}; perhaps {near} was meant."),
            ),
            ctx.command_path,
        )


def _unknown(name: str, known: list[str], said: tuple[str, str], command: str) -> UsageError:
    near = get_close_matches(name, known, n=1)
    return UsageError(
        said[1] if near else said[0],
        msgid("`{command} -h` shows what there is."),
        name=name,
        near=near[0] if near else "",
        command=command,
    )


def prepare(command: Any, words: Words) -> None:
    """Put a tree of commands into words: help, headings, the stand-ins for values."""
    command.words = words
    command.help = words(command.help)
    if command.options_metavar:
        command.options_metavar = words(msgid("[OPTIONS]"))
    if isinstance(command, Group):
        command.subcommand_metavar = words(msgid("COMMAND [ARGS]..."))
    for param in command.params:
        param.help = words(param.help)
    for inner in getattr(command, "commands", {}).values():
        prepare(inner, words)


def _as_typed(param: Any) -> Callable[[Any, Any], Any]:
    """Hand a value on as it was typed; commands say themselves what it must be.

    Typer would import pydantic (50 ms of every start) to make a str of a str.
    """

    def process(ctx: Any, value: Any) -> Any:
        if param.required and param.value_is_missing(value):
            raise typer.BadParameter("", ctx=ctx, param=param)
        if param.callback is not None:  # --help
            return param.callback(ctx, param, value)
        return list(value or ()) if param.nargs == -1 else value

    return process


def usage(exc: typer.TyperException) -> EchoError:
    """A mistake that Typer found, as one of ours."""
    context: Any = getattr(exc, "ctx", None)
    command = context.command_path if context else "fillin"
    hint = msgid("`{command} -h` shows what there is.")
    option = getattr(exc, "option_name", None)
    if option is not None and hasattr(exc, "possibilities"):
        said = (
            msgid("There is no option {name}."),
            msgid("There is no option {name}; perhaps {near} was meant."),
        )
        return _unknown(option, list(_options(context)), said, command)
    if option is not None and "requires" in exc.message:
        return UsageError("{name} needs a value.", hint, name=option, command=command)
    if isinstance(exc, typer.BadParameter):
        name = _name(getattr(exc, "param", None))
        if not exc.message:
            return UsageError("{name} is missing.", hint, name=name, command=command)
        return UsageError("{name}: {reason}", hint, name=name, reason=exc.message, command=command)
    if extra := _EXTRA.search(exc.message):
        return UsageError("{name} is one word too many.", hint, name=extra[1], command=command)
    return UsageError("{reason}", hint, reason=exc.message, command=command)


def _options(context: Any) -> Iterator[str]:
    for param in context.command.get_params(context) if context else ():
        yield from (name for name in param.opts if name.startswith("--"))


def _name(param: Any) -> str:
    if param is None:
        return ""
    return str(param.opts[0] if param.param_type_name == "option" else param.metavar)
