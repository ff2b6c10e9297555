"""Days and hours, as Korean says them: marked so that rules need not spell them. Pure."""

from __future__ import annotations

import re

from echo.facts.times import OPEN, SHUT

_DAY = r"(?:[월화수목금토일]요일|[월화수목금토일]욜)"
_CLOCK = (
    r"(?:(?:오전|오후|아침|점심|저녁|밤|낮|새벽) ?)?(?:\d{1,2}|한|두|세|네|다섯|여섯|일곱|여덟|"
    r"아홉|열|열한|열두)시"
    r"(?: ?(?:\d{1,2}분|반))?"
)
_SOON = (
    rf"(?:내년(?: ?(?:봄|여름|가을|겨울|초|말|\d{{1,2}}월))?|(?:다다음|다음|담|이번|돌아오는|"
    rf"오는|올) ?"
    rf"(?:주|달|해|주말|학기|봄|여름|가을|겨울|{_DAY}|방학|연휴|휴가|명절|설|추석)(?: ?{_DAY}| "
    rf"주말)?|"
    r"연말|연초|월말|내일 ?모레|낼모레|내일|낼|모레|글피|오늘(?=[ 이]?(?:내|제|우리)? "
    r"?[가-힣]*생)|주말|"
    rf"(?:[음양]력 ?)?(?:(?:19|20)\d\d년 ?)?\d{{1,2}}월 ?\d{{1,2}}일(?: ?{_DAY})?|{_DAY}|"
    rf"(?<!\d)\d{{1,2}}/\d{{1,2}}|"
    r"(?<![\d월])\d{1,2}일(?! ?(?:전|만|동안|째|차))|\d{1,2}월(?: ?(?:초|말|중순))?(?! ?(?:부터|"
    r"전))|"
    r"(?:며칠|\d+일|\d+주|\d+달|\d+개월|일주일|한 ?달|두 ?달|보름) ?(?:뒤|후)|추석|설날|"
    r"크리스마스|여름휴가|겨울방학|여름방학|"
    r"[일이삼사오유칠팔구시]월 (?:[일이삼사오육칠팔구십]+)일)"
)
_PART = r"(?:(?:에|날)? ?(?:아침|점심|저녁|밤|새벽|오전|오후|낮))?"
_WHEN = re.compile(
    rf"(?<![가-힣\d])(?:{_SOON}{_PART}(?:에)?(?: ?{_CLOCK})?|오늘(?=이? ?(?:생일|{_CLOCK})))"
)


def mark(text: str) -> str:
    """The text with every such time between OPEN and SHUT; particles stay outside."""
    return _WHEN.sub(_marked, text)


def _marked(match: re.Match[str]) -> str:
    said = match[0]
    tail = "에" if said.endswith("에") else ""
    return f"{OPEN}{said.removesuffix('에')}{SHUT}{tail}"
