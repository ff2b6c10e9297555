"""Segments of a prompt -> tokens of one model, and tokens -> bytes.

Control tokens come from the template alone: what people wrote is tokenised without them, and a
control token that the vocabulary's own merges would still make is taken apart again. Knows
Weights, no template and no sampling.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from echo.brains.handles import Weights
from echo.brains.template import Segment

_GUARD = "\n"  # a byte token in SentencePiece vocabularies: it never merges with what follows


class Tokens:
    """One model's tokenizer as a prompt needs it. Remembers what it has tokenised."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._guard = tuple(weights.tokenize(_GUARD, special=False)) if weights.spm else ()
        self._of = lru_cache(maxsize=1024)(self._tokenize)
        self.piece = lru_cache(maxsize=None)(weights.piece)
        self.is_eog = lru_cache(maxsize=None)(weights.is_eog)
        self._is_control = lru_cache(maxsize=None)(weights.is_control)

    def prompt(self, segments: Iterable[Segment]) -> list[int]:
        """All tokens of a prompt; BOS once, where the model wants it or the template wrote it."""
        weights = self._weights
        out: list[int] = []
        lead = ""
        for segment in segments:
            text, lead = lead + segment.text, ""
            if segment.control:
                # a space before people's words belongs to their first token: "▁the", not "▁", "the"
                text, lead = _split_spaces(text)
            out += self._of(text, segment.control, self._inside(out))
            if not self._inside(out):
                out += self._of(lead, True, False)
                lead = ""
        out += self._of(lead, True, True)
        if weights.add_bos and weights.bos >= 0 and out[:1] != [weights.bos]:
            out.insert(0, weights.bos)
        return out

    def has(self, text: str) -> bool:
        """Is text one control token of this vocabulary?"""
        found = self._weights.tokenize(text, special=True)
        return len(found) == 1 and self._is_control(found[0])

    def _inside(self, tokens: list[int]) -> bool:
        """Does text that comes next continue text, rather than follow a control token?"""
        return bool(tokens) and not self._is_control(tokens[-1])

    def _tokenize(self, text: str, control: bool, inside: bool) -> tuple[int, ...]:
        """Tokens of one segment. inside: other text stands before it, with no token between."""
        if not text:
            return ()
        if inside and self._guard:
            # SentencePiece puts a space before a text; in the middle of one there is none
            found = tuple(self._weights.tokenize(_GUARD + text, special=control))
            cut = len(self._guard)
            tokens = found[cut:] if found[:cut] == self._guard else found
        else:
            tokens = tuple(self._weights.tokenize(text, special=control))
        return tokens if control else self._plain(tokens)

    def _plain(self, tokens: tuple[int, ...]) -> tuple[int, ...]:
        """The same text without a control token in it."""
        if not any(map(self._is_control, tokens)):
            return tokens
        out: list[int] = []
        for token in tokens:
            if not self._is_control(token):
                out.append(token)
                continue
            for character in self._weights.text(token):
                out += self._of(character, False, True)
        return tuple(out)


def _split_spaces(text: str) -> tuple[str, str]:
    """text without the spaces at its end, and those."""
    head = text.rstrip(" ")
    return head, text[len(head) :]
