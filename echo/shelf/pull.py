"""Models from a hub into models/: what it would take, and then doing it. Knows hub, disk, headers.

Nothing has its name in models/ before its digest was right and it was read as a GGUF model.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from echo.brains.gguf import read_header
from echo.errors import HubError, ModelFileError, ShelfError
from echo.render.models import Offer
from echo.shelf import ledger
from echo.shelf.choice import choose
from echo.shelf.digests import of_file
from echo.shelf.fetch import Errand, Heard, fetch
from echo.shelf.hub import Hub, Repo
from echo.shelf.parts import part_of
from echo.shelf.presets import Source

RESERVE = 1 << 28  # bytes of the disk that stay free
_LONGEST = 200  # of a file's name


@dataclass(frozen=True, slots=True)
class Plan:
    """What a pull would do. here: already whole; errands: to fetch; need, free: bytes."""

    offers: tuple[Offer, ...]
    here: tuple[Path, ...]
    errands: tuple[Errand, ...]
    need: int
    free: int


def plan(hub: Hub, sources: Sequence[Source], models: Path) -> Plan:
    """Ask the hub about each source and look what is here. Raises HubError, ShelfError."""
    offers: list[Offer] = []
    here: list[Path] = []
    errands: list[Errand] = []
    for source in sources:
        repo = hub.look(source.repo)
        files = tuple(hub.ask(repo, file) for file in choose(repo, source))
        found = [Errand(repo, file, models / _name(file.path)) for file in files]
        here += [errand.target for errand in found if _is_here(errand)]
        errands += [errand for errand in found if errand.target not in here]
        offers.append(_offer(hub, repo, found))
    need = sum(errand.file.bytes - errand.held() for errand in errands)
    made = Plan(tuple(offers), tuple(here), tuple(errands), need, _free(models))
    if need > max(made.free - RESERVE, 0):
        raise ShelfError(
            "{need:.1f} GB are to be fetched, and the disk of {path} has {free:.1f} GB free.",
            "Make room, choose a smaller quant, or link {path} to a larger disk.",
            need=need / 1e9,
            free=made.free / 1e9,
            path=models,
        )
    return made


def _name(path: str) -> str:
    """The name a file gets here: the last part of its path there, if it will do as one."""
    name = PurePosixPath(path).name
    if name.startswith(".") or not name.isprintable() or len(name.encode()) > _LONGEST:
        raise HubError(
            "The hub's name for a file will not do as one here: {file}.",
            "Fetch it by hand into models/ under another name.",
            file=path,
        )
    return name


def _is_here(errand: Errand) -> bool:
    """Is the very same file here already? Another one of its name is an error."""
    if not os.path.lexists(errand.target):
        return False
    known = ledger.read(errand.target)
    try:
        if errand.target.stat().st_size == errand.file.bytes:
            digest = known.digest if known else of_file(errand.target, errand.file.digest)
            if digest == errand.file.digest:
                return True
    except OSError as exc:
        raise ShelfError(
            "{path} cannot be read: {reason}.",
            "Check the file and its permissions.",
            path=errand.target,
            reason=exc.strerror or exc,
        ) from exc
    raise _another(errand.target)


def _another(target: Path) -> ShelfError:
    return ShelfError(
        "{path} is there already, and it is another file.",
        "Move it away or delete it, then pull again.",
        path=target,
    )


def _offer(hub: Hub, repo: Repo, errands: Sequence[Errand]) -> Offer:
    return Offer(
        repo=repo.name,
        page=f"{hub.endpoint}/{repo.name}",
        license=repo.license,
        gated=repo.gated,
        files=tuple((e.target.name, e.file.bytes, e.file.digest) for e in errands),
    )


def _free(models: Path) -> int:
    """Bytes free where models lie."""
    try:
        models.mkdir(mode=0o755, parents=True, exist_ok=True)
        return shutil.disk_usage(models).free
    except OSError as exc:
        raise ShelfError(
            "{path} cannot be written: {reason}.",
            "Choose another folder, or make this one yours.",
            path=models,
            reason=exc.strerror or exc,
        ) from exc


def carry_out(
    hub: Hub,
    made: Plan,
    heard: Heard,
    clock: Callable[[], datetime],
    pause: Callable[[float], None] = time.sleep,
) -> tuple[Path, ...]:
    """Fetch everything that is missing; where it all is. heard: bytes more (or, negative, less).

    Raises what fetch does, and ModelFileError for a file that is no GGUF model.
    """
    for errand in made.errands:
        part = fetch(hub, errand, heard, pause)
        _check(part, errand.target)
        record = ledger.Record(
            repo=errand.repo.name,
            file=errand.file.path,
            commit=errand.repo.commit,
            digest=errand.file.digest,
            bytes=errand.file.bytes,
            license=errand.repo.license,
            at=clock().isoformat(timespec="seconds"),
        )
        _settle(part, errand.target, record)
    return (*made.here, *(errand.target for errand in made.errands))


def _check(part: Path, target: Path) -> None:
    """Read what came as a model; what is none is thrown away."""
    try:
        read_header(part, part=part_of(target.name) is not None)
    except ModelFileError as exc:
        part.unlink()
        said = {**exc.params, "path": target.name}
        raise ModelFileError(exc.message, exc.hint, **said) from exc


def _settle(part: Path, target: Path, record: ledger.Record) -> None:
    """Give the file its name, and keep where it came from."""
    try:
        if os.path.lexists(target):  # it came while this was fetched
            raise _another(target)
        ledger.write(target, record)
        part.rename(target)
        handle = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as exc:
        raise ShelfError(
            "{path} cannot be written: {reason}.",
            "Make room, or see to the folder's owner; then pull again: what is here is kept.",
            path=target,
            reason=exc.strerror or exc,
        ) from exc
