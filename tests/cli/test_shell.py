"""`echo chat` reaches Echo only where a person types it; every other echo stays the shell's own.

Real shells in a real pty: the rule is about terminals, depth and builtins, which only they have.
"""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

import pexpect
import pytest

from echo.cli import main
from echo.cli.shell import SCRIPTS, program, script

FAKE = '#!/bin/sh\nprintf "FILLIN[%s]\\n" "$*"\nexit 3\n'
SAME = {  # what to type: what comes out
    "echo chat": "FILLIN[chat]",
    "echo chat -m 'hi there'": "FILLIN[chat -m hi there]",
    "echo boot --full": "FILLIN[boot --full]",
    "echo insight": "FILLIN[insight]",
    "echo chat is fine": "chat is fine",
    "echo insight into things": "insight into things",
    "echo create something": "create something",
    "echo chatting": "chatting",
    "echo": "",
    "echo -n chat": "chat",
    "echo chat | cat": "chat",
    "echo chat </dev/null": "chat",
    "env echo chat": "chat",
    "sh -c 'echo chat'": "chat",
}
POSIX = {
    **SAME,
    "f() { echo chat; }; f": "chat",
    'printf "%s\\n" "$(echo chat)"': "chat",
    "for i in 1 2; do echo boot; done": "FILLIN[boot]\nFILLIN[boot]",
    "set -u; echo": "",
    "echo chat; printf '%s\\n' $?": "FILLIN[chat]\n3",
    "alias echo='echo x'; . $INIT; echo chat": "FILLIN[chat]",
}
FISH = {
    **SAME,
    "function f; echo chat; end; f": "chat",
    'printf "%s\\n" (echo chat)': "chat",
    "for i in 1 2; echo boot; end": "FILLIN[boot]\nFILLIN[boot]",
    "echo chat; printf '%s\\n' $status": "FILLIN[chat]\n3",
}
CASES = [
    *(("bash", typed, out) for typed, out in POSIX.items()),
    ("bash", "eval 'echo chat'", "FILLIN[chat]"),
    ("zsh", "eval 'echo chat'", "chat"),  # zsh counts eval as a caller
    *(("zsh", typed, out) for typed, out in POSIX.items()),
    *(("fish", typed, out) for typed, out in FISH.items()),
]
QUIET = {"bash": ["--norc", "--noprofile"], "zsh": ["-f"], "fish": ["--no-config"]}


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A PATH whose `fillin` only says what it was asked."""
    fake = tmp_path / "fillin"
    fake.write_text(FAKE)
    fake.chmod(0o755)
    for shell in SCRIPTS:
        (tmp_path / shell).write_text(script(shell, "command fillin"))
    path = f"{tmp_path}:/usr/local/bin:/usr/bin:/bin"
    return {"PATH": path, "HOME": str(tmp_path), "TERM": "dumb", "LC_ALL": "C.UTF-8"}


def run(shell: str, typed: str, env: dict[str, str]) -> str:
    """What one line, typed in a terminal, prints (as `ssh -t host '…'` would run it)."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    init = f"{env['HOME']}/{shell}"
    source = f"source {init}\n{typed}"
    spoken = [*QUIET[shell], "-c", source]
    child = pexpect.spawn(
        shell, spoken, env={**env, "INIT": init}, encoding="utf-8", timeout=20
    )  # fmt: skip
    out = str(child.read())
    child.close()
    return out.replace("\r\n", "\n").strip("\n")


@pytest.mark.parametrize(("shell", "typed", "out"), CASES)
def test_only_a_person_at_a_terminal_reaches_echo(
    shell: str, typed: str, out: str, env: dict[str, str]
) -> None:
    """Scripts, pipes, substitutions, functions and ordinary words keep the builtin."""
    assert run(shell, typed, env) == out


def test_typed_at_an_interactive_prompt(env: dict[str, str]) -> None:
    """The case everything is for: somebody sits at bash and types `echo chat`."""
    child = pexpect.spawn(
        "bash", [*QUIET["bash"], "--noediting", "-i"], env={**env, "PS1": "ready$ "},
        encoding="utf-8", timeout=20, echo=False,
    )  # fmt: skip
    child.expect_exact("ready$ ")
    child.sendline(f'eval "$(cat {shlex.quote(env["HOME"])}/bash)"')
    child.expect_exact("ready$ ")
    child.sendline("echo chat --new")
    child.expect_exact("FILLIN[chat --new]")
    child.expect_exact("ready$ ")
    child.sendline("echo hello")
    assert child.expect_exact(["FILLIN", "hello\r\n"]) == 1
    child.sendline("exit")
    child.expect(pexpect.EOF)
    child.close()


def test_without_a_terminal_the_builtin_answers(env: dict[str, str]) -> None:
    """cron, CI and `ssh host 'echo chat'` without -t must never hang in a chat."""
    import subprocess

    source = f"source {env['HOME']}/bash; echo chat"
    done = subprocess.run(["bash", "-c", source], env=env, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("chat\n", "")


def test_the_command_prints_the_function(capsys: pytest.CaptureFixture[str]) -> None:
    for shell in SCRIPTS:
        assert main(["shell-init", shell]) == 0
        told = capsys.readouterr().out
        assert "@fillin@" not in told
        assert "builtin echo" in told


def test_a_program_off_the_path_is_called_by_its_own(tmp_path: Path) -> None:
    """A virtual environment that is not activated: the name alone would not be found."""
    fillin = tmp_path / "my tools" / "fillin"
    fillin.parent.mkdir()
    fillin.write_text(FAKE)
    fillin.chmod(0o755)
    assert program(str(fillin), {"PATH": str(fillin.parent)}) == "command fillin"
    assert program(str(fillin), {"PATH": "/usr/bin"}) == f"'{fillin}'"
    module = tmp_path / "echo" / "__main__.py"
    assert program(str(module), {}) == f"{shlex.quote(sys.executable)} -m echo"
