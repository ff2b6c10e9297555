"""`python -m tests.brains.fuzz [--count 10000]`: damaged models, many of them.

Truncation: the file cut after every byte of its header (every nth with --step). Mutation: one to
four bytes of the header changed. Every file must be refused in one sentence, or speak; where
llama.cpp ends the process, the probe must have said so: that is what stands between it and a chat.
A child tries file after file; when it dies, the next child goes on behind the file it died of, and
that file is put to the probe. Exit 1 on any failure.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.random_gguf import TINY, write
from echo.brains import probe
from echo.brains.kept import Kept
from echo.brains.loading import BrainSpec, load
from echo.brains.protocol import Ask
from echo.errors import EchoError, ModelFileError
from echo.nouns import Message

ASK = Ask((Message("user", "hi 안녕"),), max_tokens=2, temperature=0)


def header_size(path: Path) -> int:
    """Bytes before the first tensor's data."""
    import gguf

    return int(gguf.GGUFReader(path).data_offset)


def mutated(whole: bytes, header: int, seed: int) -> bytes:
    """The same file with one to four bytes of its header changed."""
    rng = random.Random(f"mutation {seed}")
    data = bytearray(whole)
    for _ in range(rng.randint(1, 4)):
        data[rng.randrange(header)] = rng.choice((0, 0xFF, 0x80, rng.randrange(256)))
    return bytes(data)


def verdict(path: Path) -> str:
    """ "spoke", or the sentence it was refused with. Anything else is raised."""
    try:
        with load(BrainSpec(context=256, threads=1), path) as brain:
            list(brain.speak(ASK, lambda: False))
    except EchoError as exc:
        if "\n" in str(exc):
            raise
        return str(exc)
    return "spoke"


def tried(model: Path, start: int, count: int) -> Iterator[tuple[int, int]]:
    """(seed, signal) of every mutation that ended a child; 0 when the child raised."""
    while start < count:
        child = subprocess.run(
            [sys.executable, "-m", "tests.brains.fuzz", "--child", str(model), str(start),
             str(count)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False,
        )  # fmt: skip
        done = [int(line) for line in child.stdout.split()]
        last = done[-1] if done else start - 1
        if child.returncode:
            yield last + 1, max(-child.returncode, 0)
        start = last + 2 if child.returncode else count


def mutations(model: Path, count: int, start: int = 0) -> tuple[int, list[str]]:
    """How many of them end the process that loads them, and what is wrong."""
    wrong, died = [], 0
    whole, header = model.read_bytes(), header_size(model)
    for seed, signal in tried(model, start, count):
        if not signal:
            wrong.append(f"mutation {seed}: something else than a sentence was raised")
            continue
        died += 1
        path = model.with_name(f"died-{seed}.gguf")
        path.write_bytes(mutated(whole, header, seed))
        try:
            probe.check(path, Kept(model.parent / "kept"))
            wrong.append(f"mutation {seed}: the probe lived, the load died of signal {signal}")
        except ModelFileError:
            path.unlink()
    return died, wrong


def truncations(model: Path, step: int) -> list[str]:
    """Cuts that are not told in one sentence."""
    whole, header = model.read_bytes(), header_size(model)
    path, wrong = model.with_name("cut.gguf"), []
    for size in range(0, header, step):
        path.write_bytes(whole[:size])
        if verdict(path) == "spoke":
            wrong.append(f"cut after {size} bytes: it spoke")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--child", nargs=3, metavar=("FILE", "FROM", "TO"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        model, start, end = Path(args.child[0]), int(args.child[1]), int(args.child[2])
        whole, header = model.read_bytes(), header_size(model)
        path = model.with_name("mutated.gguf")
        for seed in range(start, end):
            path.write_bytes(mutated(whole, header, seed))
            verdict(path)
            print(seed, flush=True)
        return 0
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        model = write(Path(folder) / "tiny.gguf", TINY)
        wrong = truncations(model, args.step)
        print(f"{-(-header_size(model) // args.step)} truncations, {len(wrong)} wrong", flush=True)
        died, more = mutations(model, args.count)
        print(f"{args.count} mutations, {died} would have ended the process, {len(more)} wrong")
        for one in (wrong + more)[:20]:
            print(f"  {one}")
    return 1 if wrong or more else 0


if __name__ == "__main__":
    raise SystemExit(main())
