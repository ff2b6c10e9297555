"""Compression with an end that proves the whole: one zstd stream, then a frame zstd skips.

The last 56 bytes of a sealed archive are a skippable frame (RFC 8878, 3.1.2) that holds a mark
and the blake2b-256 of every byte before it. `zstd -d` passes over it; Echo believes nothing before
it fits. So a backup that is not encrypted is refused all the same when a single byte has changed.
Knows bytes, not what they mean.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from hashlib import blake2b
from typing import IO, Any

from echo.errors import BackupError
from echo.keeping.archive import PIECE
from echo.keeping.unpack import damaged

_MARK = b"echo-backup-1\0\0\0"
_HEAD = struct.pack("<II", 0x184D2A5E, len(_MARK) + 32)
TRAILER = len(_HEAD) + len(_MARK) + 32
_ZSTD = b"\x28\xb5\x2f\xfd"
_LEVEL = 6
_WINDOW_LOG = 22  # 4 MiB: what reading it back may need, whoever made it
_RATIO = 200  # no home shrinks to less than a 200th
_FLOOR = 64 << 20


def sealed(plain: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes compressed, and the proof after them."""
    hashed = blake2b(digest_size=32)
    for piece in _compressed(plain):
        hashed.update(piece)
        yield piece
    yield _HEAD + _MARK + hashed.digest()


def _compressed(plain: Iterator[bytes]) -> Iterator[bytes]:
    from zstandard import ZstdCompressionParameters, ZstdCompressor

    how = ZstdCompressionParameters.from_level(_LEVEL, window_log=_WINDOW_LOG, write_checksum=1)
    compressor = ZstdCompressor(compression_params=how).compressobj()
    for piece in plain:
        if out := compressor.compress(piece):
            yield out
    yield compressor.flush()


def is_sealed(file: IO[bytes]) -> bool:
    """Does it begin as a sealed archive does? The place in the file is the start, afterwards."""
    file.seek(0)
    start = file.read(len(_ZSTD))
    file.seek(0)
    return start == _ZSTD


class Opened:
    """What is inside a sealed file, read a piece at a time. Raises BackupError.

    The whole file is read once and its proof checked before the first byte is given out. limit:
    the most bytes that may come out of a file of this size.
    """

    def __init__(self, file: IO[bytes]) -> None:
        from zstandard import ZstdDecompressor

        size = file.seek(0, os.SEEK_END)
        _check(file, size)
        file.seek(0)
        self.limit = max(_FLOOR, _RATIO * size)
        self._body = _Body(file, size - TRAILER)
        reader: Any = ZstdDecompressor(max_window_size=1 << _WINDOW_LOG)
        self._plain = reader.stream_reader(
            self._body, read_size=1 << 17, read_across_frames=True, closefd=False
        )

    def read(self, size: int, /) -> bytes:
        """Up to so many bytes; none at the end."""
        from zstandard import ZstdError

        try:
            return bytes(self._plain.read(min(size, PIECE)))
        except ZstdError as exc:
            raise damaged() from exc


class _Body:
    """The file without its trailer."""

    def __init__(self, file: IO[bytes], left: int) -> None:
        self._file = file
        self._left = left

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(piece)
        return piece


def _check(file: IO[bytes], size: int) -> None:
    if not is_sealed(file):
        raise BackupError("This is not a backup of Echo.", "Name a file that `backup create` made.")
    hashed = blake2b(digest_size=32)
    body = _Body(file, max(size - TRAILER, 0))
    while piece := body.read(PIECE):
        hashed.update(piece)
    if size <= TRAILER or file.read(TRAILER + 1) != _HEAD + _MARK + hashed.digest():
        raise damaged()
