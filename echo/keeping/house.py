"""What stands in a home: its disk, its privacy, the memory, the models, the last backup.

Looks, and changes nothing of its own accord: to be compared with its journal, memory is opened as
a chat opens it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from echo.config import Config, system_timezone
from echo.home import Home, filesystem, is_network
from echo.i18n import msgid
from echo.keeping.machine import Terminal
from echo.keeping.record import last
from echo.keeping.restore import store_of
from echo.memory import ledger
from echo.memory.verify import verify
from echo.nouns import VOICES
from echo.render.health import Finding

LOW, TOO_LOW = 1_000_000_000, 100_000_000  # bytes free
_FLEETING = ("tmpfs", "ramfs", "overlay")
_MODELESS = ("vfat", "exfat", "ntfs", "fuse", "9p", "drvfs")  # they have no modes of their own


@dataclass(frozen=True, slots=True)
class Patient:
    """Whose health it is."""

    home: Home
    config: Config
    terminal: Terminal


# ── the disk ─────────────────────────────────────────────────────────────────────────────────


def disk(patient: Patient) -> Iterator[Finding]:
    """What kind of filesystem, and how much room."""
    title = msgid("disk")
    kind = filesystem(patient.home.root)
    free = shutil.disk_usage(patient.home.root).free
    params = {"kind": kind or "?", "gb": f"{free / 1e9:.1f}"}
    if free < TOO_LOW:
        yield Finding(
            "disk", title, "bad", msgid("{kind}, {gb} GB free: almost full"),
            msgid("Free some space: what cannot be written cannot be remembered."), params,
        )  # fmt: skip
    elif free < LOW:
        yield Finding(
            "disk", title, "warn", msgid("{kind}, {gb} GB free"),
            msgid("Free some space before long."), params,
        )  # fmt: skip
    elif kind in _FLEETING:
        yield Finding(
            "disk", title, "warn",
            msgid("{kind}, {gb} GB free: it may be gone when this machine or container ends"),
            msgid("Keep the home on a volume that lasts, or make backups elsewhere."), params,
        )  # fmt: skip
    elif is_network(kind):
        said = msgid("{kind}, a network filesystem, {gb} GB free: Echo does without WAL there")
        yield Finding("disk", title, "good", said, params=params)
    else:
        yield Finding("disk", title, "good", msgid("{kind}, {gb} GB free"), params=params)


# ── who may read it ──────────────────────────────────────────────────────────────────────────


def privacy(patient: Patient) -> Iterator[Finding]:
    """Are memory/ and .echo/ for their owner alone, and writable?"""
    title = msgid("privacy")
    home = patient.home
    private = [folder for folder in (home.memory, home.state) if folder.is_dir()]
    open_ = sum(1 for folder in private for path in _all(folder) if _open(path))
    if not os.access(home.memory, os.R_OK | os.W_OK | os.X_OK):
        yield Finding(
            "privacy", title, "bad", msgid("{path} is not writable by you"),
            msgid("Make it yours: {command}"),
            {"path": home.memory, "command": f"sudo chown -R $(id -u) {_quoted([home.memory])}"},
        )  # fmt: skip
    elif open_:
        reached = any(_open(folder) for folder in private)
        modeless = filesystem(home.root).startswith(_MODELESS)
        inner = msgid("{n} files or folders of memory are open to others; the folder around is not")
        yield Finding(
            "privacy", title, "bad" if reached and not modeless else "warn",
            msgid("{n} files or folders of memory can be read by others") if reached else inner,
            msgid("Close them: {command}"),
            {"n": open_, "command": f"chmod -R go-rwx {_quoted(private)}"},
        )  # fmt: skip
    else:
        yield Finding("privacy", title, "good", msgid("memory is readable by you alone"))


def _quoted(folders: list[Path]) -> str:
    return " ".join(shlex.quote(str(folder)) for folder in folders)


def _all(folder: Path) -> Iterator[Path]:
    yield folder
    for root, folders, files in os.walk(folder):
        yield from (Path(root) / name for name in (*folders, *files))


def _open(path: Path) -> bool:
    try:
        info = path.lstat()
    except OSError:  # gone meanwhile
        return False
    return not stat.S_ISLNK(info.st_mode) and bool(info.st_mode & 0o077)


# ── what it knows ────────────────────────────────────────────────────────────────────────────


def memory(patient: Patient) -> Iterator[Finding]:
    """Do database, index and journal say the same, and which journal mode is it?"""
    title = msgid("memory")
    path = patient.home.database
    if not path.exists() and not ledger.users(patient.home.memory):
        yield Finding(
            "memory", title, "good", msgid("nothing is remembered yet"),
            msgid("`fillin boot` reads your day files; a chat begins a memory too."),
        )  # fmt: skip
        return
    mode = journal_mode(path)
    size = path.stat().st_size if path.exists() else 0
    params: dict[str, object] = {"mode": mode, "mb": f"{size / 1e6:.1f}"}
    report = verify(lambda: store_of(patient.home, patient.config), path, patient.home.memory)
    if not report.ok:
        found = report.findings[0]
        said = msgid("{mb} MB; {n} things are wrong. The first: {first}")
        params |= {"n": len(report.findings), "first": found.what}
        yield Finding("memory", title, "bad", said, found.next, {**found.params, **params})
        return
    if mode == "WAL" and is_network(filesystem(patient.home.root)):
        yield Finding(
            "memory", title, "warn", msgid("{mb} MB, whole; WAL on a network filesystem"),
            msgid("The next chat or boot changes that by itself."), params,
        )  # fmt: skip
        return
    yield Finding("memory", title, "good", msgid("{mb} MB, whole; journal mode {mode}"),
                  params=params)  # fmt: skip


def journal_mode(path: Path) -> str:
    """WAL, or DELETE: from the file's own header, so that nothing need be opened."""
    try:
        with path.open("rb") as file:
            return "WAL" if file.read(20)[18:19] == b"\x02" else "DELETE"
    except OSError:
        return "?"


def models(patient: Patient) -> Iterator[Finding]:
    """Are the files there that the voices speak with?"""
    title = msgid("models")
    named = {voice: patient.home.root / patient.config.brain(voice).model for voice in VOICES}
    missing = {voice: path for voice, path in named.items() if not path.is_file()}
    names = ", ".join(sorted({path.name for path in named.values()}))
    if not missing:
        yield Finding("models", title, "good", "{names}", params={"names": names})
        return
    first = next(iter(missing))
    yield Finding(
        "models", title, "bad" if len(missing) == len(named) else "warn",
        msgid("no model for {voices}: {path} is not there"),
        msgid("Put it there, or name another: `fillin config set brains.{voice}.model FILE`."),
        {"voices": ", ".join(missing), "path": missing[first], "voice": first},
    )  # fmt: skip


# ── days and copies ──────────────────────────────────────────────────────────────────────────


def timezone(patient: Patient) -> Iterator[Finding]:
    """When do days begin?"""
    title = msgid("time zone")
    chosen, system = patient.config.echo.timezone, system_timezone()
    if chosen:
        yield Finding("timezone", title, "good", "{zone}", params={"zone": chosen})
    elif system and system not in ("UTC", "Etc/UTC"):
        said = msgid("{zone}, as the system has it")
        yield Finding("timezone", title, "good", said, params={"zone": system})
    else:
        yield Finding(
            "timezone", title, "warn", msgid("none is set, so days begin at midnight in {zone}"),
            msgid("Set yours: `fillin config set echo.timezone Asia/Seoul`."),
            {"zone": system or "UTC"},
        )  # fmt: skip


def backup(patient: Patient) -> Iterator[Finding]:
    """How old is the last backup that was proved?"""
    title = msgid("backup")
    made = last(patient.home)
    if made is None:
        yield Finding(
            "backup", title, "warn", msgid("none has been made yet"),
            msgid("`fillin backup create FOLDER` makes one; best on another disk."),
        )  # fmt: skip
        return
    days = max((datetime.now(UTC) - made.moment).days, 0)
    params = {"days": days, "where": made.where, "most": patient.config.backup.days}
    if made.where.startswith("/") and not os.path.lexists(made.where):
        yield Finding(
            "backup", title, "warn", msgid("the last one is not where it was put: {where}"),
            msgid("Bring its disk back, or make another: `fillin backup create FOLDER`."), params,
        )  # fmt: skip
        return
    if days > patient.config.backup.days:
        yield Finding(
            "backup", title, "warn", msgid("the last one is {days} days old: {where}"),
            msgid("`fillin backup create` makes a new one; docs/backup.md tells how to have one "
                  "every day."),
            params,
        )  # fmt: skip
        return
    said = msgid("the last one is {days} days old: {where}")
    yield Finding("backup", title, "good", said, params=params)
