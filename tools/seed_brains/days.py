"""The paragraph of a day, for the self brain: figures and lines go in, three plain sentences out.

Pure: one rng in, text out. Rendered through `echo.insight.span.paragraph_prompt`, so that
`insight` is answered in the form it asks for. Knows topics and facts, nothing of tokens.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from echo.insight.span import paragraph_prompt
from echo.nouns import Figure, Insight, Lang, Turn
from echo.text import bare, index_tokens, is_stop
from tools.seed_brains import facts, smalltalk

Exchange = tuple[str, str]
EVEN = 0.10  # |mean valence| under this is an even day
QUOTE = 60  # characters of a line that are quoted whole

DAYS: dict[Lang, tuple[str, str, str]] = {
    "ko": ("무거운", "잔잔한", "밝은"),
    "en": ("heavy", "even", "bright"),
}
OPENINGS: dict[Lang, tuple[str, ...]] = {
    "ko": ("{n}줄이 쌓인 {mood} {span}이었어.", "{mood} {span}이었고, 네 말은 {n}줄이야."),
    "en": ("It was {a} {mood} {span}, {n} lines long.", "{n} lines, and {a} {mood} {span}."),
}
TOPICS: dict[Lang, tuple[str, ...]] = {
    "ko": (" {topics} 이야기가 많았어.", " 주로 {topics} 이야기를 했어."),
    "en": (" Mostly you spoke of {topics}.", " The talk was of {topics}."),
}
MOVED: dict[Lang, tuple[str, ...]] = {
    "ko": (' "{quote}" 이 말이 가장 크게 남았어.', ' 가장 마음을 움직인 말은 "{quote}"이야.'),
    "en": (' What moved it most was "{quote}".', ' "{quote}" weighed the most.'),
}


def system(lang: Lang) -> str:
    """What the self brain is asked in this language: the same for every day."""
    return paragraph_prompt(Insight("", "", 0, 0, Figure(0, 0), Figure(0, 0)), lang)[0].content


def day_branch(rng: random.Random, lang: Lang) -> list[Exchange]:
    """One exchange: a day's figures and lines, and the day told in words."""
    found = _insight(rng, lang)
    return [(paragraph_prompt(found, lang)[1].content, _told(found, rng, lang))]


def _insight(rng: random.Random, lang: Lang) -> Insight:
    start = datetime(2024, 1, 1, 8, tzinfo=UTC) + timedelta(minutes=rng.randrange(4 * 365 * 1440))
    turns = [
        Turn(str(i), start + timedelta(minutes=11 * i), "me", _line(rng, lang))
        for i in range(rng.randint(1, 6))
    ]
    mean = max(-1.0, min(1.0, rng.gauss(0, 0.35)))
    moved = sorted(((t, _weight(rng, mean)) for t in turns), key=lambda m: -abs(m[1]))
    lines = len(turns) if rng.random() < 0.5 else rng.randint(len(turns), 400)
    until = start + timedelta(days=rng.choice((0, 0, 0, 6, 29)))
    return Insight(
        f"{start:%Y-%m-%d}",
        f"{until:%Y-%m-%d}",
        exchanges=lines,
        lines=lines,
        valence=Figure(mean, lines),
        arousal=Figure(rng.random(), lines),
        topics=_topics(turns, rng),
        moved=tuple(moved),
    )


def _line(rng: random.Random, lang: Lang) -> str:
    if rng.random() < 0.4:
        return facts.tell(facts.random_fact(rng, lang), rng, lang)[0]
    return smalltalk.say(smalltalk.pick(rng, lang), rng, lang).text


def _weight(rng: random.Random, mean: float) -> float:
    return max(-1.0, min(1.0, mean + rng.gauss(0, 0.4)))


def _topics(turns: list[Turn], rng: random.Random) -> tuple[tuple[str, int], ...]:
    words = dict.fromkeys(
        bare(word) for t in turns for word in t.text.lower().split() if index_tokens(word)
    )
    kept = [word for word in words if len(word) > 1 and not is_stop(word)][:8]
    rng.shuffle(kept)
    counts = sorted((rng.randint(1, 9) for _ in kept), reverse=True)
    return tuple(zip(kept, counts, strict=True))


def _told(found: Insight, rng: random.Random, lang: Lang) -> str:
    low, even, high = DAYS[lang]
    mean = round(found.valence.value, 2)
    mood = low if mean <= -EVEN else high if mean >= EVEN else even
    one = found.since == found.until
    span = {"ko": ("하루", "날들"), "en": ("day", "stretch of days")}[lang][0 if one else 1]
    text = rng.choice(OPENINGS[lang]).format(
        n=found.lines, mood=mood, span=span, a="an" if mood == "even" else "a"
    )
    text = text.replace("하루이었", "하루였") if one else text
    if found.lines == 1:
        text = text.replace("1 lines", "1 line")
    if found.topics:
        joiner = ", " if lang == "ko" else " and "
        named = joiner.join(word for word, _ in found.topics[:2])
        text += rng.choice(TOPICS[lang]).format(topics=named)
    quote = next((t.text for t, _ in found.moved if len(t.text) <= QUOTE), "")
    if quote:
        text += rng.choice(MOVED[lang]).format(quote=quote)
    return text
