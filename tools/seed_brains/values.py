"""Values to remember, of many shapes: names, places, dates, numbers, phrases. Pure randomness.

The shapes matter more than the words: what is never seen in training is copied badly.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from echo.mind.prompts import MONTHS
from echo.nouns import Lang
from tools.seed_brains.texts import pools

POOLS = {"ko": pools("ko"), "en": pools("en")}
_INITIALS, _VOWELS = "가나다라마바사아자차카타파하", (0, 1, 4, 5, 6, 8, 9, 11, 13, 16, 18, 20)
_FINALS = (0, 0, 0, 0, 0, 4, 8, 16, 21, 1, 17)
_CLUSTERS = "br ch cl cr dr fl gr kr pl qu sh sk st th tr"
_ONSETS = (*"bcdfghjklmnprstvwyzklmnwxz", *_CLUSTERS.split())
_NUCLEI = (*"aeiouaeiouy", "ai", "ee", "ia", "io", "oo", "ou")
_CODAS = ("", "", "", "", "n", "r", "s", "l", "x", "m", "ck", "ng", "t", "nd", "th", "z", "sh")


def syllable(rng: random.Random) -> str:
    """A Hangul syllable: mostly a plain one, sometimes any of the 11,172."""
    if rng.random() < 0.04:
        return chr(0xAC00 + rng.randrange(11172))
    if rng.random() < 0.1:
        return chr(0xAC00 + rng.randrange(19) * 588 + rng.choice(_VOWELS) * 28 + rng.randrange(28))
    return chr(ord(rng.choice(_INITIALS)) + rng.choice(_VOWELS) * 28 + rng.choice(_FINALS))


def hangul_word(rng: random.Random, low: int = 2, high: int = 4) -> str:
    """A made-up Korean word."""
    return "".join(syllable(rng) for _ in range(rng.randint(low, high)))


def latin_word(rng: random.Random) -> str:
    """A made-up lower-case Latin word of one to three syllables."""
    parts = (
        rng.choice(_ONSETS) + rng.choice(_NUCLEI) + rng.choice(_CODAS)
        for _ in range(rng.choice((1, 2, 2, 2, 3)))
    )
    return "".join(parts)


def _cased(word: str, rng: random.Random) -> str:
    roll = rng.random()
    if roll < 0.68:
        return word.capitalize()
    if roll < 0.85:
        return word
    return word.upper() if roll < 0.93 else word[:2].capitalize() + word[2:].capitalize()


def latin_name(rng: random.Random) -> str:
    """A made-up Latin name in any casing, at times of two words."""
    name = _cased(latin_word(rng), rng)
    return f"{name} {_cased(latin_word(rng), rng)}" if rng.random() < 0.08 else name


def name(rng: random.Random, lang: Lang) -> str:
    """A name: a known one or a made-up one, mostly in the language's own letters."""
    roll = rng.random()
    if roll < 0.25:
        return rng.choice(POOLS[lang]["name"])
    own = rng.random() < 0.88
    if (lang == "ko") == own:
        return hangul_word(rng, 2, 3) if rng.random() < 0.85 else hangul_word(rng, 1, 5)
    return latin_name(rng)


def place(rng: random.Random, lang: Lang) -> str:
    """A town or a quarter."""
    if rng.random() < 0.55:
        return rng.choice(POOLS[lang]["place"])
    if lang == "ko":
        return hangul_word(rng, 2, 2) + rng.choice(("", "시", "동", "구", "읍", "리", "역"))
    return latin_word(rng).capitalize() + rng.choice(
        ("", "", "ton", "ville", " City", " Hill", "ford")
    )


def day(rng: random.Random, lang: Lang) -> str:
    """A date without a year, as people say it."""
    when = date(2024, 1, 1) + timedelta(days=rng.randrange(366))
    if lang == "ko":
        return f"{when.month}월 {when.day}일"
    return rng.choice(
        (f"{MONTHS[when.month - 1]} {when.day}", f"{when.day} {MONTHS[when.month - 1]}")
    )


def moment(rng: random.Random, lang: Lang) -> str:
    """A day and an hour: an appointment."""
    if lang == "ko":
        on = rng.choice(
            (
                day(rng, lang),
                rng.choice("월화수목금토일") + "요일",
                "내일",
                "모레",
                "다음 주 " + rng.choice("월화수목금") + "요일",
            )
        )
        at = rng.choice(
            (
                "",
                f" {rng.choice(('오전', '오후'))} {rng.randint(1, 12)}시",
                f" {rng.randint(1, 12)}시 반",
                " 저녁",
                " 점심때",
            )
        )
        return on + at
    on = rng.choice(
        (
            day(rng, lang),
            rng.choice(
                ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
            ),
        )
    )
    return on + rng.choice(
        (
            "",
            f" at {rng.randint(1, 12)}",
            f" at {rng.randint(1, 12)} pm",
            f" at {rng.randint(1, 12)}:{rng.choice(('15', '30', '45'))}",
            " evening",
        )
    )


def digits(rng: random.Random, lang: Lang) -> str:
    """A number, or a code of digits and letters."""
    roll = rng.random()
    if roll < 0.4:
        return str(rng.randrange(10 ** rng.randint(2, 6)))
    if roll < 0.6:
        return f"{rng.randrange(1000, 9999)}-{rng.randrange(1000, 9999)}"
    if roll < 0.8:
        return "".join(
            rng.choice("abcdefghkmnprstuvwxyz23456789") for _ in range(rng.randint(5, 9))
        )
    return f"{rng.choice('ABCDEFG')}{rng.randrange(1, 999)}"


def number(rng: random.Random, lang: Lang) -> str:
    """A small number: an age, a size."""
    return str(rng.randint(1, 99))


def phrase(rng: random.Random, lang: Lang) -> str:
    """Two words or so: a describing word and a thing."""
    pool = POOLS[lang]
    return f"{rng.choice(pool['quality'])} {rng.choice((*pool['thing'], *pool['food']))}"


Value = Callable[[random.Random, Lang], str]


def _pooled(pool: str, made_up: float) -> Value:
    def value(rng: random.Random, lang: Lang) -> str:
        if rng.random() >= made_up:
            return rng.choice(POOLS[lang][pool])
        own = rng.random() < 0.85
        if (lang == "ko") == own:
            return (
                hangul_word(rng)
                if rng.random() < 0.7
                else f"{hangul_word(rng, 2, 3)} {hangul_word(rng, 2, 3)}"
            )
        return rng.choice(
            (latin_word(rng), latin_name(rng), f"{latin_word(rng)} {latin_word(rng)}")
        )

    return value


SHAPES: Mapping[str, Value] = {
    "name": name, "place": place, "day": day, "moment": moment, "digits": digits,
    "number": number, "phrase": phrase,
    "food": _pooled("food", 0.35), "job": _pooled("job", 0.25), "colour": _pooled("colour", 0.15),
    "hobby": _pooled("hobby", 0.2), "title": _pooled("title", 0.55), "thing": _pooled("thing", 0.3),
    "spot": _pooled("spot", 0.2), "drug": _pooled("drug", 0.6), "goal": _pooled("goal", 0.0),
}  # fmt: skip


def value(shape: str, rng: random.Random, lang: Lang) -> str:
    """A value of a named shape; in one case of twelve any shape of words or digits."""
    if rng.random() < 0.05 and shape not in ("goal", "day", "moment", "number"):
        shape = rng.choice(("phrase", "name", "title", "food"))
    return SHAPES[shape](rng, lang)
