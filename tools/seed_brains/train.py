"""The training loop: curriculum, dialogues, checkpoints. Knows clocks and files; no sentences.

The schedule is a number of steps. A bound on the minutes shortens it properly: progress is the
larger of the share of steps done and the share of time used, and the learning rate follows it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812

from tools.seed_brains.batches import Packed, Source
from tools.seed_brains.bpe import Tokenizer
from tools.seed_brains.export import export
from tools.seed_brains.model import Micro, Shape, TinyLlama, optimizers

MUON_RATE, ADAM_RATE = 0.02, 3e-3
WARM_STEPS, COOL_FROM = 30, 0.55
COPY_GOAL, COPY_SHARE = (
    0.80,
    0.18,
)  # accuracy that ends the curriculum; most of the time it may take


@dataclass(frozen=True, slots=True)
class Plan:
    """What to train, for how long, and where it goes."""

    seed: int
    steps: int
    minutes: float
    out: Path
    checkpoint: Path
    save_minutes: float = 8.0


@dataclass(slots=True)
class Progress:
    """How far a run has come; kept in the checkpoint."""

    copy_steps: int = 0
    copy_done: bool = False
    talk_steps: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)


class Trainer:
    """One run: model, optimizers, progress. `run` takes it to its end."""

    def __init__(self, plan: Plan, tokenizer: Tokenizer, *, resume: bool) -> None:
        torch.manual_seed(plan.seed)
        self.plan, self.tokenizer = plan, tokenizer
        vocab = -(-len(tokenizer.tokens) // 64) * 64
        self.model = TinyLlama(Shape(vocab))
        self.muon, self.adam = optimizers(self.model)
        self.progress = Progress()
        if resume and plan.checkpoint.exists():
            self._load()
        self._clock, self._cpu = time.monotonic(), time.process_time()
        self._saved = self.progress.seconds
        self._mean: dict[str, tuple[float, float]] = {}

    def run(self) -> None:
        """The copy curriculum until it is learnt, then dialogues; then the file."""
        size = sum(p.numel() for p in self.model.parameters())
        print(f"{size / 1e6:.2f}M parameters, {len(self.tokenizer.tokens)} tokens", flush=True)
        self._copying()
        self._talking()
        self.save()

    def _copying(self) -> None:
        p = self.progress
        if p.copy_done:
            return
        with Source(self.tokenizer, "copy", self.plan.seed, p.copy_steps) as source:
            while self._fraction() < COPY_SHARE and p.copy_steps < self.plan.steps * COPY_SHARE:
                warm = min(1.0, (p.copy_steps + 1) / WARM_STEPS)
                self._step(source.next(), warm)
                p.copy_steps += 1
                if p.copy_steps % 20 == 0:
                    self._report("copy", p.copy_steps)
                if self._mean["copy"][1] > COPY_GOAL and p.copy_steps > 100:
                    break
        p.copy_done = True

    def _talking(self) -> None:
        p = self.progress
        with Source(self.tokenizer, "talk", self.plan.seed, p.talk_steps) as source:
            while (done := self._fraction()) < 1.0:
                cool = min(1.0, (1.0 - done) / (1.0 - COOL_FROM))
                self._step(source.next(), max(cool, 0.02))
                p.talk_steps += 1
                if p.talk_steps % 25 == 0:
                    self._report("talk", p.talk_steps)
                if self._seconds() - self._saved > self.plan.save_minutes * 60:
                    self.save()

    def _seconds(self) -> float:
        return self.progress.seconds + time.monotonic() - self._clock

    def _fraction(self) -> float:
        p = self.progress
        steps = (p.copy_steps + p.talk_steps) / self.plan.steps
        return max(steps, self._seconds() / (self.plan.minutes * 60))

    def _step(self, batch: list[Packed], rate: float) -> None:
        total = sum(len(p.at) for p in batch)
        self.model.zero_grad(set_to_none=True)
        for packed in batch:
            micro = Micro(
                *(
                    torch.from_numpy(getattr(packed, name))
                    for name in ("ids", "pos", "dialogue", "at", "target")
                ),
                packed.prefix,
            )
            with torch.autocast("cpu", torch.bfloat16):
                logits = self.model(micro)
            losses = F.cross_entropy(logits.float(), micro.target, reduction="sum")
            (losses / total).backward()
            right = (logits.argmax(-1) == micro.target).float().mean().item()
            self._note(packed.kind, losses.item() / len(packed.at), right)
        torch.nn.utils.clip_grad_norm_(self.adam.param_groups[0]["params"], 1.0)
        self.muon.step(MUON_RATE * rate)
        for group in self.adam.param_groups:
            group["lr"] = ADAM_RATE * rate
        self.adam.step()

    def _note(self, kind: str, loss: float, right: float) -> None:
        old = self._mean.get(kind, (loss, right))
        self._mean[kind] = (0.95 * old[0] + 0.05 * loss, 0.95 * old[1] + 0.05 * right)

    def _report(self, phase: str, step: int) -> None:
        means = " ".join(
            f"{k} {loss:.3f}/{right:.3f}" for k, (loss, right) in sorted(self._mean.items())
        )
        cpu = self.progress.cpu_seconds + time.process_time() - self._cpu
        print(
            f"{phase} {step} {self._seconds() / 60:.2f} min, cpu {cpu:.0f} s, "
            f"{self._fraction():.3f}: {means}",
            flush=True,
        )
        flat = {k: round(loss, 4) for k, (loss, _) in self._mean.items()}
        self.progress.history.append(
            {"step": step, "minutes": round(self._seconds() / 60, 2), **flat}
        )

    def save(self) -> None:
        """Checkpoint and GGUF, both written whole or not at all."""
        p = self.progress
        p.seconds, p.cpu_seconds = self._seconds(), p.cpu_seconds + time.process_time() - self._cpu
        self._clock, self._cpu, self._saved = time.monotonic(), time.process_time(), p.seconds
        part = self.plan.checkpoint.with_suffix(".part")
        state = {
            "model": self.model.state_dict(), "muon": self.muon.speed,
            "adam": self.adam.state_dict(),
            "merges": self.tokenizer.merges, "mean": self._mean,
            "progress": {name: getattr(p, name) for name in Progress.__slots__},
        }  # fmt: skip
        torch.save(state, part)
        part.replace(self.plan.checkpoint)
        export(self.model, self.tokenizer, self.plan.out)
        print(f"saved {self.plan.out.name} at {p.seconds / 60:.1f} min", flush=True)

    def _load(self) -> None:
        state = torch.load(self.plan.checkpoint, weights_only=False)  # our own file
        self.model.load_state_dict(state["model"])
        self.adam.load_state_dict(state["adam"])
        self.muon.speed = state["muon"]
        self._mean = state["mean"]
        self.progress = Progress(**state["progress"])


def kept_tokenizer(checkpoint: Path) -> Tokenizer | None:
    """The tokenizer of an interrupted run, if there is one."""
    if not checkpoint.exists():
        return None
    return Tokenizer(torch.load(checkpoint, weights_only=False)["merges"])
