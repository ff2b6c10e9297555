"""When somebody speaks of dying or of hurting themselves, no model improvises.

Pure. The answer is written by hand: calm, short, with numbers that are answered day and night,
and it does not end the conversation. A false alarm costs one gentle message; a miss costs more,
so the patterns lean towards hearing it. Numbers: KR 109 (자살예방 상담전화, since 2024) and
1577-0199 (정신건강 위기상담); US and Canada 988; UK and Ireland 116 123; emergency 119, 911, 112.
"""

from __future__ import annotations

import re

from echo.nouns import Lang

_CALLS = re.compile(
    r"죽고\s*싶|죽어\s*버리고|죽어\s*버릴|죽는\s*게\s*나|죽었으면\s*좋겠|죽을\s*래|그만\s*살고|살고\s*싶지\s*않"
    r"|살기\s*싫|살기가\s*싫|살아서\s*뭐|없어지고\s*싶|사라지고\s*싶|사라져\s*버리고|자살\s*(하|할|을|생각|충동)"
    r"|목숨을?\s*끊|스스로\s*목숨|생을\s*마감|자해|손목을?\s*(긋|그었|그을)|뛰어\s*내리고|뛰어\s*내릴"
    r"|\bkill(ing)?\s+my\s?self\b|\b(want|wanna|wish|ready|going)\s+(to\s+)?(die|be\s+dead)\b"
    r"|\bend(ing)?\s+(my\s+life|it\s+all)\b|\btak(e|ing)\s+my\s+(own\s+)?life\b|\bsuicid(e|al)\b"
    r"|\b(don'?t|do\s+not)\s+want\s+to\s+(live|be\s+alive|exist|wake\s+up)\b|\bbetter\s+off\s+dead\b"
    r"|\b(hurt|hurting|harm|harming|cut|cutting)\s+my\s?self\b|\bself[-\s]?harm\b"
    r"|\bno\s+(reason|point)\s+(to|in)\s+(live|living)\b",
    re.IGNORECASE,
)
_FIGURES = re.compile(
    r"(웃겨|맛있|귀여|배고파|더워|추워|졸려|심심해|부끄러)\w*\s*(서\s*)?죽|\bsuicide\s+squad\b"
    r"|\bcut\s+my\s?self\s+(shaving|a\s|some|off)|\bkill\s+myself\s+laughing\b",
    re.IGNORECASE,
)

FIRST: dict[Lang, str] = {
    "ko": (
        "말해 줘서 고마워. 지금 많이 힘들구나. 나는 프로그램이라 곁에 가 줄 수는 없어서, 사람의 "
        "목소리를 알려 줄게. 109(자살예방 상담전화)와 1577-0199는 밤낮으로 열려 있고, 당장 "
        "위험하면 119야. 혹시 지금 혼자 있어? 곁에 있어 줄 사람이 있는지 말해 줘. 나는 계속 들을게."
    ),
    "en": (
        "Thank you for telling me. It sounds very heavy right now. I am a program and cannot come "
        "to you, so here are people who can be with you: 988 in the US and Canada, 116 123 in the "
        "UK and Ireland, day and night; in immediate danger 911, 999 or 112. Elsewhere, your local "
        "emergency number. Are you alone at the moment? Tell me; I am listening."
    ),
}
AGAIN: dict[Lang, str] = {
    "ko": (
        "듣고 있어. 지금 이 순간만 같이 넘겨 보자. 109에 전화하거나 믿는 한 사람에게 연락해 줄래?"
    ),
    "en": (
        "I hear you. Let us get through just this moment. Would you call 988 or 116 123, "
        "or reach one person you trust?"
    ),
}


def called_for(words: str) -> bool:
    """Whether these words speak of dying or of self-harm, figures of speech set aside."""
    return bool(_CALLS.search(_FIGURES.sub(" ", words)))


def answer(lang: Lang, *, again: bool) -> str:
    """The first answer names help; a later one in the same conversation stays close and short."""
    return (AGAIN if again else FIRST)[lang]
