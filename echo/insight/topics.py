"""What was talked about: the words of a span that it has more of than memory at large. Pure.

Words in their bare form: Korean without particles, English in lower case. A first reading without
a tagger; endings that make a verb or an adjective are left out by their look.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import chain

from echo.text import bare, is_stop

_WORD = re.compile(r"[가-힣]+|[A-Za-z][A-Za-z'’]*[A-Za-z]")
_VERBAL = re.compile(
    r"[가-힣](?:다|요|죠|네|군|니까|자|고|서|며|면|던|데|지만|려고|해|해야|하게|하던|워|려|져|줘|봐|싶어)$"
)
_PAST = 20  # the final ㅆ, which hardly a noun has: 지쳤어, 있다, 겠
_PARTICLED = re.compile(r"^[가-힣](?:에|을|를|은|는|도|의|게|한|할|된|인|온)$")
_CLOSED_I = re.compile(r"^[가-힣]이$")  # 값이 is 값 with its particle, 나이 a word of its own
_NOUNS_I = frozenset(("종이", "놀이", "길이", "먹이", "넓이", "높이", "깊이", "목걸이"))
_PLAIN_EN = frozenset((
    "today", "yesterday", "tomorrow", "really", "got", "get", "going", "went", "go", "like", "feel",
    "felt", "think", "know", "day", "time", "one", "two", "good", "bad", "lot", "little", "still",
    "back", "want", "wanted", "make", "made", "thing", "things", "something", "nothing", "even",
    "now", "well", "too", "im", "i'm", "it's", "don't", "didn't", "can't", "i've", "that's",
    "way", "o'clock", "clock", "bit", "need", "come", "came", "take", "took", "see", "saw", "look",
    "looked", "morning", "evening", "night", "week", "month", "year", "ago", "tonight", "people",
    "said", "says", "told", "keep", "kept", "let", "put", "gave", "give", "find", "found",
    "about", "around", "always", "never", "last", "next", "first", "because", "feeling", "right",
))  # fmt: skip
_PLAIN_KO = frozenset((
    "오늘", "어제", "내일", "지금", "요즘", "하루", "이제", "조금", "많이", "매우", "아주",
    "계속", "다시", "아침", "점심", "저녁", "밤", "일", "생각", "마음", "기분", "사람", "시간",
    "때문", "정도", "가지", "하나", "나중", "먼저", "오랜만", "처음", "다음", "이번", "지난",
    "모두", "서로", "혼자", "아무것",
))  # fmt: skip
_LEAST = 2  # letters of a topic


class Topics:
    """Counts in how many lines each word stands."""

    def __init__(self) -> None:
        self._lines: Counter[str] = Counter()

    def add(self, lines: Iterable[str]) -> None:
        """Count the words of these lines, each once a line."""
        self._lines.update(chain.from_iterable(set(_words(line)) for line in lines))

    def top(
        self, most: int, frequency: Callable[[Iterable[str]], Mapping[str, int]], documents: int
    ) -> tuple[tuple[str, int], ...]:
        """(word, lines) of the words that stand out, most first.

        frequency: in how many turns of memory a token stands; documents: turns in memory.
        """
        common = [word for word, _ in self._lines.most_common(200)]
        seen = frequency(common)

        def weight(word: str) -> float:
            here = self._lines[word]
            return here * math.log(2 + documents / max(seen.get(word, 0), here))

        best = sorted(common, key=lambda word: (-weight(word), word))[:most]
        return tuple(sorted(((w, self._lines[w]) for w in best), key=lambda pair: -pair[1]))


def _words(line: str) -> Iterable[str]:
    return filter(None, map(_topic, _WORD.findall(line)))


@lru_cache(1 << 15)  # a pure function of a word; people say the same words again and again
def _topic(found: str) -> str:
    """The word as a topic; "" when it is none."""
    word = _korean(found) if found[0] >= "가" else found.lower().replace("’", "'")
    word = word.removesuffix("'s")
    plain = len(word) < _LEAST or is_stop(word) or word in _PLAIN_KO or word in _PLAIN_EN
    return "" if plain else word


def _korean(run: str) -> str:
    """The bare noun; "" for what looks like a verb, an adjective or a particle's neighbour."""
    stem = bare(run)
    past = any((ord(c) - 0xAC00) % 28 == _PAST for c in run)
    if past or _VERBAL.search(stem) or (stem == run and _PARTICLED.match(run)):
        return ""
    closed = (ord(stem[0]) - 0xAC00) % 28 > 0
    if closed and _CLOSED_I.match(stem) and stem not in _NOUNS_I:
        return ""
    return stem
