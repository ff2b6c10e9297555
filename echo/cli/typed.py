"""What people type or pipe in, as values; what will not do is one sentence. Knows no command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import TextIO

from echo.errors import IngestError, UsageError
from echo.text import scrub


def day(text: str) -> date:
    """A date as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise UsageError(
            "{value} is not a day.", "Write it as YYYY-MM-DD, such as 2026-03-15.", value=text
        ) from exc


def moment(text: str, zone: tzinfo) -> datetime:
    """A time in ISO 8601; one without an offset is in the home's zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as exc:
        raise UsageError(
            "{value} is not a time.",
            "Write it in ISO 8601, such as 2026-03-15T21:30 or 2026-03-15T21:30+09:00.",
            value=text,
        ) from exc
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)


def whole(text: str, low: int, high: int) -> int:
    """A whole number between two bounds, both included."""
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", text) or not low <= int(text) <= high:
        raise UsageError(
            "{value} is not a whole number between {low} and {high}.",
            "Write one in digits.",
            value=text,
            low=low,
            high=high,
        )
    return int(text)


def piped(file: TextIO) -> str:
    """Everything that is piped in, as text."""
    data = file.buffer.read() if hasattr(file, "buffer") else file.read().encode()
    return scrub(_decoded(data)).removesuffix("\n")


def file_lines(path: Path) -> Iterator[str]:
    """The lines of a text file, blank ones too; UTF-8, or cp949 where it is not."""
    try:
        data = path.read_bytes()
    except OSError as exc:
        raise IngestError(
            "{path} cannot be read: {reason}.",
            "Name a text file that is there.",
            path=path,
            reason=exc.strerror or exc,
        ) from exc
    lines = _decoded(data).split("\n")  # not splitlines: a line may hold U+2028
    if lines[-1] == "":
        lines.pop()
    return (line.removesuffix("\r") for line in lines)


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:  # the next one
            continue
    return data.decode("utf-8", "replace")
