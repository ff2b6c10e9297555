"""`python -m tests.faults`: every point of every work, and a count of them. Exit 1 on any failure.

--only kills,errors,power,writers,random,commands   some of it
--works a,b       of these works only
--most N          at most N points of each sweep (0: all)
--images N        power-loss images of each recording
--exchanges N     of each of the six writers
--jobs N          sweeps at a time
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.faults import commands, errors, kills, power, tracing, writers
from tests.faults.driver import WORKS
from tests.faults.oracle import allowed, wrong

Report = tuple[str, int, list[str]]  # the sweep, points tried, what was wrong


def all_kills(folder: Path, work: str, fresh: bool, most: int) -> Report:
    tried, found = 0, []
    for point, bad in kills.sweep(folder, work, fresh=fresh, most=most):
        tried += 1
        found += [f"{point}: {one}" for one in bad]
    return f"kill: {work}{' from nothing' * fresh}", tried, found


def all_errors(folder: Path, work: str, fresh: bool, most: int) -> Report:
    tried, found = 0, []
    for fault, bad in errors.sweep(folder, work, fresh=fresh, most=most):
        tried += 1
        found += [f"{fault}: {one}" for one in bad]
    return f"errors: {work}{' from nothing' * fresh}", tried, found


def all_commands(folder: Path, name: str, most: int) -> Report:
    tried, found = 0, []
    for point, bad in commands.sweep(folder, name, most=most):
        tried += 1
        found += [f"{point}: {one}" for one in bad]
    return f"command: {name}", tried, found


def all_images(folder: Path, args: tuple[str, ...], count: int) -> Report:
    """Every image must keep what was acknowledged; under NORMAL some must not: the control."""
    work = args[0]
    home = kills.copied(kills.template(folder, work, fresh=False), folder / "home")
    disk = power.Disk.of(home)
    events = power.recorded(home, folder / "trace", *args)
    to = folder / "image"
    tried, found, broken = 0, [], 0
    for said in power.images(events, disk, (home, to), count, seed=1):
        bad = power.lost(to, work, said)
        control = "normal" in args
        if not control and tried % 10 == 0 and not bad:
            bad += wrong(to, *allowed(work, said), torn=True)
        tried += 1
        broken += bool(bad)
        found += [] if control else [f"image {tried}: {one}" for one in bad[:3]]
        shutil.rmtree(to, ignore_errors=True)
    if "normal" in args:
        found = [] if broken else ["NORMAL lost nothing: the images prove nothing"]
        return f"power loss under NORMAL, the control ({broken} lose something)", tried, found
    return f"power loss: {' '.join(args)}", tried, found


def all_writers(folder: Path, count: int) -> Report:
    name = f"six writers, {count} exchanges each"
    return name, 6 * count, writers.together(folder / "six", count)


def all_random(folder: Path, count: int) -> Report:
    found = []
    for seed in range(count):
        found += [f"round {seed}: {one}" for one in writers.killed_at_random(folder / "r", seed)]
    return "kill -9 at random", count, found


def sweeps(args: argparse.Namespace) -> Iterator[tuple[str, object, tuple[object, ...]]]:
    """(kind, function, arguments after the folder)."""
    most = args.most or 10**9
    for work in args.works.split(","):
        for fresh in (False, True):
            yield "kills", all_kills, (work, fresh, most)
            yield "errors", all_errors, (work, fresh, most)
    for name in commands.COMMANDS:
        yield "commands", all_commands, (name, most)
    for recording in (("talk",), ("rest",), ("gather",), ("boot",), ("talk", "full", "network")):
        yield "power", all_images, (recording, args.images)
    yield "power", all_images, (("talk", "normal"), args.images)
    yield "writers", all_writers, (args.exchanges,)
    yield "random", all_random, (args.rounds,)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", default="kills,errors,commands,power,writers,random")
    parser.add_argument("--works", default=",".join(WORKS))
    parser.add_argument("--most", type=int, default=0)
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--exchanges", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    if tracing.unavailable():
        print(f"Only what needs no tracing is run: {tracing.unavailable()}.")
        args.only = "writers,random"
    failed = total = 0
    with (
        tempfile.TemporaryDirectory(prefix="faults-") as base,
        ThreadPoolExecutor(args.jobs) as pool,
    ):

        def run(number: int, function: object, given: tuple[object, ...]) -> Report:
            folder = Path(base) / str(number)
            folder.mkdir()
            began = time.monotonic()
            name, tried, found = function(folder, *given)  # type: ignore[operator]
            shutil.rmtree(folder, ignore_errors=True)
            took = time.monotonic() - began
            print(f"{name:<60}{tried:>7} points  {len(found):>3} wrong  {took:7.1f} s", flush=True)
            return name, tried, found

        wanted = [s for s in sweeps(args) if s[0] in args.only.split(",")]
        jobs = [pool.submit(run, i, f, given) for i, (_, f, given) in enumerate(wanted)]
        for job in jobs:
            name, tried, found = job.result()
            total += tried
            failed += len(found)
            for one in found[:20]:
                print(f"  {name}: {one}")
    print(f"{total} points, {failed} wrong")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
