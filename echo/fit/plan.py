"""All loads beside all devices: does it fit, and what would make it.

Weights of a file count once for the voices that share it. Beside the brains' own bytes stand those
of the program (RAM) and of the driver's context (each GPU used). Knows needs and devices; asks the
dry run where a real machine's answer is close.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from echo.fit import dry, formula
from echo.fit.model import Model
from echo.fit.steps import steps
from echo.fit.values import RAM, Device, Load, Machine, Need, Plan, Row, Sizes

DRIVER = 500_000_000  # bytes a CUDA context takes on a GPU, with ggml's kernels
PROGRAM = 100_000_000  # bytes of Python and of the libraries a chat loads
CLOSE = 0.2  # of what is free: nearer to it than this, llama.cpp itself is asked

Models = Mapping[Path, Model]


def plan(loads: Sequence[Load], models: Models, machine: Machine, *, ask: bool) -> Plan:
    """How the loads stand on the machine. models: of every load's path; ask: have llama.cpp say it
    too, not the formula alone."""
    needs = tuple(_counted(models[load.path], load, machine) for load in loads)
    if ask:
        needs = tuple(
            _asked(need, models[need.load.path], answer, machine)
            for need, answer in zip(needs, dry.dry(loads), strict=True)
        )
    now = rows(machine, [need.sizes for need in needs])

    def judge(changed: Sequence[Load]) -> tuple[Row, ...]:
        return _shifted(now, models, loads, changed, machine)

    return Plan(needs, now, tuple(steps(loads, models, now, judge)), machine.asked)


def quick(loads: Sequence[Load], models: Models, machine: Machine) -> Plan:
    """The same for a launch: llama.cpp is asked only where the formula's answer is close, or where
    only it knows the GPUs."""
    found = plan(loads, models, machine, ask=machine.blind)
    if machine.blind:
        return found
    known = [(row.need, row.device.free) for row in found.rows if row.device.free is not None]
    if any(abs(free - need) <= CLOSE * free for need, free in known):
        return plan(loads, models, machine, ask=True)
    return found


def rows(machine: Machine, needs: Sequence[Mapping[str, Sizes]]) -> tuple[Row, ...]:
    """Every device with all that goes there; one that no driver tells of is unknown."""
    known = {device.name for device in machine.devices}
    told = sorted({name for need in needs for name in need} - known)
    found = []
    for device in (*(Device(name, name, None) for name in told), *machine.devices):
        total = sum((need.get(device.name, Sizes()) for need in needs), Sizes())
        driver = DRIVER if total.total else 0
        found.append(Row(device, total, PROGRAM if device.name == RAM else driver))
    return tuple(found)


def _counted(model: Model, load: Load, machine: Machine) -> Need:
    found = formula.sizes(model, load, machine.gpus)
    return Need(load, model.name, model.quant, found, formula=_total(found))


def _asked(need: Need, model: Model, answer: dry.Answer, machine: Machine) -> Need:
    """The need with both opinions, for this machine; on a real one llama.cpp's counts."""
    if answer.reason:
        return replace(need, reason=answer.reason)
    told = dry.sizes(model, need.load, answer)
    same = formula.placed(model, need.load, answer.places)
    here = need.sizes if machine.asked else told
    return replace(need, sizes=here, dry=_total(told), formula=_total(same))


def _shifted(
    now: Sequence[Row],
    models: Models,
    loads: Sequence[Load],
    changed: Sequence[Load],
    machine: Machine,
) -> tuple[Row, ...]:
    """The rows after a change: as they are, and what the formula says the change moves."""

    def counted(some: Sequence[Load]) -> dict[str, Row]:
        needs = [formula.sizes(models[load.path], load, machine.gpus) for load in some]
        return {row.device.name: row for row in rows(machine, needs)}

    before, after = counted(loads), counted(changed)
    found = []
    for row in now:
        name = row.device.name
        if name not in before:
            found.append(row)
            continue
        sizes = row.sizes + after[name].sizes - before[name].sizes
        found.append(replace(row, sizes=sizes, other=after[name].other))
    return tuple(found)


def _total(found: Mapping[str, Sizes]) -> int:
    return sum(size.total for size in found.values())
