"""What flows through the fit check: needs, devices, plans. Knows bytes; opens nothing.

A device has a name: "ram", or "gpu0", "gpu1", … as the driver counts them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from echo.nouns import Voice

RAM = "ram"
ROOMY = 0.10  # of what is free, left over: less than that is tight

State = Literal["fits", "tight", "over", "unknown"]
Kind = Literal["cache", "context", "layers", "share", "quant"]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes on one device. cache: KV cache and recurrent state; compute: what graphs work in."""

    weights: int = 0
    cache: int = 0
    compute: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.cache + self.compute

    def __add__(self, other: Sizes) -> Sizes:
        return Sizes(
            self.weights + other.weights, self.cache + other.cache, self.compute + other.compute
        )

    def __sub__(self, other: Sizes) -> Sizes:
        return Sizes(
            self.weights - other.weights, self.cache - other.cache, self.compute - other.compute
        )


@dataclass(frozen=True, slots=True)
class Load:
    """One file, loaded once for the voices that share it.

    contexts: tokens of each voice; gpu_layers: counted from the output, -1 all; batch: tokens of
    one step; cache: type of the KV cache, a name of brains/blocks.py; scale: of the weights, where
    a plan thinks of a smaller quantisation of the same model; extra: bytes of a LoRA; flash:
    flash attention, None as Context chooses.
    """

    path: Path
    voices: tuple[Voice, ...]
    contexts: tuple[int, ...]
    cache: str = "f16"
    gpu_layers: int = -1
    batch: int = 512
    scale: float = 1.0
    extra: int = 0
    flash: bool | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """Where memory is. free, total: bytes, None where nobody can tell."""

    name: str
    title: str
    free: int | None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """The devices there are, or that are thought of. asked: no real one but --vram and --ram;
    blind: llama.cpp may know GPUs that no driver told of."""

    ram: Device
    gpus: tuple[Device, ...] = ()
    asked: bool = False
    blind: bool = False

    @property
    def devices(self) -> tuple[Device, ...]:
        """GPUs first."""
        return (*self.gpus, self.ram)


@dataclass(frozen=True, slots=True)
class Need:
    """What one load needs on each device, and how two opinions compare.

    name, quant: of the model; sizes: device -> bytes. formula, dry: bytes in all, by the header's
    formula and by llama.cpp's own dry run, where that one puts them (0: not asked, or it could not
    say; reason: why).
    """

    load: Load
    name: str
    quant: str
    sizes: Mapping[str, Sizes]
    formula: int = 0
    dry: int = 0
    reason: str = ""

    @property
    def total(self) -> int:
        """Bytes on all devices."""
        return sum(each.total for each in self.sizes.values())


@dataclass(frozen=True, slots=True)
class Row:
    """One device in a plan. other: bytes of the program and the driver themselves."""

    device: Device
    sizes: Sizes
    other: int

    @property
    def need(self) -> int:
        """Bytes that must be free there."""
        return self.sizes.total + self.other

    @property
    def state(self) -> State:
        """Does it fit: with a tenth to spare, barely, or not."""
        if not self.sizes.total:
            return "fits"
        if self.device.free is None:
            return "unknown"
        if self.need > self.device.free:
            return "over"
        return "fits" if self.device.free - self.need >= ROOMY * self.device.free else "tight"


@dataclass(frozen=True, slots=True)
class Step:
    """Something to change, on top of the steps before it. frees: bytes by device, negative where
    it takes some; rows: how all stands then."""

    kind: Kind
    params: Mapping[str, object]
    frees: Mapping[str, int]
    rows: tuple[Row, ...]

    @property
    def state(self) -> State:
        """How all stands after this step."""
        return worst(self.rows)


@dataclass(frozen=True, slots=True)
class Plan:
    """Every need, every device, and what to do until all fits with room to spare."""

    needs: tuple[Need, ...]
    rows: tuple[Row, ...]
    steps: tuple[Step, ...] = field(default=())
    asked: bool = False

    @property
    def state(self) -> State:
        """How all stands as configured."""
        return worst(self.rows)


def worst(rows: tuple[Row, ...]) -> State:
    """The state of the device that stands worst."""
    order: tuple[State, ...] = ("over", "tight", "unknown", "fits")
    states = {row.state for row in rows}
    return next((state for state in order if state in states), "fits")
