"""A question as recall sees it: words, days that are meant, what kind of answer is wanted. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from echo.recall import dates
from echo.recall.days import Span
from echo.recall.ranking import Wanted
from echo.recall.words import LONGEST, Word, words_of
from echo.terms.marks import asks

_OF_ME = re.compile(
    r"\b(?:i|my|me|mine|we|our)\b|(?<![가-힣])(?:내|나|난|제|저|우리)(?![가-힣]{2})", re.IGNORECASE
)
_OF_ECHO = re.compile(
    r"\b(?:you|echo) (?:said|say|told|recommend\w*|suggest\w*|promis\w*)"
    r"|\bdid (?:you|echo) (?:say|tell|recommend|suggest|promise)"
    r"|(?<![가-힣])(?:너|네가|니가|넌|에코)[가는]?\s.*(?:말했|추천|얘기했|약속|알려)",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"\bwhen\b|\bwhat (?:year|month|day|date|time)\b|\bhow long\b|언제|며칠|몇\s?(?:월|년|일|시)",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\bhow (?:many|much|old|far|tall|big|often)\b|\bwhat (?:number|age|price)\b"
    r"|얼마|몇|(?:번호|가격|비용|금액|점수|키|몸무게|나이)(?:가|는|이|은|를|을)?\s*(?:뭐|어떻|얼)",
    re.IGNORECASE,
)
_FEELS = re.compile(
    r"\b(?:feel|felt|feeling|mood|happ(?:y|iest)|sad(?:dest)?|upset|angry|proud|anxious|afraid"
    r"|lonely)\b|기분|감정|슬펐|슬픈|기뻤|기쁜|행복|우울|속상|화났|화가|불안|외로|뿌듯|힘들었|좋았",
    re.IGNORECASE,
)
_ASKS_KO = re.compile(
    r"뭐|뭘|뭔|무엇|무슨|누구|누가|언제|어디|어떻|어떤|어땠|왜|몇|얼마|기억(?:나|해|하)"
    r"|(?:었|았|였|했|갔|왔|봤)(?:지|나|니|냐|더라|던가|을까)\s*$"
)
_ASKS_EN = re.compile(r"^\s*(?:what|who|whom|whose|when|where|which|why|how|do|does|did|is|are|was"
                      r"|were|have|has|had|can|could|would|will)\b", re.IGNORECASE)  # fmt: skip
_A_FEW_WORDS = 3  # less is a look-up, not something said


@dataclass(frozen=True, slots=True)
class Asked:
    """words: what is looked up; spans: the days meant; of_me: about whoever asks; feels: how it
    felt is asked for.
    """

    words: tuple[Word, ...]
    spans: tuple[Span, ...]
    wanted: Wanted
    of_me: bool
    feels: bool


def read(text: str, now: datetime, *, stop: bool = False) -> Asked:
    """A question asked at that time. stop: by words, too, that only ask or join."""
    text = text[:LONGEST]
    spans, rest = dates.read(text, now.date())
    words = words_of(text, stop=True) if stop else words_of(rest)
    wanted = Wanted(
        days=bool(spans),
        when=bool(_WHEN.search(text)),
        number=bool(_NUMBER.search(text)),
        of_echo=bool(_OF_ECHO.search(text)),
        chat=_is_chat(text),
    )
    return Asked(words, spans, wanted, bool(_OF_ME.search(text)), bool(_FEELS.search(text)))


def _is_chat(text: str) -> bool:
    """Something said rather than asked or looked up."""
    if asks(text) or _ASKS_KO.search(text) or _ASKS_EN.search(text):
        return False
    return len(text.split()) > _A_FEW_WORDS
