"""What the fit check predicts beside what a real load takes.

    python -m bench.fit [--model FILE ...] [--contexts 2048,4096,8192] [--tokens 512]

Every load in a process of its own: seed brain and a random-weight GGUF of some 225 MB (written to a
temporary folder) without --model; contexts, cache types f16 and q8_0, flash attention on and off
(a quantised cache needs it on), one voice and three in chorus. Predicted: the formula, and the dry
run (no-alloc open). Actual: the buffers that llama.cpp logs while it loads for good. Beside them
the growth of the process's resident memory when the whole context has been evaluated once (--tokens
of it, all pages of the cache are written at the start); where there is an NVIDIA GPU also what NVML
says is used more than before, next to the prediction with the driver's part.

Exit 1 when a prediction is more than 5 % off.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.measure import table
from bench.random_gguf import BENCH, write
from echo.brains.native import backend
from echo.brains.ram import read
from echo.fit import dry, formula
from echo.fit.actual import measured
from echo.fit.machine import here
from echo.fit.model import read_model
from echo.fit.plan import DRIVER
from echo.fit.values import RAM, Load, Machine, Sizes
from echo.nouns import VOICES

SEED = Path(__file__).parents[1] / "models" / "echo-seed.gguf"
LIMIT, AIM = 0.05, 0.02


@dataclass(frozen=True, slots=True)
class Case:
    """One load. voices: how many share it."""

    path: str
    context: int
    cache: str
    flash: bool
    voices: int
    tokens: int

    @property
    def load(self) -> Load:
        return Load(
            Path(self.path),
            VOICES[: self.voices],
            (self.context,) * self.voices,
            self.cache,
            flash=self.flash,
        )


# ── the child: one real load ─────────────────────────────────────────────────────────────────


def one(case: Case) -> dict[str, Any]:
    """Load for good; the log's bytes by device, and what process and GPUs hold more than before."""
    from echo.brains.context import Context, Part, Running
    from echo.brains.handles import Weights

    backend()
    before, used = resident(), vram()
    weights = Weights(Path(case.path), -1, lambda _: True)
    how = Running(512, os.cpu_count() or 1, case.cache, case.flash)
    context = Context(weights, case.context, how, sequences=case.voices)
    for start in range(0, min(case.tokens, case.context), 256):
        context.decode([Part(0, start, [1] * min(256, case.tokens - start), True)])
    found = measured(read_model(Path(case.path)), (*weights.said, *context.said))
    return {
        "sizes": {name: asdict(size) for name, size in found.items()},
        "resident": resident() - before,
        "vram": [now - was for now, was in zip(vram(), used, strict=True)],
    }


def resident() -> int:
    """Bytes of this process that are in memory now (Linux)."""
    for line in read(Path("/proc/self/status")).splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def vram() -> list[int]:
    """Bytes in use on every GPU that may be used."""
    gpus = here(os.environ, offloads=backend().offloads).gpus
    return [(gpu.total or 0) - (gpu.free or 0) for gpu in gpus]


# ── the table ────────────────────────────────────────────────────────────────────────────────


def rows(cases: Sequence[Case], machine: Machine) -> Iterator[tuple[list[str], float]]:
    """A row for each case, and how far the worse prediction is off."""
    answers = dry.dry([case.load for case in cases])
    for case, answer in zip(cases, answers, strict=True):
        model = read_model(Path(case.path))
        guess = formula.sizes(model, case.load, machine.gpus)
        asked = dry.sizes(model, case.load, answer) if not answer.reason else {}
        real = loaded(case)
        told = {name: Sizes(**size) for name, size in real["sizes"].items()}
        ratios = [all_(found) / all_(told) for found in (guess, asked) if found]
        off = max(abs(ratio - 1) for ratio in ratios)
        row = [
            f"{model.name} x{case.voices}", str(case.context), case.cache,
            "on" if case.flash else "off", mib(told),
            *(f"{ratio:.4f}" for ratio in ratios), *(["-"] if not asked else []),
            f"{all_({RAM: guess.get(RAM, Sizes())}) / max(real['resident'], 1):.2f}",
            " ".join(gpu_ratios(guess, real["vram"])) or "-",
        ]  # fmt: skip
        yield row, off


def loaded(case: Case) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.fit", "--one", json.dumps(asdict(case))]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found


def gpu_ratios(guess: Mapping[str, Sizes], used: Sequence[int]) -> Iterator[str]:
    for i, more in enumerate(used):
        size = guess.get(f"gpu{i}")
        if size is not None and more > 0:
            yield f"{(size.total + DRIVER) / more:.3f}"


def all_(found: Mapping[str, Sizes]) -> int:
    return sum(size.total for size in found.values())


def mib(found: Mapping[str, Sizes]) -> str:
    return f"{all_(found) / (1 << 20):.1f}"


def cases(paths: Sequence[Path], contexts: Sequence[int], tokens: int) -> Iterator[Case]:
    for path, context, voices in itertools.product(paths, contexts, (1, 3)):
        if context > read_model(path).trained:  # loading never goes beyond
            continue
        for cache, flash in (("f16", False), ("f16", True), ("q8_0", True)):
            yield Case(str(path), context, cache, flash, voices, tokens)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, nargs="*", default=[])
    parser.add_argument("--contexts", default="2048,4096,8192")
    parser.add_argument("--tokens", type=int, default=512)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(one(Case(**json.loads(asked.one)))))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        paths = asked.model or [SEED, write(Path(folder) / "random.gguf", BENCH)]
        every = list(cases(paths, [int(n) for n in asked.contexts.split(",")], asked.tokens))
        found = list(rows(every, here(os.environ, offloads=backend().offloads)))
    head = ["model x voices", "context", "cache", "flash", "actual MiB", "formula ÷ actual",
            "dry run ÷ actual", "÷ resident", "÷ NVML"]  # fmt: skip
    print(table(head, [row for row, _ in found]))
    worst = max(off for _, off in found)
    print(f"\nworst: {worst:.2%} off (at most {LIMIT:.0%}, aim {AIM:.0%})")
    return 1 if worst > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
