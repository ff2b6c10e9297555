"""The floors of the house: imports run down only, and never in a circle.

Walks the syntax tree of every file in echo/, imports inside functions too, so that an arrow that
runs up cannot hide behind a lazy import.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "echo"
FLOORS: tuple[frozenset[str], ...] = tuple(
    frozenset(floor.split())
    for floor in (
        "__main__",
        "cli",
        "repl wake",
        "casting",
        "mind",
        "recall insight creation keeping",
        "memory being shelf",
        "render feeling terms facts",
        "fit",
        "brains",
        "text config kinds",
        "home i18n workers",
        "nouns",  # STYLE.md draws it beside home and i18n; every floor uses values
        "errors",
    )
)
ROOT_NAMES = {"__version__"}


def room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0]


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every module of echo that this file imports, with the line."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            if node.module == "echo":
                for alias in node.names:
                    if alias.name not in ROOT_NAMES:
                        yield f"echo.{alias.name}", node.lineno
            else:
                yield node.module or "", node.lineno


def floor_of(room: str) -> int:
    for height, floor in enumerate(FLOORS):
        if room in floor:
            return height
    raise AssertionError(f"{room} stands on no floor of STYLE.md")


FILES = sorted(p for p in PACKAGE.rglob("*.py") if p != PACKAGE / "__init__.py")


def complaints(path: Path) -> list[str]:
    here = room_of(path)
    found = []
    for name, line in imports(path):
        if not name.startswith("echo."):
            continue
        there = name.split(".")[1]
        down = floor_of(there) > floor_of(here)
        if there != here and not down:
            found.append(f"{path.name}:{line}: {here} must not know {there}")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_arrows_run_down(path: Path) -> None:
    assert complaints(path) == []


def test_there_is_a_house_to_walk() -> None:
    """The walk must see every floor; an empty glob would pass everything."""
    rooms = {room_of(path) for path in FILES}
    assert {"cli", "repl", "wake", "mind", "memory", "brains", "errors"} <= rooms


def test_the_walk_finds_an_arrow_that_runs_up(tmp_path: Path) -> None:
    """The rule itself: errors importing mind is a complaint, also inside a function."""
    assert floor_of("errors") > floor_of("mind")
    tree = "def late():\n    from echo.mind import session\n    return session\n"
    (tmp_path / "x.py").write_text(tree)
    assert list(imports(tmp_path / "x.py")) == [("echo.mind", 2)]


def test_llama_cpp_has_one_importer() -> None:
    """Everything else sees brains through the protocol."""
    importers = {
        str(path.relative_to(PACKAGE))
        for path in FILES
        for name, _ in imports(path)
        if name.split(".")[0] == "llama_cpp"
    }
    assert importers <= {"brains/llama.py", "brains/native.py"}
