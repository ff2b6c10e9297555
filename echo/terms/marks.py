"""What the look of a text says about it: does it ask, does it tell a time, a number. Pure."""

from __future__ import annotations

import re

ASKS = 1
TELLS_TIME = 2
TELLS_NUMBER = 4
ONLY_ASKS = 8
_TOLD = 0.4  # share of a text before its last sentence from which it tells something, too
_END = re.compile(r"[.!?。？！~…]+[\s\"'”’)]")

_TIMES = re.compile(
    r"\b(?:yesterday|today|tonight|tomorrow|ago|last|next|week|weekend|month|year|morning|monday"
    r"|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|june|july"
    r"|august|september|october|november|december|recently|since|\d{4})\b"
    r"|어제|그제|저께|오늘|내일|모레|지난|저번|이번|다음|작년|올해|주말|요일|아침|저녁|새벽"
    r"|\d\s*(?:년|월|일|시)"
)
_NUMBERS = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dozen|hundred|thousand|few|couple"
    r"|several|once|twice)\b"
    r"|(?<![가-힣])(?:한|두|세|네|다섯|여섯|일곱|여덟|아홉|열|스무|서른|마흔|쉰)"
    r"\s?(?:[가-힣]{0,2}\s)?(?:번|개|명|마리|살|시|달|권|장|잔|병|판|층|시간|사람|가지|대|벌|켤레)"
    r"|[백천만억]\s?(?:원|명|개)|하나|둘|셋|넷|하루|이틀|사흘|나흘|열흘|보름|반값|절반"
)


def asks(text: str) -> bool:
    """Whether a text ends by asking."""
    return text.rstrip(" )\"'”’~!.").endswith(("?", "？"))


def only_asks(text: str) -> bool:
    """Whether a text asks and tells hardly anything before: no "I did … How about you?"."""
    if not asks(text):
        return False
    text = text.strip()
    last = max((end.end() for end in _END.finditer(text[:-1])), default=0)
    return last < _TOLD * len(text)


def marks(text: str) -> int:
    """ASKS, TELLS_TIME, TELLS_NUMBER and ONLY_ASKS of a text, added up."""
    low = text.lower()
    asking = asks(text)
    return (
        (ASKS if asking else 0)
        + (ONLY_ASKS if asking and only_asks(text) else 0)
        + (TELLS_TIME if _TIMES.search(low) else 0)
        + (TELLS_NUMBER if _NUMBERS.search(low) else 0)
    )
