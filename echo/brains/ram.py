"""How much main memory there is and may still be taken.

/proc/meminfo, and every cgroup from the process's own up to the root (v2: memory.max; v1:
memory.limit_in_bytes), below a root that is an argument; on macOS sysctl. Where nothing can be
read the answer is None and nothing is refused. Knows no model.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/")
NO_LIMIT = 1 << 60  # v1 says 2^63 less a page for none


def available(root: Path = ROOT) -> int | None:
    """Bytes that may still be taken: what the system has, and what every cgroup leaves."""
    found = [meminfo("MemAvailable", root), *(max(0, top - used) for top, used in _cgroups(root))]
    known = [size for size in found if size is not None]
    if not known and root == ROOT and sys.platform == "darwin":
        return _macos()[0]
    return min(known, default=None)


def total(root: Path = ROOT) -> int | None:
    """Bytes of memory, or of the smallest cgroup around this process."""
    found = [meminfo("MemTotal", root), *(top for top, _ in _cgroups(root))]
    known = [size for size in found if size is not None]
    if not known and root == ROOT and sys.platform == "darwin":
        return _macos()[1]
    return min(known, default=None)


def meminfo(name: str, root: Path = ROOT) -> int | None:
    """One line of /proc/meminfo, in bytes."""
    for line in read(root / "proc/meminfo").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return None


def _cgroups(root: Path) -> Iterator[tuple[int, int]]:
    """Limit and use of every cgroup that has one; file pages that can be dropped are not used."""
    v2, v1 = root / "sys/fs/cgroup", root / "sys/fs/cgroup/memory"
    ours = {"": "/", "memory": "/"}
    for line in read(root / "proc/self/cgroup").splitlines():
        kinds, _, path = line.partition(":")[2].partition(":")
        for kind in kinds.split(","):
            ours[kind] = path
    for folder in _upward(v2, ours[""]):
        yield from _limit(folder, ("memory.max", "memory.current"), "")
    for folder in _upward(v1, ours["memory"]):
        yield from _limit(folder, ("memory.limit_in_bytes", "memory.usage_in_bytes"), "total_")


def _upward(base: Path, path: str) -> Iterator[Path]:
    """A cgroup's folder and those around it; in a container only the outermost may be seen."""
    parts = [part for part in path.split("/") if part not in ("", "..")]
    for length in range(len(parts), -1, -1):
        yield base.joinpath(*parts[:length])


def _limit(folder: Path, names: tuple[str, str], prefix: str) -> Iterator[tuple[int, int]]:
    limit, used = (read(folder / name).strip() for name in names)
    if not (limit.isdigit() and used.isdigit()) or int(limit) >= NO_LIMIT:
        return
    droppable = sum(
        int(line.split()[1])
        for line in read(folder / "memory.stat").splitlines()
        if line.startswith((f"{prefix}inactive_file ", f"{prefix}active_file "))
    )
    yield int(limit), int(used) - droppable


def _macos() -> tuple[int | None, int | None]:
    """Free and all bytes as sysctl tells them: the kernel's own level of free memory, percent."""
    asked = ["/usr/sbin/sysctl", "-n", "hw.memsize", "kern.memorystatus_level"]
    try:
        said = subprocess.run(asked, capture_output=True, text=True, timeout=5, check=True).stdout
        size, level = (int(line) for line in said.split())
    except (OSError, subprocess.SubprocessError, ValueError):
        return None, None  # nothing is known, so nothing is refused
    return size * level // 100, size


def read(path: Path) -> str:
    """A small file's text; "" where there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
