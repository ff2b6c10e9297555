"""The command line as a whole: help in both languages, mistakes told once, a quick start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from echo.cli import main
from echo.cli.app import language, tree
from echo.i18n import msgid

# What `fillin --help` may import besides the standard library and Echo's own bottom floors.
# Each of the others costs the person 30 to 150 ms before the first word.
TYPERS_OWN = {"annotated_doc", "shellingham"}
MAY_IMPORT = {"typer", "tomli", "platformdirs", *TYPERS_OWN}
OUR_FLOORS = {
    "echo", "echo.cli", "echo.config", "echo.errors", "echo.home", "echo.i18n", "echo.nouns",
    "echo.text",
}  # fmt: skip


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that no Echo claims, in an English-speaking system."""
    for name in ("FILLIN_HOME", "FILLIN_LANG", "FILLIN_USER", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def commands(command: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every command by its words, groups too."""
    inner = getattr(command, "commands", {})
    return [path, *(found for name, c in inner.items() for found in commands(c, (*path, name)))]


EVERY = commands(tree(msgid))


def said(args: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(args)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_every_command_explains_itself(
    path: tuple[str, ...], nowhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """-h and --help everywhere, with the options that every command has."""
    code, out, err = said([*path, "-h"], capsys)
    assert (code, err) == (0, "")
    assert out.startswith(f"Usage: {' '.join(['fillin', *path])} [OPTIONS]")
    assert said([*path, "--help"], capsys)[1] == out
    if path not in ((), ("memory",), ("models",), ("backup",), ("config",)):
        assert all(option in out for option in ("--home DIR", "--user NAME", "--lang ko|en"))


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_every_command_explains_itself_in_korean(
    path: tuple[str, ...], nowhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No English heading, and every line of help has Hangul in it."""
    code, out, _ = said(["--lang", "ko", *path, "-h"], capsys)
    assert code == 0
    assert "Usage" not in out
    assert "Options" not in out
    rows = [line for line in out.splitlines() if line.startswith("  ")]
    assert rows
    assert all(any("가" <= c <= "힣" for c in row) for row in rows)


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["chta"], "There is no command chta; perhaps chat was meant."),
        (["xyzzy"], "There is no command xyzzy."),
        (["memory", "imprt"], "There is no command imprt; perhaps import was meant."),
        (["chat", "--mod", "x"], "There is no option --mod; perhaps --mode was meant."),
        (["chat", "-m"], "-m needs a value."),
        (["config", "set", "echo.lang"], "VALUE is missing."),
        (["config", "path", "now"], "now is one word too many."),
        (["recall", "x", "--limit", "many"], "many is not a whole number between 1 and 10000."),
        (["recall", "x", "--limit", "0"], "0 is not a whole number between 1 and 10000."),
        (["recall"], "Name a question, or a file of them with --batch."),
        (["recall", "x", "--now", "later"], "later is not a time."),
        (["insight", "--day", "2026-02-30"], "2026-02-30 is not a day."),
        (["chat", "--mode", "x", "-m", "x"], "--mode: chat.mode must be one of full, auto, solo, "),
        (["chat", "--user", "day1", "-m", "x"], '--user: echo.user cannot be "day1": a name is '),
        (["chat", "--lang", "fr", "-m", "x"], "--lang: echo.lang must be one of auto, ko, en, "),
        (["chat", "-m", " "], "Nothing was said."),
        (["shell-init", "csh"], "csh is not a shell this is made for."),
    ],
)
def test_a_mistake_is_two_lines_and_exit_2(
    args: list[str], sentence: str, nowhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What happened, and what to do; never a usage block, never a traceback."""
    code, out, err = said(args, capsys)
    assert (code, out) == (2, "")
    what, todo = err.splitlines()
    assert what.startswith(sentence)
    assert todo.startswith("  ")
    assert todo.strip()


def test_a_mistake_in_korean(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--lang counts even where the rest of the line cannot be understood."""
    _, _, err = said(["chta", "--lang", "ko"], capsys)
    assert "chta" in err
    assert all(any("가" <= c <= "힣" for c in line) for line in err.splitlines())


def test_nobody_home_is_exit_1(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(["recall", "cat", "--home", str(nowhere / "x")], capsys)
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        f"No Echo lives in {nowhere / 'x'}.",
        f"  `fillin init {nowhere / 'x'}` makes a home for one.",
    ]


def test_language_before_the_line_is_understood(nowhere: Path) -> None:
    """Flag, variable, config.toml of the home meant, locale: in this order; never a crash."""
    home = nowhere / "home"
    home.mkdir()
    (home / "config.toml").write_text('[echo]\nlang = "ko"\n')
    assert language(["--home", str(home)], {}) == "ko"
    assert language([f"--home={home}"], {"FILLIN_LANG": "en"}) == "en"
    assert language(["chat", "--lang", "ko", "--home", str(home)], {"FILLIN_LANG": "en"}) == "ko"
    assert language(["recall", "--", "--lang", "ko"], {}) == "en"
    assert language([], {"LANG": "ko_KR.UTF-8"}) == "ko"
    (home / "config.toml").write_text("[echo]\nlang = \n")
    assert language(["--home", str(home)], {"LANG": "ko_KR.UTF-8"}) == "ko"


def test_the_root_takes_the_common_options_too(
    nowhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`fillin --home X config path` and `fillin config path --home X` are the same."""
    assert said(["--home", "a", "config", "path"], capsys)[1] == f"{nowhere}/a/config.toml\n"
    assert said(["config", "path", "--home", "b"], capsys)[1] == f"{nowhere}/b/config.toml\n"
    both = ["--home", "a", "config", "path", "--home", "b"]
    assert said(both, capsys)[1] == f"{nowhere}/b/config.toml\n"


def test_help_stays_quick() -> None:
    """A list, not a stopwatch: what is not imported cannot be slow on anybody's machine."""
    code = (
        "import sys; from echo.cli import main; before = set(sys.modules)\n"
        "main(['chat', '--help']); print(*sys.modules, file=sys.stderr)"
    )
    env = {"PYTHONPATH": ":".join(sys.path), "HOME": "/nonexistent"}
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], env=env, capture_output=True, text=True
    )
    names = set(done.stderr.split())
    foreign = {n.partition(".")[0] for n in names} - set(sys.stdlib_module_names) - {"echo"}
    assert {n for n in foreign if "__mypyc" not in n and n[:1] != "_"} <= MAY_IMPORT
    ours = {".".join(n.split(".")[:2]) for n in names if n.split(".")[0] == "echo"}
    assert ours <= OUR_FLOORS
    assert "sqlite3" not in names


def test_importing_the_command_line_needs_typer_alone() -> None:
    """Everything else waits for the command that needs it."""
    code = "import sys, echo.cli; print(*sys.modules)"
    env = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], env=env, capture_output=True, text=True
    )
    foreign = {n.partition(".")[0] for n in done.stdout.split()} - set(sys.stdlib_module_names)
    assert {n for n in foreign if not n.startswith("_")} <= {"echo", "typer", *TYPERS_OWN}


def test_a_closed_pipe_is_quiet() -> None:
    """`fillin config show | head -1` ends without a word."""
    command = f"{sys.executable} -m echo --help | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.stderr == ""
