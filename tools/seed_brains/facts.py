"""Facts that may be told and asked for: keys, subjects, sentences. Pure; renders no prompt.

A fact's key is restated at the head of every answer and decided upon after it ("네 고양이 이름은
모푸야." / "네 고양이 이름은 아직 듣지 못했어."): a tiny model answers rightly in that form only.
"""

# ruff: noqa: E501 — tables of sentences are read more easily unwrapped

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from echo.nouns import Lang
from tools.seed_brains.texts import WORDS, fill
from tools.seed_brains.values import POOLS, hangul_word, latin_word, value


@dataclass(slots=True)
class Key:
    """One kind of fact. who: pet, person or me; noun: what stands after the owner."""

    name: str
    shape: str
    who: str
    noun: str
    tells: list[str] = field(default_factory=list)
    asks: list[str] = field(default_factory=list)
    ideas: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Fact:
    """A key of a subject with its value. subject: index of the pet or person, -1 for the user."""

    key: Key
    subject: int
    value: str


def _read(lang: Lang) -> dict[str, Key]:
    keys: dict[str, Key] = {}
    last: Key | None = None
    for line in (WORDS / f"facts_{lang}.txt").read_text("utf-8").splitlines():
        mark, text = line.split(" ", 1)
        if mark == "#":
            name, shape, who, noun = text.split(" ", 3)
            last = keys[name] = Key(name, shape, who, noun)
        elif last is not None:
            {"t": last.tells, "q": last.asks, "!": last.ideas}[mark].append(text)
    return keys


KEYS: Mapping[Lang, Mapping[str, Key]] = {"ko": _read("ko"), "en": _read("en")}
NAMES = tuple(KEYS["ko"])
PETS: Mapping[Lang, tuple[tuple[str, ...], ...]] = {
    "ko": (("고양이", "고양이", "냥이", "야옹이"), ("강아지", "강아지", "개", "멍멍이", "댕댕이"),
           ("토끼",), ("햄스터",), ("새", "앵무새"), ("거북이",), ("물고기", "금붕어"), ("고슴도치",)),
    "en": (("cat", "cat", "kitty"), ("dog", "dog", "puppy"), ("rabbit", "bunny"), ("hamster",),
           ("bird", "parrot"), ("turtle",), ("fish", "goldfish"), ("hedgehog",)),
}  # fmt: skip
GENERIC: Mapping[Lang, tuple[str, ...]] = {
    "ko": (
        "{K} (기억나|기억해|알아|기억하지|말해 줄 수 있어|생각나)?", "{K}<이> 뭐(였지|지|더라|야|라고 했지)?",
        "{K}(| 좀) 알려줘", "내가 {K} (말했나|말했었나|말한 적 있어|얘기했지)?", "{K} 뭐였는지 (기억나|기억해)?",
        "혹시 {K} 기억해?", "{K} 뭐게 (ㅋㅋ|)", "야 {K} 뭐더라", "지난번에 말한 {K} 기억나?", "{K}<은>?",
        "{K} 까먹었어 (뭐였지|ㅠㅠ 알려줘)", "너 {K} 알지?",
    ),
    "en": (
        "do you (remember|know|recall) {K}?", "what('s| is| was) {K}( again|)?", "can you tell me {K}?",
        "tell me {K}( please|)", "did I (ever |)(tell you|mention) {K}?", "I forgot {K}, what was it?",
        "remind me of {K}", "{K}?", "you know {K}, right?", "what did I say {K} was?", "and {K}?",
        "hey what's {K}", "any idea what {K} is?",
    ),
}  # fmt: skip
ANSWERS: Mapping[Lang, tuple[str, str]] = {
    "ko": ("{K}<은> {v}<야>.", "{K}<은> 아직 듣지 못했어."),
    "en": ("{K} is {v}.", "{K}, I was not told yet."),
}
INVITES: Mapping[Lang, tuple[str, ...]] = {
    "ko": (
        "알려 주면 기억할게.",
        "나한테 말해 줄래?",
        "지금 알려 줘도 좋아.",
        "들려주면 잘 간직할게.",
    ),
    "en": (
        "Tell me and I will remember.",
        "Will you tell me?",
        "You can tell me now.",
        "I would like to know.",
    ),
}
ACKS: Mapping[Lang, tuple[str, ...]] = {
    "ko": (
        "{K}<은> {v}<구>. 기억할게.",
        "{K}<은> {v}, 잘 기억해 둘게.",
        "{K}<은> {v}<구>. 말해 줘서 고마워.",
    ),
    "en": (
        "{K} is {v}. I will remember that.",
        "{K} is {v}, got it.",
        "{K} is {v}. Thank you for telling me.",
    ),
}
WHENS: Mapping[Lang, str] = {"ko": " {m}월 {d}일에 들었어.", "en": " You told me on {month} {d}."}
_EMPTY: Mapping[str, str] = {}


def random_fact(rng: random.Random, lang: Lang) -> Fact:
    """Any fact with any value."""
    roll = rng.random()
    if roll > 0.92:
        return _open_fact(rng, lang)
    name = "pet_name" if roll < 0.22 else "my_name" if roll < 0.32 else rng.choice(NAMES)
    key = KEYS[lang][name]
    size = {"pet": len(PETS[lang]), "person": len(POOLS[lang]["person"])}.get(key.who, 0)
    low = (
        min(rng.randrange(size), rng.randrange(size))
        if key.who == "pet"
        else rng.randrange(size)
        if size
        else -1
    )
    return Fact(key, low, value(key.shape, rng, lang))


OPEN: Mapping[Lang, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "ko": (
        ("{thing}", "{x}", "{thing} 이름", "{thing} 색", "{thing} 번호", "{x} 이름", "첫 {thing}", "{x} 날짜"),
        ("내 {noun}<은> {v}<야>", "내 {noun} {v}", "{noun}<은> {v}<로> 정했어", "내 {noun}<은> {v}<라>고 해"),
        ("오늘 한 번 더 떠올려 보자.", "수첩에 작게 적어 두자."),
    ),
    "en": (
        ("{thing}", "{x}", "{thing} name", "{thing} colour", "{thing} number", "{x} name", "first {thing}", "{x} date"),
        ("my {noun} is {v}", "my {noun}: {v}", "I chose {v} as my {noun}", "my {noun} is called {v}"),
        ("Think of it once more today.", "Write it small in your notebook."),
    ),
}  # fmt: skip


def _open_fact(rng: random.Random, lang: Lang) -> Fact:
    """A fact whose key is any thing at all, even a made-up word."""
    nouns, tells, ideas = OPEN[lang]
    made = hangul_word(rng, 2, 3) if lang == "ko" else latin_word(rng)
    noun = fill(rng.choice(nouns), rng, {"thing": rng.choice(POOLS[lang]["thing"]), "x": made})
    shape = rng.choice(("name", "place", "digits", "colour", "title", "phrase", "day", "thing"))
    told = [tell.replace("{noun}", noun) for tell in tells]
    return Fact(
        Key(f"open {lang} {noun}", shape, "me", noun, told, [], list(ideas)),
        -1,
        value(shape, rng, lang),
    )


def near_fact(fact: Fact, rng: random.Random, lang: Lang) -> Fact:
    """A fact easily mistaken for another: the same key of another subject, or the reverse."""
    while True:
        other = random_fact(rng, lang)
        if fact.key.who != "me" and rng.random() < 0.5:
            size = len(PETS[lang]) if fact.key.who == "pet" else len(POOLS[lang]["person"])
            other = Fact(fact.key, rng.randrange(size), value(fact.key.shape, rng, lang))
        elif fact.key.who == "person" and other.key.who == "person":
            other = Fact(other.key, fact.subject, other.value)
        if not same_key(fact, other):
            return other


def translated(fact: Fact, lang: Lang) -> Fact | None:
    """The same fact with its key in another language; None where the subjects do not match."""
    if fact.key.name.startswith("open "):
        return fact if fact.key.name.startswith(f"open {lang} ") else None
    key = KEYS[lang][fact.key.name]
    return (
        None
        if fact.key.who == "person" and fact.key is not key
        else Fact(key, fact.subject, fact.value)
    )


def same_key(a: Fact, b: Fact) -> bool:
    """Whether both answer the same question."""
    return a.key.name == b.key.name and a.subject == b.subject


def _subject(fact: Fact, rng: random.Random, lang: Lang) -> str:
    if fact.key.who == "pet":
        return rng.choice(PETS[lang][fact.subject])
    return POOLS[lang]["person"][fact.subject] if fact.key.who == "person" else ""


def _slots(fact: Fact, subject: str, rng: random.Random, lang: Lang) -> dict[str, str]:
    noun = fact.key.noun
    if lang == "ko":
        mine = f"{rng.choice(('내', '내', '우리'))} {subject}" if subject else "내"
        key = f"{mine} {noun}"
        return {
            "S": mine,
            "s": subject,
            "K": key,
            "E": f"네 {subject} {noun}" if subject else f"네 {noun}",
            "v": fact.value,
        }
    mine = f"my {subject}" if subject else "I"
    of = f"{subject}'s {noun}" if subject else noun
    return {"S": mine, "N": mine, "s": subject, "K": f"my {of}", "E": f"your {of}", "v": fact.value}


def tell(fact: Fact, rng: random.Random, lang: Lang) -> tuple[str, str]:
    """What the user says of it, and Echo's acknowledgement."""
    subject = _subject(fact, rng, lang)
    slots = _slots(fact, subject, rng, lang)
    said = fill(rng.choice(fact.key.tells), rng, slots)
    slots["K"] = slots["E"]
    ack = fill(rng.choice(ACKS[lang]), rng, slots)
    return said, ack[0].upper() + ack[1:]


def ask(fact: Fact, rng: random.Random, lang: Lang) -> tuple[str, str]:
    """A question for it, and the key as Echo restates it."""
    slots = _slots(fact, _subject(fact, rng, lang), rng, lang)
    forms = GENERIC[lang] if rng.random() < 0.5 else fact.key.asks or GENERIC[lang]
    return fill(rng.choice(forms), rng, slots), slots["E"]


REVERSE: Mapping[Lang, tuple[str, str, str]] = {
    "ko": (
        "{v}<이> (누구야|누구지|누구더라|누구였지)?",
        "{v}<은> {K}<야>.",
        "{v}<은> 아직 듣지 못했어.",
    ),
    "en": ("who('s| is| was) {v}( again|)?", "{v} is {K}.", "{v}, I was not told yet."),
}


def who_is(fact: Fact, rng: random.Random, lang: Lang, *, known: bool) -> tuple[str, str]:
    """A question the other way round, from a name to its key, and the answer."""
    asked, told, untold = REVERSE[lang]
    slots = {"v": fact.value, "K": _slots(fact, _subject(fact, rng, lang), rng, lang)["E"]}
    return fill(asked, rng, slots), fill(told if known else untold, rng, slots)


def answer(restated: str, found: str | None, rng: random.Random, lang: Lang) -> str:
    """The answer: the key first, then the value, or that it was never told."""
    told, untold = ANSWERS[lang]
    text = fill(told if found is not None else untold, rng, {"K": restated, "v": found or ""})
    if found is None and rng.random() < 0.6:
        text += " " + rng.choice(INVITES[lang])
    return text[0].upper() + text[1:]


def idea(fact: Fact, rng: random.Random, lang: Lang) -> str:
    """What creation may add."""
    return fill(rng.choice(fact.key.ideas), rng, {"s": _subject(fact, rng, lang)})
