"""Numbers as bytes, little endian wherever they were written: the columns of turns, the places of
a term. Pure.
"""

from __future__ import annotations

import sys
from array import array
from typing import NamedTuple

_LITTLE = sys.byteorder == "little"


class Columns(NamedTuple):
    """The turns of a segment, a column each: int64 rows, int32, uint8 marks and lengths."""

    rows: array[int]
    sessions: array[int]
    speakers: array[int]
    texts: array[int]
    days: array[int]
    marks: array[int]
    lengths: array[int]


TYPES = "qiiiiBB"
DOC_BYTES = sum(array(kind).itemsize for kind in TYPES)


def pack(columns: Columns) -> bytes:
    """Columns one after the other."""
    return b"".join(map(to_bytes, columns))


def to_bytes(values: array[int]) -> bytes:
    """The numbers of a column, or places."""
    if not _LITTLE and values.itemsize > 1:
        values = array(values.typecode, values)
        values.byteswap()
    return values.tobytes()


def from_bytes(data: bytes, kind: str = "H") -> array[int]:
    """What to_bytes made; places unless another kind is named."""
    made = array(kind)
    made.frombytes(data)
    if not _LITTLE and made.itemsize > 1:
        made.byteswap()
    return made


def unpack(size: int, blob: bytes) -> Columns:
    """What was packed, of so many turns."""
    start = 0
    made = []
    for kind in TYPES:
        end = start + size * array(kind).itemsize
        made.append(from_bytes(blob[start:end], kind))
        start = end
    return Columns(*made)
