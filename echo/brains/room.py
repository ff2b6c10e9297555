"""How much memory and how many processors there are for a brain, by rough count.

The exact fit (a dry run through llama.cpp, VRAM) is a later room's. Reads /proc and the cgroup's
files below a root that is an argument; where they are missing, nothing is refused. Knows GGUF
headers, no llama.cpp.
"""

from __future__ import annotations

import os
from pathlib import Path

from echo.brains.gguf import GGUFHeader
from echo.errors import BrainError

MOST_THREADS = 8
ROOT = Path("/")


def need(header: GGUFHeader, context: int) -> int:
    """Bytes of weights and of an f16 KV cache of `context` tokens."""
    heads = header.number("attention.head_count", 1) or 1
    width = header.number("embedding_length") // heads
    k = header.number("attention.key_length", width)
    v = header.number("attention.value_length", width)
    per_token = header.number("attention.head_count_kv", heads) * (k + v) * 2
    return header.bytes + header.number("block_count") * per_token * context


def check(path: Path, header: GGUFHeader, context: int, root: Path = ROOT) -> None:
    """Raises BrainError when main memory cannot hold the model: for processors without a GPU."""
    wanted, free = need(header, context), available(root)
    if free is not None and wanted > free:
        raise BrainError(
            "{path} needs {need:.1f} GB of memory, and {free:.1f} GB are free.",
            "Choose a smaller model or a smaller context in config.toml, or close other programs.",
            path=path,
            need=wanted / 1e9,
            free=free / 1e9,
        )


def available(root: Path = ROOT) -> int | None:
    """Bytes that may still be taken: what the system has, and what the cgroup allows."""
    found = [size for size in (_meminfo(root), _cgroup(root)) if size is not None]
    return min(found, default=None)


def threads(asked: int, root: Path = ROOT) -> int:
    """Threads for one brain: as asked, or as many as this process may keep busy, up to 8."""
    if asked > 0:
        return asked
    affinity = getattr(os, "sched_getaffinity", None)
    count = len(affinity(0)) if affinity else os.cpu_count() or 1
    quota = _read(root / "sys/fs/cgroup/cpu.max").split()
    if len(quota) == 2 and quota[0].isdigit() and int(quota[1]) > 0:
        count = min(count, max(1, int(quota[0]) // int(quota[1])))
    return min(count, MOST_THREADS)


def _meminfo(root: Path) -> int | None:
    for line in _read(root / "proc/meminfo").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _cgroup(root: Path) -> int | None:
    """What a container's limit leaves; file pages that can be dropped count as free."""
    folder = root / "sys/fs/cgroup"
    limit, used = _read(folder / "memory.max").strip(), _read(folder / "memory.current").strip()
    if not (limit.isdigit() and used.isdigit()):
        return None
    droppable = sum(
        int(line.split()[1])
        for line in _read(folder / "memory.stat").splitlines()
        if line.startswith(("inactive_file ", "active_file "))
    )
    return max(0, int(limit) - int(used) + droppable)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
