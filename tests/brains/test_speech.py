"""The text side of a reply, without a model."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from echo.brains.speech import Speech


def said(chunks: list[bytes], stops: tuple[str, ...] = ()) -> tuple[str, bool, int]:
    """What a speech says of these bytes, whether it stopped, the tokens its pieces count."""
    speech = Speech(stops)
    pieces = []
    for chunk in chunks:
        pieces.append(speech.feed(chunk))
        if speech.stopped:
            break
    pieces.append(speech.end())
    told = [piece for piece in pieces if piece]
    return "".join(p.text for p in told), speech.stopped, sum(p.tokens for p in told)


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    at = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(at)]


@given(st.text(), st.lists(st.integers(min_value=0)))
def test_any_split_of_the_bytes_gives_the_same_text(text: str, cuts: list[int]) -> None:
    """A token may end in the middle of a Hangul syllable."""
    assert said(split(text.encode(), cuts))[0] == text


@given(st.text("ab끝"), st.lists(st.integers(min_value=0)))
def test_a_stop_string_is_found_across_any_border(text: str, cuts: list[int]) -> None:
    shown, stopped, _ = said(split(text.encode(), cuts), ("끝a", "bb"))
    ends = [at for at in (text.find("끝a"), text.find("bb")) if at >= 0]
    # a border may let the later stop string be complete first, never hide one or show part of it
    assert stopped == bool(ends)
    assert text.startswith(shown)
    assert "끝a" not in shown
    assert "bb" not in shown
    assert stopped or shown == text


def test_an_invalid_byte_does_not_swallow_what_follows() -> None:
    """create_completion's stream loses the Korean after it."""
    assert said([b"\xff", "안녕".encode()])[0] == "\N{REPLACEMENT CHARACTER}안녕"


def test_a_character_that_never_ends_is_left_out() -> None:
    """max_tokens may cut a syllable in half: half a syllable is nothing to show."""
    assert said([b"a", "가".encode()[:2]]) == ("a", False, 1)


def test_tokens_held_back_are_counted_with_the_piece_that_shows_them() -> None:
    speech = Speech()
    assert speech.feed("가".encode()[:1]) is None
    assert speech.feed("가".encode()[1:2]) is None
    piece = speech.feed("가".encode()[2:])
    assert piece is not None
    assert (piece.text, piece.tokens) == ("가", 3)
