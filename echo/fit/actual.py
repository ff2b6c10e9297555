"""What a load really took, beside what was predicted: kept for the next look.

The log of llama.cpp tells every buffer. A mapped file is told from its first byte that is used to
the last, with what has been repacked or moved to a GPU in between: of it only as much counts as is
not in another buffer. Knows loads and logs; what it keeps is one small JSON file in a folder.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from echo.brains.buffers import Buffer, buffers
from echo.fit.dry import by_purpose, device
from echo.fit.formula import sizes
from echo.fit.model import Model
from echo.fit.values import RAM, Load, Machine, Sizes
from echo.nouns import Voice

NAME = "fit.json"


@dataclass(frozen=True, slots=True)
class Taken:
    """One load: predicted and actual bytes by device. at: when it was loaded."""

    at: str
    model: str
    voices: tuple[Voice, ...]
    context: int
    cache: str
    predicted: Mapping[str, Sizes]
    actual: Mapping[str, Sizes]

    @property
    def ratio(self) -> float:
        """Predicted ÷ actual bytes on all devices."""
        told = sum(size.total for size in self.actual.values())
        return sum(size.total for size in self.predicted.values()) / max(told, 1)


def measured(model: Model, log: Sequence[str]) -> dict[str, Sizes]:
    """Bytes by device, as the log of a real load tells them."""
    found = tuple(buffers(log))
    whole = model.weights + (model.entry if model.tied else 0)
    mapped = sum(b.bytes for b in found if b.purpose == "weights" and _mapped(b))
    others = sum(b.bytes for b in found if b.purpose == "weights" and not _mapped(b))
    counted = min(mapped, max(0, whole - others))
    weights = by_purpose([b for b in found if not _mapped(b)], "weights")
    weights[RAM] = weights.get(RAM, 0) + counted
    cache, compute = by_purpose(found, "cache"), by_purpose(found, "compute")
    return {
        place: Sizes(weights.get(place, 0), cache.get(place, 0), compute.get(place, 0))
        for place in (weights | cache | compute)
    }


def taken(load: Load, model: Model, log: Sequence[str], machine: Machine, at: datetime) -> Taken:
    """Predicted and actual of one load, from the log of it."""
    return Taken(
        at=at.isoformat(timespec="seconds"),
        model=model.name,
        voices=load.voices,
        context=sum(load.contexts),
        cache=load.cache,
        predicted=sizes(model, load, machine.gpus),
        actual=measured(model, log),
    )


def keep(folder: Path, found: Sequence[Taken]) -> None:
    """Write what one launch took. Where nothing can be written, nothing is kept."""
    rows = [
        {
            "at": each.at, "model": each.model, "voices": each.voices, "context": each.context,
            "cache": each.cache, "predicted": _plain(each.predicted), "actual": _plain(each.actual),
        }
        for each in found
    ]  # fmt: skip
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = folder / f"{NAME}.part"
        part.touch(mode=0o600)
        part.write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")
        part.replace(folder / NAME)


def kept(folder: Path) -> tuple[Taken, ...]:
    """What the last launch took; nothing where none was noted."""
    try:
        rows = json.loads((folder / NAME).read_text("utf-8"))
        return tuple(
            Taken(
                row["at"], row["model"], tuple(row["voices"]), row["context"], row["cache"],
                _sizes(row["predicted"]), _sizes(row["actual"]),
            )
            for row in rows
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def _mapped(buffer: Buffer) -> bool:
    return buffer.device.endswith("_Mapped") and device(buffer.device) == RAM


def _plain(found: Mapping[str, Sizes]) -> dict[str, list[int]]:
    return {name: [size.weights, size.cache, size.compute] for name, size in found.items()}


def _sizes(row: Mapping[str, Sequence[int]]) -> dict[str, Sizes]:
    return {name: Sizes(*map(int, each)) for name, each in row.items()}
