"""A user's journal as a whole: which records stand in it, how often, and which lines are none.

Reads journal files only; knows no database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from echo.errors import JournalError
from echo.memory import dayfiles, journal
from echo.memory.dayfiles import natural
from echo.memory.journal import Record


@dataclass
class Ledger:
    """records: how often each (kind, id) stands there; damaged: "file:line" of what is none."""

    records: Counter[tuple[str, str]] = field(default_factory=Counter)
    damaged: list[str] = field(default_factory=list)

    def ids(self, *kinds: str) -> set[str]:
        """The ids of all records of these kinds."""
        return {ident for kind, ident in self.records if kind in kinds}


def id_of(kind: str, ref: str) -> str:
    """The id of an act's record: a line that went is recorded under its own ref."""
    return ref.removeprefix("gone-") if kind == journal.GONE else ref


def files(memory: Path, user: str) -> list[Path]:
    """The journal files of a user, in order."""
    found = [p for p in (memory / user).glob("day*/part*.txt") if p.is_file()]
    found.sort(key=lambda p: (natural(p.parent.name), natural(p.name)))
    return [path for path in found if _is_of(path, user)]


def _is_of(path: Path, user: str) -> bool:
    with path.open("rb") as file:
        line = file.readline(4096)
    if not journal.is_header(line) or not line.endswith(b"\n"):
        return False
    try:
        return journal.read_header(line.decode("utf-8", "replace")).user == user
    except JournalError:  # of a later Echo, or damaged: boot says so
        return False


def users(memory: Path) -> list[str]:
    """Everybody who has a journal here."""
    names = sorted(p.name for p in memory.iterdir() if p.is_dir()) if memory.is_dir() else []
    return [name for name in names if not name.startswith((".", "day")) and files(memory, name)]


def records(memory: Path, user: str, damaged: list[str]) -> Iterator[Record]:
    """Every record of a user's journal, in order; lines that are none are told to `damaged`."""
    for path in files(memory, user):
        with path.open("rb") as file:
            for line in dayfiles.raw_lines(file):
                text = line.text or ""
                if line.number == 1:
                    continue
                record = journal.record_of(text)
                if record is not None:
                    yield record
                elif not journal.is_torn(text):
                    damaged.append(f"{path.relative_to(memory)}:{line.number}")


def read(memory: Path, user: str) -> Ledger:
    """The whole journal of a user, without its words."""
    made = Ledger()
    for record in records(memory, user, made.damaged):
        made.records[record.kind, record.id] += 1
    return made
