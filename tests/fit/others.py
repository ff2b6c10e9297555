"""Hollow GGUF files of architectures whose memory is counted in other ways than llama's.

Small ones, with every tensor that llama.cpp asks of the architecture: sliding windows (gemma3),
recurrent states (mamba), heads wider than the hidden state (qwen3), latent attention (deepseek2).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.fit.shapes import write_hollow

Info = tuple[str, tuple[int, ...], str]
WIDTH, LAYERS, FF, VOCAB = 512, 6, 1024, 4096


def common(arch: str, **more: float | str | list[int]) -> dict[str, int | float | str | list[int]]:
    told: dict[str, int | float | str | list[int]] = {
        "general.name": arch,
        f"{arch}.context_length": 8192,
        f"{arch}.embedding_length": WIDTH,
        f"{arch}.block_count": LAYERS,
        f"{arch}.feed_forward_length": FF,
        f"{arch}.vocab_size": VOCAB,
        f"{arch}.attention.layer_norm_rms_epsilon": 1e-6,
        "tokenizer.ggml.model": "no_vocab",
    }
    return told | {f"{arch}.{key.replace('__', '.')}": value for key, value in more.items()}


def qwen3(folder: Path) -> Path:
    """16 heads of 64: keys twice as wide as the hidden state, grouped by 4."""
    heads = {"attention__head_count": 16, "attention__head_count_kv": 4}
    metadata = common("qwen3", **heads, attention__key_length=64, attention__value_length=64)
    return write_hollow(folder / "qwen3.gguf", "qwen3", metadata, _qwen3())


def gemma3(folder: Path) -> Path:
    """Five of six layers look back 256 tokens; tied embeddings."""
    metadata = common(
        "gemma3", attention__head_count=8, attention__head_count_kv=4, attention__key_length=64,
        attention__value_length=64, attention__sliding_window=256, rope__dimension_count=64,
    )  # fmt: skip
    return write_hollow(folder / "gemma3.gguf", "gemma3", metadata, _gemma3())


def mamba(folder: Path) -> Path:
    """No attention: a state for each sequence, however long it is."""
    metadata = common(
        "mamba", attention__head_count=0, ssm__conv_kernel=4, ssm__inner_size=2 * WIDTH,
        ssm__state_size=16, ssm__time_step_rank=32,
    )  # fmt: skip
    return write_hollow(folder / "mamba.gguf", "mamba", metadata, _mamba())


def deepseek2(folder: Path) -> Path:
    """Latent attention: one key of 128 + 64 a token for all heads, and no value."""
    metadata = common(
        "deepseek2", attention__head_count=8, attention__head_count_kv=1,
        attention__key_length=192, attention__value_length=128, attention__key_length_mla=96,
        attention__value_length_mla=64, attention__kv_lora_rank=128, rope__dimension_count=64,
        attention__q_lora_rank=64,
        leading_dense_block_count=LAYERS, expert_feed_forward_length=FF, expert_shared_count=1,
        expert_count=4, expert_used_count=2, expert_weights_scale=1.0,
    )  # fmt: skip
    return write_hollow(folder / "deepseek2.gguf", "deepseek2", metadata, _deepseek2())


def _ends(*, tied: bool) -> Iterator[Info]:
    yield "token_embd.weight", (WIDTH, VOCAB), "F16"
    yield "output_norm.weight", (WIDTH,), "F32"
    if not tied:
        yield "output.weight", (WIDTH, VOCAB), "F16"


def _attention(i: int, q: int, kv: int) -> Iterator[Info]:
    yield f"blk.{i}.attn_norm.weight", (WIDTH,), "F32"
    yield f"blk.{i}.attn_q.weight", (WIDTH, q), "F16"
    yield f"blk.{i}.attn_k.weight", (WIDTH, kv), "F16"
    yield f"blk.{i}.attn_v.weight", (WIDTH, kv), "F16"
    yield f"blk.{i}.attn_output.weight", (q, WIDTH), "F16"


def _feed_forward(i: int) -> Iterator[Info]:
    yield f"blk.{i}.ffn_norm.weight", (WIDTH,), "F32"
    yield f"blk.{i}.ffn_gate.weight", (WIDTH, FF), "F16"
    yield f"blk.{i}.ffn_up.weight", (WIDTH, FF), "F16"
    yield f"blk.{i}.ffn_down.weight", (FF, WIDTH), "F16"


def _qwen3() -> Iterator[Info]:
    yield from _ends(tied=False)
    for i in range(LAYERS):
        yield from _attention(i, 16 * 64, 4 * 64)
        yield f"blk.{i}.attn_q_norm.weight", (64,), "F32"
        yield f"blk.{i}.attn_k_norm.weight", (64,), "F32"
        yield from _feed_forward(i)


def _gemma3() -> Iterator[Info]:
    yield from _ends(tied=True)
    for i in range(LAYERS):
        yield from _attention(i, 8 * 64, 4 * 64)
        yield f"blk.{i}.attn_q_norm.weight", (64,), "F32"
        yield f"blk.{i}.attn_k_norm.weight", (64,), "F32"
        yield f"blk.{i}.post_attention_norm.weight", (WIDTH,), "F32"
        yield from _feed_forward(i)
        yield f"blk.{i}.post_ffw_norm.weight", (WIDTH,), "F32"


def _mamba() -> Iterator[Info]:
    inner, state, rank = 2 * WIDTH, 16, 32
    yield from _ends(tied=False)
    for i in range(LAYERS):
        yield f"blk.{i}.attn_norm.weight", (WIDTH,), "F32"
        yield f"blk.{i}.ssm_in.weight", (WIDTH, 2 * inner), "F16"
        yield f"blk.{i}.ssm_conv1d.weight", (4, inner), "F32"
        yield f"blk.{i}.ssm_conv1d.bias", (inner,), "F32"
        yield f"blk.{i}.ssm_x.weight", (inner, rank + 2 * state), "F16"
        yield f"blk.{i}.ssm_dt.weight", (rank, inner), "F16"
        yield f"blk.{i}.ssm_dt.bias", (inner,), "F32"
        yield f"blk.{i}.ssm_a", (state, inner), "F32"
        yield f"blk.{i}.ssm_d", (inner,), "F32"
        yield f"blk.{i}.ssm_out.weight", (inner, WIDTH), "F16"


def _deepseek2() -> Iterator[Info]:
    heads, rank, rope, plain, value = 8, 128, 64, 32, 64
    yield from _ends(tied=False)
    for i in range(LAYERS):
        yield f"blk.{i}.attn_norm.weight", (WIDTH,), "F32"
        yield f"blk.{i}.attn_q_a.weight", (WIDTH, 64), "F16"
        yield f"blk.{i}.attn_q_a_norm.weight", (64,), "F32"
        yield f"blk.{i}.attn_q_b.weight", (64, heads * (plain + rope)), "F16"
        yield f"blk.{i}.attn_kv_a_mqa.weight", (WIDTH, rank + rope), "F16"
        yield f"blk.{i}.attn_kv_a_norm.weight", (rank,), "F32"
        yield f"blk.{i}.attn_k_b.weight", (plain, rank, heads), "F16"
        yield f"blk.{i}.attn_v_b.weight", (rank, value, heads), "F16"
        yield f"blk.{i}.attn_output.weight", (heads * value, WIDTH), "F16"
        yield from _feed_forward(i)
