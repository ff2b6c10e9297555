"""What lies in models/, and the models that the voices are set to. Knows headers and settings.

A file that cannot be read is listed with the sentence that says why.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from echo.brains.gguf import GGUFHeader, Tensor, read_header
from echo.config import Config
from echo.errors import ModelFileError, ShelfError
from echo.home import Home
from echo.i18n import Words
from echo.nouns import VOICES, Voice
from echo.render.errors import sentence
from echo.render.models import Model
from echo.shelf import ledger
from echo.shelf.parts import all_parts, part_of
from echo.shelf.quants import of_header


def stock(home: Home, config: Config, words: Words) -> tuple[Model, ...]:
    """Every model of this home, those in use first. words: for what is wrong with a file."""
    used = in_use(home, config)
    paths = dict.fromkeys((*used, *on_disk(home.models)))
    found = [_model(home, path, used.get(path, ()), words) for path in paths]
    return tuple(sorted(found, key=lambda model: (not model.voices, model.file)))


def in_use(home: Home, config: Config) -> dict[Path, tuple[Voice, ...]]:
    """The files that voices are set to, and which voices."""
    found: dict[Path, tuple[Voice, ...]] = {}
    for voice in VOICES:
        path = Path(os.path.normpath(home.root / config.brain(voice).model))
        found[path] = (*found.get(path, ()), voice)
    return found


def on_disk(models: Path) -> Iterator[Path]:
    """The first file of each model in a folder; a later part only where the first is missing."""
    try:
        names = sorted(each.name for each in models.iterdir() if each.suffix.lower() == ".gguf")
    except FileNotFoundError:
        return
    except OSError as exc:
        raise ShelfError(
            "{path} cannot be read: {reason}.",
            "Check the file and its permissions.",
            path=models,
            reason=exc.strerror or exc,
        ) from exc
    firsts = {name for name in names if (part := part_of(name)) is None or part.number == 1}
    for name in names:
        if name in firsts or all_parts(name)[0] not in firsts:
            yield models / name


def headers(path: Path) -> tuple[GGUFHeader, ...]:
    """The header of each file of the model whose first file is at path. Raises ModelFileError."""
    first = read_header(path)
    rest = all_parts(path.name)[1:]
    return (first, *(read_header(path.with_name(name), part=True) for name in rest))


def tensors(found: Iterable[GGUFHeader]) -> tuple[Tensor, ...]:
    """The tensors of all files of a model."""
    return tuple(tensor for header in found for tensor in header.tensors)


def _model(home: Home, path: Path, voices: tuple[Voice, ...], words: Words) -> Model:
    inside = path.is_relative_to(home.models)
    file = str(path.relative_to(home.models)) if inside else str(path)
    try:
        found = headers(path)
    except ModelFileError as exc:
        problem = sentence(words(exc.message), exc.params)
        return Model(file, _size(path), voices=voices, problem=problem)
    first, every, origin = found[0], tensors(found), ledger.read(path)
    return Model(
        file=file,
        bytes=sum(header.bytes for header in found),
        parts=len(found),
        arch=first.arch,
        name=first.name,
        parameters=sum(_elements(tensor) for tensor in every),
        quant=of_header(first, every),
        context=first.number("context_length"),
        template=first.template is not None,
        license=_license(first) or (origin.license if origin else ""),
        source=f"{origin.repo}:{origin.file}" if origin else "",
        voices=voices,
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # not there, or not ours to see: the problem beside it says so
        return 0


def _elements(tensor: Tensor) -> int:
    count = 1
    for length in tensor.shape:
        count *= length
    return count


def _license(header: GGUFHeader) -> str:
    """The licence in the metadata, by its plain name where it has one."""
    for key in ("general.license.name", "general.license", "general.license.link"):
        found = header.metadata.get(key)
        if isinstance(found, str) and found.strip() and found.strip().lower() != "other":
            return found.strip()
    return ""
