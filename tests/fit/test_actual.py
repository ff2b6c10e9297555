"""What a real load took: from the log, through the file, beside what was predicted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.random_gguf import Shape, write
from echo.brains.buffers import MIB, Buffer, buffers, cells, places
from echo.brains.loading import BrainSpec, load_together
from echo.fit.actual import NAME, keep, kept, measured, taken
from echo.fit.machine import here
from echo.fit.model import read_model
from echo.fit.values import RAM, Device, Load, Machine, Sizes

SEED = Path(__file__).parents[2] / "models" / "echo-seed.gguf"
SMALL = Shape(width=256, layers=3, heads=4, kv_heads=2, ff=512, vocab=600)  # heads of 64
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LOG = (
    "load_tensors: layer   0 assigned to device CPU, is_swa = 0",
    "load_tensors: layer   1 assigned to device CUDA0, is_swa = 0",
    "load_tensors:   CPU_Mapped model buffer size =     4.06 MiB",
    "load_tensors:        CUDA0 model buffer size =     2.00 MiB",
    "llama_context:        CPU  output buffer size =     0.50 MiB",
    "llama_kv_cache:      CUDA0 KV buffer size =    16.00 MiB",
    "llama_kv_cache: size =   16.00 MiB (  4096 cells,   4 layers,  1/1 seqs), K (f16): 8",
    "llama_memory_recurrent: size =    1.50 MiB (     1 cells,   6 layers,  1 seqs  0 rs_seq), R",
    "sched_reserve:      CUDA0 compute buffer size =    10.14 MiB",
    "sched_reserve:  CUDA_Host compute buffer size =     1.00 MiB",
)  # fmt: skip


def test_the_log_tells_buffers_cells_and_places() -> None:
    assert places(LOG) == {0: "CPU", 1: "CUDA0"}
    assert cells(LOG) == round(17.5 * MIB)
    found = list(buffers(LOG))
    assert found[1] == Buffer("CUDA0", "weights", 2 * MIB)
    assert {buffer.purpose for buffer in found} == {"weights", "cache", "compute"}
    assert len(found) == 6


def test_pinned_memory_is_ram_and_a_mapped_file_is_counted_once() -> None:
    """Of the mapped 4.06 MiB only what is not on the GPU counts."""
    model = read_model(SEED)  # 4.06 MiB, its embeddings (tied) at both ends
    found = measured(model, LOG)
    assert found["gpu0"] == Sizes(2 * MIB, 16 * MIB, round(10.14 * MIB))
    assert found[RAM].compute == round(1.5 * MIB)
    assert found[RAM].weights <= model.weights + model.entry - 2 * MIB


@pytest.mark.parametrize("voices", [1, 3])
@pytest.mark.parametrize("cache", ["f16", "q8_0"])
def test_predicted_is_what_a_load_takes(tmp_path: Path, voices: int, cache: str) -> None:
    """Within 5 % of the log's bytes, for the seed brain and for random weights."""
    machine = here({}, offloads=False)
    for path in (write(tmp_path / "small.gguf", SMALL), SEED):
        spec = BrainSpec(context=2048, threads=1, cache=cache, gpu_layers=0)
        brains = load_together((spec,) * voices, path)
        names = ("self", "emotion", "creation")[:voices]
        load = Load(path, names, (2048,) * voices, cache, gpu_layers=0)
        found = taken(load, read_model(path), brains[0].said, machine, NOW)
        for brain in brains:
            brain.close()
        assert found.ratio == pytest.approx(1, abs=0.05)
        assert found.actual[RAM].weights == pytest.approx(found.predicted[RAM].weights, rel=0.05)
        assert found.actual[RAM].cache == pytest.approx(found.predicted[RAM].cache, rel=0.01)


def test_what_was_taken_is_kept(tmp_path: Path) -> None:
    load = Load(SEED, ("self", "emotion"), (2048, 4096))
    machine = Machine(Device(RAM, "RAM", None))
    found = taken(load, read_model(SEED), LOG, machine, NOW)
    keep(tmp_path / ".echo", [found])
    assert kept(tmp_path / ".echo") == (found,)
    assert (tmp_path / ".echo" / NAME).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "{}", "[1]", '[{"at": 1}]', "null", "\0"])
def test_a_broken_note_is_no_note(tmp_path: Path, content: str) -> None:
    (tmp_path / NAME).write_text(content)
    assert kept(tmp_path) == ()
    assert kept(tmp_path / "absent") == ()


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    keep(tmp_path / "file" / "under", [])
