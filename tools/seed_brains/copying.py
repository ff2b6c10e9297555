"""The curriculum: strings to say again, key–value lines to look up. Teaches copying, no talk."""

from __future__ import annotations

import random

from tools.seed_brains import values


def _string(rng: random.Random) -> str:
    roll = rng.random()
    if roll < 0.35:
        return " ".join(values.hangul_word(rng, 1, 4) for _ in range(rng.randint(1, 4)))
    if roll < 0.7:
        return " ".join(values.latin_name(rng) for _ in range(rng.randint(1, 4)))
    lang = rng.choice(("ko", "en"))
    shape = rng.choice(tuple(values.SHAPES))
    other = rng.choice(tuple(values.SHAPES))
    return f"{values.value(shape, rng, lang)} {values.value(other, rng, lang)}"


def _word(rng: random.Random) -> str:
    if rng.random() < 0.3:
        lang = rng.choice(("ko", "en"))
        return values.value(rng.choice(tuple(values.SHAPES)), rng, lang)
    return rng.choice((values.hangul_word, values.latin_name))(rng)


def copy_branch(rng: random.Random) -> list[tuple[str, str]]:
    """One exercise: 30 % a string again, 70 % the line of a key among others."""
    if rng.random() < 0.3:
        text = _string(rng)
        return [(text, text)]
    lines = {_word(rng): _word(rng) for _ in range(rng.randint(2, 7))}
    order = list(lines)
    listed = "\n".join(f"- {key}: {lines[key]}" for key in order)
    asked = rng.sample(order, k=min(len(order), rng.randint(1, 3)))
    first, *rest = asked
    answer = [(f"{listed}\n{first}?", f"{first}: {lines[first]}")]
    return answer + [(f"{key}?", f"{key}: {lines[key]}") for key in rest]
