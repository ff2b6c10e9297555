"""What a view makes and the screen prints: lines of styled words. Knows no terminal, no rich."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Style = Literal["", "label", "dim", "strong", "good", "bad", "warn"]
Span = tuple[str, Style]


@dataclass(frozen=True, slots=True)
class Line:
    """One line before wrapping. indent: columns left free, on continuation lines too."""

    spans: tuple[Span, ...] = ()
    indent: int = 0


def line(*parts: str | Span, indent: int = 0) -> Line:
    """A line of plain strings and (text, style) pairs."""
    return Line(tuple((p, "") if isinstance(p, str) else p for p in parts), indent)


BLANK = Line()
