"""Is a model on disk whole, and can it be spoken with? One finding a check. Loads no weights.

What needs llama.cpp (its own view of the tensors, the tokenizer, the template with the model's
tokens) is asked in a child process: a damaged file may end the process that opens it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from echo.brains.blocks import BLOCKS
from echo.brains.gguf import GGUFHeader
from echo.errors import EchoError, ModelFileError
from echo.i18n import msgid
from echo.render.health import Finding
from echo.shelf import ledger
from echo.shelf.digests import of_file
from echo.shelf.opening import ask
from echo.shelf.parts import all_parts
from echo.shelf.stock import headers, tensors

Heard = Callable[[int], None]


def verify(path: Path, heard: Heard = lambda _: None) -> Iterator[Finding]:
    """Every check of the model whose first file is at path. heard: bytes hashed since last told.

    A file that cannot be read as a model ends with that one finding.
    """
    title = msgid("header")
    try:
        found = headers(path)
    except ModelFileError as exc:
        yield _failed("header", title, exc)
        return
    yield Finding(
        "header",
        title,
        "good",
        msgid("GGUF version {version}, {arch}, {n} tensors"),
        params={
            "version": found[0].version,
            "arch": found[0].arch,
            "n": sum(header.n_tensors for header in found),
        },
    )
    yield _digest([path.with_name(name) for name in all_parts(path.name)], heard)
    yield _tensors(found)
    yield from ask(path)


def _failed(name: str, title: str, exc: EchoError) -> Finding:
    return Finding(name, title, "bad", exc.message, exc.hint, exc.params)


def _digest(paths: Sequence[Path], heard: Heard) -> Finding:
    """The bytes against what the hub said of them when they were fetched."""
    title = msgid("digest")
    digests: list[str] = []
    unknown = 0
    for path in paths:
        record = ledger.read(path)
        try:
            digests.append(of_file(path, record.digest if record else "", heard))
        except OSError as exc:
            return Finding(
                "digest", title, "bad", msgid("{path} cannot be read: {reason}."),
                msgid("Check the file and its permissions."),
                {"path": path, "reason": exc.strerror or str(exc)},
            )  # fmt: skip
        if record and record.digest != digests[-1]:
            return Finding(
                "digest", title, "bad", msgid("{file} is not what the hub gave out: {digest}"),
                msgid("Delete it and pull again: {repo}."),
                {"file": path.name, "digest": digests[-1], "repo": record.repo},
            )  # fmt: skip
        unknown += record is None
    said = msgid("{digest}, as the hub gave it out")
    if unknown:
        said = msgid("{digest}; not fetched by `pull`, so there is nothing to compare it with")
    return Finding(
        "digest", title, "warn" if unknown else "good", said, params={"digest": digests[0]}
    )


def _tensors(found: Sequence[GGUFHeader]) -> Finding:
    """Are all the tensors there that the files announce, each once, none lying in another?"""
    title = msgid("tensors")
    every = tensors(found)
    announced = found[0].metadata.get("split.tensors.count", len(every))
    names = {tensor.name for tensor in every}
    wrong = ""
    if announced != len(every):
        wrong = msgid("{n} are there, and {announced} are announced")
    elif len(names) != len(every):
        wrong = msgid("one name stands for two of them")
    elif any(_overlap(header) for header in found):
        wrong = msgid("one lies inside another")
    unknown = sum(tensor.kind not in BLOCKS for tensor in every)
    params: dict[str, object] = {"n": len(every), "announced": announced, "unknown": unknown}
    if wrong:
        return Finding("tensors", title, "bad", wrong, msgid("Fetch the file again."), params)
    if unknown:
        said = msgid("{n}, all in the file but for {unknown} of a type that is not known here")
        return Finding("tensors", title, "warn", said, params=params)
    said = msgid("{n}, each of its size within the file")
    return Finding("tensors", title, "good", said, params=params)


def _overlap(header: GGUFHeader) -> bool:
    end = 0
    for tensor in sorted(header.tensors, key=lambda tensor: tensor.offset):
        if tensor.offset < end:
            return True
        end = tensor.offset + tensor.bytes
    return False
