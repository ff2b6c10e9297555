"""May these models be loaded? Asked at every launch, before the first byte of them is read.

A load that cannot fit is refused: the voices that matter more come first. Afterwards the same
knowledge tells what a load really took. Knows loads and a machine; loads nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from echo.errors import ModelFileError
from echo.fit.model import Model, read_model
from echo.fit.plan import quick
from echo.fit.values import Load, Machine, Plan
from echo.nouns import Voice

_FIRST: tuple[Voice, ...] = ("self", "creation", "emotion")


@dataclass(frozen=True, slots=True)
class Checked:
    """What was asked to be loaded. models: of the files that can be read; refused: the voices for
    which there is no room, and the plan of all that were wanted."""

    loads: tuple[Load, ...]
    machine: Machine
    models: Mapping[Path, Model]
    refused: Mapping[Voice, Plan] = field(default_factory=dict)


def check(loads: Iterable[Load], machine: Machine, *, force: bool = False) -> Checked:
    """Whether there is room; force: nobody is refused. What cannot be read is left for the loading
    to refuse, in its own words."""
    wanted = tuple(loads)
    models = _readable(wanted)
    sound = sorted((load for load in wanted if load.path in models), key=_rank)
    left = {} if force else _refused(sound, models, machine)
    return Checked(wanted, machine, models, left)


def _refused(
    loads: Sequence[Load], models: Mapping[Path, Model], machine: Machine
) -> dict[Voice, Plan]:
    whole = quick(loads, models, machine)
    if whole.state != "over":
        return {}
    admitted: list[Load] = []
    left: dict[Voice, Plan] = {}
    for load in loads:
        if quick([*admitted, load], models, machine).state == "over":
            left |= dict.fromkeys(load.voices, whole)
        else:
            admitted.append(load)
    return left


def _readable(loads: Iterable[Load]) -> dict[Path, Model]:
    found: dict[Path, Model] = {}
    for path in {load.path for load in loads}:
        try:
            found[path] = read_model(path)
        except ModelFileError:
            continue
    return found


def _rank(load: Load) -> int:
    return min(_FIRST.index(voice) for voice in load.voices)
