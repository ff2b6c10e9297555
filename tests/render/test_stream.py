"""A growing answer: safe and the same however it is cut into pieces."""

from __future__ import annotations

import re
from io import StringIO
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echo.render.stream import Stream
from echo.text import safe

SGR = re.compile(r"\x1b\[[0-9;]*m")
TEXT = st.text(st.sampled_from("가나 a*`\n\t\x1b[]\x9b\x07\u202e{}#"), max_size=60)


def drawn(pieces: list[str], *, color: bool, label: str = "") -> str:
    out = StringIO()
    stream = Stream(out, label=label, color=color)
    for piece in pieces:
        stream.write(piece)
    stream.end()
    return out.getvalue()


@given(TEXT, st.lists(st.integers(0, 60)), st.booleans())
def test_cutting_does_not_matter(text: str, cuts: list[int], color: bool) -> None:
    """Models cut where they like: markers and escapes over a boundary change nothing."""
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[a:b] for a, b in pairwise(edges)]
    assert drawn(pieces, color=color) == drawn([text], color=color)


@given(TEXT)
def test_only_our_own_colours_reach_the_terminal(text: str) -> None:
    """Whatever a model writes, the rest of the output is harmless and append-only."""
    rest = SGR.sub("", drawn([text], color=True))
    assert safe(rest) == rest
    assert "\r" not in rest


@given(TEXT)
def test_without_colour_nothing_is_lost(text: str) -> None:
    """A pipe gets every character, asterisks too."""
    whole = safe(text).lstrip()
    assert drawn([text], color=False) == (whole + "\n" if whole else "")


@given(TEXT)
def test_colours_are_closed_at_the_end(text: str) -> None:
    """The prompt that follows may not be bold."""
    found = SGR.findall(drawn([text], color=True))
    assert not found or found[-1] == "\x1b[0m"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("이름은 **모푸**야", "이름은 \x1b[1m모푸\x1b[0m야\n"),
        ("2 ** 3 = 8", "2 ** 3 = 8\n"),
        ("* 하나\n* 둘", "* 하나\n* 둘\n"),
        ("**열림\n닫힘", "\x1b[1m열림\x1b[0m\n닫힘\n"),
        ("```py\na**b\n```\n끝", "\x1b[36m```py\na**b\n```\x1b[0m\n끝\n"),
        ("`코드`와 ``", "`코드`와 ``\n"),
    ],
)
def test_light_markdown(text: str, shown: str) -> None:
    """Only what needs no looking back."""
    assert drawn(list(text), color=True) == shown


def test_label_comes_first_and_an_empty_answer_ends_its_line() -> None:
    out = StringIO()
    stream = Stream(out, label="에코:")
    stream.begin()
    assert out.getvalue() == "에코: ", "the label stands while Echo thinks"
    stream.write(" \n안녕")
    stream.end()
    assert out.getvalue() == "에코: 안녕\n"
    assert drawn([], color=False, label="에코:") == "", "nothing begun, nothing to end"
