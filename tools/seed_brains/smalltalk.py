"""Small talk: what a user says on a topic, what the voices answer, how it feels. Pure.

The sentences are tables in `words/talk_ko.txt` and `words/talk_en.txt`; here is only how they are
put together.
"""

# ruff: noqa: E501 — tables of sentences are read more easily unwrapped

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from echo.mind.prompts import DAYS, MONTHS
from echo.nouns import Lang, Reading
from tools.seed_brains import values
from tools.seed_brains.texts import Leaning, Topic, choose, fill, slots_of, topics

FRAMES: Mapping[Lang, tuple[str, ...]] = {
    "ko": (
        "{a}", "{a}", "오늘 {a}", "나 {a}", "(요즘|지금|진짜|너무|완전) {a}", "나 (요즘|지금|진짜|너무|좀) {a}",
        "{because} {a}", "{because} 나 (진짜|너무|좀|) {a}", "아 {a}", "하 {a}", "(아침부터|하루 종일) {a}", "왜 이렇게 {a}?",
    ),
    "en": (
        "I'm {a}", "I'm (so|really|very|a bit|pretty|just) {a}", "I feel (so|really|) {a}", "feeling {a} (today|right now|)",
        "(so|really) {a} (today|right now|rn)", "I'm {a} because {because}", "{because} and I'm {a}", "{because}, I feel {a}",
        "I've been {a} all (day|week)", "this makes me {a}", "I am {a}", "today I feel {a}", "im {a}", "I'm feeling {a}",
    ),
}  # fmt: skip
BECAUSE: Mapping[Lang, tuple[str, ...]] = {
    "ko": (
        "{event} 때문에", "내일 {event}<라>서", "{event} 끝나서", "{causeperson} 때문에", "{causeperson} 전화 받고", "날씨 때문인지",
        "{causeperson}<이> 한 말 때문에", "{event} 생각하니까", "{weather}<이> 와서", "친구가 이사 가서", "{food} 먹고",
        "혼자 집에 있으니까", "일이 많아서", "오랜만에 {causeperson} 만나서", "잠을 못 자서", "{thing} 보고", "회의가 길어서",
    ),
    "en": (
        "my {event} is tomorrow", "the {event} is over", "my {causeperson} called", "my {causeperson} said something", "I can't stop thinking about my {event}",
        "it's the {weather}", "my friend moved away", "I had {food}", "I'm home alone", "there is too much work", "I met my {causeperson}",
        "I didn't sleep", "I saw a {thing}", "the meeting took forever", "my {event} went the way it did", "my {causeperson} is acting strange",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """A user's line and the slots that made it."""

    text: str
    slots: dict[str, str]
    shift: float = 0.0


@cache
def _topics(lang: Lang) -> tuple[Topic, ...]:
    return topics(lang)


@cache
def _bag(lang: Lang) -> tuple[str, ...]:
    """Every word of the users' sentences, as salad and padding."""
    lines = [line for topic in _topics(lang) for line in (*topic.says, *topic.adjectives)]
    words = {word for line in lines for word in re.findall(r"[^\W\d_{}<>]+'?\w*", line)}
    return tuple(sorted(word for word in words if len(word) > 1 and word not in values.POOLS[lang]))


def salad(rng: random.Random, lang: Lang, most: int) -> str:
    """Words in no order: what teaches the voices to hold on to the words they know."""
    made = values.hangul_word if lang == "ko" else values.latin_word
    count = rng.randint(1, most)
    return " ".join(
        rng.choice(_bag(lang)) if rng.random() < 0.7 else made(rng) for _ in range(count)
    )


def pick(rng: random.Random, lang: Lang, *, feelings: bool = False) -> Topic:
    """A topic by weight; with feelings, those with a feeling in them twice as often."""
    found = _topics(lang)
    weights = [_weight(t, feelings=feelings) for t in found]
    return rng.choices(found, weights)[0]


def _weight(topic: Topic, *, feelings: bool) -> float:
    many = 1.8 if topic.adjectives else 1.0
    return topic.weight * (many if not feelings else many * 2.0 if topic.feeling != "none" else 1.0)


def _slots(
    template: str, rng: random.Random, lang: Lang, kept: Mapping[str, str]
) -> dict[str, str]:
    made = dict(kept)
    for slot in slots_of(template) - set(made):
        if slot == "me":
            made[slot] = "에코" if lang == "ko" else "Echo"
        elif slot == "x":
            made[slot] = values.hangul_word(rng, 1, 4) if lang == "ko" else values.latin_word(rng)
        elif slot == "n":
            made[slot] = values.name(rng, lang)
        elif slot in values.POOLS[lang]:
            made[slot] = rng.choice(values.POOLS[lang][slot])
    return made


def _render(template: str, rng: random.Random, lang: Lang, slots: Mapping[str, str]) -> str:
    """A reply's or an idea's words."""
    text = fill(template, Leaning(rng.random()), _slots(template, rng, lang, slots))
    return text[0].upper() + text[1:] if lang == "en" else text


def say(
    topic: Topic, rng: random.Random, lang: Lang, now: datetime | None = None, *, felt: bool = False
) -> Said:
    """Something a user may say on the topic."""
    if topic.adjectives and (not topic.says or rng.random() < (0.6 if felt else 0.4)):
        frame = rng.choice(FRAMES[lang])
        frame = frame.replace("{a}", rng.choice(topic.adjectives)).replace(
            "{because}", rng.choice(BECAUSE[lang])
        )
    else:
        frame = rng.choice(topic.says)
    frame = choose(frame, rng)  # first, so that a reply speaks of no slot that was not said
    slots = _slots(frame, rng, lang, {})
    text = fill(frame, rng, slots)
    if topic.name == "unclear":
        text = salad(rng, lang, 8)
    elif topic.adjectives and rng.random() < 0.12:
        text = f"{salad(rng, lang, 5)}{rng.choice((' ', ', ', ' '))}{text}"
    return Said(text, slots)


def reply(
    topic: Topic,
    slots: Mapping[str, str],
    shown: str,
    rng: random.Random,
    lang: Lang,
    now: datetime | None = None,
) -> str:
    """Self's answer: an opener, then the idea when there is one, else a tail."""
    openers = [t for t in topic.openers if slots_of(t) <= set(slots) | {"hello", "me"}]
    opener = _richest(openers, slots, rng)
    filled = {"hello": hello(now, rng, lang), "me": "에코" if lang == "ko" else "Echo", **slots}
    first = _render(opener, rng, lang, filled)
    if shown:
        return f"{first} {shown}"
    tails = [t for t in topic.tails if slots_of(t) <= set(filled)]
    if not tails or rng.random() < 0.15:
        return first
    return f"{first} {_render(_richest(tails, filled, rng), rng, lang, filled)}"


def _richest(templates: list[str], slots: Mapping[str, str], rng: random.Random) -> str:
    using = [t for t in templates if slots_of(t) & (set(slots) - {"me", "hello"})]
    leaning = Leaning(rng.random())
    return leaning.choice(using) if using and rng.random() < 0.75 else leaning.choice(templates)


def idea(topic: Topic, slots: Mapping[str, str], rng: random.Random, lang: Lang) -> str:
    """What creation sketches; "" for a topic that needs none."""
    found = [t for t in topic.ideas if slots_of(t) <= set(slots)]
    return _render(_richest(found, slots, rng), rng, lang, slots) if found else ""


def reading(topic: Topic, said: Said) -> Reading:
    """How the words feel; a little more so when they are strong."""
    strong = any(w in said.text.split() for w in ("너무", "진짜", "완전", "so", "really", "very"))
    push = 0.1 if strong and topic.feeling != "none" else 0.0
    valence = topic.valence + (push if topic.valence > 0 else -push)
    return Reading(
        topic.feeling,
        round(max(-1.0, min(1.0, valence)), 1) + 0.0,
        round(min(1.0, topic.arousal + push), 1),
        topic.need,
        "brain",
    )


def as_json(read: Reading) -> str:
    """The emotion brain's answer."""
    return json.dumps(
        {
            "feeling": read.feeling,
            "valence": read.valence,
            "arousal": read.arousal,
            "need": read.need,
        }
    )


# ── the clock ────────────────────────────────────────────────────────────────────────────────

HOURS: Mapping[Lang, tuple[tuple[int, str], ...]] = {
    "ko": (
        (5, "(늦은 시간이네|아직 깨어 있구나|깊은 밤이네)."), (11, "(좋은 아침이야|잘 잤어?|안녕, 아침이네)."),
        (17, "(안녕, 좋은 오후야|안녕, 점심은 먹었어?|반가워, 좋은 오후야)."), (22, "(안녕, 좋은 저녁이야|반가워, 저녁은 먹었어?|안녕, 오늘도 수고했어)."),
        (24, "(안녕, 밤이 깊었네|늦은 밤이네, 안녕)."),
    ),
    "en": (
        (5, "(It is late|You are still up|Hello, night owl)."), (11, "(Good morning|Good morning, did you sleep well?|Morning)."),
        (17, "(Good afternoon|Hello, good afternoon|Hi, have you had lunch?)."), (22, "(Good evening|Hello, good evening|Hi, how was the day?)."),
        (24, "(Hello, it is getting late|Good evening, it is late)."),
    ),
}  # fmt: skip
CLOCKS: Mapping[Lang, tuple[tuple[str, str], ...]] = {
    "ko": (
        ("(지금|) 몇 시(야|지|임|)?", "지금은 {H}시 {M}분이야."), ("시간 (좀 알려줘|알려줘|봐줘)", "지금은 {H}시 {M}분이야."),
        ("(오늘|) 무슨 요일(이야|이지|임|)?", "오늘은 {day}<야>."), ("오늘 요일 (알려줘|뭐야)", "오늘은 {day}<야>."),
        ("오늘 (며칠|몇 월 며칠|날짜 뭐)(이야|야|지|임)?", "오늘은 {m}월 {d}일, {day}<야>."), ("오늘 날짜 (알려줘|뭐지)", "오늘은 {m}월 {d}일, {day}<야>."),
        ("지금 몇 년(이야|도야|이지)?", "지금은 {y}년이야."),
    ),
    "en": (
        ("what time is it( now|)?", "It is {H}:{M} now."), ("(tell me|do you know|you know) the time?", "It is {H}:{M} now."),
        ("what day is it( today|)?", "Today is {day}."), ("which day of the week is it?", "Today is {day}."),
        ("what's (the date|today's date)( today|)?", "Today is {day}, {month} {d}."), ("what is today?", "Today is {day}, {month} {d}."),
        ("what year is it?", "It is {y}."),
    ),
}  # fmt: skip


def hello(now: datetime | None, rng: random.Random, lang: Lang) -> str:
    """A greeting that fits the hour, or any hour."""
    if now is None or rng.random() < 0.4:
        return fill(
            "(안녕|안녕, 반가워|반가워|어서 와)."
            if lang == "ko"
            else "(Hello|Hi|Hi there|Hello, good to see you).",
            rng,
        )
    found = next(text for until, text in HOURS[lang] if now.hour < until)
    return fill(found, rng).replace("?.", "?")


def clock(now: datetime, rng: random.Random, lang: Lang) -> tuple[str, str]:
    """A question about the time, and its answer."""
    asked, told = rng.choice(CLOCKS[lang])
    slots = {
        "H": f"{now:%H}", "M": f"{now:%M}", "day": DAYS[lang][now.weekday()], "m": str(now.month),
        "d": str(now.day), "y": str(now.year), "month": MONTHS[now.month - 1],
    }  # fmt: skip
    return fill(asked, rng), fill(told, rng, slots)
