"""The formula: what a load needs on each device, from the header alone.

cache    sum over layers of (k·b_k + v·b_v)·cells for each voice; cells = the longest context of
         the voices that share a load, in steps of 256; a sliding window keeps all of them too
         (Context has swa_full on); a recurrent state for each voice.
compute  ggml's allocator keeps what lives at the same time. Of a batch of u tokens, in f32:
         feed-forward 3·inner + 4·width, attention 3·width + 2·queries + k + v, a recurrent layer
         13·width, the end 2·width + vocab; beside the first two a mask of u·cells (f16; f32 and
         the scores u·cells·heads without flash attention; one more for layers with a window).
         Fitted to no-alloc answers for the shapes in tests/fit, 2k to 32k cells, batches of 128
         and 512 (figures in NOTES.md).
layers   llama.cpp counts gpu_layers from the output backwards and divides them among GPUs by their
         free memory; embeddings stay in RAM. Layers left in RAM are computed on the GPU where a
         batch is large: their largest tensor is copied there.

Source: llama-model.cpp (load_tensors), llama-context.cpp (sched_reserve). Knows models and devices'
free bytes; opens nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from echo.brains.blocks import named
from echo.fit.layers import Layer
from echo.fit.model import Model
from echo.fit.values import RAM, Device, Load, Sizes

STEP = 256  # tokens; contexts are rounded up to it
F32, F16 = 4, 2


@dataclass(frozen=True, slots=True)
class _Work:
    """One load at work. cells: of one voice's KV cache; batch: tokens of a graph; flash: flash
    attention."""

    model: Model
    load: Load
    cells: int
    batch: int
    flash: bool


def sizes(model: Model, load: Load, gpus: Sequence[Device]) -> dict[str, Sizes]:
    """Bytes on every device. gpus: those that layers may go to; none keeps all in RAM."""
    return placed(model, load, places(len(model.layers), load.gpu_layers, gpus))


def places(layers: int, gpu_layers: int, gpus: Sequence[Device]) -> tuple[str, ...]:
    """The device of each layer and, last, of the output."""
    slots = layers + 1
    wanted = slots if gpu_layers < 0 else min(gpu_layers, slots)
    if not gpus or not wanted:
        return (RAM,) * slots
    weights = [max(gpu.free or 1, 1) for gpu in gpus]
    bounds = [sum(weights[: i + 1]) / sum(weights) for i in range(len(weights))]
    found = [RAM] * (slots - wanted)
    for i in range(wanted):
        found.append(next(g.name for g, top in zip(gpus, bounds, strict=True) if i / wanted < top))
    return tuple(found)


def placed(model: Model, load: Load, where: Sequence[str]) -> dict[str, Sizes]:
    """Bytes on every device when the layers and the output are where they are."""
    on_gpu = any(place != RAM for place in where)
    work = _Work(
        model=model,
        load=load,
        cells=cells(load.contexts, model.trained),
        batch=load.batch + len(load.voices) - 1,
        flash=on_gpu or load.cache != "f16" if load.flash is None else load.flash,
    )
    found = {RAM: Sizes(weights=round(model.entry * load.scale))}
    for layer, place in zip(model.layers, where, strict=False):
        size = Sizes(round(layer.weights * load.scale), cache_bytes(layer, work.cells, load))
        found[place] = found.get(place, Sizes()) + size
    tied = model.entry if model.tied and where[-1] != RAM else 0
    found[where[-1]] = found.get(where[-1], Sizes()) + Sizes(
        round((model.exit + tied) * load.scale) + load.extra
    )
    return {place: size + Sizes(compute=_compute(work, place, where))
            for place, size in found.items()}  # fmt: skip


def cells(contexts: Sequence[int], trained: int) -> int:
    """Tokens that each voice's cache has room for: the longest context, but not more than the model
    was trained for, in whole steps. As loading.load_together has it."""
    limits = (min(-(-each // STEP) * STEP, trained or each) for each in contexts)
    return max(-(-limit // STEP) * STEP for limit in limits)


def cache_bytes(layer: Layer, cells: int, load: Load) -> int:
    """One layer's KV cache and recurrent state, of all voices."""
    block = named(load.cache)
    return (block.size((layer.k + layer.v) * cells) + layer.state) * len(load.voices)


def _compute(work: _Work, place: str, where: Sequence[str]) -> int:
    """What the graphs need on one device."""
    model, here = work.model, [i for i, name in enumerate(where) if name == place]
    blocks = [i for i in here if i < len(model.layers)]
    output = len(model.layers) in here
    peak = max(_logits(work) if output else 0, _block(work) if blocks else 0)
    if place == RAM:
        seen = _mask(work) + work.batch * model.width * F32  # what goes to the GPU
        return max(peak, seen) + model.vocab * F32 * len(work.load.voices)
    left = [model.layers[i].largest for i, name in enumerate(where[:-1]) if name == RAM]
    return peak + round(max(left, default=0) * work.load.scale)


def _logits(work: _Work) -> int:
    return work.batch * F32 * (work.model.vocab + 2 * work.model.width)


def _block(work: _Work) -> int:
    """The most that lives at one moment of one layer."""
    model, row = work.model, work.batch * F32
    feed_forward = row * (3 * model.inner + 4 * model.width) + _mask(work)
    kv = max((layer.k + layer.v for layer in model.layers), default=0)
    scores = 0 if work.flash or not kv else row * work.cells * model.heads
    attention = row * (3 * model.width + 2 * model.queries + kv) + _mask(work) + scores
    recurrent = row * 13 * model.width if any(layer.state for layer in model.layers) else 0
    return max(feed_forward if model.inner else 0, attention if kv else 0, recurrent)


def _mask(work: _Work) -> int:
    """The attention masks: of layers that see everything, of those with a window."""
    kinds = len({layer.window > 0 for layer in work.model.layers if layer.k})
    return kinds * work.batch * work.cells * (F16 if work.flash else F32)
