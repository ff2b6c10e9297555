"""Write a trained model and its tokenizer as one GGUF. Knows the format; nothing of training."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

from tools.seed_brains.bpe import CONTROLS, END_OF_TEXT, IM_END, Tokenizer
from tools.seed_brains.model import Shape, TinyLlama

CONTEXT = 4096
TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def export(model: TinyLlama, tokenizer: Tokenizer, path: Path) -> None:
    """Q8_0 matrices, F32 norms, tied output left out; written beside path and moved there."""
    part = path.with_suffix(".part")
    writer = gguf.GGUFWriter(part, "llama")
    _head(writer, model.shape)
    _vocabulary(writer, tokenizer, model.shape.vocab)
    for name, weight in _tensors(model).items():
        _add(writer, name, weight)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    part.replace(path)


def _head(writer: gguf.GGUFWriter, shape: Shape) -> None:
    writer.add_name("Echo seed")
    writer.add_description(
        "A tiny bilingual model for the three voices of Echo, trained from nothing."
    )
    writer.add_author("The Echo authors")
    writer.add_license("MIT")
    writer.add_languages(["ko", "en"])
    writer.add_type(gguf.GGUFType.MODEL)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.ff)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_rope_dimension_count(shape.head)
    writer.add_rope_freq_base(shape.theta)
    writer.add_layer_norm_rms_eps(shape.eps)
    writer.add_vocab_size(shape.vocab)


def _vocabulary(writer: gguf.GGUFWriter, tokenizer: Tokenizer, size: int) -> None:
    spare = [f"<|spare_{i}|>" for i in range(size - len(tokenizer.tokens))]
    kinds = [gguf.TokenType.CONTROL] * len(CONTROLS)
    kinds += [gguf.TokenType.NORMAL] * (len(tokenizer.tokens) - len(CONTROLS))
    kinds += [gguf.TokenType.UNUSED] * len(spare)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([*tokenizer.tokens, *spare])
    writer.add_token_types(kinds)
    writer.add_token_merges([f"{a} {b}" for a, b in tokenizer.merges])
    writer.add_bos_token_id(END_OF_TEXT)
    writer.add_eos_token_id(IM_END)
    writer.add_eot_token_id(IM_END)
    writer.add_pad_token_id(END_OF_TEXT)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    writer.add_chat_template(TEMPLATE)


def _tensors(model: TinyLlama) -> dict[str, np.ndarray]:
    found = {
        "token_embd.weight": model.embed.weight,
        "output_norm.weight": model.norm.weight,
    }
    for i, block in enumerate(model.blocks):
        names = {
            "attn_q": block.q, "attn_k": block.k, "attn_v": block.v, "attn_output": block.o,
            "ffn_gate": block.gate, "ffn_up": block.up, "ffn_down": block.down,
            "attn_norm": block.attn_norm, "ffn_norm": block.ffn_norm,
        }  # fmt: skip
        found |= {f"blk.{i}.{name}.weight": layer.weight for name, layer in names.items()}
    arrays = {name: weight.detach().float().numpy() for name, weight in found.items()}
    heads = model.shape.heads
    return {
        name: _interleaved(a, heads) if ".attn_q." in name or ".attn_k." in name else a
        for name, a in arrays.items()
    }


def _interleaved(rows: np.ndarray, heads: int) -> np.ndarray:
    """Half-split rotary pairs as llama.cpp wants them: neighbours."""
    out, width = rows.shape
    return rows.reshape(heads, 2, out // heads // 2, width).swapaxes(1, 2).reshape(out, width)


def _add(writer: gguf.GGUFWriter, name: str, weight: np.ndarray) -> None:
    if weight.ndim == 1:
        writer.add_tensor(name, weight.astype(np.float32))
        return
    kind = gguf.GGMLQuantizationType.Q8_0
    writer.add_tensor(name, gguf.quants.quantize(weight, kind), raw_dtype=kind)
