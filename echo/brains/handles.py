"""A loaded model and its vocabulary: llama.cpp's handle with types around it.

Thin: what ctypes needs stays here. Traps of llama-cpp-python 0.3.36 that end here:

- loading progress: the Llama class hides the callback; here it is a parameter.
- detokenize() loses pieces over 32 bytes; piece() asks again with room enough.
- a GGML_ASSERT on a damaged file ends the process: gguf.py has looked at the header before.

Knows no message, no template and no protocol.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from echo.brains.native import backend, load_error
from echo.errors import BrainError, EchoError, Interrupted, ModelFileError

SPM = 1  # llama_vocab_type: SentencePiece


class Weights:
    """A loaded model and its vocabulary. Raises ModelFileError, BrainError, Interrupted.

    dry: nothing is allocated and no weight is read; only for asking how large all would be.
    said: what llama.cpp logged of its buffers, for buffers.py.
    """

    def __init__(
        self, path: Path, gpu_layers: int, progress: Callable[[float], bool], *, dry: bool = False
    ) -> None:
        self._backend = backend()
        self.lib = self._backend.lib
        self.path = path
        self.on_gpu = self._backend.offloads and gpu_layers != 0
        self._users = 1
        with self._backend.lock, self._backend.listening() as heard:
            self.handle: Any = self._load(gpu_layers, progress, dry)
        self.said = tuple(line for line in heard if "buffer size" in line or "assigned" in line)
        self.vocab: Any = self.lib.llama_model_get_vocab(self.handle)
        self.n_vocab = int(self.lib.llama_vocab_n_tokens(self.vocab))
        self.trained = int(self.lib.llama_model_n_ctx_train(self.handle))
        self.spm = self.lib.llama_vocab_type(self.vocab) == SPM
        self.bos = int(self.lib.llama_vocab_bos(self.vocab))
        self.eos = int(self.lib.llama_vocab_eos(self.vocab))
        self.add_bos = bool(self.lib.llama_vocab_get_add_bos(self.vocab))

    def _load(self, gpu_layers: int, progress: Callable[[float], bool], dry: bool) -> Any:
        params = self.lib.llama_model_default_params()
        params.n_gpu_layers = gpu_layers if self._backend.offloads else 0
        if dry:
            params.no_alloc = True
            params.load_mode = self.lib.LLAMA_LOAD_MODE_NONE  # with mmap llama.cpp would abort
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

    def share(self) -> Weights:
        """These weights for one more user: close() frees them once all have closed."""
        self._users += 1
        return self

    def close(self) -> None:
        """Free the model; its contexts must be closed before."""
        with self._backend.lock:
            self._users -= 1
            if self.handle is not None and self._users <= 0:
                self.lib.llama_model_free(self.handle)
                self.handle = None


class Adapter:
    """A LoRA beside its model. Lives as long as the weights do. Raises ModelFileError."""

    def __init__(self, weights: Weights, path: Path) -> None:
        self.path = path
        library = backend()
        if not path.is_file():
            raise ModelFileError(
                "There is no adapter {path}.",
                "Correct `lora` in config.toml, or leave it empty.",
                path=path,
            )
        with library.lock:
            library.log.clear()
            self.handle: Any = library.lib.llama_adapter_lora_init(
                weights.handle, os.fsencode(path)
            )
        if not self.handle:
            raise ModelFileError(
                "{path} is no adapter for {model}: {reason}.",
                "A LoRA in GGUF form, made for this very model, is needed.",
                path=path,
                model=weights.path.name,
                reason=_why(library.log),
            )


def _why(log: Sequence[str]) -> str:
    said = [line for line in log if line.strip()]
    reason = next((line for line in said if "lora" in line.lower() or "error" in line.lower()), "")
    return (reason or (said[-1] if said else "unknown")).split(": ", 1)[-1].strip().rstrip(".")
