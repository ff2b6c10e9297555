"""Writes GGUF files with the real shapes of known models and none of their bytes.

Header and tensor list are those of the Q4_K_M files on the hub (types by llama.cpp's own rules,
llama_tensor_get_type in src/llama-quant.cpp); the data is a hole in a sparse file, so that every
size is right and the disk stays empty. The vocabulary has a size and no words.

    python -m tests.fit.shapes FOLDER      writes all of them
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np

from echo.brains.blocks import named

Q4_K_M = 15  # general.file_type


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a llama-architecture model. experts: 0 for a dense one; bytes: published."""

    name: str
    width: int
    layers: int
    heads: int
    kv_heads: int
    ff: int
    vocab: int
    context: int
    experts: int = 0
    published: float = 0.0

    @property
    def file(self) -> str:
        return f"{self.name}.Q4_K_M.gguf"


MIXTRAL = Shape("mixtral-8x7b-instruct", 4096, 32, 32, 8, 14336, 32000, 32768, 8, 28.4e9)
LLAMA = Shape("llama-3.1-8b-instruct", 4096, 32, 32, 8, 14336, 128256, 131072, 0, 4.92e9)
CODER = Shape("deepseek-coder-6.7b-instruct", 4096, 32, 32, 32, 11008, 32256, 16384, 0, 4.08e9)
THREE = (MIXTRAL, LLAMA, CODER)


def write(folder: Path, shape: Shape) -> Path:
    """One file in folder, as large as the real one to look at."""
    metadata: dict[str, int | float | str] = {
        "general.name": shape.name,
        "general.file_type": Q4_K_M,
        "llama.context_length": shape.context,
        "llama.embedding_length": shape.width,
        "llama.block_count": shape.layers,
        "llama.feed_forward_length": shape.ff,
        "llama.attention.head_count": shape.heads,
        "llama.attention.head_count_kv": shape.kv_heads,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.rope.dimension_count": shape.width // shape.heads,
        "llama.vocab_size": shape.vocab,
        "tokenizer.ggml.model": "no_vocab",
    }
    if shape.experts:
        metadata |= {"llama.expert_count": shape.experts, "llama.expert_used_count": 2}
    return write_hollow(folder / shape.file, "llama", metadata, tensors(shape))


def write_hollow(
    path: Path,
    arch: str,
    metadata: Mapping[str, int | float | str | list[int]],
    infos: Iterable[tuple[str, tuple[int, ...], str]],
) -> Path:
    """A GGUF of header and tensor list, its data a hole. infos: name, dimensions, type."""
    out = gguf.GGUFWriter(path, arch)
    for key, value in metadata.items():
        if isinstance(value, str):
            out.add_string(key, value)
        elif isinstance(value, list):
            out.add_array(key, value)
        elif isinstance(value, float):
            out.add_float32(key, value)
        else:
            out.add_uint32(key, value)
    total = 0
    for name, dims, kind in infos:
        size = bytes_of(dims, kind)
        total = -(-total // 32) * 32 + size
        stored = gguf.GGMLQuantizationType[kind]
        rows = gguf.quant_shape_to_byte_shape(dims[::-1], stored)
        out.add_tensor_info(name, rows, np.dtype(np.uint8), size, raw_dtype=stored)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_ti_data_to_file()
    out.close()
    start = -(-path.stat().st_size // 32) * 32
    with path.open("r+b") as file:
        file.truncate(start + total)
    return path


def bytes_of(dims: tuple[int, ...], kind: str) -> int:
    elements = 1
    for dim in dims:
        elements *= dim
    return named(kind).size(elements)


def tensors(shape: Shape) -> Iterator[tuple[str, tuple[int, ...], str]]:
    """Name, dimensions (innermost first) and type of every tensor of a Q4_K_M file."""
    width, kv = shape.width, shape.width // shape.heads * shape.kv_heads
    yield "token_embd.weight", (width, shape.vocab), "Q4_K"
    for i in range(shape.layers):
        better = "Q6_K" if more_bits(i, shape.layers) else "Q4_K"
        moe = shape.experts == 8
        yield f"blk.{i}.attn_norm.weight", (width,), "F32"
        yield f"blk.{i}.attn_q.weight", (width, width), "Q4_K"
        yield f"blk.{i}.attn_k.weight", (width, kv), "Q8_0" if moe else "Q4_K"
        yield f"blk.{i}.attn_v.weight", (width, kv), "Q8_0" if moe else better
        yield f"blk.{i}.attn_output.weight", (width, width), "Q5_K" if moe else "Q4_K"
        yield f"blk.{i}.ffn_norm.weight", (width,), "F32"
        yield from _feed_forward(shape, i, better)
    yield "output_norm.weight", (width,), "F32"
    yield "output.weight", (width, shape.vocab), "Q6_K"
    if shape is LLAMA:
        yield "rope_freqs.weight", (64,), "F32"


def _feed_forward(shape: Shape, i: int, better: str) -> Iterator[tuple[str, tuple[int, ...], str]]:
    each = (shape.experts,) if shape.experts else ()
    tail = "_exps" if shape.experts else ""
    if shape.experts:
        yield f"blk.{i}.ffn_gate_inp.weight", (shape.width, shape.experts), "F32"
    yield f"blk.{i}.ffn_gate{tail}.weight", (shape.width, shape.ff, *each), "Q4_K"
    yield f"blk.{i}.ffn_up{tail}.weight", (shape.width, shape.ff, *each), "Q4_K"
    yield f"blk.{i}.ffn_down{tail}.weight", (shape.ff, shape.width, *each), better


def more_bits(layer: int, layers: int) -> bool:
    """llama.cpp's use_more_bits: the first and last eighth, and every third between."""
    eighth = layers // 8
    return layer < eighth or layer >= 7 * layers // 8 or (layer - eighth) % 3 == 2


def main() -> None:
    parser = argparse.ArgumentParser(description="Write GGUF headers of known models.")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for shape in THREE:
        path = write(folder, shape)
        found = path.stat()
        told = f"{path}: {found.st_size / 1e9:.2f} GB to look at, {found.st_blocks * 512} bytes"
        sys.stdout.write(f"{told}\n")


if __name__ == "__main__":
    main()
