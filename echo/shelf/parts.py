"""Names of models that lie in several files: NAME-00001-of-00003.gguf. Knows names, no contents.

Source of the form: llama.cpp's llama_split_path.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_PART = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Part:
    """One file of several. stem: folder and name before the number; number counts from 1."""

    stem: str
    number: int
    count: int


def part_of(name: str) -> Part | None:
    """What a file's name, with or without its folder, says; None for a model in one file."""
    found = _PART.fullmatch(name)
    if not found or not 1 <= int(found["number"]) <= int(found["count"]):
        return None
    return Part(found["stem"], int(found["number"]), int(found["count"]))


def all_parts(name: str) -> tuple[str, ...]:
    """The names of every file of the model that one of its names stands for, in order."""
    part = part_of(name)
    if part is None:
        return (name,)
    return tuple(f"{part.stem}-{n:05}-of-{part.count:05}.gguf" for n in range(1, part.count + 1))
