"""The formula beside llama.cpp's dry run, and by hand where a person can count."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.random_gguf import TINY, Shape, write
from echo.errors import ModelFileError
from echo.fit import dry, formula
from echo.fit.formula import places, sizes
from echo.fit.model import read_model
from echo.fit.values import RAM, Device, Load, Sizes
from tests.fit.shapes import CODER, LLAMA, THREE
from tests.fit.shapes import write as hollow

SEED = Path(__file__).parents[2] / "models" / "echo-seed.gguf"
SMALL = Shape(width=256, layers=3, heads=4, kv_heads=2, ff=512, vocab=600)  # heads of 64
GPU = Device("gpu0", "GPU 0", 48_000_000_000)
MIB = 1 << 20


def test_hollow_files_have_the_sizes_of_the_real_ones(three: dict[str, Path]) -> None:
    """The tensor list is right to half a percent, and takes no room on the disk."""
    for shape, path in zip(THREE, three.values(), strict=True):
        assert path.stat().st_size == pytest.approx(shape.published, rel=0.005)
        assert path.stat().st_blocks * 512 < 1_000_000
        assert read_model(path).quant == "Q4_K_M"


def test_the_cache_by_hand(three: dict[str, Path]) -> None:
    """32 layers x 32 heads x (128 + 128) x 2 bytes x 8192 tokens: 4 GiB; q8_0 34 bytes for 32."""
    model = read_model(three["creation"])
    load = Load(three["creation"], ("creation",), (8192,))
    assert sizes(model, load, (GPU,))["gpu0"].cache == 4 << 30
    quantised = Load(three["creation"], ("creation",), (8192,), cache="q8_0")
    assert sizes(model, quantised, (GPU,))["gpu0"].cache == (4 << 30) * 34 // 64


def test_contexts_come_in_steps_and_end_where_training_did(three: dict[str, Path]) -> None:
    assert formula.cells((1,), 8192) == 256
    assert formula.cells((300, 8000), 8192) == 8192  # as much for each as the longest needs
    assert formula.cells((1 << 20,), CODER.context) == CODER.context
    assert formula.cells((1000,), 0) == 1024


@pytest.mark.parametrize("voices", [1, 3])
def test_formula_and_dry_run_agree(
    three: dict[str, Path], odd: tuple[Path, ...], tmp_path: Path, voices: int
) -> None:
    """Two opinions of every shape: within 5 % (2 % where llama's own graph is drawn)."""
    small = write(tmp_path / "small.gguf", SMALL)
    names = ("self", "emotion", "creation")[:voices]
    loads = [
        Load(path, names, (context,) * voices, cache, flash=flash)
        for path in (*three.values(), *odd, small, SEED)
        for context in (2048, 8192)
        for cache, flash in (("f16", None), ("f16", True), ("q8_0", None))
    ]
    for load, answer in zip(loads, dry.dry(loads), strict=True):
        assert not answer.reason
        model = read_model(load.path)
        told, counted = dry.sizes(model, load, answer), sizes(model, load, ())
        assert set(told) == set(counted) == {RAM}
        assert counted[RAM].cache == pytest.approx(told[RAM].cache, rel=0.02)
        allowed = 0.02 if load.path in (*three.values(), SEED) else 0.05
        assert counted[RAM].total == pytest.approx(told[RAM].total, rel=allowed), load


def test_latent_attention_keeps_no_values(odd: tuple[Path, ...]) -> None:
    assert {(layer.k, layer.v) for layer in read_model(odd[3]).layers} == {(192, 0)}


def test_a_recurrent_model_takes_no_more_for_a_longer_context(odd: tuple[Path, ...]) -> None:
    model = read_model(odd[2])
    short, long = (sizes(model, Load(odd[2], ("self",), (n,)), ())[RAM].cache for n in (256, 8192))
    assert short == long > 0


def test_layers_go_to_the_gpu_from_the_output_backwards() -> None:
    assert places(2, -1, (GPU,)) == ("gpu0", "gpu0", "gpu0")
    assert places(2, 1, (GPU,)) == (RAM, RAM, "gpu0")
    assert places(2, 2, (GPU,)) == (RAM, "gpu0", "gpu0")
    assert places(2, 0, (GPU,)) == places(2, -1, ()) == (RAM, RAM, RAM)


def test_two_gpus_share_layers_by_what_is_free() -> None:
    other = Device("gpu1", "GPU 1", 24_000_000_000)
    assert places(8, -1, (GPU, other)).count("gpu0") == 6
    assert places(8, -1, (GPU, other)).count("gpu1") == 3


def test_nothing_is_lost_between_devices(three: dict[str, Path]) -> None:
    """Weights and cache add up however many layers are on the GPU."""
    model = read_model(three["emotion"])
    everywhere = []
    for count in (0, 1, 10, 33):
        found = sizes(
            model, Load(three["emotion"], ("emotion",), (4096,), gpu_layers=count), (GPU,)
        )
        total = sum(found.values(), Sizes())
        everywhere.append((total.weights, total.cache))
    assert len(set(everywhere)) == 1
    assert everywhere[0][0] == model.weights


def test_tied_embeddings_stand_on_the_gpu_once_more() -> None:
    model = read_model(SEED)
    found = sizes(model, Load(SEED, ("self",), (4096,)), (GPU,))
    assert model.tied
    assert found[RAM].weights == model.entry
    assert found["gpu0"].weights == model.weights


def test_a_vocabulary_of_128k_shows_in_the_logits(three: dict[str, Path]) -> None:
    """512 rows of 128,256 floats and two hidden rows: 266.5 MiB, as llama.cpp says."""
    found = sizes(
        read_model(three["emotion"]), Load(three["emotion"], ("emotion",), (8192,)), (GPU,)
    )
    assert found["gpu0"].compute == 512 * 4 * (LLAMA.vocab + 2 * LLAMA.width) == 266.5 * MIB


def test_a_model_in_several_files_is_counted_whole(tmp_path: Path) -> None:
    """The first part alone knows the architecture; the second has tensors only."""
    import gguf
    import numpy as np

    whole = write(tmp_path / "whole.gguf", TINY)
    out = gguf.GGUFWriter(
        tmp_path / "m.gguf", "llama", split_max_tensors=8, small_first_shard=False
    )
    reader = gguf.GGUFReader(whole)
    for name in ("block_count", "embedding_length", "attention.head_count", "context_length"):
        out.add_uint32(f"llama.{name}", int(reader.fields[f"llama.{name}"].parts[-1][0]))
    for tensor in reader.tensors:
        out.add_tensor(tensor.name, np.array(tensor.data))
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
    first = min(tmp_path.glob("m-00001-of-*.gguf"))
    assert len(list(tmp_path.glob("m-*.gguf"))) > 1
    assert read_model(first).weights == read_model(whole).weights


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(at=st.integers(0, 1 << 20), byte=st.integers(0, 255))
def test_no_damage_raises_anything_but_a_model_file_error(
    tmp_path: Path, at: int, byte: int
) -> None:
    """Whatever numbers a header holds, they are counted or refused, and at once."""
    path = tmp_path / "tiny.gguf"
    if not path.exists():
        write(path, TINY)
    data = bytearray(path.read_bytes())
    data[at % 13_500] = byte
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(data)
    try:
        model = read_model(damaged)
        sizes(model, Load(damaged, ("self",), (4096,)), (GPU,))
    except ModelFileError:
        return


def test_a_header_of_absurd_numbers_is_counted_at_once(tmp_path: Path) -> None:
    """2^32 layers, 2^32 heads: no loop of that length."""
    from tests.fit.shapes import write_hollow

    absurd = {f"llama.{key}": 0xFFFF_FFFF for key in ("block_count", "attention.head_count")}
    path = write_hollow(
        tmp_path / "absurd.gguf", "llama", absurd, [("token_embd.weight", (32, 32), "F16")]
    )
    model = read_model(path)
    assert sizes(model, Load(path, ("self",), (256,)), ())[RAM].weights == 2048


def test_hollow_files_are_written_anew_alike(tmp_path: Path, three: dict[str, Path]) -> None:
    assert hollow(tmp_path, LLAMA).stat().st_size == three["emotion"].stat().st_size
