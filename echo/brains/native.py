"""llama.cpp as a library of this process: the only importer of llama_cpp, on first use.

Its log, the lock around loading, grammars, and what a failed load meant. Traps of llama-cpp-python
0.3.36 that end here:

- Llama(verbose=False) redirects fds 1 and 2 of the whole process. The Llama class is not used, so
  nothing enters that code; a log callback of ours keeps the warnings, which explain a failed load.
- ggml's levels are WARN=3, ERROR=4, CONT=5 (the package's own table is stale).
- loads and frees run one at a time in a process; nobody should generate meanwhile.

Knows no message, no template and no protocol.
"""

from __future__ import annotations

import ctypes
import json
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from echo.errors import BrainError, ModelFileError

WARN, CONT = 3, 5
_MEMORY_WORDS = ("allocate", "out of memory", "cudamalloc", "failed to fit")


class Backend:
    """llama.cpp in this process: its functions, its log, and the lock around loading."""

    def __init__(self) -> None:
        os.environ.setdefault("GGML_NO_BACKTRACE", "1")  # a crash must not start a debugger
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # idle threads sleep, not spin,
        os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # but not for a pause of microseconds
        try:
            import llama_cpp.llama_cpp as lib
            from llama_cpp.llama_grammar import json_schema_to_gbnf
        except (ImportError, OSError, RuntimeError) as exc:
            raise BrainError(
                "llama-cpp-python cannot be used: {reason}.",
                "Install it again: pip install --force-reinstall llama-cpp-python",
                reason=(str(exc).splitlines() or [type(exc).__name__])[0].rstrip("."),
            ) from exc
        self.lib: Any = lib
        self.lock = Lock()
        self.log: deque[str] = deque(maxlen=40)
        self._listener: list[str] | None = None
        self._to_gbnf: Callable[[str], str] = json_schema_to_gbnf
        self._level = 0
        self._log_callback = lib.llama_log_callback(self._heard)  # kept: C holds no reference
        lib.llama_log_set(self._log_callback, ctypes.c_void_p(0))
        lib.llama_backend_init()

    def _heard(self, level: int, text: bytes, _: object) -> None:
        level = self._level if level == CONT else level
        self._level = level
        if level >= WARN or self._listener is not None:
            line = text.decode("utf-8", errors="replace").rstrip()
            if level >= WARN:
                self.log.append(line)
            if self._listener is not None:
                self._listener.append(line)

    @contextmanager
    def listening(self) -> Iterator[list[str]]:
        """Every line that is said meanwhile, of any level. For whoever holds the lock."""
        said: list[str] = []
        self._listener = said
        try:
            yield said
        finally:
            self._listener = None

    @property
    def version(self) -> str:
        """The package's version and what of this machine the build uses."""
        import llama_cpp

        return f"{llama_cpp.__version__} {self.lib.llama_print_system_info().decode()}"

    @property
    def offloads(self) -> bool:
        """Can this build put layers on a GPU?"""
        return bool(self.lib.llama_supports_gpu_offload())

    def gbnf(self, schema: Mapping[str, object]) -> str:
        """The grammar of a JSON schema. Raises BrainError when it cannot be one."""
        try:
            return self._to_gbnf(json.dumps(schema, default=dict))
        except (KeyError, TypeError, ValueError, AssertionError, AttributeError) as exc:
            raise BrainError(
                "A JSON schema cannot be made a grammar: {reason}.", reason=exc
            ) from exc


@cache
def backend() -> Backend:
    """The one llama.cpp of this process: its log and its loading lock are the process's."""
    return Backend()


def load_error(path: Path, log: Sequence[str]) -> BrainError:
    """Why llama.cpp could not load the file, from what it said about it."""
    said = "\n".join(log)
    if "unknown model architecture" in said:
        arch = said.split("unknown model architecture:", 1)[-1].split("\n", 1)[0].strip(" '")
        return ModelFileError(
            "{path} has the architecture {arch}, which this llama.cpp does not know.",
            "Update llama-cpp-python, or choose another model.",
            path=path,
            arch=arch,
        )
    if "ffn_down_exps" in said:
        return ModelFileError(
            "{path} is a mixture of experts in a form that is no longer read: one tensor for "
            "each expert.",
            "Fetch a GGUF file of this model made after April 2024.",
            path=path,
        )
    if any(word in said.lower() for word in _MEMORY_WORDS):
        return BrainError(
            "There is not enough memory for {path}.",
            "Choose a smaller model or a smaller context in config.toml.",
            path=path,
        )
    reason = next((line for line in log if "error" in line.lower()), log[-1] if log else "unknown")
    return ModelFileError(
        "llama.cpp cannot load {path}: {reason}.",
        "Fetch the file again, or choose another model.",
        path=path,
        reason=reason.split(": ", 1)[-1].rstrip("."),
    )
