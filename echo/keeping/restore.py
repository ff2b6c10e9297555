"""A backup put back: taken out and proved beside the home, opened once, and only then moved in.

What was there is moved aside, never overwritten, into a folder of its own in the home. config.toml
is the last to come in: until it does nobody is at home, so that no command can begin a new memory
in the middle of it. What cannot be finished is moved back.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from echo.config import DEFAULT, Config, load, zone
from echo.errors import BackupError, ConfigError
from echo.home import Home, filesystem, is_network
from echo.keeping import unpack
from echo.keeping.archive import ALONE, TOPS, Label
from echo.keeping.keys import Key
from echo.keeping.prove import Progress, prove
from echo.keeping.workroom import disk_told, workroom
from echo.memory import presence
from echo.memory.store import Store

_PARTS = (*TOPS, ALONE)  # config.toml last
_BEFORE = "before-restore-"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back. before: where the old memory is now, None where there was none."""

    home: Path
    label: Label
    before: Path | None
    users: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """into: the home it shall be; new: it must be an empty folder, or none yet."""

    into: Home
    new: bool
    clock: Callable[[], datetime]


def restore(
    file: IO[bytes], key: Key, asked: Asked, work: Path, *, progress: Progress = lambda _: None
) -> Restored:
    """Put a backup back. work: an empty folder on the same disk as the home. Raises EchoError."""
    check_target(asked)
    stage = Home(work / "home")
    stage.root.mkdir(mode=0o700)
    proof = prove(file, key, stage.root, keep=True, progress=progress)
    if not stage.config.exists():
        raise unpack.damaged()
    stage.memory.mkdir(mode=0o700, exist_ok=True)
    users = _opens(stage) if proof.label.content else ()
    os.sync()  # all of it, before anything else is moved
    with _nobody_else(asked.into):
        before = _swap(stage, asked)
    return Restored(asked.into.root, proof.label, before, users)


@contextmanager
def workshop(home: Home) -> Iterator[Path]:
    """A folder to work in on the disk of the home: in it, or beside one that is yet to be."""
    if home.planted:
        with workroom(home) as work:
            yield work
        return
    with disk_told(home.root.parent):
        home.root.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".fillin-restore-", dir=home.root.parent) as name:
            yield Path(name)


def check_target(asked: Asked) -> None:
    """A folder that holds nothing, or a home. Raises BackupError."""
    root = asked.into.root
    present = sorted(path.name for path in root.iterdir()) if root.is_dir() else []
    if root.exists() and not root.is_dir():
        raise BackupError(
            "{path} is a file, not a folder.", "Name a new or an empty folder.", path=root
        )
    kept = {"models", *(name for name in present if name.startswith((".", _BEFORE)))}
    if any(name.startswith(_BEFORE) for name in present):  # a restore was cut off in the middle
        kept.update(TOPS)
    if (asked.new and present) or (not asked.into.planted and set(present) - kept):
        raise BackupError(
            "The folder {path} holds other things.",
            "A backup is put back into a new or an empty folder, or into its own home.",
            path=root,
        )


def _opens(stage: Home) -> tuple[str, ...]:
    """Open it as a chat would; whose memories it holds."""
    try:
        config = load(stage, {})
    except ConfigError:  # it was broken then, too: the words are whole all the same
        config = DEFAULT
    with store_of(stage, config) as store:
        users = store.users()
        for user in users:
            store.stats(user)
    return users


def store_of(home: Home, config: Config) -> Store:
    """The memory of a home, opened as a chat opens it."""
    return Store.open(
        home.database,
        journal=home.memory,
        zone=zone(config),
        part_lines=config.memory.part_lines,
        network=is_network(filesystem(home.root)),
    )


def _nobody_else(home: Home) -> AbstractContextManager[None]:
    """Nobody has this memory open: they would go on writing into what is moved aside."""
    return presence.alone(home.database) if home.memory.is_dir() else nullcontext()


def _swap(stage: Home, asked: Asked) -> Path | None:
    """Old out, new in; undone when it cannot be finished. Where the old is, if there was any."""
    root = asked.into.root
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    moves = [(stage.root / name, root / name) for name in _PARTS if (stage.root / name).exists()]
    old = [name for name in reversed(_PARTS) if os.path.lexists(root / name)]
    before = _aside(root, asked.clock()) if old else None
    if before is not None:
        moves = [*((root / name, before / name) for name in old), *moves]
    done: list[tuple[Path, Path]] = []
    try:
        for source, target in moves:
            source.rename(target)
            done.append((source, target))
    except OSError:
        for source, target in reversed(done):
            target.rename(source)
        if before is not None:
            (before / ".gitignore").unlink(missing_ok=True)
            before.rmdir()
        raise
    _sync(root)
    return before


def _aside(root: Path, now: datetime) -> Path:
    stamp = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    for number in range(1, 1000):
        before = root / f"{_BEFORE}{stamp}{f'-{number}' if number > 1 else ''}"
        try:
            before.mkdir(mode=0o700)
        except FileExistsError:
            continue
        (before / ".gitignore").write_text("*\n", "utf-8")  # words are never committed
        return before
    raise FileExistsError(str(before))


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)
