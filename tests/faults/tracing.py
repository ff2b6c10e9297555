"""strace as a test instrument: what a process asks of the disk, and faults put into it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHANGES = (
    "pwrite64", "write", "fdatasync", "fsync", "ftruncate", "rename", "renameat", "renameat2",
    "unlink", "unlinkat", "mkdir", "mkdirat",
)  # fmt: skip
_CALL = re.compile(r"^(\d+) +(\w+)\(", re.MULTILINE)


@cache
def unavailable() -> str:
    """Why nothing can be traced here; "" when it can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    command = ["strace", "-qq", "-o", os.devnull, "-e", "inject=fsync:signal=KILL:when=9", "true"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"ptrace is not allowed here: {done.stderr.strip()}"


def driver(home: Path, *args: str) -> list[str]:
    """The command line of the process that is put under strain."""
    return [sys.executable, "-m", "tests.faults.driver", str(home), *args]


def environment() -> dict[str, str]:
    """No bytecode is written: its files are not what is counted."""
    return {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT)}


def traced(
    options: Sequence[str], command: Sequence[str], out: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """The command under strace, its trace in `out`."""
    # not --seccomp-bpf: with it strace 6.1 puts in no faults at all
    strace = ["strace", "-f", "-qq", "-o", str(out or os.devnull), *options]
    return subprocess.run(
        [*strace, *command],
        cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def counted(command: Sequence[str], out: Path) -> Counter[str]:
    """How often each call that changes the disk is made when nothing goes wrong.

    By the busiest thread: strace counts for each of them alone.
    """
    done = traced(["-e", f"trace={','.join(CHANGES)}"], command, out)
    assert done.returncode == 0, done.stderr
    by_thread = Counter(_CALL.findall(out.read_text(errors="replace")))
    most: Counter[str] = Counter()
    for (_, call), count in by_thread.items():
        most[call] = max(most[call], count)
    return most


def opens_before(command: Sequence[str], home: Path, out: Path) -> tuple[int, int]:
    """(openat calls before the first that touches home, all of them)."""
    traced(["-e", "trace=openat"], command, out)
    lines = [x for x in out.read_text(errors="replace").splitlines() if "openat(" in x]
    first = next(i for i, line in enumerate(lines) if str(home) in line)
    return first, len(lines)


def injected(
    fault: str, call: str, when: str, command: Sequence[str]
) -> subprocess.CompletedProcess[str]:
    """The command with one fault: fault is signal=KILL or error=ENOSPC; when: N, or N+ for on."""
    options = ["-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={when}"]
    return traced(options, command)
