"""Power loss: from what a process wrote and synced, the files as a disk may have kept them.

A trace of the driver gives every write with its bytes, every sync, rename and unlink, and the
moment of each acknowledgement. An image is what a disk may hold when the power goes at some
moment: whatever was synced, and of each write since then all, nothing, or some of its 512-byte
sectors. A name in a folder that was not synced since may be missing.
"""

from __future__ import annotations

import os
import random
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import tracing
from tests.faults.oracle import allowed

SECTOR = 512
_KEPT = (
    "select p.name, coalesce(o.raw, t.body) from occurrence o join text t on t.id = o.text"
    " join speaker p on p.id = o.speaker"
    " union all select 'echo', part_text from exchange where part_text is not null"
)
_LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)(?:<(.*?)>)?", re.DOTALL)
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_FD = re.compile(r"^(\d+)<(.*?)>")
_CALLS = "pwrite64,write,writev,fdatasync,fsync,ftruncate,openat,rename,unlink,mkdir"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to the disk: write, cut, sync, new, gone, or said (to stdout)."""

    kind: str
    path: str = ""
    offset: int = 0
    data: bytes = b""
    to: str = ""


def recorded(home: Path, out: Path, *args: str) -> list[Event]:
    """What the driver does to its home."""
    options = ["-y", "-xx", "-s", "100000000", "-e", f"trace={_CALLS}"]
    done = tracing.traced(options, tracing.driver(home, *args), out)
    assert done.returncode == 0, done.stderr
    events = []
    with out.open(encoding="ascii", errors="replace") as file:
        for line in _whole(file):
            event = _event(line, str(home))
            if event is not None:
                events.append(event)
    return events


def _whole(lines: Iterable[str]) -> Iterator[str]:
    """Calls of several threads interleave: each is put together again where it ended."""
    begun: dict[str, str] = {}
    for line in lines:
        thread = line.partition(" ")[0]
        if line.rstrip().endswith("<unfinished ...>"):
            begun[thread] = line.rstrip().removesuffix("<unfinished ...>").rstrip()
        elif " resumed>" in line:
            yield begun.pop(thread, "") + line.partition(" resumed>")[2]
        else:
            yield line


def _event(line: str, root: str) -> Event | None:
    match = _LINE.match(line)
    if match is None or int(match[3]) < 0:
        return None
    call, args, _, result = match.groups()
    strings = [bytes.fromhex(s.replace("\\x", "")) for s in _STRING.findall(args)]
    if call == "writev":
        return Event("said", data=b"".join(strings)) if args.startswith("1<") else None
    if call in ("openat", "mkdir", "unlink", "rename"):
        return _named(call, args, strings, result, root)
    fd = _FD.match(args)
    path = _plain(fd[2]) if fd else ""
    if not path.startswith(root):
        return None
    if call in ("pwrite64", "write"):
        offset = int(args.rpartition(",")[2]) if call == "pwrite64" else -1
        return Event("write", path, offset, strings[0][: int(match[3])])
    if call == "ftruncate":
        return Event("cut", path, int(args.rpartition(",")[2]))
    return Event("sync", path)


def _named(
    call: str, args: str, strings: list[bytes], result: str | None, root: str
) -> Event | None:
    path = os.fsdecode(strings[0]) if strings else ""
    if call == "openat":
        path = _plain(result or "")
        wanted = "O_CREAT" in args
    else:
        wanted = True
    if not wanted or not path.startswith(root):
        return None
    if call == "rename":
        return Event("moved", path, to=os.fsdecode(strings[1]))
    return Event({"openat": "new", "mkdir": "folder", "unlink": "gone"}[call], path)


def _plain(name: str) -> str:
    """With -xx the paths behind descriptors are hexadecimal too."""
    if "\\x" in name:
        return os.fsdecode(bytes.fromhex(name.replace("\\x", "")))
    return name


# ── a disk ───────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _File:
    """What is surely on the disk, and what was done since the last sync."""

    kept: bytearray = field(default_factory=bytearray)
    since: list[Event] = field(default_factory=list)
    length: int = 0  # as the process sees it, for appends


@dataclass
class Disk:
    """A folder tree as its medium has it."""

    files: dict[str, _File] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)  # names whose folder was not synced since
    gone: dict[str, _File] = field(default_factory=dict)  # the same of names taken away

    @classmethod
    def of(cls, home: Path) -> Disk:
        """As it stands, all of it safe."""
        disk = cls()
        for path in home.rglob("*"):
            if path.is_file():
                data = bytearray(path.read_bytes())
                disk.files[str(path)] = _File(data, [], len(data))
        return disk

    def do(self, event: Event) -> None:
        """One more event has happened."""
        match event.kind:
            case "new":
                if event.path not in self.files:
                    self.files[event.path] = _File()
                    self.fresh.add(event.path)
                    self.gone.pop(event.path, None)
            case "folder":
                self.fresh.add(event.path)
            case "write":
                self._write(event)
            case "cut":
                file = self.files[event.path]
                file.since.append(event)
                file.length = event.offset
            case "sync":
                self._sync(event.path)
            case "gone":
                self.gone[event.path] = self.files.pop(event.path)
            case "moved":
                self.files[event.to] = self.files.pop(event.path)
            case _:
                pass

    def _write(self, event: Event) -> None:
        file = self.files[event.path]
        offset = file.length if event.offset < 0 else event.offset
        file.since.append(Event("write", event.path, offset, event.data))
        file.length = max(file.length, offset + len(event.data))

    def _sync(self, path: str) -> None:
        if path in self.files:
            file = self.files[path]
            for event in file.since:
                _apply(file.kept, event, None)
            file.since = []
        self.fresh = {name for name in self.fresh if _folder(name) != path}
        self.gone = {name: file for name, file in self.gone.items() if _folder(name) != path}

    def image(self, root: Path, to: Path, chance: random.Random) -> None:
        """Write one of the states the medium may be in."""
        keep = chance.choice((0.0, 0.5, 0.5, 0.9, 1.0))
        lost = {name for name in self.fresh if chance.random() > keep}
        back = {name: file for name, file in self.gone.items() if chance.random() > keep}
        for name, file in {**back, **self.files}.items():
            if (
                name.endswith("-shm")
                or name in lost
                or any(name.startswith(f"{folder}/") for folder in lost)
            ):
                continue  # -shm is shared memory: after a restart nobody reads it
            data = bytearray(file.kept)
            for event in file.since:
                if chance.random() < keep:
                    _apply(data, event, None)
                elif chance.random() < 0.5:
                    _apply(data, event, chance)
            path = to / Path(name).relative_to(root)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _apply(data: bytearray, event: Event, torn: random.Random | None) -> None:
    """The event as it reached the medium; torn: only some of its sectors did."""
    if event.kind == "cut":
        del data[event.offset :]
        data.extend(bytes(event.offset - len(data)))
        return
    start, end = event.offset, event.offset + len(event.data)
    at = start
    while at < end:
        stop = min(end, (at // SECTOR + 1) * SECTOR)
        if torn is None or torn.random() < 0.5:
            if len(data) < at:
                data.extend(bytes(at - len(data)))
            data[at:stop] = event.data[at - start : stop - start]
        at = stop


def lost(home: Path, work: str, said: str) -> list[str]:
    """What was acknowledged and is not in the database of this image, or not sound."""
    sure, _ = allowed(work, said)
    try:
        conn = sqlite3.connect(home / "memory/echo.db")
        with closing(conn):
            whole = conn.execute("pragma integrity_check").fetchone()[0]
            kept = set(conn.execute(_KEPT)) if _has_tables(conn) else set()
    except sqlite3.Error as exc:
        return [f"not sound: {exc}"] if sure else []
    found = [] if whole == "ok" else [f"not sound: {whole}"]
    return found + [f"lost: {one}" for one in sure - kept]


def _has_tables(conn: sqlite3.Connection) -> bool:
    return bool(conn.execute("select 1 from sqlite_master where name = 'exchange'").fetchone())


def images(
    events: list[Event], disk: Disk, roots: tuple[Path, Path], count: int, seed: int
) -> Iterator[str]:
    """`count` images, each in the empty folder roots[1]; yields what had been acknowledged."""
    root, to = roots
    chance = random.Random(seed)
    moments = sorted(chance.randrange(1, len(events) + 1) for _ in range(count))
    done, said = 0, ""
    for moment in moments:
        for event in events[done:moment]:
            disk.do(event)
            said += event.data.decode() if event.kind == "said" else ""
        done = moment
        disk.image(root, to, chance)
        yield said
