"""Numbers in words and digits of both languages, and the spans between two days. Pure."""

# ruff: noqa: E501 — patterns are read more easily unwrapped

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from echo.recall.meanings import COUNTED_KO
from echo.terms.split import exact, is_korean

_DIGITS = re.compile(r"(?<!\d)\d{1,15}(?!\d)(?:,\d{3}(?!\d)){0,4}(?:[.]\d{1,4}(?![\d.]))?")
_UNIT = re.compile(r"\s?([가-힣]{1,3}|[A-Za-z]+|%)")
_NATIVE = {
    "한": 1, "하나": 1, "두": 2, "둘": 2, "세": 3, "셋": 3, "네": 4, "넷": 4, "다섯": 5, "여섯": 6,
    "일곱": 7, "여덟": 8, "아홉": 9, "열": 10, "스무": 20, "스물": 20, "서른": 30, "마흔": 40,
    "쉰": 50, "예순": 60, "일흔": 70, "여든": 80,
}  # fmt: skip
_SINO = {"일": 1, "이": 2, "삼": 3, "사": 4, "오": 5, "육": 6, "칠": 7, "팔": 8, "구": 9}
_UNITS = {"십": 10, "백": 100, "천": 1000}
_COUNTED = "살|마리|번|명|개|시간|시|달|주|년|일|개월|박|잔|병|권|송이|그루|켤레|대|장|통|킬로|분|층|학년|호|점|곡|사람|군데|가지|배|주년|번째|째"
_NATIVE_RUN = re.compile(
    rf"(?<![가-힣])((?:열|스물|서른|마흔|쉰|예순|일흔|여든)?(?:한|하나|두|둘|세|셋|네|넷|다섯|여섯|일곱|여덟|아홉|열|스무|스물|서른|마흔|쉰))"
    rf"\s?(?:{_COUNTED})(?:째)?"
)
_SINO_RUN = re.compile(
    r"(?<![가-힣])([일이삼사오육칠팔구십백천]+)\s?(?:년|개월|킬로|만|층|학년|분|주년|원|점|호|월|일)"
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
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10, "twice": 2,
}  # fmt: skip
_ENGLISH_RUN = re.compile(
    rf"\b(?:(twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)[- ])?({'|'.join([*_ENGLISH, *_ORDINALS])})\b",
    re.IGNORECASE,
)
_DAYS_RUN = re.compile(rf"(?<![가-힣])(?:{'|'.join(set(COUNTED_KO) - {'하루', '이레'})})")
_KEPT = ("일", "이", "사", "오", "구")  # alone they are other words as well


def figures(text: str) -> Iterator[tuple[tuple[int, int], float]]:
    """((start, end), number) for every number in a text, however it is written."""
    for m in _DIGITS.finditer(text):  # more than 15 digits are no amount
        yield m.span(), float(m[0].replace(",", ""))
    for m in _DAYS_RUN.finditer(text):
        yield m.span(), COUNTED_KO[m[0]]
    for m in _NATIVE_RUN.finditer(text):
        yield m.span(1), _native(m[1])
    for m in _SINO_RUN.finditer(text):
        if m[1] not in _KEPT:
            yield m.span(1), _sino(m[1])
    for m in _ENGLISH_RUN.finditer(text):
        word = m[2].lower()
        yield m.span(), _ENGLISH.get((m[1] or "").lower(), 0) + (_ENGLISH | _ORDINALS)[word]


def _native(run: str) -> int:
    for tens in ("스물", "서른", "마흔", "예순", "일흔", "여든", "열", "쉰"):
        if run.startswith(tens) and len(run) > len(tens):
            return _NATIVE[tens] + _NATIVE[run[len(tens) :]]
    return _NATIVE[run]


def _sino(run: str) -> int:
    total = digit = 0
    for mark in run:
        if mark in _UNITS:
            total += (digit or 1) * _UNITS[mark]
            digit = 0
        else:
            digit = _SINO[mark]
    return total + digit


def unit_after(text: str, end: int) -> str:
    """What is counted by a number that ends there; "" when nothing is."""
    m = _UNIT.match(text, end)
    if m is None:
        return ""
    return m[1][:1] if is_korean(m[1]) else exact(m[1].lower())[0]


def spans_between(one: date, other: date) -> set[int]:
    """The days, weeks, months and years between two days, rounded either way."""
    days = abs((other - one).days)
    found = {days, days + 1}
    for unit in (7, 30.44, 365.25):
        found |= {int(days / unit), int(days / unit) + 1, round(days / unit)}
    return found
