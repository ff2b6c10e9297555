"""A short sweep of damaged models; `python -m tests.brains.fuzz` is the whole of it."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.brains.fuzz import mutations, truncations


def test_damaged_models_are_refused_or_speak(tiny: Path, tmp_path: Path) -> None:
    model = Path(shutil.copy(tiny, tmp_path / "tiny.gguf"))
    assert truncations(model, step=97) == []
    assert mutations(model, 120)[1] == []
