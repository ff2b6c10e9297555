r"""`fillin shell-init`: a shell function `echo` that reaches Echo for chat, boot and insight.

The function takes over only where a person types: stdin and stdout are terminals, no other
function called it, the first word is one of the three and what follows, if anything, is an
option. "echo chat is fine" is printed as ever. Everything else is the shell's builtin.
"""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from echo.cli.door import Door, add
from echo.errors import UsageError
from echo.i18n import msgid

BASH = r"""# Above the line in ~/.bashrc that returns when the shell is not interactive:
#   eval "$(fillin shell-init bash)"
\builtin unalias echo 2>/dev/null || \builtin true
function echo() {
    if [[ ${#FUNCNAME[@]} -eq 1 && -t 0 && -t 1 ]]; then
        case "${1-}:${2--}" in
            chat:-* | boot:-* | insight:-*)
                @fillin@ "$@"
                return
                ;;
        esac
    fi
    \builtin echo "$@"
}
"""

ZSH = r"""# In ~/.zshrc:
#   eval "$(fillin shell-init zsh)"
\builtin unalias echo 2>/dev/null || \builtin true
function echo() {
    if [[ ${#funcstack[@]} -eq 1 && -t 0 && -t 1 ]]; then
        case "${1-}:${2--}" in
            (chat:-* | boot:-* | insight:-*)
                @fillin@ "$@"
                return
                ;;
        esac
    fi
    \builtin echo "$@"
}
"""

FISH = r"""# In ~/.config/fish/config.fish:
#   fillin shell-init fish | source
function echo
    if test -t 0; and test -t 1
        and string match -qr '^(chat|boot|insight)( -.*)?$' -- (string join ' ' -- $argv[1..2])
        and test (status stack-trace | string match -r '^in function' | count) -eq 1
        @fillin@ $argv
        return
    end
    builtin echo $argv
end
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


def register(app: typer.Typer) -> None:
    """The command of this file."""
    add(
        app,
        "shell-init",
        shell_init,
        msgid("print the shell function that makes `echo chat` work"),
        reads=False,
    )


def shell_init(
    door: Door,
    shell: Annotated[str, typer.Argument(metavar="bash|zsh|fish", help=msgid("your shell"))],
) -> None:
    """Print the function for one shell."""
    if shell not in SCRIPTS:
        raise UsageError(
            "{name} is not a shell this is made for.", "Choose bash, zsh or fish.", name=shell
        )
    print(script(shell, program(sys.argv[0], door.env)), end="")  # noqa: T201


def script(shell: str, fillin: str) -> str:
    """The text that the shell evaluates; fillin is the quoted command to run."""
    return SCRIPTS[shell].replace("@fillin@", fillin)


def program(called: str, env: Mapping[str, str]) -> str:
    """How a shell calls this program: by name where PATH leads to it, else by its own path."""
    path = Path(called).absolute()
    if path.name == "__main__.py":
        return f"{shlex.quote(sys.executable)} -m echo"
    found = shutil.which("fillin", path=env.get("PATH"))
    if found and Path(found).samefile(path):
        return "command fillin"
    return shlex.quote(str(path))
