"""The engine on a GPU: what bench.engine measures, with CUDA, and the card's own limit beside it.

    python -m bench.gpu [--model FILE] [--rounds 5]

Needs an NVIDIA GPU, nvidia-ml-py, and llama-cpp-python built with CUDA. Prints tokens a second of
one voice beside what the card's memory could give at most (its bandwidth over the bytes of the
weights), three brains of their own at once beside one after another, three voices in chorus, and
the video memory that is taken beside what `models fit` predicts.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from bench import engine
from bench.measure import median, table
from bench.random_gguf import BENCH, write
from echo.brains import room
from echo.brains.loading import load
from echo.brains.native import backend
from echo.brains.protocol import Ask


class Card:
    """The first GPU, through NVML."""

    def __init__(self) -> None:
        import pynvml

        pynvml.nvmlInit()
        self.nvml = pynvml
        self.handle = pynvml.nvmlDeviceGetHandleByIndex(0)
        self.name = str(pynvml.nvmlDeviceGetName(self.handle))

    def used(self) -> int:
        """Bytes of video memory in use, by whomever."""
        return int(self.nvml.nvmlDeviceGetMemoryInfo(self.handle).used)

    def bandwidth(self) -> float:
        """Bytes a second at most: memory clock, both edges, times the width of the bus."""
        clock = self.nvml.nvmlDeviceGetMaxClockInfo(self.handle, self.nvml.NVML_CLOCK_MEM) * 1e6
        return float(2 * clock * self.nvml.nvmlDeviceGetMemoryBusWidth(self.handle) / 8)


def limit(model: Path, threads: int, rounds: int, card: Card) -> None:
    """One voice beside the card's limit, and the memory it takes."""
    before = card.used()
    with load(engine.spec(threads), model) as brain:
        taken = card.used() - before
        rates = []
        for number in range(rounds + 1):
            ask = Ask(engine.prompt(engine.WORDS[number]), max_tokens=engine.TOKENS, temperature=0)
            took, usage = engine.spoken(brain, ask)
            if number:
                rates.append((usage.reply_tokens - 1) / took)
    most = card.bandwidth() / model.stat().st_size
    print(f"{median(rates):.1f} tokens/s; memory bandwidth allows {most:.0f}:"
          f" {median(rates) / most:.2f} of it")  # fmt: skip
    print(
        f"video memory taken: {taken / 2**20:.0f} MiB (`fillin models fit` tells what it expects)"
    )


def three(model: Path, threads: int, rounds: int) -> None:
    """Three files of their own at once, beside one after another."""
    brains = list(engine.brains_of(model, threads, shared=False).values())
    asks = [
        Ask(engine.prompt(words), max_tokens=engine.TOKENS, temperature=0)
        for words in engine.WORDS[:3]
    ]
    rows, ratios = [], []
    for number in range(rounds + 1):
        began = time.perf_counter()
        apart = sum(engine.spoken(b, a)[1].reply_tokens for b, a in zip(brains, asks, strict=True))
        one = apart / (time.perf_counter() - began)
        began = time.perf_counter()
        all_ = sum(engine.at_once(brains, asks)) / (time.perf_counter() - began)
        if number:
            ratios.append(all_ / one)
            rows.append((f"{all_:.1f}", f"{one:.1f}", f"{ratios[-1]:.2f}"))
    print(table(("three at once, tokens/s", "one after another", "ratio"), rows))
    print(f"three brains at once / one after another: {median(ratios):.2f}")
    for brain in brains:
        brain.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--model", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    if not backend().offloads:
        print("This llama-cpp-python has no GPU support: nothing to measure here.")
        return 1
    card = Card()
    print(f"{card.name}, {card.bandwidth() / 1e9:.0f} GB/s")
    with tempfile.TemporaryDirectory() as folder:
        model = args.model or write(Path(folder) / "bench.gguf", BENCH)
        threads = room.threads(0)
        limit(model, threads, args.rounds, card)
        three(model, threads, args.rounds)
        for part in ("speed", "turns", "words", "chorus", "restart"):
            engine.PARTS[part](model, threads, args.rounds)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
