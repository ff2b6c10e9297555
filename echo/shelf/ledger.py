"""Where a fetched file came from: a small record beside it, in models/.pulled. Knows JSON, no hub.

A record is what `verify` compares with later, and what tells a fetched model from one of the
seeds. A record that cannot be read counts as none: it is a help, never a lock.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from echo.home import make_private

FOLDER = ".pulled"


@dataclass(frozen=True, slots=True)
class Record:
    """One fetched file. repo: OWNER/NAME; file: its path there; commit: of the repository;
    digest: sha256, or git's sha1 where the hub had only that; at: ISO 8601."""

    repo: str
    file: str
    commit: str
    digest: str
    bytes: int
    license: str
    at: str


def folder(models: Path) -> Path:
    """The folder of records and of files that are not whole yet; made when it is not there."""
    made = models / FOLDER
    made.mkdir(mode=0o700, parents=True, exist_ok=True)
    make_private(made)
    return made


def unfinished(models: Path) -> tuple[tuple[str, int], ...]:
    """What was begun to be fetched and is not whole: the file's name here, and bytes."""
    parts = sorted((models / FOLDER).glob("*.part"))
    return tuple((path.name, path.stat().st_size) for path in parts)


def write(path: Path, record: Record) -> None:
    """The record of the file at path, whole or not at all."""
    target = folder(path.parent) / f"{path.name}.json"
    fresh = target.with_suffix(".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(record), file, ensure_ascii=False, indent=1)
    fresh.replace(target)


def read(path: Path) -> Record | None:
    """The record of the file at path."""
    try:
        found = json.loads((path.parent / FOLDER / f"{path.name}.json").read_text("utf-8"))
        kept = {name: found[name] for name in Record.__dataclass_fields__}
    except (OSError, ValueError, KeyError, TypeError):  # none, or not one of ours
        return None
    if not all(isinstance(v, int if k == "bytes" else str) for k, v in kept.items()):
        return None
    return Record(**kept)
