"""Named sets of models for graphics cards of 8, 24, 48 and 80 GB, one repository for each voice.

Bilingual models people use for Korean and English. The names could not be checked against the
hub when this was written; `pull` shows what the hub says of licence and size before it fetches
anything. Voices with the same file share its weights. Knows names, no hub and no files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from echo.nouns import VOICES, Voice

_SIZE = re.compile(r"([0-9]{1,4})(?:gb?)?")


@dataclass(frozen=True, slots=True)
class Source:
    """One model on a hub. file: a path there, "" where quant chooses."""

    repo: str
    quant: str = ""
    file: str = ""

    def __str__(self) -> str:
        """As `pull` takes it."""
        return ":".join(part for part in (self.repo, self.file or self.quant) if part)


@dataclass(frozen=True, slots=True)
class Preset:
    """A model for each voice. gigabytes: of the card's memory; context: tokens for each voice."""

    name: str
    gigabytes: int
    context: int
    voices: Mapping[Voice, Source]

    @property
    def sources(self) -> tuple[Source, ...]:
        """Each model once."""
        return tuple(dict.fromkeys(self.voices[voice] for voice in VOICES))


def _together(source: Source) -> Mapping[Voice, Source]:
    return dict.fromkeys(VOICES, source)


def _apart(emotion: Source, speaking: Source) -> Mapping[Voice, Source]:
    return {"emotion": emotion, "self": speaking, "creation": speaking}


_QWEN_32B, _GEMMA = "Qwen/Qwen3-32B-GGUF", "bartowski/google_gemma-3-12b-it-GGUF"
PRESETS = (
    Preset("8gb", 8, 4096, _together(Source("Qwen/Qwen3-8B-GGUF", "Q4_K_M"))),
    Preset("24gb", 24, 8192, _together(Source("Qwen/Qwen3-14B-GGUF", "Q5_K_M"))),
    Preset("48gb", 48, 8192, _apart(Source(_GEMMA, "Q4_K_M"), Source(_QWEN_32B, "Q4_K_M"))),
    Preset("80gb", 80, 16384, _apart(Source(_GEMMA, "Q8_0"), Source(_QWEN_32B, "Q8_0"))),
)


def preset(name: str) -> Preset | None:
    """The preset meant: 24gb, 24GB, 24g or 24."""
    found = _SIZE.fullmatch(name.strip().lower())
    return next((p for p in PRESETS if found and p.gigabytes == int(found[1])), None)
