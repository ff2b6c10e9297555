"""Several processes talk at once, and one that is killed again and again."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.faults.oracle import unsound
from tests.faults.tracing import ROOT, environment
from tests.memory.homes import opened

WRITE = """
import sys
from dataclasses import replace
from pathlib import Path
from tests.memory.homes import exchange, opened
name = sys.argv[2]
with opened(Path(sys.argv[1])) as store:
    for i in range(int(sys.argv[3])):
        said = exchange(i, f"{name} {i}", f"{name}에게 {i}", session=name)
        said = replace(said, words=replace(said.words, ref=f"{name}-w{i}"),
                       reply=replace(said.reply, ref=f"{name}-r{i}"))
        store.begin("me", said.words)
        store.finish("me", said)
        print(i, flush=True)
"""
NAMES = ("ann", "bob", "cat", "dan", "eve", "fay")


def start(home: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITE, str(home), name, str(count)],
        cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def together(home: Path, count: int) -> list[str]:
    """What is wrong after six processes had `count` exchanges each in one memory."""
    opened(home).close()
    found = []
    children = [start(home, name, count) for name in NAMES]
    for name, child in zip(NAMES, children, strict=True):
        _, errors = child.communicate(timeout=36_000)
        if child.returncode or errors:
            found.append(f"{name}: exit {child.returncode}: {errors[-300:]}")
    with opened(home) as store:
        for name in NAMES:
            told = store.exchanges("me", session=name, limit=10**9)
            pairs = [(e.words.text, e.reply.text) for e in told]
            if pairs != [(f"{name} {i}", f"{name}에게 {i}") for i in range(count)]:
                found.append(f"{name}: {len(pairs)} exchanges, not {count} in order")
        found += unsound(store)
    text = "".join(p.read_text() for p in sorted((home / "memory/me").glob("day*/part*.txt")))
    ids = Counter(line.split("\t")[6] for line in text.splitlines() if not line.startswith("#"))
    found += [f"{n} times in the journal: {name}" for name, n in ids.items() if n > 1]
    if len(ids) != 3 * count * len(NAMES):
        found.append(f"{len(ids)} records in the journal, not {3 * count * len(NAMES)}")
    return found


def killed_at_random(home: Path, seed: int) -> list[str]:
    """What is wrong after a writer was killed (-9) at a moment nobody chose."""
    name = f"n{seed}"
    chance = random.Random(seed)
    child = start(home, name, 100_000)
    assert child.stdout is not None
    heard = [int(child.stdout.readline()) for _ in range(chance.randrange(1, 40))]
    try:
        child.wait(timeout=chance.random() * 0.02)
    except subprocess.TimeoutExpired:
        child.kill()
    rest, _ = child.communicate(timeout=60)
    heard += [int(line) for line in rest.split("\n")[:-1]]
    with opened(home) as store:
        store.mend("me")
        told = [e.words.text for e in store.exchanges("me", session=name, limit=10**9)]
        found = unsound(store)
    if told[: len(heard)] != [f"{name} {i}" for i in range(len(heard))]:
        found.append(f"{len(heard)} were acknowledged, {len(told)} are there")
    if len(told) > len(heard) + 1:
        found.append(f"{len(told)} are there, {len(heard)} were acknowledged")
    return found
