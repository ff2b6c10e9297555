"""Reads the header of a GGUF file in plain Python, bounded, before llama.cpp sees the file.

A count, length or offset that the file cannot hold ends in one sentence, never in an allocation:
llama.cpp aborts the process on some damaged files. Large arrays (vocabularies) are stepped over.
Knows the format (github.com/ggml-org/ggml, docs/gguf.md), no llama.cpp and no template.
"""

from __future__ import annotations

import mmap
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path

from echo.brains.blocks import BLOCKS
from echo.errors import ModelFileError

Scalar = str | int | float | bool
Number = int | float | bool
MAX_ITEMS = 1 << 16  # metadata entries, tensors: the largest models have a few thousand
MAX_KEY = 1 << 16  # bytes, as the format says
MAX_STRING = 1 << 24  # bytes; the longest chat templates have some 20 kB
MAX_DIMS = 4
MAX_LIST = 1 << 12  # numbers of an array that is kept: one for each layer
_STRING, _ARRAY = 8, 9
_SCALARS = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?",
    10: "<Q", 11: "<q", 12: "<d",
}  # fmt: skip
_ONE_PER_EXPERT = re.compile(r"blk\.\d+\.ffn_(gate|up|down)\.\d+\.weight")


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor of the list. kind: ggml's type; bytes: 0 where that type is not known here."""

    name: str
    shape: tuple[int, ...]
    kind: int
    offset: int
    bytes: int


@dataclass(frozen=True, slots=True)
class GGUFHeader:
    """What a GGUF file says of itself.

    metadata: scalars and strings by key; an array is given as its length. bytes: of the file.
    lists: the short arrays of numbers among them, such as one value for each layer.
    A later part of a model in several files has no arch of its own.
    """

    arch: str
    name: str
    version: int
    n_tensors: int
    bytes: int
    metadata: Mapping[str, Scalar]
    tensors: tuple[Tensor, ...] = ()
    lists: Mapping[str, tuple[Number, ...]] = field(default_factory=dict)

    @property
    def template(self) -> str | None:
        """The chat template in the file, if there is one."""
        found = self.metadata.get("tokenizer.chat_template")
        return found if isinstance(found, str) and found.strip() else None

    def number(self, key: str, default: int = 0) -> int:
        """An architecture's own integer, such as block_count; default when absent or an array."""
        found = self.metadata.get(f"{self.arch}.{key}", default)
        listed = f"{self.arch}.{key}" in self.lists
        numeric = isinstance(found, (int, float)) and isfinite(found)
        return int(found) if numeric and not listed else default

    def numbers(self, key: str, count: int, default: int = 0) -> tuple[int, ...]:
        """An architecture's own integer for each of count layers: an array, or one for all."""
        listed = self.lists.get(f"{self.arch}.{key}")
        if listed is None:
            return (self.number(key, default),) * count
        given = tuple(int(each) if isfinite(each) else default for each in listed[:count])
        return given + (given[-1] if given else default,) * (count - len(given))


def read_header(path: Path, *, part: bool = False) -> GGUFHeader:
    """The header of the GGUF file at path; part: it may be a later part of a model in several.

    Raises ModelFileError in one sentence.
    """
    size = _size(path)
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _Reader(data, path, size).header(part)
    except (OSError, ValueError) as exc:
        raise ModelFileError(
            "{path} cannot be read: {reason}.",
            "Check the file and its permissions.",
            path=path,
            reason=getattr(exc, "strerror", None) or str(exc),
        ) from exc


def _size(path: Path) -> int:
    """Bytes of a non-empty plain file."""
    fetch = "Put a GGUF file there, or name another one in config.toml."
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError) as exc:
        raise ModelFileError("There is no model at {path}.", fetch, path=path) from exc
    except OSError as exc:
        raise ModelFileError(
            "{path} cannot be read: {reason}.",
            "Check the file and its permissions.",
            path=path,
            reason=exc.strerror,
        ) from exc
    if not path.is_file():
        raise ModelFileError("{path} is a folder, not a model file.", fetch, path=path)
    if found.st_size == 0:
        raise ModelFileError("{path} is empty.", "Fetch the file again.", path=path)
    return found.st_size


class _Reader:
    """A position in the bytes of one file; every step checks that the bytes are there."""

    def __init__(self, data: mmap.mmap, path: Path, size: int) -> None:
        self.data = data
        self.path = path
        self.size = size
        self.at = 0
        self.lists: dict[str, tuple[Number, ...]] = {}

    def header(self, part: bool) -> GGUFHeader:
        version = self._magic()
        n_tensors = self._count("<Q")
        n_kv = self._count("<Q")
        metadata: dict[str, Scalar] = {}
        for _ in range(n_kv):
            key = self._string(MAX_KEY)
            start = self.at
            metadata[key] = self._value(self._number("<I"), key)
            if key == "tokenizer.ggml.tokens":
                self._check_vocabulary(start)
        arch = self._arch(metadata, part)
        tensors = self._tensors(n_tensors, metadata)
        name = metadata.get("general.name")
        return GGUFHeader(
            arch=arch,
            name=name if isinstance(name, str) and name.strip() else self.path.stem,
            version=version,
            n_tensors=n_tensors,
            bytes=self.size,
            metadata=metadata,
            tensors=tensors,
            lists=self.lists,
        )

    def _magic(self) -> int:
        if self.data[:4] != b"GGUF":
            raise ModelFileError(
                "{path} is not a GGUF file.",
                "Echo reads models in the GGUF format: fetch the model's .gguf file.",
                path=self.path,
            )
        self.at = 4
        version = self._number("<I")
        if version & 0xFFFF == 0 and version:
            raise ModelFileError(
                "{path} is written for big-endian machines.",
                "Fetch the usual (little-endian) GGUF file of this model.",
                path=self.path,
            )
        if version not in (2, 3):
            raise ModelFileError(
                "{path} has GGUF version {version}, and versions 2 and 3 can be read.",
                "Fetch a newer GGUF file of this model.",
                path=self.path,
                version=version,
            )
        return version

    def _arch(self, metadata: Mapping[str, Scalar], part: bool) -> str:
        """The architecture; "" in a later part, where one is expected."""
        if metadata.get("split.no", 0):
            if part:
                return ""
            raise ModelFileError(
                "{path} is a later part of a model in several files.",
                "Name its first part: -00001-of- stands in the name.",
                path=self.path,
            )
        arch = metadata.get("general.architecture")
        if not isinstance(arch, str) or not arch:
            raise self._damaged("it names no architecture")
        kind = str(metadata.get("general.type", "model"))
        if kind not in ("model", "") or arch == "clip":
            raise ModelFileError(
                "{path} holds no language model but another part of one ({kind}).",
                "Name the model's own GGUF file.",
                path=self.path,
                kind=arch if kind == "model" else kind,
            )
        return arch

    def _tensors(self, count: int, metadata: Mapping[str, Scalar]) -> tuple[Tensor, ...]:
        """The tensor list, once it is sure that every tensor's bytes are in the file."""
        tensors = tuple(self._tensor() for _ in range(count))
        alignment = metadata.get("general.alignment", 32)
        if not isinstance(alignment, int) or alignment <= 0 or alignment & (alignment - 1):
            raise self._damaged("its alignment is not a power of two")
        start = -(-self.at // alignment) * alignment
        missing = max((start + t.offset + t.bytes for t in tensors), default=0) - self.size
        if missing > 0:
            raise ModelFileError(
                "{path} is cut short: {missing} of its bytes are missing.",
                "Fetch the file again; a download may have stopped half way.",
                path=self.path,
                missing=missing,
            )
        return tensors

    def _tensor(self) -> Tensor:
        name = self._string(MAX_KEY)
        if _ONE_PER_EXPERT.fullmatch(name):
            raise ModelFileError(
                "{path} is a mixture of experts in a form that is no longer read: one tensor for "
                "each expert.",
                "Fetch a GGUF file of this model made after April 2024.",
                path=self.path,
            )
        n_dims = self._number("<I")
        if n_dims > MAX_DIMS:
            raise self._damaged(f"a tensor has {n_dims} dimensions")
        dims = tuple(self._number("<Q") for _ in range(n_dims))
        kind, offset = self._number("<I"), self._number("<Q")
        elements = 1
        for dim in dims:
            elements *= dim
        block = BLOCKS.get(kind)
        if block and dims and dims[0] % block.elements:
            raise self._damaged("a tensor's rows do not fill its blocks")
        size = block.size(elements) if block else 0
        return Tensor(name, dims, kind, offset, size)

    def _value(self, kind: int, key: str) -> Scalar:
        if kind == _STRING:
            return self._string(MAX_STRING)
        if kind == _ARRAY:
            return self._array(key)
        if kind not in _SCALARS:
            raise self._damaged(f"a metadata value has the unknown type {kind}")
        found: Scalar = struct.unpack(_SCALARS[kind], self._take(struct.calcsize(_SCALARS[kind])))[
            0
        ]
        return found

    def _array(self, key: str) -> int:
        """Steps over an array, and keeps a short one of numbers; its length. Each element takes
        at least a byte of the file."""
        kind, count = self._number("<I"), self._number("<Q")
        if count > self.size:
            raise self._short()
        if kind == _STRING:
            at, size, data, unpack = self.at, self.size, self.data, struct.Struct("<Q").unpack_from
            for _ in range(count):  # 150,000 times for a vocabulary: kept flat
                if at + 8 > size:
                    raise self._short()
                at += 8 + unpack(data, at)[0]
            self.at = at
        elif kind in _SCALARS and count <= MAX_LIST:
            form = f"<{count}{_SCALARS[kind][1]}"
            self.lists[key] = struct.unpack(form, self._take(struct.calcsize(form)))
        elif kind in _SCALARS:
            self.at += count * struct.calcsize(_SCALARS[kind])
        else:
            raise self._damaged(f"an array has elements of the unknown type {kind}")
        if self.at > self.size:
            raise self._short()
        return count

    def _check_vocabulary(self, start: int) -> None:
        """llama.cpp aborts the whole process when a token stands twice in a vocabulary."""
        data, unpack = self.data, struct.Struct("<Q").unpack_from
        if struct.unpack_from("<II", data, start) != (_ARRAY, _STRING):
            raise self._damaged("its vocabulary is not a list of texts")
        at, count = start + 16, unpack(data, start + 8)[0]
        seen: set[bytes] = set()
        for i in range(count):
            end = at + 8 + unpack(data, at)[0]
            token = data[at + 8 : end].split(b"\0", 1)[0]  # as a C string reads it
            seen.add(token or b"empty %d" % i)  # llama.cpp gives each empty one its own name
            at = end
        if len(seen) != count:
            raise self._damaged("a token stands twice in its vocabulary")

    def _string(self, limit: int) -> str:
        length = self._number("<Q")
        if length > limit and self.at + length <= self.size:
            raise self._damaged("a text in its header is too long")
        return self._take(length).decode("utf-8", errors="replace")

    def _count(self, form: str) -> int:
        count = self._number(form)
        if count > MAX_ITEMS:
            raise self._damaged("its header counts more entries than a model has")
        return count

    def _number(self, form: str) -> int:
        return int(struct.unpack(form, self._take(struct.calcsize(form)))[0])

    def _take(self, length: int) -> bytes:
        if self.at + length > self.size:
            raise self._short()
        self.at += length
        return self.data[self.at - length : self.at]

    def _short(self) -> ModelFileError:
        return ModelFileError(
            "{path} ends in the middle of its header.",
            "Fetch the file again; a download may have stopped half way.",
            path=self.path,
        )

    def _damaged(self, reason: str) -> ModelFileError:
        return ModelFileError(
            "{path} is damaged: {reason}.", "Fetch the file again.", path=self.path, reason=reason
        )
