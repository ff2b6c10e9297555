"""Numbers in words and digits of both languages, what they count, and the spans between two days.
Pure.
"""

# ruff: noqa: E501 — patterns are read more easily unwrapped

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import chain

from echo.recall.meanings import COUNTED_KO
from echo.terms.split import exact
from echo.text import is_stop

Figure = tuple[tuple[int, int], float]  # ((start, end), number)
_HOUR, _AT = "o'clock", re.compile(r"\b(?:at|till|until) $", re.IGNORECASE)
_DIGITS = re.compile(r"(?<!\d)\d{1,15}(?!\d)(?:,\d{3}(?!\d)){0,4}(?:[.]\d{1,4}(?!\d|[.]\d))?")
_UNIT = re.compile(r"\s?(?:([가-힣]{1,4})|([A-Za-z]+)|([%°]))")
_MONEY = {"£": "pound", "$": "dollar", "€": "euro", "₩": "원", "¥": "yen"}
_SAME_UNIT = {
    "키로": "킬로", "킬로": "킬로", "시간": "시간", "개월": "달", "사람": "명", "세": "살", "미터": "미터", "번째": "번", "째": "번", "회": "번", "차": "번", "달러": "dollar", "불": "dollar", "유로": "euro", "엔": "yen",
    "kg": "킬로", "km": "킬로", "kilo": "킬로", "k": "킬로", "min": "minut", "hr": "hour", "hrs": "hour", "mins": "minut", "yrs": "year", "wks": "week", "kgs": "킬로", "lbs": "pound", "wk": "week", "yr": "year",
    "mm": "millimetr", "m": "metr", "meter": "metr", "g": "gram", "mg": "milligram", "ft": "foot", "feet": "foot", "cm": "centimetr", "ml": "millilitr", "millimet": "millimetr", "quid": "pound", "gbp": "pound", "lb": "pound", "buck": "dollar", "usd": "dollar", "eur": "euro", "%": "percent", "°": "degre",
    "pm": "o'clock", "am": "o'clock", "o": "o'clock", "st": "", "nd": "", "rd": "", "th": "",
}  # fmt: skip
_OF_TIME = {
    "일": "day", "주": "week", "달": "month", "년": "year", "해": "year",
    "day": "day", "week": "week", "month": "month", "year": "year",
}  # fmt: skip
_OF_AGE = {"살": "year", "학": "year"}
_GROWING = _OF_AGE | {unit: of for unit, of in _OF_TIME.items() if of != "day"}
_NATIVE = {
    "한": 1, "하나": 1, "두": 2, "둘": 2, "세": 3, "셋": 3, "네": 4, "넷": 4, "다섯": 5, "여섯": 6,
    "일곱": 7, "여덟": 8, "아홉": 9, "열": 10, "석": 3, "넉": 4, "스무": 20, "스물": 20, "서른": 30, "마흔": 40,
    "쉰": 50, "예순": 60, "일흔": 70, "여든": 80, "아흔": 90,
}  # fmt: skip
_TENS = "스물|서른|마흔|예순|일흔|여든|아흔"
_SINO = {"일": 1, "이": 2, "삼": 3, "사": 4, "오": 5, "육": 6, "칠": 7, "팔": 8, "구": 9}
_UNITS = {"십": 10, "백": 100, "천": 1000}
_COUNTED = "살|마리|번|명|개|시간|시|달(?![라래리걀])|주|년|일|개월|박|잔|병|권|송이|그루|켤레|대|장|통|킬로|키로|분|층|학년|호|점|곡|사람|군데|가지|배|주년|번째|째|볼|표|줄|판|벌|쌍|칸|바퀴|세트|쪽|페이지|모금|숟갈|숟가락|스푼|컵|그릇|접시|봉지|박스|상자|팩|캔|톨|끼|포기|자루|문제|과목|종류|골|게임|경기|라운드|건|조각|스쿱|식구|편|평|인분|꼬집|방울|덩이|정거장|블록|코스|보|브릭스|조|위|등|급|인치|칼로리|그램|리터|미터|센티|퍼센트|포인트|레벨|렙|승|패|연승|루|이닝|땀|호실|호선|학기|회"
COUNTER = re.compile(rf"(?:{_COUNTED}|원|말|기|차|만|달러|불(?![고꽃빛])|엔(?!진)|유로)")
_NOT_YOURS = "집|팀|방|곳|가족|알|단|모|채|차례|회|코|발|걸음|자리|화|글자|마디|홀|손"  # behind 네 they are yours
_NATIVE_RUN = re.compile(
    rf"(?<![가-힣])((?:열|{_TENS}|쉰)?(?:한|하나|두|둘|세|셋|석|네|넷|넉|다섯|여섯|일곱|여덟|아홉|열|스무|서른|마흔|쉰|예순|일흔|여든|아흔))"
    rf"\s?(?:(?:{_COUNTED})(?:째)?|(?<!네)(?<!네\s)(?:{_NOT_YOURS})(?=[은는이가을를도만에의,.?! ]|$))"
)
_LONG_RUN = re.compile(
    rf"(?<![가-힣])((?:열|{_TENS}|쉰)(?:한|하나|두|둘|세|셋|네|넷|다섯|여섯|일곱|여덟|아홉)|다섯|여섯|일곱|여덟|아홉)"
)
_ALONE_RUN = re.compile(
    rf"(?<![가-힣])((?:열|{_TENS}|쉰)?(?:하나|둘|셋|넷|다섯|여섯|일곱|여덟|아홉)|{_TENS})"
    r"(?=(?:이서|이나|이랑|이야|이지|이었|이네|이|은|을|만|도|에|씩|밖에|까지|중)?(?![가-힣]))(?!\s다)"
)
_SINO_RUN = re.compile(
    r"(?<![가-힣])([일이삼사오육칠팔구십백천]+)\s?(?:(만|억)\s?(원|명|개|보|번|권)?|년|개월|킬로|키로|층|학년|분|주년|원|점|호|월|일)"
)
_MYRIAD_RUN = re.compile(
    r"(?<![가-힣\d])(?:([일이삼사오육칠팔구십백천]*)만([일이삼사오육칠팔구십백천]+)(?=\s?(?:원|명|개|보|번|권))|만\s?(\d)천)"
)
_TENS_RUN = re.compile(
    r"(?<![가-힣])([이삼사오육칠팔구]십[일이삼사오육칠팔구]?)(?=[이에살먹을]?(?:[\s,.!?]|$))"
)
_LARGE = {"억": 10**8, "천만": 10**7, "백만": 10**6, "만": 10**4, "천": 1000, "백": 100}
_PART = rf"(?P<n>\d[\d,]*(?:[.]\d+)?)\s?(?P<u>{'|'.join(_LARGE)})"
_LARGE_PART = re.compile(_PART)
_LARGE_RUN = re.compile(
    r"(?<![\d.,])" + re.sub(r"\?P<\w>", "?:", f"{_PART}(?:\\s?{_PART})*") + r"(?:\d{1,4}(?!\d))?"
)
_ENGLISH = {
    word: number
    for number, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
    )
} | {
    word: 10 * tens
    for tens, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}  # fmt: skip
_NO_UNIT = frozenset(
    ("till", "til", "than", "out", "each", "per", "left", "down", "off", "ago", *_ENGLISH)
)
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10, "twice": 2,
}  # fmt: skip
_ENGLISH_RUN = re.compile(
    rf"\b(?:(twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)[- ])?({'|'.join([*_ENGLISH, *_ORDINALS])})\b",
    re.IGNORECASE,
)
_BIG = {"dozen": 12, "hundred": 100, "thousand": 1000, "grand": 1000, "million": 10**6}
_BIG_RUN = re.compile(
    rf"(?:(?P<digits>(?<![\d.,])\d[\d,]*(?:[.]\d+)?)\s?|\b(?P<words>(?:[a-z]+ty[- ])?(?:{'|'.join(_ENGLISH)})|an?)[ -])"
    rf"(?P<big>{'|'.join(_BIG)})\b(?: (?P<hundreds>{'|'.join(_ENGLISH)}) hundred\b)?(?:(?: and)? (?P<rest>(?:[a-z]+ty[- ])?(?:{'|'.join(_ENGLISH)}))\b)?"
    r"|(?<![\w.,])(?P<short>\d{1,4}(?:[.]\d+)?)k\b",
    re.IGNORECASE,
)
_DAYS_RUN = re.compile(rf"(?<![가-힣])(?:{'|'.join(set(COUNTED_KO) - {'하루', '이레'})})")
_SINO_ALONE = re.compile(
    r"(?<![가-힣\d])([일이삼사오육칠팔구]?[백천](?!일)[일이삼사오육칠팔구]?[십백][일이삼사오육칠팔구십]*|[이삼사오육칠팔구]백|[삼오육칠팔구]천)(?=[이에을만]?(?:[\s,.!?]|달라|줬|$))"
)
_KEPT = ("일", "이", "사", "오", "구")  # alone they are other words as well


def figures(text: str) -> Iterator[Figure]:
    """((start, end), number) for every number in a text, however it is written; none twice."""
    taken = bytearray(len(text))
    for (start, end), number in chain(_large(text), _small(text)):
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            yield (start, end), number


def _large(text: str) -> Iterator[Figure]:
    """Those of several words or with a word for thousands: 2억 3천, 41만, 213k, two hundred."""
    for m in _MYRIAD_RUN.finditer(text):
        low = int(m[3]) * 1000 if m[3] else sino(m[2])
        yield m.span(), (sino(m[1]) if m[1] else 1) * 10**4 + low
    for m in _LARGE_RUN.finditer(text):
        yield m.span(), _of_parts(m[0])
    for m in _BIG_RUN.finditer(text):
        yield m.span(), _big(m)


def _small(text: str) -> Iterator[Figure]:
    for m in _DIGITS.finditer(text):  # more than 15 digits are no amount
        yield m.span(), _float(m[0])
    for m in _DAYS_RUN.finditer(text):
        yield m.span(), COUNTED_KO[m[0]]
    for pattern in (_NATIVE_RUN, _ALONE_RUN, _LONG_RUN):
        for m in pattern.finditer(text):
            yield m.span(1), _native(m[1])
    for m in _SINO_RUN.finditer(text):
        if m[1] not in _KEPT or m[3]:
            yield (m.start(), m.end(2) if m[2] else m.end(1)), sino(m[1]) * _LARGE.get(m[2], 1)
    for pattern in (_TENS_RUN, _SINO_ALONE):
        for m in pattern.finditer(text):
            yield m.span(1), sino(m[1])
    for m in _ENGLISH_RUN.finditer(text):
        yield m.span(), _words(m[0])


def _float(digits: str) -> float:
    return float(digits.replace(",", ""))


def _of_parts(run: str) -> float:
    total, last, end = 0.0, "", 0
    for m in _LARGE_PART.finditer(run):
        size = _LARGE[m["u"]]
        if last == "억" and m["u"] in ("천", "백"):  # 2억 3천: of ten thousands
            size *= 10**4
        total, last, end = total + _float(m["n"]) * size, m["u"], m.end()
    return total + float(run[end:].strip() or 0)


def _big(m: re.Match[str]) -> float:
    if m["short"]:
        return float(m["short"]) * 1000
    many = _float(m["digits"]) if m["digits"] else _words(m["words"])
    hundreds = 100 * _words(m["hundreds"]) if m["hundreds"] else 0
    return many * _BIG[m["big"].lower()] + hundreds + (_words(m["rest"]) if m["rest"] else 0)


def _words(run: str) -> float:
    """twenty-three, third; a is one."""
    known = _ENGLISH | _ORDINALS | {"a": 1, "an": 1}
    return sum(known.get(word, 0) for word in re.split(r"[- ]", run.lower()))


def _native(run: str) -> int:
    for tens in ("스물", "서른", "마흔", "예순", "일흔", "여든", "아흔", "열", "쉰"):
        if run.startswith(tens) and len(run) > len(tens):
            return _NATIVE[tens] + _NATIVE[run[len(tens) :]]
    return _NATIVE[run]


def sino(run: str) -> int:
    """A number as it is read: 삼백이십 is 320."""
    total = digit = 0
    for mark in run:
        if mark in _UNITS:
            total += (digit or 1) * _UNITS[mark]
            digit = 0
        else:
            digit = _SINO[mark]
    return total + digit


def unit_of(text: str, start: int, end: int) -> str:
    """What is counted by a number that stands there, one word for 키로 and 킬로, £ and quid; "" when
    nothing is.
    """
    if start and text[start - 1] in _MONEY:
        return _MONEY[text[start - 1]]
    if text[start:end] in COUNTED_KO:
        return "일"
    m = _UNIT.match(text, end)
    if m is not None and m[1]:
        return _korean_unit(m[1])
    word = (m[2] or m[3]).lower() if m is not None else ""
    if not word or word in _NO_UNIT or (is_stop(word) and word not in _SAME_UNIT):
        return _HOUR if _AT.search(text, max(start - 6, 0), start) else ""
    unit = exact(word)[0]
    return _SAME_UNIT.get(unit, unit)


def _korean_unit(word: str) -> str:
    if not COUNTER.match(word):
        return ""
    return next((_SAME_UNIT[word[:n]] for n in (2, 1) if word[:n] in _SAME_UNIT), word[:1])


def grown(number: float, unit: str, since: date, now: date) -> set[float]:
    """What was counted in weeks, months or years that day and has grown to now, rounded either way:
    sixteen weeks along in March, five years here last summer.
    """
    of = _GROWING.get(unit, "")
    return {number + span for span in spans_between(since, now)[of]} if of else set()


def spans_between(one: date, other: date) -> dict[str, set[int]]:
    """The days, weeks, months and years between two days, rounded either way, by their units."""
    days = abs((other - one).days)
    found = {"day": {days, days + 1}}
    for unit, size in (("week", 7), ("month", 30.44), ("year", 365.25)):
        found[unit] = {int(days / size), int(days / size) + 1, round(days / size)}
    return found


def unit_of_time(unit: str) -> str:
    """day, week, month or year; "" for any other unit."""
    return _OF_TIME.get(unit, "")
