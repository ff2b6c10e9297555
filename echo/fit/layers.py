"""What one layer of a model holds: weights, KV cache a token, recurrent state.

Sources: llama.cpp's llama-kv-cache*.cpp, llama-memory-recurrent.cpp and llama-hparams.cpp (as of
llama-cpp-python 0.3.36). Whether a layer has a cache or a state is read from its tensors, so that
hybrids come out right. Knows headers; no device, no llama.cpp.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from echo.brains.gguf import GGUFHeader, Tensor

MAX_LAYERS = 4096  # llama.cpp has 512
_ATTENTION = frozenset(("attn_k", "attn_qkv", "attn_kv_a_mqa"))
_RECURRENT = frozenset(("ssm_conv1d", "time_mix_w1", "shortconv"))
# every n-th layer looks at everything, where the header has no pattern of its own
_PATTERNS = {"gemma2": 2, "gemma3": 6, "gemma3n": 5, "cohere2": 4, "gpt-oss": 2, "llama4": 4}


@dataclass(frozen=True, slots=True)
class Layer:
    """One block. weights: bytes; largest: of its largest tensor; k, v: elements of cache a token;
    window: tokens of a sliding attention, 0 for none; state: recurrent bytes a sequence."""

    weights: int
    largest: int
    k: int = 0
    v: int = 0
    window: int = 0
    state: int = 0


def layers(header: GGUFHeader, blocks: Mapping[int, Sequence[Tensor]]) -> tuple[Layer, ...]:
    """Every layer of a model from its header and its tensors by block."""
    count = max(0, min(header.number("block_count"), MAX_LAYERS))
    heads_kv = header.numbers(
        "attention.head_count_kv", count, max(header.numbers("attention.head_count", 1))
    )
    windows = _windows(header, count)
    without_cache = count - header.number("attention.shared_kv_layers")
    found = []
    for i in range(count):
        tensors = blocks.get(i, ())
        kinds = {kind(tensor) for tensor in tensors}
        k, v = heads_of(header, sliding=windows[i] > 0)
        cached = bool(kinds & _ATTENTION) and i < without_cache
        found.append(
            Layer(
                weights=sum(tensor.bytes for tensor in tensors),
                largest=max((tensor.bytes for tensor in tensors), default=0),
                k=heads_kv[i] * k * cached,
                v=0 if _is_mla(header) else heads_kv[i] * v * cached,
                window=windows[i],
                state=_state(header) if kinds & _RECURRENT else 0,
            )
        )
    return tuple(found)


def kind(tensor: Tensor) -> str:
    """What a tensor of a block is, such as attn_k; "" for another's."""
    block, _, name = tensor.name.partition(".")
    return name.partition(".")[2].partition(".")[0] if block == "blk" else ""


def heads_of(header: GGUFHeader, *, sliding: bool) -> tuple[int, int]:
    """Elements of one head's key and value."""
    width = header.number("embedding_length")
    each = width // max(1, *header.numbers("attention.head_count", 1))
    k = header.number("attention.key_length", each)
    v = header.number("attention.value_length", each)
    if sliding:
        k = header.number("attention.key_length_swa", k)
        v = header.number("attention.value_length_swa", v)
    return k, v


def _is_mla(header: GGUFHeader) -> bool:
    """Multi-head latent attention keeps keys only."""
    return bool(
        header.number("attention.key_length_mla") and header.number("attention.value_length_mla")
    )


def _windows(header: GGUFHeader, count: int) -> tuple[int, ...]:
    """Tokens that each layer looks back; 0 for all."""
    window = header.number("attention.sliding_window")
    key = "attention.sliding_window_pattern"
    if not window:
        return (0,) * count
    if f"{header.arch}.{key}" in header.lists:
        return tuple(window if on else 0 for on in header.numbers(key, count))
    every = header.number(key, _PATTERNS.get(header.arch, 0))
    if not every:
        return (0,) * count
    return tuple(0 if i % every == every - 1 else window for i in range(count))


def _state(header: GGUFHeader) -> int:
    """Bytes of one layer's recurrent state, f32, for one sequence."""
    width = header.number("embedding_length")
    if wkv := header.number("wkv.head_size"):  # RWKV
        return 4 * (header.number("token_shift_count", 2) * width + width * wkv)
    if short := header.number("shortconv.l_cache"):  # LFM2
        return 4 * width * (short - 1)
    inner, state = header.number("ssm.inner_size"), header.number("ssm.state_size")
    groups = header.number("ssm.group_count")
    kernel = max(header.number("ssm.conv_kernel") - 1, 0)
    return 4 * (kernel * (inner + 2 * groups * state) + state * inner)
