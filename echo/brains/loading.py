"""A GGUF file becomes one brain, or several that share its weights.

Looks at the header, asks a child whether llama.cpp survives an unknown file, loads, and settles
how many threads are quickest. Whether there is memory for it has been asked before (echo/fit).
Load brains before anybody speaks and close them after. Knows no memory, no terminal, no config.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from echo.brains import probe, room
from echo.brains.chorus import Chorus
from echo.brains.context import Context, Running
from echo.brains.gguf import read_header
from echo.brains.handles import Adapter, Weights
from echo.brains.kept import Kept
from echo.brains.llama import LlamaBrain
from echo.brains.pace import apart, quickest


@dataclass(frozen=True, slots=True)
class BrainSpec:
    """How to load one brain.

    context: tokens, rounded up to a multiple of 256 and never more than the model was trained
    for; gpu_layers: -1 all of them, where the build can; threads: 0 chooses; batch: tokens
    evaluated at once; cache: type of the KV cache, f16, q8_0 or q4_0; lora: an
    adapter and how strongly it works.
    """

    context: int = 4096
    gpu_layers: int = -1
    threads: int = 0
    batch: int = 512
    cache: str = "f16"
    lora: Path | None = None
    scale: float = 1.0


def load(
    spec: BrainSpec,
    path: Path,
    *,
    progress: Callable[[float], bool] = lambda _: True,
    now: datetime | None = None,
    kept: Kept | None = None,
) -> LlamaBrain:
    """Load the model at path. progress: told 0…1, False stops. now: the date templates may show.
    kept: where what is learnt about the model is looked up and noted.

    Raises ModelFileError, BrainError, Interrupted.
    """
    return load_together((spec,), path, progress=progress, now=now, kept=kept)[0]


def load_together(
    specs: Sequence[BrainSpec],
    path: Path,
    *,
    progress: Callable[[float], bool] = lambda _: True,
    now: datetime | None = None,
    kept: Kept | None = None,
) -> tuple[LlamaBrain, ...]:
    """Load the model at path once for several voices, which then speak in chorus (chorus.py).

    Each voice holds a context of its own, all as large as the largest that is asked for; what
    else the specs say must be the same for all. progress, now, errors: as load has them.
    """
    header = read_header(path)
    model = probe.check(path, kept) if kept is not None else ""
    how = specs[0]
    trained = max(header.number("context_length", how.context), 1)
    limits = [min(-(-max(spec.context, 1) // 256) * 256, trained) for spec in specs]
    size = -(-max(limits) // 256) * 256
    with ExitStack() as opened:
        weights = opened.enter_context(closing(Weights(path, how.gpu_layers, progress)))
        running = Running(max(how.batch, 1), room.threads(how.threads), how.cache)
        cache = opened.enter_context(closing(Context(weights, size, running, sequences=len(specs))))
        if how.lora is not None:
            cache.adapt(Adapter(weights, how.lora), how.scale)
        alone = False
        if kept is not None and not weights.on_gpu:
            if not how.threads:
                _pace(cache, running.threads, model, kept)
            alone = len(specs) > 1 and _apart(cache, model, kept)
        opened.pop_all()
    seats = Chorus(cache, apart=alone).seats()
    today = now or _today()
    return tuple(
        LlamaBrain(header, seat, min(limit, cache.size), today)
        for seat, limit in zip(seats, limits, strict=True)
    )


def _pace(context: Context, most: int, model: str, kept: Kept) -> None:
    """Threads as they were found quickest for this model on this machine. Tried once a day: what
    else the machine was doing then may be over.
    """
    key, today = f"threads of {most}", f"{_today():%Y-%m-%d}"
    match kept.note(model, key):
        case [int(noted), str(day)] if 0 < noted <= most and day == today:
            context.use_threads(noted)
        case _ if most > 1:
            kept.write(model, key, [quickest(context, most), today])


def _apart(context: Context, model: str, kept: Kept) -> bool:
    """Whether voices are better decoded one after another, as it was found today."""
    key, today = f"{context.sequences} voices apart", f"{_today():%Y-%m-%d}"
    match kept.note(model, key):
        case [bool(noted), str(day)] if day == today:
            return noted
    found = apart(context)
    kept.write(model, key, [found, today])
    return found


def _today() -> datetime:
    return datetime.now().astimezone()
