"""A tiny llama in torch, and its optimizers. Knows tensors; nothing of text or files.

One step sees a Micro: a prefix (the system message) that every row may look at, and rows of packed
dialogues that see the prefix and, causally, their own dialogue. It is the same as training on each
dialogue behind its own copy of the system message, at a third of the price.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a model."""

    vocab: int
    width: int = 256
    layers: int = 4
    heads: int = 8
    ff: int = 704
    theta: float = 10_000.0
    eps: float = 1e-5

    @property
    def head(self) -> int:
        """Width of one head."""
        return self.width // self.heads


@dataclass(frozen=True, slots=True)
class Micro:
    """Tokens of one forward pass. ids, pos: (P + N·L,); dialogue: (N, L), 0 is padding.

    at: places in ids whose next token is learnt; target: those tokens; prefix: P.
    """

    ids: Tensor
    pos: Tensor
    dialogue: Tensor
    at: Tensor
    target: Tensor
    prefix: int


class Block(nn.Module):
    """One transformer layer over a prefix and the rows that may see it."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        w, self.shape = shape.width, shape
        self.attn_norm, self.ffn_norm = nn.RMSNorm(w, shape.eps), nn.RMSNorm(w, shape.eps)
        self.q, self.k = nn.Linear(w, w, bias=False), nn.Linear(w, w, bias=False)
        self.v, self.o = nn.Linear(w, w, bias=False), nn.Linear(w, w, bias=False)
        self.gate, self.up = nn.Linear(w, shape.ff, bias=False), nn.Linear(w, shape.ff, bias=False)
        self.down = nn.Linear(shape.ff, w, bias=False)

    def forward(
        self, x: Tensor, turn: tuple[Tensor, Tensor], masks: tuple[Tensor, Tensor]
    ) -> Tensor:
        """x: (P + N·L, W) -> same; masks: (P, P) for the prefix, (N, 1, L, P + L) for the rows."""
        h = self.attn_norm(x)
        q, k, v = (
            rotate(self._split(self.q(h)), turn),
            rotate(self._split(self.k(h)), turn),
            self._split(self.v(h)),
        )
        x = x + self.o(self._attend(q, k, v, masks))
        h = self.ffn_norm(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))

    def _split(self, x: Tensor) -> Tensor:
        return x.view(-1, self.shape.heads, self.shape.head)

    def _attend(self, q: Tensor, k: Tensor, v: Tensor, masks: tuple[Tensor, Tensor]) -> Tensor:
        own, rows = masks
        p, n, length, heads, d = own.shape[0], rows.shape[0], rows.shape[2], *q.shape[1:]
        q = q * (1 / math.sqrt(d))
        out = []
        kp, vp = k[:p].transpose(0, 1), v[:p].transpose(0, 1)  # (H, P, d)
        if p:
            score = torch.bmm(q[:p].transpose(0, 1), kp.transpose(1, 2)) + own
            out.append(torch.bmm(score.softmax(-1), vp).transpose(0, 1).reshape(p, -1))
        qr, kr, vr = (t[p:].view(n, length, heads, d).transpose(1, 2) for t in (q, k, v))
        if p:
            kr = torch.cat((kp.expand(n, -1, -1, -1), kr), 2)
            vr = torch.cat((vp.expand(n, -1, -1, -1), vr), 2)
        score = torch.matmul(qr, kr.transpose(2, 3)).add_(rows)
        out.append(torch.matmul(score.softmax(-1), vr).transpose(1, 2).reshape(n * length, -1))
        return torch.cat(out)


def rotate(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    """Rotary positions, half-split pairs; x: (T, H, d), turn: cos and sin of (T, 1, d/2)."""
    a, b = x.chunk(2, -1)
    cos, sin = turn
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


class TinyLlama(nn.Module):
    """Embeddings, layers, a last norm; the output is the embedding again (tied)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embed = nn.Embedding(shape.vocab, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.RMSNorm(shape.width, shape.eps)
        nn.init.normal_(self.embed.weight, std=0.02)
        for block in self.blocks:
            nn.init.zeros_(block.o.weight)
            nn.init.zeros_(block.down.weight)

    def forward(self, m: Micro) -> Tensor:
        """Logits (len(m.at), V) for the places whose next token is learnt."""
        masks = _masks(m.dialogue, m.prefix)
        turn = self._turn(m.pos)
        x = self.embed(m.ids).bfloat16()
        for block in self.blocks:
            x = block(x, turn, masks)
        return F.linear(self.norm(x[m.at]), self.embed.weight.bfloat16())

    def _turn(self, pos: Tensor) -> tuple[Tensor, Tensor]:
        d = self.shape.head
        freq = self.shape.theta ** (-torch.arange(0, d, 2, dtype=torch.float32) / d)
        angle = (pos.float()[:, None] * freq)[:, None, :]
        return angle.cos().bfloat16(), angle.sin().bfloat16()


def _masks(dialogue: Tensor, prefix: int) -> tuple[Tensor, Tensor]:
    n, length = dialogue.shape
    hidden = torch.finfo(torch.bfloat16).min / 2
    own = torch.full((prefix, prefix), hidden, dtype=torch.bfloat16).triu_(1)
    causal = torch.ones(length, length, dtype=torch.bool).tril_()
    same = (dialogue[:, :, None] == dialogue[:, None, :]) & causal
    rows = torch.zeros(n, 1, length, prefix + length, dtype=torch.bfloat16)
    rows[:, 0, :, prefix:].masked_fill_(~same, hidden)
    return own, rows


# ── optimizers ───────────────────────────────────────────────────────────────────────────────


def orthogonal(grads: Tensor, rounds: int = 5) -> Tensor:
    """Newton–Schulz: each (m, n) of a stack near to its closest orthogonal matrix. Source: Muon."""
    x = grads.bfloat16()
    tall = x.shape[1] > x.shape[2]
    x = x.transpose(1, 2) if tall else x
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(rounds):
        square = x @ x.transpose(1, 2)
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return (x.transpose(1, 2) if tall else x).float()


class Muon:
    """Momentum whose step is made orthogonal, for the matrices of the layers."""

    def __init__(self, weights: list[nn.Parameter], momentum: float = 0.95) -> None:
        self.momentum = momentum
        groups: dict[tuple[int, ...], list[nn.Parameter]] = {}
        for weight in weights:
            groups.setdefault(tuple(weight.shape), []).append(weight)
        self.groups = list(groups.values())
        self.speed = [torch.zeros(len(g), *g[0].shape) for g in self.groups]

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """One step for every matrix; gradients are read, not cleared."""
        for group, speed in zip(self.groups, self.speed, strict=True):
            grads = torch.stack([w.grad for w in group if w.grad is not None])
            speed.mul_(self.momentum).add_(grads, alpha=1 - self.momentum)
            change = orthogonal(grads.lerp(speed, self.momentum))
            scale = rate * max(1.0, group[0].shape[0] / group[0].shape[1]) ** 0.5
            for weight, delta in zip(group, change, strict=True):
                weight.add_(delta, alpha=-scale)


def optimizers(model: TinyLlama) -> tuple[Muon, torch.optim.AdamW]:
    """Muon for the matrices of the layers, AdamW for embeddings and norms."""
    matrices = [p for b in model.blocks for p in b.parameters() if p.ndim == 2]
    rest = [p for p in model.parameters() if all(p is not m for m in matrices)]
    return Muon(matrices), torch.optim.AdamW(rest, lr=3e-3, betas=(0.9, 0.95), weight_decay=0.0)
