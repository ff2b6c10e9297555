"""The objects of a JSON file, one at a time, however long the file is.

A file is an array of objects, or objects one after the other. Only one object is held, and none
that is larger than MAX_ENTRY; one that is broken is left out, and the reading goes on behind it,
which no parser of whole documents can do. Knows nothing of what the objects mean.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from echo.i18n import msgid

MAX_ENTRY = 64 << 20  # bytes
_CHUNK = 1 << 18
_TRIES = 50  # places behind a break where the reading may go on
_STRING = rb'[^"\\]*+(?:\\.[^"\\]*+)*+("?)'
_TOKEN = re.compile(rb'["{}\[\]](?:(?<=")' + _STRING + rb")?", re.DOTALL)
_REST = re.compile(_STRING, re.DOTALL)
_NEXT = re.compile(rb'[\]}]\s*,\s*(?=\{\s*")|^\s*(?=\{\s*")', re.MULTILINE)
_QUOTE, _OPEN, _LIST = b'"{['

BROKEN = msgid("a conversation that is no whole JSON object")
TOO_LARGE = msgid("a conversation larger than 64 MiB")

Row = Mapping[str, object]
Wanted = Callable[[Row], bool]


class Entry(NamedTuple):
    """One object. number counts from 1; row: None when it may not be read, and then why."""

    number: int
    row: Row | None
    why: str = ""


def entries(read: Callable[[int], bytes], wanted: Wanted) -> Iterator[Entry]:
    """The objects that are wanted, in order, and the broken ones. read: up to n bytes of UTF-8."""
    splitter = _Splitter(read)
    number = 0
    for piece in splitter.pieces():
        number += 1
        if piece is None:
            yield Entry(number, None, TOO_LARGE)
            continue
        row = parsed(piece)
        if row is not None:
            yield Entry(number, row)
            continue
        yield Entry(number, None, BROKEN)
        for saved in _salvaged(piece, wanted):
            number += 1
            yield Entry(number, saved)


def parsed(piece: bytes) -> Row | None:
    """The object, or None when it is none."""
    try:
        row = json.loads(_text(piece))
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _text(piece: bytes) -> str:
    for name in ("utf-8", "cp949"):
        try:
            return piece.decode(name)
        except UnicodeDecodeError:
            continue
    return piece.decode("utf-8", "replace")


class _Splitter:
    """Where one object ends: counts brackets outside strings."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._data = b""
        self._scanned = 0  # bytes of data whose brackets are counted
        self._depth = 0
        self._inside = False  # a string goes on in what is not read yet
        self._lost = False  # the object at hand is too large, and not held

    def pieces(self) -> Iterator[bytes | None]:
        """The bytes of each object; None for one that is too large; last what was cut short."""
        while more := self._read(max(_CHUNK, len(self._data))):  # so that growing stays linear
            self._data += more
            yield from self._whole()
            self._lost = self._lost or len(self._data) > MAX_ENTRY
            if self._lost:
                self._data, self._scanned = self._data[self._scanned :], 0
        if self._depth:
            yield None if self._lost else self._data

    def _whole(self) -> Iterator[bytes | None]:
        start = 0
        for mark, at, end in self._tokens():
            if mark in (_OPEN, _LIST):
                if mark == _OPEN and not self._depth:
                    start = at
                self._depth += bool(self._depth or mark == _OPEN)
            elif self._depth:
                self._depth -= 1
                if not self._depth:
                    yield None if self._lost else self._data[start:end]
                    self._lost = False
                    start = end
        if not self._depth:
            start = self._scanned
        self._data, self._scanned = self._data[start:], self._scanned - start

    def _tokens(self) -> Iterator[tuple[int, int, int]]:
        """(bracket, where, its end) up to the end of what was read, or into an open string."""
        data, at = self._data, self._scanned
        if self._inside and (rest := _REST.match(data, at)):
            at, self._inside = rest.end(), not rest[1]
        if not self._inside:
            for token in _TOKEN.finditer(data, at):
                mark = data[token.start()]
                if mark != _QUOTE:
                    yield mark, token.start(), token.end()
                elif not token[1]:
                    self._scanned, self._inside = token.end(), True
                    return
            at = len(data)
        self._scanned = at


def _salvaged(piece: bytes, wanted: Wanted) -> Iterator[Row]:
    """Whole objects inside what did not parse: what follows the break."""
    text = _text(piece)
    decoder = json.JSONDecoder()
    tries = at = 0
    for place in _NEXT_TEXT.finditer(text):
        if place.end() < at or place.end() == 0:
            continue
        try:
            row, at = decoder.raw_decode(text, place.end())
        except (ValueError, RecursionError):
            tries += 1
            if tries >= _TRIES:
                return
            continue
        if isinstance(row, dict) and wanted(row):
            yield row


_NEXT_TEXT = re.compile(_NEXT.pattern.decode(), re.MULTILINE)
