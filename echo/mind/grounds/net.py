"""How likely each word of a reply was invented, by all that stands around it: a small net. Pure.

The attributes of a word (words.py) are summed as vectors; an LSTM (Hochreiter and Schmidhuber,
1997) reads what is answered and the reply in both directions; out come log odds for each word.
Two nets that began differently, and the mean of what they say. They learned from replies written
for it (bench/ground_net.py), not from anybody's memory. An attribute is known by its CRC-32; the
vectors are kept as bytes, each with its scale.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from echo.nouns import Lang

Floats = NDArray[np.float32]
DATA = Path(__file__).parent / "data"
WAYS, PARTS = ("ahead", "back"), ("wide", "deep", "bias")


@dataclass(frozen=True, slots=True)
class Layer:
    """One direction of an LSTM of h cells over vectors of size d. wide: (4h, d), deep: (4h, h),
    bias: (4h,), gates in the order input, forget, cell, output.
    """

    wide: Floats
    deep: Floats
    bias: Floats

    def over(self, words: Floats) -> Floats:
        """(words, d) → (words, h)"""
        size = self.deep.shape[1]
        given = words @ self.wide.T + self.bias
        out = np.zeros((len(words), size), np.float32)
        hidden, cell = np.zeros(size, np.float32), np.zeros(size, np.float32)
        for t, now in enumerate(given):
            gates = now + self.deep @ hidden
            opened = _sigmoid(gates)
            cell = opened[size : 2 * size] * cell + opened[:size] * np.tanh(
                gates[2 * size : 3 * size]
            )
            hidden = opened[3 * size :] * np.tanh(cell)
            out[t] = hidden
        return out


@dataclass(frozen=True, slots=True)
class Net:
    """vectors: (attributes, d) as bytes, scale: (attributes,); alone: (attributes,), what an
    attribute speaks for by itself; last: (2h + d,).
    """

    vectors: NDArray[np.int8]
    scale: Floats
    alone: Floats
    ahead: Layer
    back: Layer
    last: Floats
    bias: float

    def odds(self, of: NDArray[np.intp], words: NDArray[np.intp], count: int) -> Floats:
        """of: attributes, words: the word each of them belongs to."""
        summed = np.zeros((count, self.vectors.shape[1]), np.float32)
        np.add.at(summed, words, self.vectors[of] * self.scale[of, None])
        x = np.tanh(summed)
        seen = np.concatenate([self.ahead.over(x), self.back.over(x[::-1])[::-1], x], axis=1)
        plain = np.bincount(words, self.alone[of], count)
        odds: Floats = (seen @ self.last + self.bias + plain).astype(np.float32)
        return odds


@dataclass(frozen=True, slots=True)
class Nets:
    """names: the CRC-32 of every known attribute, sorted."""

    names: NDArray[np.uint32]
    nets: tuple[Net, ...]

    def odds(self, attributes: Sequence[Sequence[str]]) -> Floats:
        """The log odds of each word, in the mean of the nets."""
        of, words = placed(self.names, [named(own) for own in attributes])
        found = [net.odds(of, words, len(attributes)) for net in self.nets]
        mean: Floats = np.mean(found, axis=0)
        return mean


def named(attributes: Iterable[str]) -> list[int]:
    """What the attributes of a word are known by, each once."""
    return sorted({crc32(one.encode()) for one in attributes})


def placed(
    names: NDArray[np.uint32], each: Sequence[Sequence[int]]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The attributes of words that are known, as their places in names, and the word of each."""
    every = np.array([name for own in each for name in own], np.uint32)
    words = np.repeat(np.arange(len(each)), [len(own) for own in each])
    of = np.searchsorted(names, every).clip(max=len(names) - 1)
    known = names[of] == every
    return of[known], words[known]


@cache
def nets(lang: Lang) -> Nets:
    """Those that read replies in this language."""
    with np.load(DATA / f"net_{lang}.npz") as kept:
        return unpacked(kept)


def unpacked(kept: Mapping[str, NDArray[np.generic]]) -> Nets:
    """Nets from the arrays of a file."""
    count = sum(name.startswith("vectors") for name in kept)
    return Nets(np.asarray(kept["names"], np.uint32), tuple(_net(kept, n) for n in range(count)))


def _net(kept: Mapping[str, NDArray[np.generic]], n: int) -> Net:
    def floats(name: str) -> Floats:
        return np.asarray(kept[f"{name}{n}"], np.float32)

    ahead, back = (Layer(*(floats(f"{way}_{part}") for part in PARTS)) for way in WAYS)
    return Net(
        np.asarray(kept[f"vectors{n}"], np.int8), floats("scale"), floats("alone"),
        ahead, back, floats("last"), float(floats("bias")),
    )  # fmt: skip


def _sigmoid(x: Floats) -> Floats:
    made: Floats = np.float32(1) / (np.float32(1) + np.exp(-x))
    return made
