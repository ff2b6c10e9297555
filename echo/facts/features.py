"""What the tagger may go by at each word of a turn, as the attributes of a linear-chain CRF. Pure.

An attribute is a string. Of a word itself: its letters, its first and last ones, its form, the
kinds it is of (`k=`), what rules found in it (`R=`). Of its neighbours the same with how far off
they stand; of its sentence the other words (`c<` before it, `c>` behind it).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from echo.facts.tokens import Reading, Token
from echo.nouns import Lang

_EDGE = "|"
_NEAR = (-2, -1, 1, 2)
_SOON = (-3, -2, -1, 1, 2, 3)


def attributes(reading: Reading, ruled: Sequence[str], lang: Lang) -> list[list[str]]:
    """The attributes of each token. ruled: the relation that rules found there, or ""."""
    count = len(reading.tokens)
    words = [*(_EDGE,) * 3, *reading.words, *(_EDGE,) * 3]
    forms = [_form(token) for token in reading.tokens]
    shared = _sentences(reading)
    spelled = _spelled_ko if lang == "ko" else _spelled_en
    made = []
    for i in range(count):
        own = [*_windowed(words, i + 3), *spelled(words, i + 3), *_kinds(reading, words, i)]
        own += _formed(forms, i)
        own += _timed(reading, i)
        own += _ruled(ruled, i)
        own += shared[reading.sentence[i]][0]
        own += _around(reading, shared[reading.sentence[i]][1], i, lang)
        made.append(own)
    return made


def _windowed(words: Sequence[str], i: int) -> tuple[str, ...]:
    ppp, pp, p, w, n, nn, nnn = words[i - 3 : i + 4]
    return (
        "b", f"w={w}", f"w-1={p}", f"w-2={pp}", f"w-3={ppp}", f"w+1={n}", f"w+2={nn}",
        f"w+3={nnn}", f"p={p}_{w}", f"n={w}_{n}", f"pp={pp}_{p}", f"nn={n}_{nn}", f"pn={p}_{n}",
        f"nnn={n}_{nn}_{nnn}", f"ppp={ppp}_{pp}_{p}",
    )  # fmt: skip


def _spelled_ko(words: Sequence[str], i: int) -> tuple[str, ...]:
    p, w, n, nn, nnn = words[i - 1 : i + 4]
    return (
        f"s1={w[-1:]}", f"s2={w[-2:]}", f"p1={w[:1]}", f"p2={w[:2]}", f"n:p2={n[:2]}",
        f"nn:p2={nn[:2]}", f"nn:p1={nn[:1]}", f"n:s1={n[-1:]}", f"pr:s1={p[-1:]}",
        f"pr:p2={p[:2]}", f"nnn:p2={nnn[:2]}", f"nx={n}_{nn[:2]}", f"len={min(len(w), 5)}",
    )  # fmt: skip


def _spelled_en(words: Sequence[str], i: int) -> tuple[str, ...]:
    p, w, n = words[i - 1 : i + 2]
    return (f"s3={w[-3:]}", f"s2={w[-2:]}", f"p4={w[:4]}", f"n:s3={n[-3:]}", f"pr:s3={p[-3:]}")


def _kinds(reading: Reading, words: Sequence[str], i: int) -> Iterator[str]:
    before, after = words[i + 2], words[i + 4]
    for kind in reading.kinds[i]:
        yield from (f"k={kind}", f"kw-={kind}_{before}", f"kw+={kind}_{after}")
    for way in _NEAR:
        if 0 <= i + way < len(reading.kinds):
            for kind in reading.kinds[i + way]:
                yield f"k{way:+d}={kind}"


def _form(token: Token) -> str:
    word, bound = token.text, "e" if token.bound else "s"
    if word.isdigit():
        return f"9{bound}"
    if "가" <= word[0] <= "힣":
        return f"h{bound}"
    if "ㄱ" <= word[0] <= "ㅣ":
        return f"j{bound}"
    if not word[0].isalpha():
        return word
    if word[0].isupper():
        return f"X{bound}" if word.isupper() else f"Xx{bound}"
    return f"x{bound}"


def _formed(forms: Sequence[str], i: int) -> Iterator[str]:
    yield f"sh={forms[i]}"
    yield f"sh-1={forms[i - 1] if i else _EDGE}"
    yield f"sh+1={forms[i + 1] if i + 1 < len(forms) else _EDGE}"


def _timed(reading: Reading, i: int) -> Iterator[str]:
    if reading.timed[i]:
        yield "T"
    for way in _SOON:
        if 0 <= i + way < len(reading.timed) and reading.timed[i + way]:
            yield f"T{way:+d}"


def _ruled(ruled: Sequence[str], i: int) -> Iterator[str]:
    for way in (-1, 0, 1):
        if 0 <= i + way < len(ruled) and ruled[i + way]:
            yield f"R{way:+d}={ruled[i + way]}"


def _sentences(reading: Reading) -> dict[int, tuple[list[str], list[int]]]:
    """Of each sentence what holds for all of it, and where its words stand."""
    places: dict[int, list[int]] = {}
    for i, n in enumerate(reading.sentence):
        places.setdefault(n, []).append(i)
    found = {}
    for n, where in places.items():
        flags = (
            ("unreal", reading.unreal[where[0]]),
            ("ask", reading.asks[where[0]]),
            ("s0", n == 0),
            ("cT", any(reading.timed[i] for i in where)),
        )
        found[n] = ([name for name, holds in flags if holds], where)
    return found


def _around(reading: Reading, where: Sequence[int], i: int, lang: Lang) -> Iterator[str]:
    yield "first" if where[0] == i else "mid"
    for j in where:
        word = reading.words[j]
        if j == i or not word[0].isalnum():
            continue
        side = "<" if j < i else ">"
        yield f"c{side}{word}"
        if lang == "ko" and len(word) > 2:
            yield f"c{side}{word[:2]}"
        for kind in reading.kinds[j]:
            if kind.lstrip("~^").isupper():
                yield f"ck{side}{kind}"
