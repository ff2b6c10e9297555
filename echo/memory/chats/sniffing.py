"""What a file is, told by what it says; and its lines, whatever encodings they are in.

A name decides nothing but whether a text is a note (.md). Knows no store.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import BinaryIO, Literal, get_args

from echo.errors import IngestError
from echo.i18n import msgid
from echo.memory import dayfiles, journal
from echo.memory.chats import jsonl, kakaocsv, kakaotalk, plain
from echo.memory.dayfiles import Line
from echo.memory.transcript import said

Format = Literal["jsonl", "kakaotalk", "chatgpt", "claude", "transcript", "markdown", "text"]
FORMATS: tuple[Format, ...] = get_args(Format)
_LINES = 200
_CHARS = 65_536
_BYTES = 1 << 20

OWN = msgid("a part of Echo's journal")
OWN_PAGE = msgid("a page of `memory export`; what it prints as JSONL can be taken in")
DATABASE = msgid("an SQLite database")
WEB_PAGE = msgid("a web page")
OTHER_JSON = msgid("JSON that is no conversation Echo knows")

_KEYS = re.compile(r'"(mapping|chat_messages)"\s*:\s*[\[{]')
_JSON = re.compile(
    r'\s*(?:\{\s*"[^"\n]{0,200}"\s*:|\[\s*\{\s*"[^"\n]{0,200}"\s*:|\[\s*\{\s*\}|(?:\[\]|\{\})\s*$)'
)
_SQLITE = b"SQLite format 3\0"
_OWN_PAGE = re.compile(r"# \d{4}-\d\d-\d\d\r?\n\r?\n- \*\*[^*\n]+\*\*(?: \d\d:\d\d)?: ")
_PAGE = re.compile(r"\s*<(?:!doctype\s|html[\s>]|\?xml\s)", re.IGNORECASE)
_ASSISTANTS: Mapping[str, Format] = {"mapping": "chatgpt", "chat_messages": "claude"}


def sniffed(file: BinaryIO, name: str) -> Format:
    """The format of an open file. Raises IngestError for what is no text, or nothing to import."""
    file.seek(0)
    head = file.read(_BYTES)
    if journal.is_header(head[:256]):
        raise IngestError(OWN)
    if head.startswith(_SQLITE):
        raise IngestError(DATABASE)
    text = _text(head).lstrip("\ufeff")
    if _OWN_PAGE.match(text):  # it names no refs, so everything would come a second time
        raise IngestError(OWN_PAGE)
    if _PAGE.match(text):
        raise IngestError(WEB_PAGE)
    if text.lstrip()[:1] in ("{", "[") and (keys := _KEYS.search(text)):
        return _ASSISTANTS[keys[1]]
    first = [_shortened(line) for line in islice(lines(file), _LINES)]
    return _of_lines(first, text, name)


def _of_lines(first: Sequence[Line], text: str, name: str) -> Format:
    if jsonl.looks_like(first):
        return "jsonl"
    if kakaocsv.looks_like(first) or kakaotalk.looks_like(first):
        return "kakaotalk"
    if any(not isinstance(item, Line) and item.marked for item in said(first)):
        return "transcript"
    if _JSON.match(text):
        raise IngestError(OTHER_JSON)
    note = name.lower().endswith((".md", ".markdown")) or plain.has_properties(first)
    return "markdown" if note else "text"


def _shortened(line: Line) -> Line:
    text = line.text
    return line if text is None else Line(line.number, text[:_CHARS], b"", line.whole)


def _text(head: bytes) -> str:
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return head.decode("utf-16" if wide else "utf-8", "replace")


# ── lines and bytes ──────────────────────────────────────────────────────────────────────────


def lines(file: BinaryIO) -> Iterator[Line]:
    """The lines of a file: in one encoding, or each in its own when the file has no one encoding.

    Raises IngestError when most of its first lines are no text at all.
    """
    try:
        found = dayfiles.lines(file, dayfiles.encoding_of(file))
    except IngestError:
        file.seek(0)
        found = map(_either, dayfiles.lines(file, "latin-1"))
    first = list(islice(found, _LINES))
    if 2 * sum(line.text is None for line in first) > len(first):
        raise IngestError(dayfiles.NOT_TEXT)
    yield from first
    yield from found


def _either(line: Line) -> Line:
    """A line of a file of mixed encodings; its bytes decide."""
    if line.text is None:
        return line
    for name in ("utf-8", "cp949"):
        try:
            return Line(line.number, line.raw.decode(name).rstrip("\r\n"), b"", line.whole)
        except UnicodeDecodeError:
            continue
    return Line(line.number, None, b"", line.whole, dayfiles.NOT_TEXT)


def reader_of_bytes(file: BinaryIO) -> Callable[[int], bytes]:
    """A file of JSON as UTF-8, up to n bytes at a time."""
    file.seek(0)
    head = file.read(4)
    file.seek(0)
    if not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return file.read
    decoder = codecs.getincrementaldecoder("utf-16")("replace")

    def read(n: int) -> bytes:
        while data := file.read(n):
            if text := decoder.decode(data):
                return text.encode("utf-8", "surrogatepass")
        return decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")

    return read
