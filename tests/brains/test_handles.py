"""llama.cpp in this process: quiet, explained, and its pieces whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.random_gguf import LONG_PIECE, TINY, write
from echo.brains.handles import Weights
from echo.brains.loading import BrainSpec, load
from echo.brains.native import backend, load_error
from echo.errors import BrainError, Interrupted, ModelFileError

THREE = """
import sys, threading
from pathlib import Path
from echo.brains.loading import BrainSpec, load
path = Path(sys.argv[1])
brains = []
def one():
    brains.append(load(BrainSpec(context=256, threads=1), path))
threads = [threading.Thread(target=one) for _ in range(3)]
[t.start() for t in threads]
[t.join() for t in threads]
[brain.close() for brain in brains]
print(len(brains), "loaded", flush=True)
print("still here", file=sys.stderr, flush=True)
"""


def test_three_loads_in_three_threads_leave_stdout_and_stderr_alone(tiny: Path) -> None:
    """verbose=False of llama-cpp-python's own class left stdout on /dev/null for good."""
    ran = subprocess.run(
        [sys.executable, "-c", THREE, tiny],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "3 loaded\n", "still here\n")


def test_a_piece_of_more_than_32_bytes_is_whole(tiny: Path) -> None:
    """LlamaModel.detokenize gives b"" for it."""
    weights = Weights(tiny, 0, lambda _: True)
    pieces = [weights.piece(token) for token in range(weights.n_vocab)]
    weights.close()
    assert LONG_PIECE.encode() in pieces


def test_progress_rises_to_one_and_false_stops(tiny: Path) -> None:
    heard: list[float] = []
    load(BrainSpec(context=256), tiny, progress=lambda done: heard.append(done) or True).close()
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    with pytest.raises(Interrupted):
        load(BrainSpec(context=256), tiny, progress=lambda done: done < 0.5)


def test_an_error_in_progress_comes_out_as_itself(tiny: Path) -> None:
    """It may not cross C, and may not be lost either."""

    def broken(_: float) -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        load(BrainSpec(context=256), tiny, progress=broken)


def test_an_unknown_architecture_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "new.gguf", TINY, arch="fancy9")
    with pytest.raises(ModelFileError, match="architecture fancy9"):
        load(BrainSpec(), path)


def test_what_llama_cpp_says_of_a_bad_file_is_kept(tmp_path: Path, tiny: Path) -> None:
    """A tensor that is missing: the header is whole, the model is not."""
    data = tiny.read_bytes().replace(b"blk.1.ffn_norm.weight", b"blk.1.ffn_nurm.weight")
    path = tmp_path / "odd.gguf"
    path.write_bytes(data)
    with pytest.raises(ModelFileError, match=r"blk\.1\.ffn_norm"):
        load(BrainSpec(), path)


def test_memory_and_experts_are_recognised_in_the_log() -> None:
    allocation = ["ggml_backend_alloc: failed to allocate CPU buffer of size 99"]
    assert "not enough memory" in str(load_error(Path("m"), allocation))
    assert "one tensor for each expert" in str(load_error(Path("m"), ["no ffn_down_exps found"]))
    assert "unknown" in str(load_error(Path("m"), []))


def test_a_schema_that_cannot_be_a_grammar_is_a_brain_error() -> None:
    with pytest.raises(BrainError):
        backend().gbnf({"type": "nothing like it"})
