"""Which voices a turn needs. Pure; a wrong guess costs seconds, never words.

full asks all three, solo asks self alone, auto listens to the words: a greeting needs no plan, a
request for something made needs creation, a heavy line needs emotion.
"""

from __future__ import annotations

import re

from echo.nouns import Mode, Mood, Voice

_MAKE = re.compile(
    r"만들어|짜\s*줘|써\s*줘|추천|어떻게|어떡|방법|계획|아이디어|도와"
    r"|\b(make|write|build|create|code|plan|idea|ideas|suggest|recommend|how|help)\b",
    re.IGNORECASE,
)
HEAVY = 0.15  # |valence| from which the words are worth a second reading
LONG = 60  # characters from which a message is more than small talk


def voices(mode: Mode, words: str, mood: Mood) -> tuple[Voice, ...]:
    """The voices to ask, self always last."""
    if mode == "solo":
        return ("self",)
    if mode == "full":
        return ("emotion", "creation", "self")
    long = len(words) > LONG
    picked: list[Voice] = []
    if long or abs(mood.valence) >= HEAVY:
        picked.append("emotion")
    if long or _MAKE.search(words):
        picked.append("creation")
    return (*picked, "self")
