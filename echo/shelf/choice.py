"""Which files of a repository are the model that was meant. Knows names and sizes, no network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from echo.errors import ShelfError
from echo.render.models import size
from echo.shelf.hub import RemoteFile, Repo
from echo.shelf.parts import all_parts, part_of
from echo.shelf.presets import Source
from echo.shelf.quants import of_name

USUAL = "Q4_K_M"  # where several are there and none was named: the common middle
_BESIDE = ("mmproj", "imatrix", "mtp-", "draft-")  # parts of a model, and what it was made with


def choose(repo: Repo, source: Source) -> tuple[RemoteFile, ...]:
    """The file, or all parts, that source means in repo. Raises ShelfError with what there is."""
    if source.file:
        return _named(repo, source.file)
    models = _models(repo.files)
    if not models:
        raise ShelfError(
            "{repo} holds no GGUF model.",
            "Echo reads models in the GGUF format: look for a repository with -GGUF in its name.",
            repo=repo.name,
        )
    quant = source.quant or (USUAL if len(models) > 1 else "")
    fit = [name for name in models if not quant or of_name(PurePosixPath(name).name) == quant]
    if len(fit) == 1:
        return models[fit[0]]
    if fit:
        raise ShelfError(
            "{repo} has several models in {quant}: {choices}.",
            "Name the file: {repo}:FILE.",
            repo=repo.name,
            quant=quant,
            choices=", ".join(fit),
        )
    raise ShelfError(
        "{repo} has no {quant}; it has {choices}.",
        "Choose one: `fillin models pull {repo}:QUANT`.",
        repo=repo.name,
        quant=quant,
        choices=", ".join(_told(name, files) for name, files in models.items()),
    )


def _named(repo: Repo, wanted: str) -> tuple[RemoteFile, ...]:
    """The file by its path there, or by its name alone where that is enough; with its parts."""
    there = {file.path: file for file in repo.files}
    paths = [p for p in there if wanted in (p, PurePosixPath(p).name)]
    paths = [wanted] if wanted in there else paths
    found = all_parts(paths[0]) if len(paths) == 1 else ()
    missing = [path for path in found if path not in there]
    if not found or missing:
        raise ShelfError(
            "{repo} has no file {file}.",
            "It has {choices}.",
            repo=repo.name,
            file=missing[0] if missing else wanted,
            choices=", ".join(p for p in there if p.endswith(".gguf")) or "-",
        )
    return tuple(there[path] for path in found)


def _models(files: Iterable[RemoteFile]) -> Mapping[str, tuple[RemoteFile, ...]]:
    """Every whole model by its (first) file's path."""
    there = {file.path: file for file in files if file.path.lower().endswith(".gguf")}
    found: dict[str, tuple[RemoteFile, ...]] = {}
    for path in sorted(there):
        name = PurePosixPath(path).name.lower()
        part = part_of(path)
        parts = all_parts(path)
        if any(word in name for word in _BESIDE) or (part and part.number > 1):
            continue
        if all(each in there for each in parts):
            found[path] = tuple(there[each] for each in parts)
    return found


def _told(name: str, files: tuple[RemoteFile, ...]) -> str:
    """A model in a list: its quantisation where the name says one, and its size."""
    kind = of_name(PurePosixPath(name).name) or name
    known = min(file.bytes for file in files) >= 0
    return f"{kind} ({size(sum(file.bytes for file in files))})" if known else kind
