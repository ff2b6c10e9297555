"""A disk that is full, gives up or may not be written, and no descriptors left: at every call.

Whatever happens, a step either is acknowledged or says one sentence; what was acknowledged stays;
there is no traceback; and what is in memory can still be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.faults import kills, tracing
from tests.faults.oracle import allowed, wrong

# what each call can be told by a disk
ERRORS = {
    "pwrite64": ("ENOSPC", "EIO"),
    "write": ("ENOSPC", "EIO"),
    "fdatasync": ("EIO", "ENOSPC"),
    "fsync": ("EIO", "ENOSPC"),
    "ftruncate": ("EIO", "EROFS"),
    "rename": ("EROFS", "EIO"),
    "unlink": ("EROFS", "EIO"),
    "mkdir": ("EROFS", "ENOSPC"),
    "openat": ("EMFILE", "EROFS", "ENOSPC", "EIO"),
}
_SENTENCE = re.compile(r"[A-Z][^\n]+[.)]")

Fault = tuple[str, str, str]  # the call, the error, when: N for once, N+ from then on


def faults(folder: Path, work: str, *, fresh: bool) -> Iterator[Fault]:
    """Every error at every call, once and from then on."""
    for call, n in kills.points(folder, work, fresh=fresh):
        for error in ERRORS.get(call, ()):
            yield from ((call, error, str(n)), (call, error, f"{n}+"))
    home = kills.copied(kills.template(folder, work, fresh=fresh), folder / "count")
    command = tracing.driver(home, work)
    first, last = tracing.opens_before(command, home, folder / "trace")
    for n in range(first + 1, last + 1):  # before that Python itself is starting
        for error in ERRORS["openat"]:
            yield from (("openat", error, str(n)), ("openat", error, f"{n}+"))


def suffered(folder: Path, work: str, fault: Fault, *, fresh: bool) -> list[str]:
    """What is wrong after this error."""
    home = kills.copied(kills.template(folder, work, fresh=fresh), folder / "victim")
    call, error, when = fault
    done = tracing.injected(f"error={error}", call, when, tracing.driver(home, work))
    found = []
    if done.returncode != 0 or "Traceback" in done.stderr:
        found.append(f"exit {done.returncode}: {done.stderr.strip()[-600:]}")
    told = [line[4:] for line in done.stdout.splitlines() if line.startswith("err ")]
    found += [f"no sentence: {line!r}" for line in told if not _SENTENCE.fullmatch(line)]
    opened = any(line.startswith(("ack ", "err ")) and line != done.stdout.splitlines()[-1]
                 for line in done.stdout.splitlines())  # fmt: skip
    if opened and "\nread " not in f"\n{done.stdout}" and call != "openat":
        found.append("memory could not be read any more")
    return found + wrong(home, *allowed(work, done.stdout))


def sweep(
    folder: Path, work: str, *, fresh: bool, most: int = 10**9
) -> Iterator[tuple[Fault, list[str]]]:
    """(fault, what is wrong) for every fault of the work, or for `most` of them."""
    for fault in kills.sample(list(faults(folder, work, fresh=fresh)), most, seed=5):
        yield fault, suffered(folder, work, fault, fresh=fresh)
