"""Writes a llama-architecture GGUF of random weights: the shape of a model, none of its sense.

For measurements (100-300 MB) and for tests (a few hundred kB). The tokenizer works: byte-level
BPE (any text round-trips) or SentencePiece with byte fallback. Knows nothing of echo.

    python -m bench.random_gguf FILE [--size bench|tiny]
"""

from __future__ import annotations

import argparse
import ctypes
import itertools
import string
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIALS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
LONG_PIECE = "a piece of more than thirty-two bytes, as real vocabularies hold"
SAMPLE = (
    "the and you that was for with this have what my your is in it to of a 나는 너는 오늘 내일 "
    "고양이 이름 기억 기분 지금 말 느낌 생각 그래 아니 좋아 슬퍼 힘들어 있어 없어 했어 할까 뭐야 "
)
FILES = {"Q4_0": 2, "Q8_0": 7, "Q4_K_M": 15, "Q5_K_M": 17, "Q6_K": 18, "BF16": 32}  # llama_ftype


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a model. vocab: tokens in all; context: what the header says was trained."""

    width: int = 64
    layers: int = 2
    heads: int = 4
    kv_heads: int = 2
    ff: int = 128
    vocab: int = 512
    context: int = 2048
    seed: int = 0


TINY = Shape()
# the proportions of Llama-3.1-8B: heads of 128, four to a group, ff 3.5 times the width
BENCH = Shape(width=1024, layers=7, heads=8, kv_heads=2, ff=3584, vocab=16000, context=8192)


def write(
    path: Path,
    shape: Shape = TINY,
    *,
    template: str | None = CHATML,
    tokenizer: str = "gpt2",
    arch: str = "llama",
    chatml_tokens: bool = True,
) -> Path:
    """One GGUF at path. tokenizer: "gpt2" (byte-level BPE) or "llama" (SentencePiece)."""
    out = gguf.GGUFWriter(path, arch)
    out.add_name(f"random-{shape.width}x{shape.layers}")
    out.add_context_length(shape.context)
    out.add_embedding_length(shape.width)
    out.add_block_count(shape.layers)
    out.add_feed_forward_length(shape.ff)
    out.add_head_count(shape.heads)
    out.add_head_count_kv(shape.kv_heads)
    out.add_layer_norm_rms_eps(1e-5)
    out.add_rope_dimension_count(shape.width // shape.heads)
    out.add_vocab_size(shape.vocab)
    specials = SPECIALS if chatml_tokens else SPECIALS[:1]
    {"gpt2": _bpe, "llama": _spm}[tokenizer](out, shape.vocab, specials)
    if template is not None:
        out.add_chat_template(template)
    _tensors(out, shape)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
    return path


def quantised(source: Path, kind: str, path: Path) -> Path:
    """The same model with smaller weights, as llama.cpp makes them. kind: a key of FILES."""
    import llama_cpp.llama_cpp as lib

    how = lib.llama_model_quantize_default_params()
    how.ftype = FILES[kind]
    quiet = lib.llama_log_callback(lambda *_: None)
    lib.llama_log_set(quiet, ctypes.c_void_p(0))
    if lib.llama_model_quantize(bytes(source), bytes(path), ctypes.byref(how)):
        raise SystemExit(f"{source} cannot be made {kind}")
    lib.llama_log_set(lib.llama_log_callback(0), ctypes.c_void_p(0))
    return path


def write_lora(path: Path, shape: Shape = TINY, *, rank: int = 4, seed: int = 7) -> Path:
    """A LoRA of random weights for a model of that shape, on its attention outputs."""
    rng = np.random.default_rng(seed)
    out = gguf.GGUFWriter(path, "llama")
    out.add_type("adapter")
    out.add_string("adapter.type", "lora")
    out.add_float32("adapter.lora.alpha", float(rank))
    for i in range(shape.layers):
        for name, size in (("lora_a", (rank, shape.width)), ("lora_b", (shape.width, rank))):
            weights = rng.standard_normal(size, dtype=np.float32)
            out.add_tensor(f"blk.{i}.attn_output.weight.{name}", weights)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
    return path


def _tensors(out: gguf.GGUFWriter, shape: Shape) -> None:
    rng = np.random.default_rng(shape.seed)
    kv = shape.width // shape.heads * shape.kv_heads

    def matrix(name: str, rows: int, columns: int) -> None:
        weights = rng.standard_normal((rows, columns), dtype=np.float32) / columns**0.5
        out.add_tensor(f"{name}.weight", weights.astype(np.float16))

    def ones(name: str) -> None:
        out.add_tensor(f"{name}.weight", np.ones(shape.width, dtype=np.float32))

    matrix("token_embd", shape.vocab, shape.width)
    for i in range(shape.layers):
        ones(f"blk.{i}.attn_norm")
        matrix(f"blk.{i}.attn_q", shape.width, shape.width)
        matrix(f"blk.{i}.attn_k", kv, shape.width)
        matrix(f"blk.{i}.attn_v", kv, shape.width)
        matrix(f"blk.{i}.attn_output", shape.width, shape.width)
        ones(f"blk.{i}.ffn_norm")
        matrix(f"blk.{i}.ffn_gate", shape.ff, shape.width)
        matrix(f"blk.{i}.ffn_up", shape.ff, shape.width)
        matrix(f"blk.{i}.ffn_down", shape.width, shape.ff)
    ones("output_norm")
    matrix("output", shape.vocab, shape.width)


def _bpe(out: gguf.GGUFWriter, vocab: int, specials: Sequence[str]) -> None:
    """gpt-2's alphabet of 256 bytes, merges of SAMPLE and of letters, then the specials.

    Nearly every token can be had from text, so that a random reply, read again, has about as many
    tokens as it was made of.
    """
    alphabet = _alphabet()
    room = vocab - 257 - len(specials)
    merges = _merges(SAMPLE, alphabet, room // 2)
    known = {"".join(pair) for pair in merges}
    letters = (pair for pair in _letters() if "".join(pair) not in known)
    merges += itertools.islice(letters, room - len(merges))
    tokens = [*alphabet.values(), *("".join(pair) for pair in merges)]
    tokens.append("".join(alphabet[b] for b in LONG_PIECE.encode()))
    tokens += [f"filler{i}" for i in range(vocab - len(tokens) - len(specials))]
    types = [gguf.TokenType.NORMAL] * len(tokens) + [gguf.TokenType.CONTROL] * len(specials)
    tokens += specials
    out.add_tokenizer_model("gpt2")
    out.add_tokenizer_pre("gpt-2")
    out.add_token_list(tokens)
    out.add_token_types(types)
    out.add_token_merges([" ".join(pair) for pair in merges])
    first = len(tokens) - len(specials)
    out.add_bos_token_id(first)
    out.add_eos_token_id(len(tokens) - 1)
    out.add_add_bos_token(False)


def _spm(out: gguf.GGUFWriter, vocab: int, specials: Sequence[str]) -> None:
    """<unk>, <s>, </s>, 256 bytes, ASCII characters, a few words with the word mark, fillers."""
    tokens = ["<unk>", "<s>", "</s>"]
    types = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    tokens += [f"<0x{b:02X}>" for b in range(256)]
    types += [gguf.TokenType.BYTE] * 256
    words = ["▁", *(chr(c) for c in range(33, 127)), "he", "the", "▁the", "</", "s>"]
    words += [f"filler{i}" for i in range(vocab - len(tokens) - len(words) - len(specials))]
    tokens += [*words, *specials]
    types += [gguf.TokenType.NORMAL] * len(words) + [gguf.TokenType.CONTROL] * len(specials)
    out.add_tokenizer_model("llama")
    out.add_token_list(tokens)
    out.add_token_scores([0.0] * 259 + [-float(i) for i in range(len(tokens) - 259)])
    out.add_token_types(types)
    out.add_bos_token_id(1)
    out.add_eos_token_id(2)
    out.add_unk_token_id(0)
    out.add_add_bos_token(True)
    out.add_add_space_prefix(True)


def _alphabet() -> dict[int, str]:
    """gpt-2's printable stand-ins for the 256 bytes."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    moved = (b for b in range(256) if b not in kept)
    return {b: chr(b) for b in kept} | {b: chr(256 + i) for i, b in enumerate(moved)}


def _merges(text: str, alphabet: dict[int, str], limit: int) -> list[tuple[str, str]]:
    """Byte-pair merges of text's words, most frequent first."""
    words = [[alphabet[b] for b in word.encode()] for word in text.split()]
    words += [[alphabet[b] for b in f" {word}".encode()] for word in text.split()]
    made: list[tuple[str, str]] = []
    while len(made) < limit:
        pairs = Counter(pair for word in words for pair in itertools.pairwise(word))
        if not pairs:
            break
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        made.append(best)
        words = [_merge(word, best) for word in words]
    return made


def _letters() -> Iterator[tuple[str, str]]:
    """Merges that make every string of two, then of three small letters."""
    for length in (1, 2):
        for first in itertools.product(string.ascii_lowercase, repeat=length):
            for second in string.ascii_lowercase:
                yield "".join(first), second


def _merge(word: list[str], pair: tuple[str, str]) -> list[str]:
    out: list[str] = []
    for piece in word:
        if out and (out[-1], piece) == pair:
            out[-1] += piece
        else:
            out.append(piece)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a GGUF of random weights.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--size", choices=("bench", "tiny"), default="bench")
    args = parser.parse_args()
    write(args.file, BENCH if args.size == "bench" else TINY)
    print(f"{args.file}: {args.file.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
