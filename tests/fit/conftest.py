"""Hollow models, written once a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fit import others
from tests.fit.shapes import THREE, write


@pytest.fixture(scope="session")
def three(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Mixtral-8x7B, Llama-3.1-8B and deepseek-coder-6.7B as Q4_K_M, by the voice they speak for."""
    folder = tmp_path_factory.mktemp("three")
    paths = [write(folder, shape) for shape in THREE]
    return dict(zip(("self", "emotion", "creation"), paths, strict=True))


@pytest.fixture(scope="session")
def odd(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Sliding windows, recurrent states, wide heads, latent attention."""
    folder = tmp_path_factory.mktemp("odd")
    make = (others.qwen3, others.gemma3, others.mamba, others.deepseek2)
    return tuple(each(folder) for each in make)
