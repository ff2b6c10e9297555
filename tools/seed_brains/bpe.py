"""A byte-level BPE tokenizer, trained and run in plain Python. Knows nothing of models or files.

It splits text the way llama.cpp's "gpt-2" pre-tokenizer does, so that the GGUF needs no code of
ours. What is special is which merges may be learnt: none crosses a Hangul syllable or any other
character outside ASCII, and none joins a space to Hangul, a capital or a digit. So a name is the
same tokens wherever it stands, which is what lets a tiny model copy it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise

CONTROLS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
END_OF_TEXT, IM_START, IM_END = 0, 1, 2

_SPLIT = re.compile(
    r"'s|'t|'re|'ve|'m|'ll|'d| ?[^\W\d_]+| ?\d+| ?(?:_|[^\s\w])+|\s+(?!\S)|\s+"
)  # \p{L} and \p{N} written for the standard library
_LATIN = re.compile(r"[' ]?[a-z]+")
_MARKS = re.compile(r"[^\sA-Za-z0-9]+")


def _byte_letters() -> dict[int, str]:
    """GPT-2's printable letter for every byte."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {b: chr(b) for b in kept}
    rest = (b for b in range(256) if b not in letters)
    return letters | {b: chr(256 + i) for i, b in enumerate(rest)}


BYTE_LETTERS = _byte_letters()
LETTER_BYTES = {letter: byte for byte, letter in BYTE_LETTERS.items()}


def letters(text: str) -> str:
    """Text as GPT-2 letters, one for each UTF-8 byte."""
    return "".join(BYTE_LETTERS[b] for b in text.encode())


def may_merge(piece: bytes) -> bool:
    """Whether these bytes may be one token: see the head of this file."""
    try:
        text = piece.decode()
    except UnicodeDecodeError:
        return len(piece) <= 3 and piece[0] >= 0xC0  # the beginning of one character
    if len(text) == 1:
        return True
    if not text.isascii():
        return False
    return bool(_LATIN.fullmatch(text) or _MARKS.fullmatch(text))


class Tokenizer:
    """Tokens and merges; encodes and decodes. Ids: controls, 256 bytes, merges in rank order."""

    def __init__(self, merges: Iterable[tuple[str, str]]) -> None:
        self.merges = tuple(merges)
        self.tokens = (
            *CONTROLS,
            *(BYTE_LETTERS[b] for b in range(256)),
            *(a + b for a, b in self.merges),
        )
        self._ids = {token: i for i, token in enumerate(self.tokens)}
        self._ranks = {pair: i for i, pair in enumerate(self.merges)}
        self._cache: dict[str, tuple[int, ...]] = {}

    def encode(self, text: str) -> list[int]:
        """Ids of plain text; control strings in it are only letters."""
        ids: list[int] = []
        for word in _SPLIT.findall(text):
            found = self._cache.get(word)
            if found is None:
                found = tuple(self._ids[part] for part in self._merge(list(letters(word))))
                if len(self._cache) < 200_000:
                    self._cache[word] = found
            ids.extend(found)
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids; broken UTF-8 becomes U+FFFD, controls vanish."""
        joined = "".join(self.tokens[i] for i in ids if i >= len(CONTROLS))
        return bytes(LETTER_BYTES[c] for c in joined).decode("utf-8", "replace")

    def _merge(self, parts: list[str]) -> list[str]:
        while len(parts) > 1:
            rank, at = min(
                (self._ranks.get(pair, len(self._ranks)), i)
                for i, pair in enumerate(pairwise(parts))
            )
            if rank == len(self._ranks):
                break
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
        return parts


def learn(texts: Iterable[str], size: int) -> Tokenizer:
    """`size` tokens learnt from texts: the commonest allowed pair, again and again."""
    words = Counter(word for text in texts for word in _SPLIT.findall(text))
    split = {word: list(letters(word)) for word in words}
    counts: Counter[tuple[str, str]] = Counter()
    where: dict[tuple[str, str], set[str]] = defaultdict(set)
    for word, parts in split.items():
        _count(word, parts, words[word], counts, where)
    merges: list[tuple[str, str]] = []
    banned: set[tuple[str, str]] = set()
    while len(merges) < size - 256 - len(CONTROLS):
        pair = _best(counts, banned)
        if pair is None:
            break
        merges.append(pair)
        for word in list(where[pair]):
            _count(word, split[word], -words[word], counts, where)
            split[word] = _joined(split[word], pair)
            _count(word, split[word], words[word], counts, where)
        counts.pop(pair, None)
    return Tokenizer(merges)


def _count(
    word: str,
    parts: list[str],
    times: int,
    counts: Counter[tuple[str, str]],
    where: dict[tuple[str, str], set[str]],
) -> None:
    for pair in pairwise(parts):
        counts[pair] += times
        where[pair].add(word)


def _best(counts: Counter[tuple[str, str]], banned: set[tuple[str, str]]) -> tuple[str, str] | None:
    while True:
        left = ((n, pair) for pair, n in counts.items() if pair not in banned)
        n, pair = max(left, default=(0, ("", "")))
        if n < 1:
            return None
        if may_merge(bytes(LETTER_BYTES[c] for c in "".join(pair))):
            return pair
        banned.add(pair)


def _joined(parts: list[str], pair: tuple[str, str]) -> list[str]:
    out: list[str] = []
    i = 0
    while i < len(parts):
        if i + 1 < len(parts) and (parts[i], parts[i + 1]) == pair:
            out.append(parts[i] + parts[i + 1])
            i += 2
        else:
            out.append(parts[i])
            i += 1
    return out
