"""Plans for machines: the three models of the documents on 48, 32 and 8 GB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bench.random_gguf import TINY, write
from echo.fit.dry import dry
from echo.fit.gate import check
from echo.fit.machine import imagined
from echo.fit.model import read_model
from echo.fit.plan import plan, quick, rows
from echo.fit.values import RAM, Device, Load, Machine, Plan, Row, Sizes
from tests.fit.shapes import Shape
from tests.fit.shapes import write as hollow

HERE = Machine(Device(RAM, "RAM", None))


def planned(loads: Sequence[Load], vram: str | None, ram: str | None = "64G") -> Plan:
    models = {load.path: read_model(load.path) for load in loads}
    return plan(loads, models, imagined(vram, ram, HERE), ask=False)


@pytest.fixture
def loads(three: dict[str, Path]) -> tuple[Load, ...]:
    """The cast of the documents, each with 8192 tokens."""
    return tuple(Load(path, (voice,), (8192,)) for voice, path in three.items())  # type: ignore[arg-type]


def test_the_three_fit_48_gb_only_with_q8_0_to_spare(loads: tuple[Load, ...]) -> None:
    """An A40: 44.5 GB of 48 with an f16 cache, 41.5 with q8_0."""
    found = planned(loads, "48G")
    assert found.state == "tight"
    assert [step.kind for step in found.steps] == ["cache"]
    assert found.steps[0].state == "fits"
    assert 2.9e9 < found.steps[0].frees["gpu0"] < 3.1e9
    smaller = planned([replace(load, cache="q8_0") for load in loads], "48G")
    assert smaller.state == "fits"
    assert not smaller.steps


def test_the_three_do_not_fit_32_gb(loads: tuple[Load, ...]) -> None:
    """Not with q8_0, not with half the context; only when layers stay in RAM."""
    found = planned(loads, "32G")
    assert found.state == "over"
    assert [step.kind for step in found.steps] == ["cache", "context", "layers"]
    assert [step.state for step in found.steps] == ["over", "over", "fits"]
    assert found.steps[2].frees[RAM] < -9e9
    assert planned([replace(load, cache="q8_0") for load in loads], "32G").state == "over"


def test_without_ram_for_layers_one_model_is_shared(loads: tuple[Load, ...]) -> None:
    found = planned(loads, "8G", "4G")
    assert [step.kind for step in found.steps][:3] == ["cache", "context", "share"]
    assert found.steps[-1].state in ("fits", "tight")


def test_a_quantised_cache_is_not_offered_where_it_cannot_be(tmp_path: Path) -> None:
    """Heads of 16: llama.cpp wants whole blocks of 32."""
    path = write(tmp_path / "tiny.gguf", TINY)
    load = Load(path, ("self",), (2048,))
    models = {path: read_model(path)}
    steps = plan([load], models, Machine(Device(RAM, "RAM", 1)), ask=False).steps
    assert "cache" not in [step.kind for step in steps]
    assert "does not divide" in dry([replace(load, cache="q8_0")])[0].reason


def test_where_nothing_helps_the_last_step_still_says_so(loads: tuple[Load, ...]) -> None:
    found = planned(loads, "1G", "1G")
    assert found.state == "over"
    assert found.steps
    assert found.steps[-1].state == "over"


def test_steps_add_up(loads: tuple[Load, ...]) -> None:
    """What a step frees is the difference of the rows before and after it."""
    found = planned(loads, "32G")
    before = {row.device.name: row.need for row in found.rows}
    for step in found.steps:
        after = {row.device.name: row.need for row in step.rows}
        assert {name: before[name] - after[name] for name in before} == dict(step.frees)
        before = after


def test_weights_count_once_for_voices_that_share_a_file(three: dict[str, Path]) -> None:
    path = three["emotion"]
    one = planned([Load(path, ("self",), (4096,))], "48G").needs[0]
    all_ = planned([Load(path, ("emotion", "self", "creation"), (4096,) * 3)], "48G").needs[0]
    assert all_.sizes["gpu0"].weights == one.sizes["gpu0"].weights
    assert all_.sizes["gpu0"].cache == 3 * one.sizes["gpu0"].cache


def test_ram_that_was_not_named_is_not_judged(loads: tuple[Load, ...]) -> None:
    found = planned(loads, "48G", None)
    assert [row.state for row in found.rows] == ["tight", "unknown"]


def test_a_gpu_that_no_driver_tells_of_is_neither_refused_nor_promised() -> None:
    """Its bytes are not laid upon the RAM."""
    found = rows(HERE, [{"gpu0": Sizes(weights=10**12)}])
    assert [(row.device.name, row.state) for row in found] == [("gpu0", "unknown"), (RAM, "fits")]


def test_a_tenth_left_over_is_room_to_spare() -> None:
    def row(free: int) -> Row:
        return Row(Device("gpu0", "", free), Sizes(weights=900), 0)

    assert [row(free).state for free in (899, 900, 999, 1000)] == ["over", "tight", "tight", "fits"]


def test_a_launch_asks_llama_cpp_only_where_it_is_close(tmp_path: Path) -> None:
    """Plenty of room, or hopeless: the formula is enough, and no child is started."""
    path = write(tmp_path / "tiny.gguf", TINY)
    load = Load(path, ("self",), (2048,))
    models = {path: read_model(path)}

    def asked(free: int) -> bool:
        found = quick([load], models, Machine(Device(RAM, "RAM", free)))
        return found.needs[0].dry > 0

    need = quick([load], models, HERE).rows[0].need
    blind = Machine(Device(RAM, "RAM", need * 3), blind=True)  # a GPU that NVML knows nothing of
    assert quick([load], models, blind).needs[0].dry > 0
    assert asked(round(need * 1.05))
    assert asked(round(need * 0.95))
    assert not asked(need * 3)
    assert not asked(need // 3)


def test_a_file_that_ends_the_child_is_counted_by_the_formula(tmp_path: Path) -> None:
    """3 KV heads for 4: llama.cpp asserts and the process is gone; the next load is answered."""
    shape = Shape("evil", 256, 2, 4, 2, 512, 512, 2048)
    evil = hollow(tmp_path, replace(shape, kv_heads=3))
    well = hollow(tmp_path, replace(shape, name="well"))
    loads = [Load(path, ("self",), (512,)) for path in (evil, well, evil)]
    answers = dry(loads)
    assert "GGML_ASSERT" in answers[0].reason
    assert answers[0].reason == answers[2].reason
    assert answers[1].reason == ""
    assert answers[1].cache > 0
    found = plan(loads, {p: read_model(p) for p in (evil, well)}, HERE, ask=True)
    assert found.needs[0].reason
    assert found.needs[0].total > 0


def test_what_cannot_be_read_is_left_for_the_loading(tmp_path: Path) -> None:
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"no model")
    load = Load(bad, ("self",), (512,))
    found = check([load], Machine(Device(RAM, "RAM", 1)))
    assert not found.refused
    assert not found.models
    assert "not a GGUF file" in dry([load])[0].reason


def test_self_comes_first_and_the_others_wait(three: dict[str, Path]) -> None:
    """RAM for the coder and nothing else: self has it, emotion is refused with the whole plan."""
    mine = Load(three["creation"], ("self",), (2048,))
    theirs = Load(three["emotion"], ("emotion",), (2048,))
    found = check([theirs, mine], Machine(Device(RAM, "RAM", 7_000_000_000)))
    assert set(found.refused) == {"emotion"}
    assert found.refused["emotion"].state == "over"
    assert not check([theirs, mine], Machine(Device(RAM, "RAM", 1)), force=True).refused
