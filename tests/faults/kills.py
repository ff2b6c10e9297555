"""Kill the driver before each of its calls that change the disk, and look at what is left."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from tests.faults import tracing
from tests.faults.driver import prepared
from tests.faults.oracle import allowed, wrong
from tests.memory.homes import opened

Point = tuple[str, int]
T = TypeVar("T", bound=tuple[object, ...])


def template(folder: Path, work: str, *, fresh: bool) -> Path:
    """A home as it stands before the work; fresh: without a database."""
    home = folder / f"template-{work}-{fresh}"
    if not home.exists():
        prepared(home, work)
        if not fresh:
            opened(home, part_lines=7).close()
    return home


def points(folder: Path, work: str, *, fresh: bool) -> list[Point]:
    """Every call that changes the disk, by name and number."""
    home = copied(template(folder, work, fresh=fresh), folder / "count")
    counts = tracing.counted(tracing.driver(home, work), folder / "trace")
    return [(call, n) for call, count in sorted(counts.items()) for n in range(1, count + 1)]


def copied(home: Path, to: Path) -> Path:
    shutil.rmtree(to, ignore_errors=True)
    if home.exists():
        shutil.copytree(home, to)
    else:
        to.mkdir(parents=True)
    return to


def killed(folder: Path, work: str, point: Point, *, fresh: bool) -> list[str]:
    """What is wrong after kill -9 at that point."""
    home = copied(template(folder, work, fresh=fresh), folder / "victim")
    call, n = point
    done = tracing.injected("signal=KILL", call, str(n), tracing.driver(home, work))
    if done.returncode not in (-9, 137) and done.returncode:
        return [f"was not killed: {done.returncode} {done.stderr[-300:]}"]
    return wrong(home, *allowed(work, done.stdout))


def sample(every: list[T], count: int, seed: int) -> list[T]:
    """So many of the points, spread over all of them."""
    if count >= len(every):
        return every
    return sorted(random.Random(seed).sample(every, count))


def sweep(
    folder: Path, work: str, *, fresh: bool, most: int = 10**9
) -> Iterator[tuple[Point, list[str]]]:
    """(point, what is wrong) for every point of the work, or for `most` of them."""
    for point in sample(points(folder, work, fresh=fresh), most, seed=3):
        yield point, killed(folder, work, point, fresh=fresh)
