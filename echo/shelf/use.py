"""Which model a voice speaks with: the file meant, and config.toml written. Knows no hub.

config.toml keeps its comments (config.set_value); a file that is no GGUF model is refused before
anything is written.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from echo.brains.gguf import read_header
from echo.config import set_value
from echo.errors import ShelfError
from echo.home import Home
from echo.nouns import Voice
from echo.shelf import ledger
from echo.shelf.parts import part_of
from echo.shelf.presets import PRESETS, Preset, Source, preset
from echo.shelf.quants import of_name
from echo.shelf.stock import headers, on_disk

Settings = dict[str, str]  # dotted key -> value, as `config set` takes it


def settings(home: Home, what: str, voices: Sequence[Voice], cwd: Path) -> Settings:
    """What to write so that voices speak with `what`: a file, or a preset's name.

    Raises ModelFileError for a file that is no GGUF model, ShelfError for one that is not here.
    """
    if found := preset(what):
        return _of_preset(home, found, voices)
    path = find(home, what, cwd)
    headers(path)
    return {f"brains.{voice}.model": _value(home, path) for voice in voices}


def write(home: Home, wanted: Settings) -> None:
    """Write them into config.toml. Raises ConfigError."""
    for key, value in wanted.items():
        set_value(home.config, key, value)


def trained(home: Home, value: str) -> int:
    """Tokens the model of a written setting was trained for; 0 where it does not say."""
    return read_header(home.root / value).number("context_length")


def _of_preset(home: Home, wanted: Preset, voices: Sequence[Voice]) -> Settings:
    found = {source: _fetched(home, source) for source in wanted.sources}
    missing = [str(source) for source, path in found.items() if path is None]
    if missing:
        raise ShelfError(
            "{preset} needs models that are not here yet: {missing}.",
            "`fillin models pull {preset}` fetches them.",
            preset=wanted.name,
            missing=", ".join(missing),
        )
    out: Settings = {}
    for voice in voices:
        path = found[wanted.voices[voice]]
        if path is not None:
            headers(path)
            out[f"brains.{voice}.model"] = _value(home, path)
            out[f"brains.{voice}.context"] = str(wanted.context)
    return out


def _fetched(home: Home, source: Source) -> Path | None:
    """The file that was fetched from a source; its records say which."""
    for path in on_disk(home.models):
        record = ledger.read(path)
        part = part_of(path.name)
        if record and record.repo == source.repo and (part is None or part.number == 1):
            name = record.file.rpartition("/")[2]
            if record.file == source.file or (not source.file and of_name(name) == source.quant):
                return path
    return None


def find(home: Home, what: str, cwd: Path) -> Path:
    """The file meant: in models/, from where one stands or from the home; .gguf may be left out.

    Raises ShelfError with what there is.
    """
    asked = Path(what).expanduser()
    names = (asked, asked.with_name(f"{asked.name}.gguf"))
    folders = (home.models, cwd, home.root)
    places = [Path(os.path.normpath(folder / name)) for name in names for folder in folders]
    for path in places:
        if path.is_file():
            return path
    there = [path.name for path in on_disk(home.models)]
    raise ShelfError(
        "There is no model {name}.",
        "Name a file of models/ ({choices}), a path, or one of {presets}.",
        name=what,
        choices=", ".join(there) or "-",
        presets=", ".join(p.name for p in PRESETS),
    )


def _value(home: Home, path: Path) -> str:
    """The path as config.toml holds it: from the home where it lies in it."""
    return path.relative_to(home.root).as_posix() if path.is_relative_to(home.root) else str(path)
