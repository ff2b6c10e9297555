"""Korean sentences: stems, and the small words that turn them round. Knows no model.

Negation stands before (안, 못) or after (-지 않-, -지 못-, 없-, 아니-); 별로 only underlines a
negation that follows it.
"""

from __future__ import annotations

import re

from echo.feeling.english import clip, turned
from echo.feeling.lexicon import Weighed, korean, stem_of

_BEFORE = re.compile(
    r"(?:(?<![가-힣])(?P<flip>안|못)|(?P<more>너무나?|정말로?|진짜|완전|엄청|매우|아주|무척|되게|굉장히|참|제일|가장)"
    r"|(?P<less>조금|좀|약간|살짝|덜))\s?$"
)
_AFTER = re.compile(
    r"[가-힣]{0,3}?(?:지(?:는|도|가|를)?|진|질)\s?(?:않|못|안|마|말)"
    r"|[가-힣]{0,2}\s?(?:(?:일|것|게|건|거|수)[은는이가도]?\s?)?(?:없|사라[지졌진]|아니|아닌|아냐)"
)
_UNDERLINED = re.compile(r"[^.!?\n]{0,14}?(?:안\s|않|못|없)")
_WORD_BEFORE = re.compile(r"[가-힣]*$")
_WORD_AFTER = re.compile(r"[가-힣]*")
_FLIP = -0.6
_BOOST = 0.08
_REACH = 5  # characters before a stem in which a booster or a negation may stand


def weigh(text: str, *, named: bool = True) -> list[Weighed]:
    """The words of a Korean text that carry feeling, negation and boosters counted in.

    named: with the whole word each stem was found in; else the stem as it was found.
    """
    forms = korean()
    found = []
    for match in forms.pattern.finditer(text):
        entry = stem_of(match[0], forms.entries)
        if entry == (0, 0, "") or (match[0] == "별로" and _UNDERLINED.match(text, match.end())):
            continue
        start, end = match.span()
        before = _BEFORE.search(text, max(0, start - _REACH), start)
        kind = before.lastgroup if before else None
        sign = 1 if entry.valence > 0 else -1
        weight = entry.valence + sign * _BOOST * ((kind == "more") - (kind == "less"))
        feeling = entry.feeling
        if kind == "flip" or _AFTER.match(text, end):
            weight, feeling = weight * _FLIP, turned(entry)
        word = _word(text, start, end) if named else match[0]
        found.append(Weighed(word, clip(weight), entry.arousal, feeling))
    return found


def _word(text: str, start: int, end: int) -> str:
    """The whole word a stem was found in."""
    left = text.rfind(" ", 0, start) + 1
    head = _WORD_BEFORE.search(text, left, start)
    tail = _WORD_AFTER.match(text, end)
    return (head[0] if head else "") + text[start:end] + (tail[0] if tail else "")
