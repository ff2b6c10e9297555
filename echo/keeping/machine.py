"""What Echo stands on: Python, llama.cpp, SQLite, the terminal. Knows no home."""

from __future__ import annotations

import platform
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

from echo import __version__
from echo.errors import BrainError
from echo.i18n import msgid
from echo.render.health import Finding

SAFE = (3, 51, 3)
BACKPORTS = ((3, 50, 7), (3, 44, 6))  # of their own x.y lines


@dataclass(frozen=True, slots=True)
class Terminal:
    """What the program writes to. encoding: of stdout; term: TERM; tty: is it a terminal?"""

    encoding: str
    term: str
    tty: bool


class Patient(Protocol):
    """Whose terminal it is."""

    @property
    def terminal(self) -> Terminal:
        """What it writes to."""
        ...


def python(_: object) -> Iterator[Finding]:
    """Which Python, and which Echo."""
    yield Finding(
        "python", "Python", "good", msgid("{version}, and Echo {echo}"),
        params={"version": platform.python_version(), "echo": __version__},
    )  # fmt: skip


def llama(_: object) -> Iterator[Finding]:
    """Is llama.cpp there, and can it use the GPU? No model is loaded."""
    from echo.brains.native import backend

    title = "llama.cpp"
    try:
        which = version("llama-cpp-python")
        offloads = backend().offloads
    except PackageNotFoundError:
        yield Finding(
            "llama", title, "bad", msgid("llama-cpp-python is not installed"),
            msgid("Install it: pip install llama-cpp-python"),
        )  # fmt: skip
        return
    except BrainError as exc:
        yield Finding("llama", title, "bad", exc.message, exc.hint, exc.params)
        return
    params = {"version": which}
    if offloads:
        yield Finding("llama", title, "good", msgid("{version}, can use a GPU"), params=params)
    elif shutil.which("nvidia-smi"):
        yield Finding(
            "llama", title, "warn", msgid("{version}, built for the CPU, though there is a GPU"),
            msgid("Build it again: CMAKE_ARGS=-DGGML_CUDA=on pip install --force-reinstall "
                  "--no-binary :all: llama-cpp-python"),
            params,
        )  # fmt: skip
    else:
        yield Finding("llama", title, "good", msgid("{version}, on the CPU"), params=params)


def wal_is_safe(found: tuple[int, ...]) -> bool:
    """Is the bug mended that lets two connections damage a WAL? (sqlite.org/wal.html, 3.51.3)"""
    return found >= SAFE or any(found[:2] == fix[:2] and found >= fix for fix in BACKPORTS)


def sqlite(_: object) -> Iterator[Finding]:
    """Which SQLite, and what Echo does where it is an old one."""
    params = {"version": sqlite3.sqlite_version}
    if wal_is_safe(sqlite3.sqlite_version_info):
        yield Finding("sqlite", "SQLite", "good", "{version}", params=params)
        return
    yield Finding(
        "sqlite", "SQLite", "warn",
        msgid("{version}: older than 3.51.3, two programs that write at once can damage its WAL"),
        msgid("Echo lets one write at a time, by a lock, so it is not affected. Other programs "
              "should not write to echo.db."),
        params,
    )  # fmt: skip


def terminal(patient: Patient) -> Iterator[Finding]:
    """Can Hangul be shown?"""
    where = patient.terminal
    name = where.encoding.lower().replace("-", "").replace("_", "")
    params = {"encoding": where.encoding or "?", "term": where.term or "-"}
    if name == "utf8":
        yield Finding("terminal", msgid("terminal"), "good", "{encoding}, {term}", params=params)
    else:
        yield Finding(
            "terminal", msgid("terminal"), "warn",
            msgid("{encoding}: it cannot show every language"),
            msgid("Set a UTF-8 locale, such as LANG=C.UTF-8."), params,
        )  # fmt: skip
