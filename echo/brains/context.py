"""One KV cache of a model, for one voice or several, and what is asked of it.

- a Python abort callback would take the interpreter lock at every node of every graph. libc's
  strlen is the callback instead: of an empty string it says 0 (go on), of "x" 1 (stop), so that
  cancelling is one byte written. CUDA never asks it; callers also stop between chunks.
- n_ctx is a multiple of 256; swa_full stays on, or reuse of a prefix gives wrong text.
- flash attention: on processors llama.cpp picks other kernels for one row, for several and for long
  caches; logits differ by up to 0.2 (standard deviation 2.5, Q8_0), and greedy text with them.
  Without it they are the same to the last bit, whatever else stands in the batch.
- embed() would clear the KV cache, save_state would copy the scores: neither is used.

Knows no message, no template and no protocol.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from echo.brains.handles import Adapter, Weights
from echo.brains.native import backend, load_error
from echo.errors import BrainError

ABORTED = 2  # llama_decode's answer
CACHES = {"f16": 1, "q8_0": 8, "q4_0": 2}  # ggml_type of the KV cache


@dataclass(frozen=True, slots=True)
class Running:
    """How a context runs. batch: tokens of one decode; threads; cache: a key of CACHES; flash:
    flash attention, None for what is best here."""

    batch: int
    threads: int
    cache: str = "f16"
    flash: bool | None = None


class Part(NamedTuple):
    """Tokens of one sequence for one decode. start: position of the first; sampled: are the
    logits after the last one wanted."""

    sequence: int
    start: int
    tokens: Sequence[int]
    sampled: bool


class Context:
    """One KV cache for `sequences` voices, and what is asked of it. Not for two threads at once.

    n_ctx: tokens of each sequence, rounded up to a multiple of 256; how.batch: tokens of one
    sequence in one decode.
    """

    def __init__(self, weights: Weights, n_ctx: int, how: Running, *, sequences: int = 1) -> None:
        self._backend = backend()
        self.lib = self._backend.lib
        self.weights = weights
        self.how = how
        self.sequences = sequences
        self.batch = min(how.batch, n_ctx) + sequences - 1
        self._stop = ctypes.create_string_buffer(2)  # "" goes on, "x" stops
        with self._backend.lock, self._backend.listening() as heard:
            self.handle: Any = self._open(n_ctx)
        self.said = tuple(line for line in heard if " size = " in line)  # for buffers.py
        self._batch: Any = self.lib.llama_batch_init(self.batch, 0, 1)
        self.memory: Any = self.lib.llama_get_memory(self.handle)
        self.size = int(self.lib.llama_n_ctx_seq(self.handle))  # tokens of one sequence
        self._adapter: Adapter | None = None
        self._watch()

    def _open(self, n_ctx: int) -> Any:
        params = self.lib.llama_context_default_params()
        params.n_ctx = -(-n_ctx // 256) * 256 * self.sequences
        # a piece of a prompt and one token of every other voice are one decode
        params.n_batch = params.n_ubatch = self.batch
        params.n_seq_max = self.sequences
        params.kv_unified = False  # cells of its own: sums are made in the order they are alone
        params.n_threads = params.n_threads_batch = self.how.threads
        params.flash_attn_type = self._attention()
        params.type_k = params.type_v = CACHES[self.how.cache]
        params.swa_full = True
        params.no_perf = True
        self._backend.log.clear()
        handle = self.lib.llama_init_from_model(self.weights.handle, params)
        if handle is None:
            raise load_error(self.weights.path, self._backend.log)
        return handle

    def _attention(self) -> Any:
        """On processors without flash attention: there the rows of a batch do not feel each other,
        so that text does not depend on who sings along. A quantised cache needs it all the same.
        """
        if self.how.flash:
            return self.lib.LLAMA_FLASH_ATTN_TYPE_ENABLED
        free = self.how.flash is None and (self.weights.on_gpu or self.how.cache != "f16")
        return (
            self.lib.LLAMA_FLASH_ATTN_TYPE_AUTO if free else self.lib.LLAMA_FLASH_ATTN_TYPE_DISABLED
        )

    def _watch(self) -> None:
        strlen = ctypes.cast(ctypes.CDLL(None).strlen, ctypes.c_void_p).value
        self._callback = self.lib.ggml_abort_callback(strlen)
        address = ctypes.c_void_p(ctypes.addressof(self._stop))
        self.lib.llama_set_abort_callback(self.handle, self._callback, address)

    def abort(self, on: bool) -> None:
        """Ends a running decode(), and every later one, until switched off again."""
        self._stop.value = b"x" if on else b""

    def adapt(self, adapter: Adapter | None, scale: float) -> None:
        """Evaluate with this LoRA from now on, or with none; the cache is as it was before."""
        handles = (self.lib.llama_adapter_lora_p_ctypes * 1)(adapter.handle if adapter else None)
        scales = (ctypes.c_float * 1)(scale)
        count = 0 if adapter is None else 1
        if self.lib.llama_set_adapters_lora(self.handle, handles, count, scales):
            raise BrainError("An adapter cannot be used by this model.")
        self._adapter = adapter  # kept: llama.cpp holds no reference

    @property
    def adapter(self) -> str:
        """The name of the LoRA in use; "" for none."""
        return "" if self._adapter is None else self._adapter.path.name

    def use_threads(self, threads: int) -> None:
        """Evaluate with so many threads from now on."""
        self.lib.llama_set_n_threads(self.handle, threads, threads)

    def decode(self, parts: Sequence[Part]) -> bool:
        """Evaluate these parts together (at most `batch` tokens); False when aborted."""
        batch, n = self._batch, 0
        for sequence, start, tokens, sampled in parts:
            for position, token in enumerate(tokens, start):
                batch.token[n] = token
                batch.pos[n] = position
                batch.n_seq_id[n] = 1
                batch.seq_id[n][0] = sequence
                batch.logits[n] = 0
                n += 1
            batch.logits[n - 1] = sampled
        batch.n_tokens = n
        answer = self.lib.llama_decode(self.handle, batch)
        if answer not in (0, ABORTED):
            raise BrainError(
                "The model failed while it was evaluated: {reason}.",
                "Load it again; if it stays so, choose a smaller context or another file.",
                reason=self._backend.log[-1] if self._backend.log else f"code {answer}",
            )
        return bool(answer == 0)

    def held(self, sequence: int = 0) -> int:
        """Tokens of a sequence in the KV cache, as llama.cpp itself counts them."""
        return int(self.lib.llama_memory_seq_pos_max(self.memory, sequence)) + 1

    def trim(self, length: int, sequence: int = 0) -> int:
        """Keep the first `length` tokens; how many could be kept (0 in a recurrent model)."""
        if self.lib.llama_memory_seq_rm(self.memory, sequence, length, -1):
            return length
        self.lib.llama_memory_seq_rm(self.memory, sequence, -1, -1)
        return 0

    def save(self, path: Path, tokens: Sequence[int], sequence: int = 0) -> bool:
        """Write a sequence's cache, which holds these tokens, to a file; whether it is there."""
        array = (ctypes.c_int32 * len(tokens))(*tokens)
        return bool(self.lib.llama_state_seq_save_file(
            self.handle, os.fsencode(path), sequence, array, len(tokens)))  # fmt: skip

    def restore(self, path: Path, capacity: int, sequence: int = 0) -> list[int]:
        """Take a sequence's cache from a file; its tokens, none when it does not fit here."""
        array, count = (ctypes.c_int32 * capacity)(), ctypes.c_size_t(0)
        read = self.lib.llama_state_seq_load_file(
            self.handle, os.fsencode(path), sequence, array, capacity, ctypes.byref(count)
        )
        return list(array[: count.value]) if read else []

    def close(self) -> None:
        """Free the cache."""
        with self._backend.lock:
            if self.handle is not None:
                self.lib.llama_batch_free(self._batch)
                self.lib.llama_free(self.handle)
            self.handle = None
