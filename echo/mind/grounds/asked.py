"""What is asked or told in the words that a reply answers, by name. Tables; pure.

The same words are a claim in one answer and plain knowledge in another: "in Italy" to "where is
Rome", and to "where did I go last May".
"""

# ruff: noqa: E501 — patterns are read more easily unwrapped

from __future__ import annotations

import re
from collections.abc import Iterator

_KO = {
    "who": r"누구|누가|누군|누굴|누구랑",
    "name": r"이름",
    "where": r"어디|어느 ?(?:쪽|동네|역|병원|가게|학교|곳|방향)",
    "when": r"언제|며칠|몇 ?(?:월|시|년|일)|무슨 ?요일|얼마나 ?(?:됐|지났|남았)",
    "count": r"몇|얼마|며칠",
    "what": r"뭐|뭘|뭔|무슨|무엇|머였|머라|어떤|어느",
    "why": r"왜(?![가-힣])|어째서|이유",
    "how": r"어떻게|어떡|방법|하는 ?법",
    "past": r"[았었했였갔왔됐봤샀났졌렸켰뒀탔섰컸쳤]지[?.~ㅋ]*$|[랬댔했였]지[?.~ㅋ]*$|더라[?.~ㅋ]*$|[었았했였][나니냐어][?.~ㅋ]*$|이었|였더|[랬댔]더라|했던|라고 ?했|다고 ?했|말했|얘기했|그랬",
    "recall": r"기억|까먹|잊어|생각 ?안 ?나|가물|말했|얘기했|얘기한|말한|[랬댔]지|더라[?.~ㅋ]*$|다시 ?(?:알려|말해)|[랬댔했]더라",
    "should": r"[할될을갈올볼살일줄날]까|좋을|어때|어쩌지|어떡|[할갈볼]지 |해야|추천|괜찮|되나|돼\?|될지",
    "order": r"줘(?:요|봐)?[?.!~]*$|알려|추천|골라|지어|만들어|써줘|설명|번역|해봐[.!~]*$|해줄래",
    "mine": r"(?:^|\s)(?:나|내|난|나는|내가|나도|나한테|날|나의|우리|울|제가|저|제)(?=\s|$)|(?:^|\s)(?:우리|내)[가-힣]",
    "you": r"(?:^|\s)(?:너|네|넌|너는|니가|네가|너도|에코|에코야|너의)(?=\s|$|,)",
    "is": r"[가-힣](?:이야|야|인가|일까|이란|란|뜻|의미)[?]*$|뜻이|무슨 뜻",
    "mark": r"\?",
}
_EN = {
    "who": r"\b(?:who|whos|whose|whom)\b|\bwho's\b",
    "name": r"\b(?:name|names|called)\b",
    "where": r"\bwhere\b|\bwheres\b|\b(?:what|which) (?:town|city|place|street|country|hospital|shop|school|room|platform)\b",
    "when": r"\bwhen\b|\bwhat (?:day|time|date|month|year)\b|\bwhich (?:day|month)\b|\bhow long (?:ago|since|till|til|until)\b",
    "count": r"\bhow (?:many|much|long|old|far|often|tall|big|heavy|late|early|fast)\b|\bwhat (?:number|size|price|age)\b",
    "what": r"\b(?:what|whats|what's|wat|which)\b",
    "why": r"\bwhy\b|\bhow come\b",
    "how": r"\bhow (?:do|to|can|should|does|would|about|is|are|did)\b",
    "past": r"\b(?:did|was|were|had|went|said|told|made|got|gave|bought)\b",
    "recall": r"\bagain\b|\bremember\b|\brecall\b|\bremind\b|\bforg[eo]t\b|\btold you\b|\bi (?:said|say|tell|told|mentioned)\b|\bdid i\b|\bwas i\b|\b(?:do|did) you know (?:my|what|who|where|when)\b",
    "should": r"\bshould\b|\bought\b|\bany (?:ideas|tips|advice|thoughts)\b|\bworth\b|\bis it (?:ok|okay|bad|normal|weird)\b|\bwhat (?:do i|if i|can i|to)\b|\brecommend\b|\bsuggest\b",
    "order": r"^(?:please |pls |echo,? |ok |so )*(?:tell|give|write|suggest|recommend|name|explain|translate|make|list|describe|define|help|pick|say|sing|invent|convert|show|find|compare|plan|draft)\b|\b(?:can|could|will) you\b",
    "mine": r"\b(?:i|my|me|mine|we|our|us|im|i'm|ive|i've|i'd|id|i'll|we're|we've)\b",
    "you": r"\b(?:you|your|u|ur|echo)\b",
    "is": r"^(?:is|are|does|do|can|will|would|has|have|isn't|aren't|what is|what's|whats|what are)\b|\bmean(?:s|ing)?\b",
    "mark": r"\?",
}
KO = {name: re.compile(pattern) for name, pattern in _KO.items()}
EN = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _EN.items()}
ASKING = (
    "who",
    "where",
    "when",
    "count",
    "what",
    "why",
    "how",
    "recall",
    "should",
    "order",
    "mark",
)
_HANGUL = re.compile(r"[가-힣]")
_LONG, _SHORT = 60, 14


def asked(words: str) -> Iterator[str]:
    """Names of what these words ask for and of how; `none` when they ask for nothing."""
    found = [name for name, p in (KO if _HANGUL.search(words) else EN).items() if p.search(words)]
    yield from found
    if not any(name in ASKING for name in found):
        yield "none"
    if len(words) > _LONG:
        yield "long"
    elif len(words) < _SHORT:
        yield "short"
