"""The sizes of llama.cpp's buffers, as its log tells them while a model or a context is made.

    load_tensors:   CPU_Mapped model buffer size =     4.06 MiB
    llama_kv_cache: size =   16.00 MiB (  4096 cells,   4 layers,  1/1 seqs), K (f16): …
    sched_reserve:        CPU compute buffer size =    10.14 MiB
    load_tensors: layer   3 assigned to device CUDA0, is_swa = 0

Sizes are told to a hundredth of a MiB. Knows these lines (llama.cpp as of llama-cpp-python 0.3.36),
no model and no device.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Purpose = Literal["weights", "cache", "compute"]

MIB = 1 << 20
_BUFFER = re.compile(r"(\S+)\s+(model|KV|RS|output|compute|LoRA) buffer size =\s*([\d.]+) MiB")
_CELLS = re.compile(r"size =\s*([\d.]+) MiB \(\s*\d+ cells")
_LAYER = re.compile(r"layer\s+(\d+) assigned to device (\S+?),")
_PURPOSES: Mapping[str, Purpose] = {
    "model": "weights", "LoRA": "weights", "KV": "cache", "RS": "cache",
    "output": "compute", "compute": "compute",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Buffer:
    """One piece of memory. device: as ggml names it, such as CPU_Mapped, CUDA0 or CUDA_Host."""

    device: str
    purpose: Purpose
    bytes: int


def buffers(log: Iterable[str]) -> Iterator[Buffer]:
    """Every buffer the log tells of, in its order."""
    for line in log:
        if found := _BUFFER.search(line):
            yield Buffer(found[1], _PURPOSES[found[2]], _bytes(found[3]))


def cells(log: Iterable[str]) -> int:
    """Bytes of the whole KV cache and recurrent state: told even where nothing is allocated."""
    return sum(_bytes(found[1]) for line in log if (found := _CELLS.search(line)))


def places(log: Iterable[str]) -> dict[int, str]:
    """Layer -> the device it is on; the number after the last layer stands for the output."""
    return {int(found[1]): found[2] for line in log if (found := _LAYER.search(line))}


def _bytes(mib: str) -> int:
    return round(float(mib) * MIB)
