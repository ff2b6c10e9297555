"""How many processors there are for a brain.

Reads the cgroup's files below a root that is an argument. Knows no model; memory is ram.py's.
"""

from __future__ import annotations

import os
from pathlib import Path

from echo.brains.ram import ROOT, read

MOST_THREADS = 8


def threads(asked: int, root: Path = ROOT) -> int:
    """Threads for one brain: as asked, or as many as this process may keep busy, up to 8."""
    if asked > 0:
        return asked
    affinity = getattr(os, "sched_getaffinity", None)
    count = len(affinity(0)) if affinity else os.cpu_count() or 1
    quota = read(root / "sys/fs/cgroup/cpu.max").split()
    if len(quota) == 2 and quota[0].isdigit() and int(quota[1]) > 0:
        count = min(count, max(1, int(quota[0]) // int(quota[1])))
    return min(count, MOST_THREADS)
