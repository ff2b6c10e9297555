"""What kinds of things words may name: fish, joints, given names, firms. Data, and its one reader.

data/*.txt hold a line for each kind, `kind: word word ...`, in both languages, written from no test
set; a blank within a word is written `_`. kinds.txt is what things are; told.txt what people name
when they tell of themselves (names, towns, firms, what one does). A word may stand under several.
Knows no question, no fact and no memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files


def headed(name: str) -> Iterator[tuple[str, str]]:
    """(kind, its words as they stand in the line) of data/<name>.txt."""
    text = files("echo.kinds").joinpath("data", f"{name}.txt").read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            kind, _, words = line.partition(":")
            yield kind, words
