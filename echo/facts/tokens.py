"""Words of a turn as the tagger sees them: Korean stems apart from what is bound to them, runs of
time, sentences, and the kinds of things that words may name. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from echo.facts import clauses, kotimes, times
from echo.facts.form import book, words_of
from echo.kinds import headed
from echo.nouns import Lang

_TOKEN = re.compile(r"[가-힣]+|[A-Za-zÀ-ÿ]+(?:['’-][A-Za-zÀ-ÿ]+)*|\d+|[ㄱ-ㅎㅏ-ㅣ]+|\n|[^\w\s]")
_OWNED = re.compile(r"[A-Za-zÀ-ÿ-]+['’]s")
_BOUND = words_of(
    "에서는|에서도|에서|에게|한테는|한테|께서는|께서|께선|으로|이랑은|이랑|랑은|랑|하고|까지|"
    "부터|마다|밖에|보다|처럼|만|도|은|는|이|가|을|를|의|에|에는|에도|엔|이야|야|이에요|예요|"
    "이예요|이라서|라서|이라|라|인데|이고|임|입니다|이라고|라고|이란|란|이지|이거든|거든|"
    "이었어|였어|이네|네|님|이가|이는|이도|이한테|이를|이셔|이시고|셔|이신데|신데|이세요|세요|"
    "인데요|이거든요|이요|요|이랑도|이나|나|이며|이라도|이면|로|와|과|이다|다|이긴|이던|"
    "이었는데|였는데|인지|이어서|여서|해|하는|한|했어|해서|하는데|했는데|함|하지|할|하기|하러|"
    "하셔|하시는|해요|했음|된|됐어|되|때문에|이라며|인가|인거|이니까|니까|이라는|라는|이라니까|"
    "이래|래|이시다|이십니다|입니더|이라예|이여|여|이구|이유|유|이어유|이라우|이제"
)
_LONGEST = max(map(len, _BOUND))
_SHORT_STEMS = frozenset("나너저내난전얘걔형딸")  # one syllable, and yet something is bound to it
_COUNTERS = words_of("살|명|번|개|대|년|달|주|마리|개월|년차|학년|기|권|채|벌|월|일|시|분")
_ENDS = frozenset(".!?;\n")
_RUN = 4  # words of the longest name of a thing
_MANY = 500  # tokens that are looked at: who writes more tells a story


class Token(NamedTuple):
    """text[start:end]; bound: it hangs on the word before it, as a particle does."""

    start: int
    end: int
    text: str
    bound: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A turn's tokens and what is known of each. sentence: its number; timed: part of a time;
    asks: its sentence is a question; unreal: its sentence wishes, supposes or passes on.
    """

    tokens: Sequence[Token]
    words: Sequence[str]
    kinds: Sequence[tuple[str, ...]]
    sentence: Sequence[int]
    timed: Sequence[bool]
    asks: Sequence[bool]
    unreal: Sequence[bool]


def read(text: str, lang: Lang) -> Reading:
    """All that is known of the words of a turn without having understood it; quotations that speak
    are left out.
    """
    return reading(clauses.plain(text), lang)


def reading(text: str, lang: Lang) -> Reading:
    """The same of any text, with its quotations."""
    tokens = list(split(text))[:_MANY]
    words = [_folded(token.text) for token in tokens]
    sentence = _sentences(tokens)
    spans = _times(text, lang)
    asks = {sentence[i] for i, token in enumerate(tokens) if token.text == "?"}
    unreal = {n: _unreal(text, tokens, sentence, n, lang) for n in set(sentence)}
    return Reading(
        tokens,
        words,
        _kinds_of(tokens, words, lang),
        sentence,
        [any(t.start < b and t.end > a for a, b in spans) for t in tokens],
        [n in asks for n in sentence],
        [unreal[n] for n in sentence],
    )


def split(text: str) -> Iterator[Token]:
    """Words, numbers and signs; what is bound to a word is a token of its own."""
    for match in _TOKEN.finditer(text):
        word, start = match[0], match.start()
        if "가" <= word[0] <= "힣":
            cut = _stem(word)
        else:
            cut = len(word) - 2 if _OWNED.fullmatch(word) else len(word)
        yield Token(start, start + cut, word[:cut], bound=False)
        if cut < len(word):
            yield Token(start + cut, match.end(), word[cut:], bound=True)


@lru_cache(8192)
def _stem(run: str) -> int:
    """How many syllables of a run of Hangul are the word itself."""
    there = lexicon("ko")
    if len(run) < 2 or run in there:
        return len(run)
    first = 0
    for cut in range(max(1, len(run) - _LONGEST), len(run)):
        if run[cut:] in _BOUND:
            if run[:cut] in there:
                return cut
            if not first and (cut > 1 or run[0] in _SHORT_STEMS):
                first = cut
    return first or len(run)


def without_end(word: str) -> str:
    """A Korean word without what is bound to it, where it is one that things are counted by."""
    for cut in range(max(1, len(word) - _LONGEST), len(word)):
        if word[cut:] in _BOUND and word[:cut] in _COUNTERS:
            return word[:cut]
    return word


def _folded(word: str) -> str:
    return "9" * len(word) if word.isdigit() else word.lower().replace("’", "'")


def _sentences(tokens: Sequence[Token]) -> list[int]:
    found, n = [], 0
    for token in tokens:
        found.append(n)
        n += token.text in _ENDS
    return found


def _unreal(
    text: str, tokens: Sequence[Token], sentence: Sequence[int], number: int, lang: Lang
) -> bool:
    places = [token for token, n in zip(tokens, sentence, strict=True) if n == number]
    return clauses.unreal(text[places[0].start : places[-1].end], lang)


def _times(text: str, lang: Lang) -> list[tuple[int, int]]:
    marked = (kotimes if lang == "ko" else times).mark(text)
    places = [n for n, letter in enumerate(marked) if letter in (times.OPEN, times.SHUT)]
    return [(a - 2 * n, b - 2 * n - 1) for n, (a, b) in enumerate(pairwise(places)) if not n % 2]


# ── kinds ────────────────────────────────────────────────────────────────────────────────────


@cache
def lexicon(lang: Lang) -> Mapping[str, tuple[str, ...]]:
    """Word → the kinds it is of: those rules ask for (in capitals) and those of echo.kinds."""
    found = dict(_things())
    rules = book("korean" if lang == "ko" else "english")
    named = {mark: kind for kind, mark in rules.marks.items()}
    for word, mark in rules.words.items():
        kinds = found.get(word.lower(), ())
        found[word.lower()] = tuple(dict.fromkeys((named[mark], *kinds)))
    return found


@cache
def _things() -> Mapping[str, tuple[str, ...]]:
    """Word → the kinds of echo.kinds it is of, in both languages."""
    found: dict[str, dict[str, None]] = {}
    for name in ("kinds", "told"):
        for kind, words in headed(name):
            for word in words.split():
                found.setdefault(word.replace("_", " ").lower(), {})[kind.replace(" ", "_")] = None
    return {word: tuple(kinds) for word, kinds in found.items()}


@cache
def _runs(lang: Lang) -> Mapping[str, int]:
    """Word → how many words the longest name of a thing has that begins with it."""
    found: dict[str, int] = {}
    for name in lexicon(lang):
        words = name.split(" ")
        if len(words) > found.get(words[0], 0):
            found[words[0]] = len(words)
    return found


def _kinds_of(tokens: Sequence[Token], words: Sequence[str], lang: Lang) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [()] * len(tokens)
    there, runs = lexicon(lang), _runs(lang)
    for i, word in enumerate(words):
        kinds: tuple[str, ...] = ()
        for length in range(min(runs.get(word, 0), _RUN, len(tokens) - i), 1, -1):
            if kinds := _named(words[i : i + length], tokens[i : i + length], there):
                for j in range(i, i + length):
                    found[j] = tuple(dict.fromkeys((*found[j], *kinds)))
                break
        if not kinds and (kinds := _kinds(word, there)):
            found[i] = tuple(dict.fromkeys((*found[i], *kinds))) if found[i] else kinds
        if lang == "ko" and not found[i] and len(word) > 2:
            found[i] = _parts(word)
    return found


def _kinds(word: str, there: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    one = word[:-1] if word.endswith("s") and len(word) > 3 else word
    return there.get(word) or there.get(one) or ()


def _named(
    words: Sequence[str], tokens: Sequence[Token], there: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    joined = "".join(
        word if not n or token.bound else f" {word}"
        for n, (word, token) in enumerate(zip(words, tokens, strict=True))
    )
    return _kinds(joined, there)


@lru_cache(8192)
def _parts(word: str) -> tuple[str, ...]:
    """Kinds of the longest known piece at the word's end (~) and at its beginning (^)."""
    there = lexicon("ko")
    last = next((there[word[n:]] for n in range(1, len(word) - 1) if word[n:] in there), ())
    first = next((there[word[:n]] for n in range(len(word) - 1, 1, -1) if word[:n] in there), ())
    return (*(f"~{kind}" for kind in last), *(f"^{kind}" for kind in first))
