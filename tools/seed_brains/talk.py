"""Dialogues for the three voices, rendered through `echo.mind.prompts`. Pure: one rng in, text out.

Knows facts, topics, programs and personas; nothing of tokens, tensors or files beyond the tables.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from echo.mind import prompts
from echo.nouns import ECHO, Hit, Lang, Mood, Reading, Recollection, Turn
from tools.seed_brains import code, facts, noise, smalltalk, values
from tools.seed_brains.personas import Persona, persona

__all__ = [
    "CREATION",
    "EMOTION",
    "chat_branch",
    "creation_branch",
    "emotion_branch",
    "persona",
    "sample_texts",
    "self_branch",
    "topic_branch",
]

EMOTION, CREATION = prompts.EMOTION, prompts.CREATION
Exchange = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Move:
    """One thing the user does, and what the voices make of it. lines: what memory should bring."""

    words: str
    reply: str
    reading: Reading
    idea: str = ""
    lines: tuple[Turn, ...] = ()
    known: bool = False
    tells: facts.Fact | None = None
    plain: bool = True  # can be answered without its scene
    topic: str = ""


@dataclass(slots=True)
class Stage:
    """Where a dialogue happens: language, time, who speaks, what was told in it so far."""

    rng: random.Random
    lang: Lang
    who: Persona
    user: str
    now: datetime
    told: list[tuple[facts.Fact, Turn]] = field(default_factory=list)

    def turn(self, text: str, speaker: str | None = None, days: int | None = None) -> Turn:
        """Something said some days ago."""
        ago = self.rng.randrange(1, 500) if days is None else days
        at = self.now - timedelta(days=ago, minutes=self.rng.randrange(600))
        return Turn(f"{self.rng.getrandbits(40)}", at, speaker or self.user, text)


def _stage(rng: random.Random, who: Persona) -> Stage:
    lang: Lang = "ko" if rng.random() < 0.52 else "en"
    user = (
        "me" if rng.random() < 0.8 else rng.choice(("민지", "jun", "Anna", "owner", "서준", "user"))
    )
    start = datetime(2024, 1, 1, tzinfo=UTC)
    return Stage(rng, lang, who, user, start + timedelta(minutes=rng.randrange(4 * 365 * 1440)))


# ── memory ───────────────────────────────────────────────────────────────────────────────────


def _chatter(stage: Stage) -> Turn:
    rng, lang = (
        stage.rng,
        stage.lang if stage.rng.random() < 0.93 else stage.rng.choice(("ko", "en")),
    )
    topic = smalltalk.pick(rng, lang)
    said = smalltalk.say(topic, rng, lang)
    if rng.random() < 0.3:
        return stage.turn(smalltalk.reply(topic, said.slots, "", rng, lang), ECHO)
    return stage.turn(noise.rough(said.text, rng, lang))


def _fact_turn(stage: Stage, fact: facts.Fact) -> Turn:
    lang = stage.lang
    if stage.rng.random() < 0.05:  # it was told in the other language
        lang = "en" if lang == "ko" else "ko"
    told = facts.translated(fact, lang) or fact
    lang = lang if told is not fact else stage.lang
    said, ack = facts.tell(told, stage.rng, lang)
    if stage.rng.random() < 0.15:
        return stage.turn(ack, ECHO)
    return stage.turn(noise.rough(said, stage.rng, lang, fact.value))


def _distractors(stage: Stage, fact: facts.Fact | None, most: int) -> list[Turn]:
    rng, found = stage.rng, []
    for _ in range(rng.randint(0, most)):
        if rng.random() < 0.4:
            found.append(_chatter(stage))
            continue
        other = (
            facts.near_fact(fact, rng, stage.lang) if fact else facts.random_fact(rng, stage.lang)
        )
        found.append(_fact_turn(stage, other))
    return found


def _question(stage: Stage) -> Move:
    """A question of memory: told, told twice, or never told."""
    rng, lang = stage.rng, stage.lang
    told = [(same, t) for f, t in stage.told if (same := facts.translated(f, lang))]
    earlier = rng.choice(told) if told and rng.random() < 0.6 else None
    fact = earlier[0] if earlier else facts.random_fact(rng, lang)
    words, restated = facts.ask(fact, rng, lang)
    known = earlier is not None or rng.random() < 0.6
    lines = _distractors(stage, fact, 6 if rng.random() < 0.7 else 2)
    found: Turn | None = None
    if known:
        found = earlier[1] if earlier else _fact_turn(stage, fact)
        if not earlier and rng.random() < 0.12:  # told again since: the newer word holds
            fact = facts.Fact(fact.key, fact.subject, values.value(fact.key.shape, rng, lang))
            newer = _fact_turn(stage, fact)
            span = (found.at, newer.at) if found.at < newer.at else (newer.at, found.at)
            found, newer = (_dated(found, span[0]), _dated(newer, span[1]))
            lines.append(found)
            found = newer
        if not earlier and rng.random() < 0.2:
            lines.append(stage.turn(facts.ask(fact, rng, lang)[0]))  # the question was asked before
        if not earlier or rng.random() < 0.75:
            lines.append(found)
    reply = facts.answer(restated, fact.value if known else None, rng, lang)
    if fact.key.name in ("pet_name", "name") and rng.random() < 0.2:
        words, reply = facts.who_is(fact, rng, lang, known=known)
    if known and found is not None and found in lines and rng.random() < 0.2:
        reply += _when(found, lang)
    idea = (
        ""
        if rng.random() < 0.5
        else facts.idea(fact, rng, lang)
        if known
        else rng.choice(facts.INVITES[lang])
    )
    if idea and idea not in reply and rng.random() < 0.8:
        reply += " " + idea
    head = rng.random() < (0.97 if known and found in lines else 0.06)  # as recall judges it
    neutral = Reading("none", 0.0, 0.1, "information", "brain")
    typed = noise.rough(words, rng, lang, fact.value if fact.value in words else "")
    return Move(typed, reply, neutral, idea, tuple(lines), head, plain=False)


def _when(turn: Turn, lang: Lang) -> str:
    """When it was heard, as the recalled line has it, without the year."""
    at = turn.at
    return facts.WHENS[lang].format(m=at.month, d=at.day, month=prompts.MONTHS[at.month - 1])


def _dated(turn: Turn, at: datetime) -> Turn:
    return Turn(turn.ref, at, turn.speaker, turn.text)


def _statement(stage: Stage) -> Move:
    rng, lang = stage.rng, stage.lang
    fact = facts.random_fact(rng, lang)
    words, ack = facts.tell(fact, rng, lang)
    lines = _distractors(stage, fact, 4) if rng.random() < 0.5 else []
    idea = facts.idea(fact, rng, lang) if rng.random() < 0.5 else ""
    reply = f"{ack} {idea}".strip() if rng.random() < 0.8 else ack
    reading = Reading("none", 0.0, 0.1, "company", "brain")
    return Move(
        noise.rough(words, rng, lang, fact.value),
        reply,
        reading,
        idea,
        tuple(lines),
        rng.random() < 0.5,
        fact,
    )


# ── small talk, the clock, programs ──────────────────────────────────────────────────────────


def _topic(stage: Stage) -> Move:
    rng, lang = stage.rng, stage.lang
    topic = smalltalk.pick(rng, lang)
    said = smalltalk.say(topic, rng, lang, stage.now)
    slots = said.slots | {"me": stage.who.ko if lang == "ko" else stage.who.en}
    idea = smalltalk.idea(topic, slots, rng, lang)
    shown = idea if rng.random() < 0.6 else ""
    reply = smalltalk.reply(topic, slots, shown, rng, lang, stage.now)
    reading = smalltalk.reading(topic, said)
    lines = _distractors(stage, None, 4) if rng.random() < 0.3 else []
    known = bool(lines) and rng.random() < 0.6
    words = noise.rough(said.text, rng, lang)
    return Move(words, reply, reading, shown or idea, tuple(lines), known, topic=topic.name)


def _clock(stage: Stage) -> Move:
    rng, lang = stage.rng, stage.lang
    words, reply = smalltalk.clock(stage.now, rng, lang)
    lines = _distractors(stage, None, 3) if rng.random() < 0.4 else []
    neutral = Reading("none", 0.0, 0.1, "information", "brain")
    return Move(
        noise.rough(words, rng, lang), reply, neutral, "", tuple(lines), bool(lines), plain=False
    )


def _program(stage: Stage) -> Move:
    rng, lang = stage.rng, stage.lang
    name = rng.choice(tuple(code.PROGRAMS))
    words = smalltalk.fill(rng.choice(code.FRAMES[lang]).replace("{x}", code.ASKS[lang][name]), rng)
    block = f"```python\n{code.PROGRAMS[name]}\n```"
    reply = f"{rng.choice(code.SAYS[lang])}\n{block}"
    neutral = Reading("none", 0.0, 0.2, "information", "brain")
    return Move(noise.rough(words, rng, lang), reply, neutral, block)


def _move(stage: Stage) -> Move:
    roll = stage.rng.random()
    if roll < 0.28:
        return _question(stage)
    if roll < 0.36:
        return _statement(stage)
    if roll < 0.39:
        return _clock(stage)
    return _program(stage) if roll < 0.40 else _topic(stage)


# ── the voices ───────────────────────────────────────────────────────────────────────────────


def _scene(move: Move, stage: Stage) -> str:
    mood = Mood(max(-1.0, min(1.0, move.reading.valence * 0.6 + stage.rng.gauss(0, 0.3))))
    lines = sorted(move.lines, key=lambda turn: turn.at)
    hits: tuple[Hit, ...] = tuple(Hit(turn, 1.0) for turn in lines)
    if len(hits) > 2 and stage.rng.random() < 0.3:  # some come as a hit's neighbours
        hits = (Hit(lines[0], 1.0, near=tuple(lines[1:])),)
    memory = Recollection(move.words, move.known, hits)
    return prompts.scene(move.words, stage.lang, memory, mood, stage.now, user=stage.user)


def _thoughts(move: Move, stage: Stage) -> str:
    """What the others thought: mostly right, sometimes missing, sometimes beside the point, so
    that self holds on to the words themselves. An idea the reply does not use is a misfit."""
    rng = stage.rng
    reading: Reading | None = move.reading if rng.random() < 0.75 else None
    if reading and rng.random() < 0.15:
        other = smalltalk.pick(rng, stage.lang)
        reading = Reading(other.feeling, other.valence, other.arousal, other.need)
    idea = move.idea if move.idea and move.idea in move.reply else ""
    if not idea and rng.random() < 0.5:
        idea = _misfit(move, stage)
    return prompts.thoughts(reading, idea, stage.lang)


def _misfit(move: Move, stage: Stage) -> str:
    """An idea for something else."""
    rng, lang = stage.rng, stage.lang
    if rng.random() < 0.15:
        return facts.idea(facts.random_fact(rng, lang), rng, lang)
    topic = smalltalk.pick(rng, lang)
    found = smalltalk.idea(topic, smalltalk.say(topic, rng, lang).slots, rng, lang)
    return "" if topic.name == move.topic else found


def quiz_branch(rng: random.Random, who: Persona) -> list[Exchange]:
    """One scene with many lines, then bare questions about them: much looking up for few tokens.
    What is asked was told when memory's head says so, and was not when it says none."""
    stage = _stage(rng, who)
    if rng.random() < 0.25:
        stage.lang = "ko"  # stems, particles and rare syllables: more to learn
    lang, known = stage.lang, rng.random() < 0.7
    told: list[tuple[facts.Fact, Turn]] = []
    for _ in range(rng.randint(3, 7) if known else rng.randint(0, 4)):
        near = told and rng.random() < 0.5
        fact = facts.near_fact(told[0][0], rng, lang) if near else facts.random_fact(rng, lang)
        if not any(facts.same_key(fact, other) for other, _ in told):
            told.append((fact, _fact_turn(stage, fact)))
    first = replace(_topic(stage), lines=tuple(turn for _, turn in told), known=known)
    branch = [(_scene(first, stage), first.reply)] if rng.random() < 0.4 else []
    for _ in range(rng.randint(3, 6)):
        if known:
            fact, line = rng.choice(told)
            found = fact.value
        else:
            fact = facts.random_fact(rng, lang)
            if told and rng.random() < 0.6:
                fact = facts.near_fact(rng.choice(told)[0], rng, lang)
            if any(facts.same_key(fact, other) for other, _ in told):
                continue
            found = line = None
        words, restated = facts.ask(fact, rng, lang)
        typed = noise.rough(words, rng, lang)
        reply = facts.answer(restated, found, rng, lang)
        if line is not None and rng.random() < 0.2:
            reply += _when(line, lang)
        neutral = Reading("none", 0.0, 0.1, "information", "brain")
        asked = Move(typed, reply, neutral, "", first.lines, known=known)
        shown = prompts.told(typed, lang).content if branch else _scene(asked, stage)
        branch.append((shown, reply))
    return branch or self_branch(rng, who)


def self_branch(rng: random.Random, who: Persona, *, long: bool = False) -> list[Exchange]:
    """A dialogue with self: one to seven exchanges, the earlier ones bare after a restart."""
    stage = _stage(rng, who)
    length = rng.randint(3, 7) if long else rng.choice((1, 1, 1, 2, 2, 3, 4))
    bare = rng.randrange(length) if rng.random() < 0.3 else 0
    branch: list[Exchange] = []
    while len(branch) < length:
        if length > 1 and rng.random() < 0.04:
            stage.lang = "en" if stage.lang == "ko" else "ko"
        move = _move(stage)
        if len(branch) < bare:
            if move.plain:
                branch.append((prompts.told(move.words, stage.lang).content, move.reply))
                _keep(stage, move)
            continue
        branch.append((_scene(move, stage) + _thoughts(move, stage), move.reply))
        _keep(stage, move)
        stage.now += timedelta(minutes=rng.randrange(1, 5))
    return branch


def chat_branch(rng: random.Random, who: Persona) -> list[Exchange]:
    """Small talk as it stands in history, then one exchange with its scene: many topics in few
    tokens."""
    stage = _stage(rng, who)
    branch = []
    for _ in range(rng.randint(4, 9)):
        move = _topic(stage)
        branch.append((prompts.told(move.words, stage.lang).content, move.reply))
    move = _topic(stage)
    return [*branch, (_scene(move, stage) + _thoughts(move, stage), move.reply)]


def _keep(stage: Stage, move: Move) -> None:
    if move.tells is not None:
        turn = Turn(f"{stage.rng.getrandbits(40)}", stage.now, stage.user, move.words)
        stage.told = [(f, t) for f, t in stage.told if not facts.same_key(f, move.tells)]
        stage.told.append((move.tells, turn))


def creation_branch(rng: random.Random, who: Persona) -> list[Exchange]:
    """One scene and the idea for it; or, in half of them, first the ideas for bare words: many
    topics in few tokens."""
    stage = _stage(rng, who)
    branch: list[Exchange] = []
    for _ in range(rng.randint(3, 7) if rng.random() < 0.5 else 0):
        move = _topic(stage)
        if move.idea:
            branch.append((prompts.told(move.words, stage.lang).content, move.idea))
    while True:
        move = _program(stage) if rng.random() < 0.04 else _move(stage)
        if move.idea:
            return [*branch, (_scene(move, stage), move.idea)]


def emotion_branch(rng: random.Random) -> list[Exchange]:
    """The user's words and the reading of them."""
    stage = _stage(rng, Persona("", "에코", "Echo"))
    if rng.random() < 0.75:
        topic = smalltalk.pick(rng, stage.lang, feelings=True)
        said = smalltalk.say(topic, rng, stage.lang, felt=True)
        words, reading = noise.rough(said.text, rng, stage.lang), smalltalk.reading(topic, said)
    else:
        move = _move(stage)
        words, reading = move.words, move.reading
    return [(words, smalltalk.as_json(reading))]


def topic_branch(rng: random.Random) -> list[Exchange]:
    """The user's words and the name of their topic: no voice of Echo's, but what teaches the
    voices to tell topics apart, in few tokens."""
    stage = _stage(rng, Persona("", "에코", "Echo"))
    topic = smalltalk.pick(rng, stage.lang)
    said = smalltalk.say(topic, rng, stage.lang, stage.now)
    return [(noise.rough(said.text, rng, stage.lang), topic.name)]


def sample_texts(seed: int, count: int) -> Iterator[str]:
    """Text for the tokenizer to learn from."""
    rng = random.Random(f"sample {seed}")
    for n in range(count):
        who = persona(rng)
        voice = (self_branch(rng, who), creation_branch(rng, who), emotion_branch(rng))[
            min(n % 4, 2)
        ]
        yield from (text for exchange in voice for text in exchange)
        if n % 40 == 0:
            yield who.system
    yield from (prompts.EMOTION, prompts.CREATION, "system\n", "user\n", "assistant\n")
