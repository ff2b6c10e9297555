"""One model, one KV cache, one chain of samplers: llama.cpp's handles with types around them.

Thin: what ctypes needs stays here. Traps of llama-cpp-python 0.3.36 that end here:

- flash attention: the Llama class offers on or off; the parameter's own default is auto, and stays.
- loading progress: the class hides the callback; here it is a parameter.
- detokenize() loses pieces over 32 bytes; piece() asks again with room enough.
- a Python abort callback would take the interpreter lock at every node of every graph. libc's
  strlen is the callback instead: of an empty string it says 0 (go on), of "x" 1 (stop), so that
  cancelling is one byte written. CUDA never asks it; callers also stop between chunks.
- n_ctx is a multiple of 256; swa_full stays on, or reuse of a prefix gives wrong text.
- embed() would clear the KV cache, a LoRA path that is missing would be ignored, save_state would
  copy the scores: none of them is used. Voices as sequences of one batch, state files, LoRA and
  the no_alloc fit check belong to later rooms; Weights and Context are apart for their sake.
- a GGML_ASSERT on a damaged file ends the process: gguf.py has looked at the header before. A probe
  of unknown files in a child process belongs to the room that fetches models.

Knows no message, no template and no protocol.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from echo.brains.native import backend, load_error
from echo.errors import BrainError, EchoError, Interrupted

SPM = 1  # llama_vocab_type: SentencePiece
ABORTED = 2  # llama_decode's answer
TOP_K, MIN_P = 40, 0.05


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to choose a token. temperature 0: the likeliest; grammar: GBNF, "" for none."""

    temperature: float
    top_p: float
    seed: int
    grammar: str = ""


class Weights:
    """A loaded model and its vocabulary. Raises ModelFileError, BrainError, Interrupted."""

    def __init__(self, path: Path, gpu_layers: int, progress: Callable[[float], bool]) -> None:
        self._backend = backend()
        self.lib = self._backend.lib
        self.path = path
        with self._backend.lock:
            self.handle: Any = self._load(gpu_layers, progress)
        self.vocab: Any = self.lib.llama_model_get_vocab(self.handle)
        self.n_vocab = int(self.lib.llama_vocab_n_tokens(self.vocab))
        self.trained = int(self.lib.llama_model_n_ctx_train(self.handle))
        self.spm = self.lib.llama_vocab_type(self.vocab) == SPM
        self.bos = int(self.lib.llama_vocab_bos(self.vocab))
        self.eos = int(self.lib.llama_vocab_eos(self.vocab))
        self.add_bos = bool(self.lib.llama_vocab_get_add_bos(self.vocab))

    def _load(self, gpu_layers: int, progress: Callable[[float], bool]) -> Any:
        params = self.lib.llama_model_default_params()
        params.n_gpu_layers = gpu_layers if self._backend.offloads else 0
        raised: list[BaseException] = []
        stopped: list[bool] = []

        def heard(done: float, _: object) -> bool:
            try:
                on = bool(progress(done))
            except BaseException as exc:  # noqa: BLE001 (may not cross C: raised again below)
                raised.append(exc)
                return False
            if not on:
                stopped.append(True)
            return on

        callback = self.lib.llama_progress_callback(heard)
        params.progress_callback = callback
        self._backend.log.clear()
        handle = self.lib.llama_model_load_from_file(os.fsencode(self.path), params)
        if raised:
            raise raised[0]
        if handle is None:
            raise self._stopped() if stopped else load_error(self.path, self._backend.log)
        return handle

    def _stopped(self) -> EchoError:
        return Interrupted("Loading {path} was stopped.", path=self.path)

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Tokens of text, no BOS. special: control tokens may be written as text."""
        data = text.encode("utf-8", errors="replace")
        room = len(data) + 8
        for _ in range(2):
            tokens = (ctypes.c_int32 * room)()
            n = self.lib.llama_tokenize(self.vocab, data, len(data), tokens, room, False, special)
            if n >= 0:
                return list(tokens[:n])
            room = -n
        raise BrainError("Some text cannot be made tokens.")

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """The bytes a token stands for; a control token stands for none unless special."""
        room = 32
        for _ in range(2):
            buffer = ctypes.create_string_buffer(room)
            n = self.lib.llama_token_to_piece(self.vocab, token, buffer, room, 0, special)
            if n >= 0:
                return buffer.raw[:n]
            room = -n
        return b""

    def is_eog(self, token: int) -> bool:
        """Does this token end a generation: EOS, EOT, and what else the model uses."""
        return bool(self.lib.llama_vocab_is_eog(self.vocab, token))

    def is_control(self, token: int) -> bool:
        """Is this a token that only a template may write."""
        return bool(self.lib.llama_vocab_is_control(self.vocab, token))

    def text(self, token: int) -> str:
        """How a token is written in the vocabulary; "" for none."""
        if not 0 <= token < self.n_vocab:
            return ""
        return bytes(self.lib.llama_vocab_get_text(self.vocab, token)).decode("utf-8", "replace")

    def close(self) -> None:
        """Free the model; its contexts must be closed before."""
        with self._backend.lock:
            if self.handle is not None:
                self.lib.llama_model_free(self.handle)
            self.handle = None


class Context:
    """The KV cache of one model for one sequence, and what is asked of it."""

    def __init__(self, weights: Weights, n_ctx: int, batch: int, threads: int) -> None:
        self._backend = backend()
        self.lib = self._backend.lib
        self.weights = weights
        self.batch = min(batch, n_ctx)
        self._stop = ctypes.create_string_buffer(2)  # "" goes on, "x" stops
        with self._backend.lock:
            self.handle: Any = self._open(n_ctx, threads)
        self.memory: Any = self.lib.llama_get_memory(self.handle)
        self.size = int(self.lib.llama_n_ctx(self.handle))  # tokens, a multiple of 256
        self._watch()

    def _open(self, n_ctx: int, threads: int) -> Any:
        params = self.lib.llama_context_default_params()
        params.n_ctx = -(-n_ctx // 256) * 256
        params.n_batch = self.batch
        params.n_ubatch = min(self.batch, 512)
        params.n_threads = params.n_threads_batch = threads
        params.flash_attn_type = self.lib.LLAMA_FLASH_ATTN_TYPE_AUTO
        params.swa_full = True
        params.no_perf = True
        self._backend.log.clear()
        handle = self.lib.llama_init_from_model(self.weights.handle, params)
        if handle is None:
            raise load_error(self.weights.path, self._backend.log)
        return handle

    def _watch(self) -> None:
        strlen = ctypes.cast(ctypes.CDLL(None).strlen, ctypes.c_void_p).value
        self._callback = self.lib.ggml_abort_callback(strlen)
        address = ctypes.c_void_p(ctypes.addressof(self._stop))
        self.lib.llama_set_abort_callback(self.handle, self._callback, address)

    def abort(self, on: bool) -> None:
        """Ends a running decode(), and every later one, until switched off again."""
        self._stop.value = b"x" if on else b""

    def decode(self, tokens: Sequence[int]) -> bool:
        """Evaluate tokens (at most `batch`) after what is held; False when aborted."""
        array = (ctypes.c_int32 * len(tokens))(*tokens)
        answer = self.lib.llama_decode(
            self.handle, self.lib.llama_batch_get_one(array, len(tokens))
        )
        if answer not in (0, ABORTED):
            raise BrainError(
                "The model failed while it was evaluated: {reason}.",
                "Load it again; if it stays so, choose a smaller context or another file.",
                reason=self._backend.log[-1] if self._backend.log else f"code {answer}",
            )
        return bool(answer == 0)

    def held(self) -> int:
        """Tokens in the KV cache, as llama.cpp itself counts them."""
        return int(self.lib.llama_memory_seq_pos_max(self.memory, 0)) + 1

    def trim(self, length: int) -> int:
        """Keep the first `length` tokens; how many could be kept (0 in a recurrent model)."""
        if self.lib.llama_memory_seq_rm(self.memory, 0, length, -1):
            return length
        self.lib.llama_memory_clear(self.memory, True)
        return 0

    def close(self) -> None:
        """Free the cache."""
        with self._backend.lock:
            if self.handle is not None:
                self.lib.llama_free(self.handle)
            self.handle = None


class Sampler:
    """A chain of llama.cpp's samplers for one request; the grammar's state lives in it."""

    def __init__(self, context: Context, how: Sampling) -> None:
        lib = self.lib = context.lib
        self.context = context
        self.chain: Any = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        if how.grammar:
            self._add(lib.llama_sampler_init_grammar(
                context.weights.vocab, how.grammar.encode(), b"root"))  # fmt: skip
        if how.temperature <= 0:
            self._add(lib.llama_sampler_init_greedy())
            return
        self._add(lib.llama_sampler_init_top_k(TOP_K))
        self._add(lib.llama_sampler_init_top_p(how.top_p, 1))
        self._add(lib.llama_sampler_init_min_p(MIN_P, 1))
        self._add(lib.llama_sampler_init_temp(how.temperature))
        # llama.cpp takes 0xFFFFFFFF for "any seed": the top bit is left out
        self._add(lib.llama_sampler_init_dist(how.seed & 0x7FFFFFFF))

    def _add(self, sampler: Any) -> None:
        if not sampler:  # NULL
            self.close()
            raise BrainError("A grammar cannot be read by this model.")
        self.lib.llama_sampler_chain_add(self.chain, sampler)

    def sample(self) -> int:
        """The next token, from the logits of the last decode; the chain has taken note of it."""
        return int(self.lib.llama_sampler_sample(self.chain, self.context.handle, -1))

    def close(self) -> None:
        """Free the chain and its grammar."""
        if self.chain is not None:
            self.lib.llama_sampler_free(self.chain)
        self.chain = None
