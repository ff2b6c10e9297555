"""Days and hours to come, as English says them: marked so that rules need not spell them. Pure."""

from __future__ import annotations

import re

OPEN, SHUT = "\ue3f0", "\ue3f1"  # what rules/english.txt calls WHEN stands between them
_DAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b"
)
_DATE = (
    rf"(?:(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? \d{{4}})?|"
    rf"{_MONTH}\.? (?:the )?\d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}})?|"
    r"\d{1,2}/\d{1,2}(?:/\d{2,4})?|\d{4}-\d{2}-\d{2})"
)
_NUMBER = r"(?:\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|twelve)"
_CLOCK = (
    r"(?:(?:at )?(?:noon|midnight|\d{1,2}[:.]\d\d(?: ?[ap]\.?m\b\.?| in the "
    r"(?:morning|afternoon|evening))?|\d{1,2} ?[ap]\.?m\b\.?|(?<=at )\d{1,2}\b))"
)
_PART = r"(?: (?:morning|afternoon|evening|night))?"
_SOON = (
    rf"(?:(?:(?:on|this|next|coming|by|the) ){{0,3}}(?:{_DAY}{_PART}|{_DATE})|"
    r"(?:(?:this|next|coming|by|the) ){1,3}(?:weekend|week|month|year|spring|summer|fall|autumn|"
    r"winter|semester)\b|"
    rf"(?:in|this|next|by|early|late) (?:early |late )?{_MONTH}|(?:on )?the \d{{1,2}}(?:st|nd|rd|"
    rf"th)|"
    rf"the day after tomorrow|tomorrow{_PART}|"
    rf"in (?:an?|{_NUMBER}|a few|a couple(?: of)?) (?:days?|weeks?|months?|years?)\b|"
    r"(?:for|over|at|after|before) (?:christmas|thanksgiving|easter|new year'?s?|the holidays|"
    r"graduation|spring break)\b)"
)
_WHEN = re.compile(
    rf"\b(?:{_SOON}(?:,? {_CLOCK})?|{_CLOCK} {_SOON}|today|in {_MONTH})(?![\w])", re.IGNORECASE
)


def mark(text: str) -> str:
    """The text with every such time between OPEN and SHUT."""
    return _WHEN.sub(lambda match: f"{OPEN}{match[0]}{SHUT}", text)
