"""Train the nets that read a reply word by word (echo.mind.grounds.net).

Called by bench/ground_weights.py, which says what on and how well. A word of a candidate is one to
be found when it overlaps with what was invented; beside the words, the highest of a reply is held
against whether the reply has any invention. A part of the attributes (DROPPED) is hidden at each
step, and a part of what the layers hand on (HIDDEN); after EPOCHS rounds it would learn its replies
by heart.

Needs torch beside the program: pip install torch==2.13.0 (a CPU will do).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from echo.mind.grounds.net import WAYS, Nets, named, placed, unpacked

SIZE, CELLS = 32, 48
SEEDS = (0, 1)
EPOCHS, BATCH, RATE, DECAY = 3, 32, 1e-3, 0.02
RATE_ALONE = 10.0  # times the rate, for what attributes speak for by themselves
DROPPED, HIDDEN = 0.25, 0.4
LEAST = 10  # words an attribute has to stand at
SHARP, OF_REPLY = 1.5, 0.5
NOTHING = -30.0


@dataclass(frozen=True, slots=True)
class Read:
    """A reply: the attributes of each word as CRC-32, whether a candidate covers the word, whether
    an invention does, and whether the reply has one.
    """

    names: Sequence[Sequence[int]]
    covered: np.ndarray
    wrong: np.ndarray
    invented: bool


def read(
    attributes: Sequence[Sequence[str]], covered: np.ndarray, wrong: np.ndarray, *, invented: bool
) -> Read:
    return Read([named(own) for own in attributes], covered, wrong, invented)


class Model(nn.Module):
    def __init__(self, attributes: int) -> None:
        super().__init__()
        self.vectors = nn.EmbeddingBag(attributes, SIZE, mode="sum")
        nn.init.normal_(self.vectors.weight, 0, 0.03)
        self.alone = nn.EmbeddingBag(attributes, 1, mode="sum")
        nn.init.zeros_(self.alone.weight)
        self.layer = nn.LSTM(SIZE, CELLS, batch_first=True, bidirectional=True)
        self.last = nn.Linear(2 * CELLS + SIZE, 1)
        self.hide = nn.Dropout(HIDDEN)

    def forward(self, of: torch.Tensor, starts: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        """of, starts: attributes, and where those of each word begin; there: (replies, words)."""
        x = torch.zeros(*there.shape, SIZE)
        x[there] = torch.tanh(self.vectors(of, starts))
        x = self.hide(x)
        seen = torch.cat([self.layer(x)[0], x], -1)
        plain = torch.zeros(there.shape)
        plain[there] = self.alone(of, starts)[:, 0]
        return self.last(self.hide(seen))[..., 0] + plain


def train(replies: Sequence[Read]) -> dict[str, np.ndarray]:
    """The arrays of a file of nets."""
    torch.set_num_threads(1)
    count = Counter(name for reply in replies for own in reply.names for name in own)
    names = np.array(sorted(name for name, n in count.items() if n >= LEAST), np.uint32)
    packed = [(*placed(names, reply.names), reply) for reply in replies]
    kept = {"names": names}
    for n, seed in enumerate(SEEDS):
        made = arrays(_trained(packed, len(names), seed))
        kept |= {f"{name}{n}": array for name, array in made.items()}
    return kept


def trained(replies: Sequence[Read]) -> Nets:
    return unpacked(train(replies))


Packed = tuple[np.ndarray, np.ndarray, Read]  # known attributes, the word of each


def _trained(replies: Sequence[Packed], attributes: int, seed: int) -> Model:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = Model(attributes)
    rest = [p for name, p in model.named_parameters() if name != "alone.weight"]
    rates = [RATE * RATE_ALONE, RATE]
    groups = [{"params": [model.alone.weight]}, {"params": rest}]
    by = torch.optim.AdamW(groups, lr=RATE, weight_decay=DECAY)
    usable = [n for n, (_, _, reply) in enumerate(replies) if reply.names]
    steps = EPOCHS * -(-len(usable) // BATCH)
    pace = torch.optim.lr_scheduler.OneCycleLR(by, rates, steps, pct_start=0.15)
    for _ in range(EPOCHS):
        rng.shuffle(usable)
        for start in range(0, len(usable), BATCH):
            by.zero_grad()
            _loss(model, [replies[n] for n in usable[start : start + BATCH]], rng).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            by.step()
            pace.step()
    return model.eval()


def _loss(model: Model, batch: Sequence[Packed], rng: np.random.Generator) -> torch.Tensor:
    longest = max(len(reply.names) for _, _, reply in batch)
    there = torch.zeros(len(batch), longest, dtype=torch.bool)
    covered, wrong = torch.zeros_like(there), torch.zeros(there.shape)
    chosen, starts, at = [], [], 0
    for row, (of, words, reply) in enumerate(batch):
        kept = rng.random(len(of)) > DROPPED
        length = len(reply.names)
        held = np.bincount(words[kept], minlength=length)
        starts.append(at + np.cumsum(held) - held)
        chosen.append(of[kept])
        at += int(kept.sum())
        there[row, :length] = True
        covered[row, :length] = torch.from_numpy(reply.covered)
        wrong[row, :length] = torch.from_numpy(reply.wrong).float()
    odds = model(*(torch.from_numpy(np.concatenate(some)) for some in (chosen, starts)), there)
    of_words = functional.binary_cross_entropy_with_logits(odds[covered], wrong[covered])
    some = covered.any(1)
    highest = torch.logsumexp(torch.where(covered, odds, NOTHING) * SHARP, 1) / SHARP
    invented = torch.tensor([float(reply.invented) for _, _, reply in batch])
    of_replies = functional.binary_cross_entropy_with_logits(highest[some], invented[some])
    return of_words + OF_REPLY * of_replies


def arrays(model: Model) -> dict[str, np.ndarray]:
    """A model as the arrays of a file, by name."""
    state = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    vectors = state["vectors.weight"]
    scale = (np.abs(vectors).max(1) / 127).clip(1e-8).astype(np.float32)
    kept = {
        "vectors": np.round(vectors / scale[:, None]).astype(np.int8),
        "scale": scale,
        "alone": state["alone.weight"][:, 0].astype(np.float16),
        "last": state["last.weight"][0],
        "bias": state["last.bias"][0],
    }
    for way, end in zip(WAYS, ("", "_reverse"), strict=True):
        kept[f"{way}_wide"] = state[f"layer.weight_ih_l0{end}"]
        kept[f"{way}_deep"] = state[f"layer.weight_hh_l0{end}"]
        kept[f"{way}_bias"] = state[f"layer.bias_ih_l0{end}"] + state[f"layer.bias_hh_l0{end}"]
    return kept
