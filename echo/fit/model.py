"""A model as the fit check sees it: weights at both ends and by layer, widths, its quantisation.

Knows headers; no device, no llama.cpp.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd, prod
from pathlib import Path

from echo.brains.gguf import GGUFHeader, Tensor, read_header
from echo.fit.layers import Layer, heads_of, kind, layers

_FIRST = re.compile(r"(.+)-00001-of-(\d{5})\.gguf", re.DOTALL)
_BLOCK = re.compile(r"blk\.(\d+)\.")
_ENTRIES = ("token_embd", "per_layer_token_embd", "position_embd", "token_types")
# bits per weight of whole files, as models of 7 to 47 billion weights come out
QUANTS = (
    ("F16", 16.0), ("Q8_0", 8.5), ("Q6_K", 6.56), ("Q5_K_M", 5.7), ("Q4_K_M", 4.88),
    ("Q3_K_M", 4.0), ("Q2_K", 3.2),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Model:
    """What one file would take.

    entry, exit: bytes of the weights before and after the layers; tied: the exit is the entry once
    more; bits: per weight. Of one token, in elements: width of the hidden state, inner of the
    feed-forward (of all active experts together), queries of all heads, vocab of the logits; head
    divides the size of every key and value: a quantised cache needs whole blocks of it.
    """

    name: str
    layers: tuple[Layer, ...]
    entry: int
    exit: int
    tied: bool
    bits: float
    trained: int
    width: int
    inner: int
    heads: int
    queries: int
    vocab: int
    head: int

    @property
    def weights(self) -> int:
        """Bytes of all tensors."""
        return self.entry + self.exit + sum(layer.weights for layer in self.layers)

    @property
    def quant(self) -> str:
        """The usual quantisation that has about as many bits per weight."""
        return min(QUANTS, key=lambda quant: abs(quant[1] - self.bits))[0]


def read_model(path: Path) -> Model:
    """The model at path, all of its files. Raises ModelFileError."""
    header = read_header(path)
    tensors = list(header.tensors)
    if found := _FIRST.fullmatch(str(path)):
        for number in range(2, int(found[2]) + 1):
            part = Path(f"{found[1]}-{number:05}-of-{found[2]}.gguf")
            tensors += read_header(part, part=True).tensors
    return _model(header, tensors)


def _model(header: GGUFHeader, tensors: Sequence[Tensor]) -> Model:
    blocks: dict[int, list[Tensor]] = {}
    entry = exit_ = 0
    for tensor in tensors:
        if found := _BLOCK.match(tensor.name):
            blocks.setdefault(int(found[1]), []).append(tensor)
        elif tensor.name.startswith(_ENTRIES):
            entry += tensor.bytes
        else:
            exit_ += tensor.bytes
    stack = layers(header, blocks)
    heads = max(header.numbers("attention.head_count", len(stack)), default=0)
    elements = sum(prod(tensor.shape) for tensor in tensors)
    stack = layers(header, blocks)
    heads = max(header.numbers("attention.head_count", len(stack)), default=0)
    elements = sum(prod(tensor.shape) for tensor in tensors)
    return Model(
        name=header.name,
        layers=stack,
        entry=entry,
        exit=exit_,
        tied=not any(tensor.name == "output.weight" for tensor in tensors),
        bits=8 * sum(tensor.bytes for tensor in tensors) / max(elements, 1),
        trained=header.number("context_length"),
        width=header.number("embedding_length"),
        inner=_inner(header, tensors, len(stack)),
        heads=heads,
        queries=heads * heads_of(header, sliding=False)[0],
        vocab=_vocab(header, tensors),
        head=gcd(*heads_of(header, sliding=False), *heads_of(header, sliding=True)),
    )


def _inner(header: GGUFHeader, tensors: Sequence[Tensor], count: int) -> int:
    """The widest feed-forward: of plain layers, or of the experts that work on one token."""
    names = {kind(tensor) for tensor in tensors}
    plain = max(header.numbers("feed_forward_length", count), default=0)
    if "ffn_up_exps" not in names and "ffn_gate_up_exps" not in names:
        return plain
    each = header.number("expert_feed_forward_length", plain)
    experts = header.number("expert_used_count") * each
    return max(experts, plain) if "ffn_up" in names else experts


def _vocab(header: GGUFHeader, tensors: Sequence[Tensor]) -> int:
    for tensor in tensors:
        if tensor.name == "token_embd.weight" and len(tensor.shape) > 1:
            return tensor.shape[1]
    return header.number("vocab_size")
