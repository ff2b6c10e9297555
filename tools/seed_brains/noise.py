"""How people really type: no full stops, lower case, ㅋㅋ and ㅠㅠ, missing spaces. Pure."""

from __future__ import annotations

import random
import re

from echo.nouns import Lang

_I = re.compile(r"\bI\b")


def rough(text: str, rng: random.Random, lang: Lang, value: str = "") -> str:
    """The same words, typed more or less carefully; value, if any, stays letter for letter."""
    typed = _korean(text, rng) if lang == "ko" else _english(text, rng)
    return typed if value in typed else text


def _korean(text: str, rng: random.Random) -> str:
    roll = rng.random()
    if roll < 0.12 and text.count(" ") > 1:
        places = [i for i, c in enumerate(text) if c == " "]
        at = rng.choice(places[:-1])
        text = text[:at] + text[at + 1 :]
    if rng.random() < 0.15:
        text = text.rstrip("?.!")
    if not text.endswith((".", "?", "!", "ㅠ", "ㅋ", "ㅎ")):
        text += rng.choice(("", "", "", "", ".", ".", "..", "!", "~"))
    return text


def _english(text: str, rng: random.Random) -> str:
    roll = rng.random()
    if rng.random() < 0.5:
        text = text.replace("favourite", "favorite").replace("colour", "color")
    if roll < 0.45:
        text = text[0].upper() + text[1:]
    elif roll < 0.6:
        text = _I.sub("i", text)
    elif roll < 0.68:
        text = text.replace("'", "")
    if rng.random() < 0.15:
        text = text.rstrip("?.!")
    if not text.endswith((".", "?", "!", ")")):
        text += rng.choice(("", "", "", "", ".", ".", "!", ".."))
    return text
