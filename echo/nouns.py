"""Every value that flows through Echo, and the events of one turn.

Pure values: frozen, slotted, no database ids, no handles, no I/O. Knows nothing of who makes or
who reads them. Times are timezone-aware datetimes; valence is -1 (unpleasant) … 1 (pleasant);
arousal is 0 (calm) … 1 (stirred); seconds and token counts say so in their names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Lang = Literal["ko", "en"]
LANGS: tuple[Lang, ...] = ("ko", "en")
Voice = Literal["emotion", "self", "creation"]
Mode = Literal["full", "auto", "solo"]
Role = Literal["system", "user", "assistant"]
Status = Literal["pending", "complete", "interrupted"]
Feeling = Literal[
    "joy",
    "sadness",
    "anger",
    "anxiety",
    "love",
    "fatigue",
    "loneliness",
    "calm",
    "surprise",
    "none",
]
Need = Literal["comfort", "advice", "celebration", "company", "information", "space"]

VOICES: tuple[Voice, ...] = ("emotion", "self", "creation")
FEELINGS: tuple[Feeling, ...] = (
    "joy", "sadness", "anger", "anxiety", "love",
    "fatigue", "loneliness", "calm", "surprise", "none",
)  # fmt: skip
NEEDS: tuple[Need, ...] = ("comfort", "advice", "celebration", "company", "information", "space")
DAY_SESSION = "day:"  # how the session of lines that have a day and no hour begins
ECHO = "echo"  # the speaker name of Echo's own words; no user may carry it


# ── words ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt, before any chat template: what a brain is given to read."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance: who said what, when, in which session.

    ref: public name of this occurrence, never reused; at: aware, in the zone it was said in;
    text: lossless, as it came after NFC and scrubbing.
    """

    ref: str
    at: datetime
    speaker: str
    text: str
    session: str = ""
    status: Status = "complete"

    @property
    def timed(self) -> bool:
        """Whether the time of day is known; a line of a day file has a day only."""
        return not self.session.startswith(DAY_SESSION)


# ── feeling ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Mood:
    """What the words of one line weigh, read without a model.

    feelings: (name, score 0…1), strongest first; evidence: (word, weight -1…1) that moved it.
    """

    valence: float = 0.0
    arousal: float = 0.0
    feelings: tuple[tuple[str, float], ...] = ()
    evidence: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """How the user's words felt: by the emotion brain, or by the reader when it is left out."""

    feeling: Feeling
    valence: float
    arousal: float
    need: Need
    source: Literal["brain", "reader"] = "reader"


# ── recall ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Hit:
    """One remembered turn, why it came back, and the turns around it (oldest first).

    why: (reason, weight) pairs that add up to score; near never counts as hits.
    """

    turn: Turn
    score: float
    why: tuple[tuple[str, float], ...] = ()
    near: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Recollection:
    """The answer to one question of memory. known: was this ever told? confidence: how sure that
    is, 0…1.
    """

    query: str
    known: bool
    hits: tuple[Hit, ...] = ()
    confidence: float = 0.0


# ── one turn ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Thought:
    """What one voice thought in one turn. left_out says why it was not used; "" when it was."""

    voice: Voice
    text: str = ""
    tokens: int = 0
    seconds: float = 0.0
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds and tokens of one turn. first_word_s: from the words' arrival to the first delta."""

    first_word_s: float = 0.0
    total_s: float = 0.0
    prompt_tokens: int = 0
    evaluated_tokens: int = 0
    reply_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the user said and what Echo answered; the unit that memory keeps.

    reply.status tells whether the answer is whole; ungrounded lists the claims of memory in it
    that nothing recalled supports.
    """

    words: Turn
    reply: Turn
    lang: Lang = "en"
    mode: Mode = "full"
    reading: Reading | None = None
    thoughts: tuple[Thought, ...] = ()
    recalls: tuple[Hit, ...] = ()
    ungrounded: tuple[str, ...] = ()
    timings: Timings = field(default_factory=Timings)


# ── events of one turn, in the order they may come ───────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Recalled:
    """Memory has answered; the user's words are committed under words.ref."""

    words: Turn
    recollection: Recollection


@dataclass(frozen=True, slots=True)
class Felt:
    """How the words feel: once from the reader at once, again when the emotion brain has read."""

    reading: Reading


@dataclass(frozen=True, slots=True)
class Thinking:
    """A voice has finished its thought, or was left out."""

    thought: Thought


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of Echo's answer: whole characters, not yet sanitised for a terminal."""

    text: str


@dataclass(frozen=True, slots=True)
class Replied:
    """The turn is over and committed."""

    exchange: Exchange


Event = Recalled | Felt | Thinking | Delta | Replied


# ── waking ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Waking:
    """One step of the road from launch to the first reply.

    stage: "memory", "replay", or the voice whose brain is loading; done: 0…1; note: a file name
    or a model name; error: a sentence when this stage failed and the rest carries on; lines,
    files, files_total: of a replay, read so far.
    """

    stage: str
    done: float
    note: str = ""
    error: str = ""
    lines: int = 0
    files: int = 0
    files_total: int = 0


# ── the being ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Identity:
    """Who Echo is in this home: the stable prefix of every prompt.

    text: the adopted self-description; digest: blake2b-128 hex of text; parent: the digest it
    grew from, "" for the first; reason: why it changed.
    """

    version: int
    digest: str
    text: str
    parent: str = ""
    reason: str = ""
    adopted_at: datetime | None = None


# ── what is counted and told ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean and how many lines it is the mean of; a figure without its n is never shown."""

    value: float
    n: int


@dataclass(frozen=True, slots=True)
class Insight:
    """What a span of days was like, from the user's own lines.

    since/until: local dates, both included; hours: (hour 0…23, valence figure) in order; topics:
    (word, lines it stands in), most first; moved: (turn, valence) of the lines that weighed most;
    patterns/threads: sentences' worth of data for later rooms; words: the self brain's paragraph,
    "" without a model.
    """

    since: str
    until: str
    exchanges: int
    lines: int
    valence: Figure
    arousal: Figure
    hours: tuple[tuple[int, Figure], ...] = ()
    topics: tuple[tuple[str, int], ...] = ()
    moved: tuple[tuple[Turn, float], ...] = ()
    patterns: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()
    ungrounded: int = 0
    words: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file, or a part of one, that was not read, and the one-line reason."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Replay:
    """What one boot read. lines: non-blank lines seen; new + repeated = lines of text rows."""

    files: int = 0
    lines: int = 0
    new: int = 0
    repeated: int = 0
    skipped: tuple[Skipped, ...] = ()
    days: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Stats:
    """How much one user's memory holds. occurrences = texts + repeated."""

    occurrences: int
    texts: int
    repeated: int
    exchanges: int
    days: int
    first: datetime | None
    last: datetime | None
    database_bytes: int


# ── facts ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Fact:
    """Something the user told about themselves or theirs, in their own words.

    subject: "me", or the words for whom it is about (`cat`, `고양이`); relation: echo.facts.find
    names them; negated: it was denied; when: the time of a plan, as said; confidence 0…1; instead:
    the words say that it takes the place of another.
    """

    subject: str
    relation: str
    value: str
    negated: bool = False
    when: str = ""
    confidence: float = 0.8
    instead: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A fact as it stands after all that was told.

    id: its public name, the same wherever it was told; refs: the turns that told it, newest last;
    since: when it was told first; until: when another took its place, None while it holds; against:
    the value it contradicts; edited: the user put these words there.
    """

    id: str
    fact: Fact
    refs: tuple[str, ...]
    since: datetime
    until: datetime | None = None
    against: str = ""
    edited: bool = False
