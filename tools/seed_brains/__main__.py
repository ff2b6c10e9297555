"""`python -m tools.seed_brains`: learn the tokenizer, train, write models/echo-seed.gguf.

Parses, calls, prints; needs torch, gguf and numpy, which Echo itself does not.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MALLOC = {
    name: str(512 << 20)
    for name in ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "MALLOC_TOP_PAD_")
}


def main() -> None:
    """Read the options and train."""
    parser = argparse.ArgumentParser(description="Train Echo's seed brains from nothing.")
    parser.add_argument(
        "--minutes", type=float, default=58.0, help="upper bound; shortens the schedule"
    )
    parser.add_argument("--steps", type=int, default=4200, help="steps of the whole schedule")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--vocab", type=int, default=3072)
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "echo-seed.gguf")
    parser.add_argument("--checkpoint", type=Path, default=ROOT / "build" / "seed_brains.pt")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    args = parser.parse_args()
    if any(name not in os.environ for name in MALLOC):  # glibc reads them only at its start
        again = [sys.executable, "-m", "tools.seed_brains", *sys.argv[1:]]
        os.execve(sys.executable, again, os.environ | MALLOC)  # noqa: S606
    _train(args)


def _train(args: argparse.Namespace) -> None:
    import torch

    from tools.seed_brains import bpe, talk, train

    torch.set_num_threads(args.threads)
    args.checkpoint.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    tokenizer = train.kept_tokenizer(args.checkpoint) if args.resume else None
    if tokenizer is None:
        tokenizer = bpe.learn(talk.sample_texts(args.seed, 6000), args.vocab)
    print(
        f"tokenizer: {len(tokenizer.tokens)} tokens, {time.monotonic() - started:.0f} s", flush=True
    )
    plan = train.Plan(args.seed, args.steps, args.minutes, args.out, args.checkpoint)
    trainer = train.Trainer(plan, tokenizer, resume=args.resume)
    trainer.run()
    print(
        f"done: {trainer.progress.seconds / 60:.1f} min, cpu {trainer.progress.cpu_seconds:.0f} s"
    )


if __name__ == "__main__":
    main()
