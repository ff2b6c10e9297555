"""Names of quantisations: from a header, from a list of tensors, from a file's name.

Knows names and numbers, no files. Source of the numbers: llama.cpp's llama_ftype.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from echo.brains.blocks import BLOCKS
from echo.brains.gguf import GGUFHeader, Tensor

FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K",
    11: "Q3_K_S", 12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S",
    17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS",
    23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M",
    30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4_MOE",
}  # fmt: skip
_IN_NAME = re.compile(
    r"(?:^|[-_.])((?:UD-)?(?:I?Q|TQ)[1-8](?:_[A-Z0-9]+)*|BF16|FP?16|FP?32|MXFP4(?:_MOE)?)(?=[-.]|$)",
    re.IGNORECASE,
)


def of_header(header: GGUFHeader, tensors: Iterable[Tensor]) -> str:
    """The quantisation of a model: as its header says, else the type that most bytes have."""
    said = header.metadata.get("general.file_type")
    if isinstance(said, int) and said in FILE_TYPES:
        return FILE_TYPES[said]
    weights: Counter[int] = Counter()
    for tensor in tensors:
        weights[tensor.kind] += tensor.bytes
    if not weights:
        return ""
    kind = weights.most_common(1)[0][0]
    return BLOCKS[kind].name if kind in BLOCKS else f"type {kind}"


def of_name(name: str) -> str:
    """The quantisation that a file's name speaks of, in capitals; "" for none.

    The last one counts: `Qwen3-8B-Q4_K_M.gguf`, `model.Q5_0.gguf`, `UD-IQ2_XXS`.
    """
    found = _IN_NAME.findall(name.removesuffix(".gguf"))
    last = found[-1].upper() if found else ""
    return {"FP16": "F16", "FP32": "F32"}.get(last, last)
