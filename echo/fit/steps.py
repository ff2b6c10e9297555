"""What to change so that it fits, in the order a person would: what costs the answer least first.

A smaller KV cache type, a smaller context, fewer layers on the GPU, one model for all voices, a
smaller quantisation. Each step stands on those before it; one that frees nothing where it is too
tight is left out. Knows loads and a judge of them; no device, no file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from echo.brains.blocks import named
from echo.fit.model import QUANTS, Model
from echo.fit.values import RAM, Kind, Load, Row, Step, worst

CONTEXTS = (32768, 24576, 16384, 12288, 8192, 6144, 4096, 3072, 2048)
MODEST = 4096  # no smaller a context before all else has been tried
LEAST_QUANT = "Q3_K_M"  # below it models lose their wits

Loads = tuple[Load, ...]
Judge = Callable[[Sequence[Load]], tuple[Row, ...]]
Models = Mapping[Path, Model]
Change = Callable[[Loads, Models, Judge], Iterator[tuple[Loads, dict[str, object]]]]


def steps(
    loads: Sequence[Load], models: Models, now: Sequence[Row], judge: Judge
) -> Iterator[Step]:
    """Steps until all fits with room to spare, or nothing is left to change."""
    here, stood = tuple(loads), tuple(now)
    for kind, change in _CHANGES:
        if worst(stood) not in ("over", "tight"):
            return
        best = _best(change(here, models, judge), judge)
        if best is None:
            continue
        changed, params, rows = best
        frees = {old.device.name: old.need - new.need for old, new in zip(stood, rows, strict=True)}
        if not any(frees[row.device.name] > 0 for row in stood if row.state in ("over", "tight")):
            continue
        yield Step(kind, params, frees, rows)
        here, stood = changed, rows


def _best(
    choices: Iterator[tuple[Loads, dict[str, object]]], judge: Judge
) -> tuple[Loads, dict[str, object], tuple[Row, ...]] | None:
    """The first choice after which all fits; else the last one, which frees most."""
    found = None
    for changed, params in choices:
        found = changed, params, judge(changed)
        if worst(found[2]) in ("fits", "unknown"):
            return found
    return found


def _cache(loads: Loads, models: Models, judge: Judge) -> Iterator[tuple[Loads, dict[str, object]]]:
    """Keys and values in 8 bits: half the cache, and no difference that people notice."""
    block = named("q8_0").elements
    changed = tuple(
        replace(load, cache="q8_0")
        if load.cache == "f16" and models[load.path].head % block == 0
        else load
        for load in loads
    )
    if changed != loads:
        yield changed, {"to": "q8_0"}


def _context(
    loads: Loads, models: Models, judge: Judge
) -> Iterator[tuple[Loads, dict[str, object]]]:
    """No voice with more than so many tokens, yet room for a conversation."""
    return _limited(loads, MODEST)


def _least(loads: Loads, models: Models, judge: Judge) -> Iterator[tuple[Loads, dict[str, object]]]:
    """As few tokens as a short conversation needs."""
    return _limited(loads, CONTEXTS[-1])


def _limited(loads: Loads, least: int) -> Iterator[tuple[Loads, dict[str, object]]]:
    most = max((each for load in loads for each in load.contexts), default=0)
    for limit in CONTEXTS:
        if least <= limit < most:
            yield (
                tuple(
                    replace(load, contexts=tuple(min(each, limit) for each in load.contexts))
                    for load in loads
                ),
                {"to": limit},
            )


def _layers(
    loads: Loads, models: Models, judge: Judge
) -> Iterator[tuple[Loads, dict[str, object]]]:
    """Layers of the largest model stay in RAM, as few as will do; only where that is enough."""
    rows = judge(loads)
    if all(row.device.name == RAM or row.state == "fits" for row in rows):
        return
    largest = max(loads, key=lambda load: models[load.path].weights * load.scale)
    slots = len(models[largest.path].layers) + 1
    first = slots if largest.gpu_layers < 0 else min(largest.gpu_layers, slots)
    for count in range(first - 1, -1, -1):
        fewer = replace(largest, gpu_layers=count)
        changed = tuple(fewer if load is largest else load for load in loads)
        if worst(judge(changed)) not in ("over", "tight"):
            yield changed, {"voices": largest.voices, "to": count, "of": slots}


def _share(loads: Loads, models: Models, judge: Judge) -> Iterator[tuple[Loads, dict[str, object]]]:
    """One file for all voices: self's, or the smallest where that is still too much."""
    if len(loads) < 2:
        return
    own = next((load for load in loads if "self" in load.voices), loads[0])
    smallest = min(loads, key=lambda load: models[load.path].weights * load.scale)
    for chosen in dict.fromkeys((own, smallest)):
        one = replace(
            chosen,
            voices=tuple(voice for load in loads for voice in load.voices),
            contexts=tuple(each for load in loads for each in load.contexts),
        )
        yield (one,), {"model": models[chosen.path].name, "voices": chosen.voices}


def _quant(loads: Loads, models: Models, judge: Judge) -> Iterator[tuple[Loads, dict[str, object]]]:
    """Fewer bits for each weight of the largest model."""
    largest = max(loads, key=lambda load: models[load.path].weights * load.scale)
    model = models[largest.path]
    for name, bits in QUANTS:
        if bits < model.bits * 0.95 and bits >= dict(QUANTS)[LEAST_QUANT]:
            fewer = replace(largest, scale=bits / model.bits)
            changed = tuple(fewer if load is largest else load for load in loads)
            yield changed, {"model": model.name, "from": model.quant, "to": name}


_CHANGES: tuple[tuple[Kind, Change], ...] = (
    ("cache", _cache),
    ("context", _context),
    ("layers", _layers),
    ("share", _share),
    ("quant", _quant),
    ("context", _least),
)
