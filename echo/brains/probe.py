"""Does llama.cpp survive this file? Asked once of every file it has not met, in a child process:
a GGML_ASSERT on a damaged model ends the process it happens in.

    python -m echo.brains.probe FILE        exit 0: it can be opened, 1: it says why not

The child opens the model without allocating its weights, makes a small context, and asks for its
tokens, and of every byte that text can hold: that is where damage shows. A SentencePiece vocabulary
that lacks one would end the process at the first word of Korean. Knows no more of a model.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from echo.brains.kept import Kept, fingerprint
from echo.errors import EchoError, ModelFileError

PATIENCE_S = 120.0
# every first byte of UTF-8 and every one that follows
BYTES = "".join(map(chr, (*range(1, 0x800), *range(0x800, 0xD800, 0x800), 0xE000, 0xF000,
                          0x10000, 0x40000, 0x80000, 0xC0000, 0x100000)))  # fmt: skip


def check(path: Path, kept: Kept) -> str:
    """The file's fingerprint, once a child has survived opening it. Raises ModelFileError."""
    model = fingerprint(path)
    verdict = kept.note(model, "probe")
    if not isinstance(verdict, str):
        verdict = _asked(path)
        kept.write(model, "probe", verdict)
    if verdict:
        raise ModelFileError(
            "{path} makes llama.cpp stop: {reason}.",
            "The file is damaged, or newer than llama-cpp-python: fetch it again, or update.",
            path=path,
            reason=verdict,
        )
    return model


def _asked(path: Path) -> str:
    """How the child ended, in a few words; "" when it lived. What it can say itself is left for
    the real load to say."""
    command = [sys.executable, "-m", "echo.brains.probe", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        return f"it did not come to an end within {PATIENCE_S:.0f} s"
    except OSError:  # no child can be had here: the load is tried without
        return ""
    if done.returncode >= 0:
        return ""
    said = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if "GGML_" in line]
    return said[-1].strip().rpartition(": ")[2] if said else f"signal {-done.returncode}"


def main() -> int:
    """The child."""
    from echo.brains.context import Context, Running
    from echo.brains.handles import Weights

    try:
        weights = Weights(Path(sys.argv[1]), 0, lambda _: True, dry=True)
        Context(weights, 256, Running(32, 1))
        for token in range(min(weights.n_vocab, 1000)):
            weights.piece(token)
            weights.text(token)
        weights.tokenize(BYTES, special=False)
    except EchoError as exc:
        sys.stderr.write(f"{exc}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
