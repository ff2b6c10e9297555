"""The probe of unknown files: what would end a process ends a child, and is said in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from echo.brains import probe
from echo.brains.kept import Kept
from echo.errors import ModelFileError


def test_the_probe_sends_every_byte_of_text() -> None:
    """C0, C1 and F5 to FF are in no UTF-8; NUL ends a C string."""
    never = {0, 0xC0, 0xC1, *range(0xF5, 0x100)}
    assert set(probe.BYTES.encode()) == set(range(256)) - never


def test_a_vocabulary_without_a_byte_of_hangul(spm: Path, tmp_path: Path) -> None:
    """It loads, it has tokens; llama.cpp ends the process at the first word of Korean."""
    path = tmp_path / "x.gguf"
    data = spm.read_bytes()
    assert data.count(b"<0xEA>") == 1
    path.write_bytes(data.replace(b"<0xEA>", b"[0xEA]"))
    with pytest.raises(ModelFileError, match="makes llama"):
        probe.check(path, Kept(tmp_path / "kept"))
    assert probe.check(spm, Kept(tmp_path / "kept"))
