"""An English word by its stem: Snowball's, after the commonest irregular forms. Pure."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from Stemmer import Stemmer

_IRREGULAR = {
    form: base
    for base, forms in {
        "go": "went gone goes", "buy": "bought", "get": "got gotten", "make": "made",
        "take": "took taken", "run": "ran", "see": "saw seen", "eat": "ate eaten",
        "give": "gave given", "write": "wrote written", "meet": "met", "begin": "began begun",
        "win": "won", "lose": "lost", "find": "found", "feel": "felt", "teach": "taught",
        "think": "thought", "leave": "left", "sing": "sang sung", "child": "children",
        "drive": "drove driven", "grow": "grew grown", "speak": "spoke spoken",
        "swim": "swam swum", "choose": "chose chosen", "break": "broke broken", "build": "built",
        "sell": "sold", "wear": "wore worn", "fly": "flew flown", "know": "knew known",
        "draw": "drew drawn", "sleep": "slept", "spend": "spent", "man": "men", "woman": "women",
        "person": "people", "mouse": "mice", "hold": "held", "come": "came", "keep": "kept",
        "bring": "brought", "catch": "caught", "send": "sent", "pay": "paid", "ride": "rode ridden",
        "throw": "threw thrown", "fall": "fell fallen", "fight": "fought", "hear": "heard",
        "steal": "stole stolen", "become": "became", "hurt": "hurts", "stand": "stood",
        "sit": "sat", "wake": "woke woken", "forget": "forgot forgotten", "lend": "lent",
        "bake": "baked", "wife": "wives", "life": "lives", "foot": "feet", "tooth": "teeth",
        "bite": "bit bitten", "hide": "hid hidden", "shoot": "shot",
        "understand": "understood", "lead": "led", "rise": "rose risen", "hang": "hung",
    }.items()
    for form in forms.split()
}  # fmt: skip


@lru_cache(1 << 15)  # a pure function of a word; people say the same words again and again
def stem(word: str) -> str:
    """The stem of a word in lower case: painting, painted → paint; went → go; café → cafe."""
    if not word.isascii():
        letters = unicodedata.normalize("NFD", word)
        word = "".join(c for c in letters if not unicodedata.combining(c))
    return str(_snowball().stemWord(_IRREGULAR.get(word, word)))


@cache  # the stemmer itself holds no state that could be seen
def _snowball() -> Stemmer:
    from Stemmer import Stemmer  # a compiled module: only once something is looked up

    return Stemmer("english", 0)
