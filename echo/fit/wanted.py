"""What config.toml asks to be loaded. Knows settings; opens nothing but a LoRA's size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from echo.config import Config
from echo.fit.values import Load
from echo.nouns import VOICES, Voice


def groups(config: Config) -> list[list[Voice]]:
    """The voices that speak with the same file in the same way: they share its weights."""
    found: dict[tuple[object, ...], list[Voice]] = {}
    for voice in VOICES:
        how = config.brain(voice)
        same = (
            how.model, how.gpu_layers, how.threads, how.batch, how.cache, how.lora, how.lora_scale,
        )  # fmt: skip
        found.setdefault(same, []).append(voice)
    return list(found.values())


def loads(root: Path, config: Config) -> tuple[Load, ...]:
    """One load for each group. root: the home, from which files are named."""
    return tuple(_load(root, config, voices) for voices in groups(config))


def _load(root: Path, config: Config, voices: Sequence[Voice]) -> Load:
    how = config.brain(voices[0])
    adapter = root / how.lora
    return Load(
        path=root / how.model,
        voices=tuple(voices),
        contexts=tuple(config.brain(voice).context for voice in voices),
        cache=how.cache,
        gpu_layers=how.gpu_layers,
        batch=how.batch,
        extra=adapter.stat().st_size if how.lora and adapter.is_file() else 0,
    )
