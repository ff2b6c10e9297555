"""One conversation: what is said goes in, events come out, memory keeps both.

The only place where a turn touches memory: the user's words are committed before anything
thinks, the partial answer at most a second behind, the exchange at the end, however it ends.
Knows no terminal. Everything that varies from run to run (clock, names, chance) is handed in.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from pathlib import Path

from echo.being.bond import Bond, absorb
from echo.brains.protocol import Ask, Piece, Stop, Usage
from echo.errors import JournalError, UsageError
from echo.feeling.reader import read, reading
from echo.i18n import Words
from echo.insight.span import insight, paragraph_prompt
from echo.memory.store import Store
from echo.mind import crisis, doubt, prompts, router
from echo.mind.cast import Cast
from echo.mind.composer import Composer, Scene, Score
from echo.mind.fitting import Fitting
from echo.mind.grounds.judge import ungrounded
from echo.mind.grounds.support import Support
from echo.nouns import (
    ECHO,
    VOICES,
    Delta,
    Event,
    Exchange,
    Felt,
    Identity,
    Insight,
    Known,
    Lang,
    Message,
    Mode,
    Mood,
    Recalled,
    Recollection,
    Replied,
    Status,
    Timings,
    Turn,
    Voice,
)
from echo.recall.search import recall
from echo.recall.told import without_others
from echo.text import language, one_line, scrub

PARTIAL_S = 0.8  # how often a growing answer is committed


@dataclass(frozen=True, slots=True)
class Self:
    """Who talks with whom: the parts of a session that do not change while it lasts."""

    user: str
    lang: Lang
    identity: Identity
    zone: tzinfo
    recall_limit: int = 6
    recall_tokens: int = 700
    strict: bool = False  # an answer that invents memories is asked for once more


@dataclass(frozen=True, slots=True)
class Chance:
    """What the world decides: the time, new names, dice."""

    clock: Callable[[], datetime]
    new_ref: Callable[[], str]
    rng: random.Random = field(default_factory=random.Random)


@dataclass(frozen=True, slots=True)
class _Past:
    """One exchange as it stands in the context: exactly the text that was evaluated.

    told: what later answers may rest on: the words, what was recalled with them in this
    conversation, and the reply but for what it invented, which saying twice makes no truer.
    """

    refs: tuple[str, str]
    words: Message
    reply: Message
    told: str


class Session:
    """A conversation of one user with Echo."""

    def __init__(
        self, who: Self, store: Store, cast: Cast, chance: Chance, *, session: str, bond: Bond
    ) -> None:
        self.who = who
        self.store = store
        self.mode: Mode = "full"
        self.last: Exchange | None = None
        self.bond = bond
        self.session = session
        self._cast = cast
        self._chance = chance
        self._composer = Composer(cast, chance.rng)
        self._past: tuple[_Past, ...] = ()
        self._helped = False  # help was named in this conversation; it is named once

    # ── what others may ask ──────────────────────────────────────────────────────────────────

    @property
    def user(self) -> str:
        """Whose session this is."""
        return self.who.user

    @property
    def identity(self) -> Identity:
        """Who Echo is in this home."""
        return self.who.identity

    def voices(self) -> Mapping[Voice, str]:
        """Each voice's model, or why it is left out."""
        return {
            voice: self._cast.brains[voice].name
            if voice in self._cast.brains
            else self._cast.absent.get(voice, "absent")
            for voice in VOICES
        }

    def adapters(self) -> Mapping[Voice, str]:
        """The LoRA each voice speaks with; "" for none."""
        return {voice: brain.adapter for voice, brain in self._cast.brains.items()}

    def adapt(self, voice: Voice, path: Path | None, scale: float = 1.0) -> None:
        """Let a voice speak with a LoRA from its next word on, or with none.

        Raises UsageError for a voice that is not awake, ModelFileError; then nothing has changed.
        """
        if voice not in self._cast.brains:
            raise UsageError("The voice {voice} is not awake.", voice=voice)
        self._composer.rest()
        self._cast.brains[voice].adapt(path, scale)

    def absent(self) -> Mapping[Voice, str]:
        """The voices that are not awake, and why."""
        return dict(self._cast.absent)

    def recall(self, query: str, limit: int = 10) -> Recollection:
        """What Echo would remember of this."""
        now = self._chance.clock()
        return recall(self.store, self.user, query, now=now, limit=limit)

    def facts(self) -> tuple[Known, ...]:
        """What the user told of themselves and theirs, oldest first."""
        return self.store.known(self.user)

    def now(self) -> datetime:
        """The time as this session sees it."""
        return self._chance.clock()

    def insight(self, since: date, until: date, *, paragraph: bool = True) -> Insight:
        """What these days were like; with a paragraph in Echo's words when a brain can write it."""
        found = insight(self.store, self.user, since, until, zone=self.who.zone)
        if not paragraph or not found.lines:
            return found
        return replace(found, words=self._tell(found))

    def greeting(self, words: Words) -> str:
        """Something true to begin with: how long it has been, and what was said last."""
        newest = next(self.store.turns(self.user, limit=1, newest_first=True), None)
        if newest is None:
            return words("Hello. I am Echo. Whatever you tell me, I will remember.")
        days = (self.now().date() - newest.at.astimezone(self.who.zone).date()).days
        said = next(
            self.store.turns(self.user, limit=1, newest_first=True, speaker=self.user), None
        )
        if days < 1 or said is None:
            return words("I am here.")
        quote = one_line(said.text)
        quote = quote if len(quote) <= 40 else quote[:39] + "…"
        return words("It has been {days} days. Last time you said: {quote}").format(
            days=days, quote=quote
        )

    def resume(self, exchanges: Sequence[Exchange]) -> None:
        """Take up earlier exchanges as this conversation's beginning, oldest first."""
        self._past = tuple(
            _Past(
                (e.words.ref, e.reply.ref),
                prompts.told(e.words.text, e.lang),
                Message("assistant", e.reply.text),
                _told(e),
            )
            for e in exchanges
            if e.reply.text
        )
        self.last = exchanges[-1] if exchanges else self.last

    def close(self) -> None:
        """Let go of brains and store. Waits for thoughts that are still under way."""
        if self._composer.rest():
            for brain in set(self._cast.brains.values()):
                brain.close()
        self.store.close()

    # ── one turn ─────────────────────────────────────────────────────────────────────────────

    def turn(self, words: str, stop: Stop) -> Iterator[Event]:
        """One exchange. The words are committed before the first event comes out."""
        began = time.monotonic()
        words = scrub(words)
        said = Turn(
            self._chance.new_ref(), self._chance.clock(), self.user, words, self.session, "complete"
        )
        lang = language(words, self.last.lang if self.last else self.who.lang)
        recollection = self._remember(said)
        self.store.begin(self.user, said)
        yield Recalled(said, recollection)
        mood = read(words)
        yield Felt(reading(mood, words))
        yield from self._play(_Turn(said, lang, recollection, mood, began), stop)

    def _remember(self, said: Turn) -> Recollection:
        live = frozenset(ref for past in self._past for ref in past.refs)
        found = recall(
            self.store, self.user, said.text,
            now=said.at, limit=self.who.recall_limit, exclude=live,
        )  # fmt: skip
        return without_others(self.store, self.user, found)

    def _play(self, turn: _Turn, stop: Stop) -> Iterator[Event]:
        """Compose and keep. Whatever happens on the way, the exchange is finished in memory."""
        score = Score()
        reply = Turn(self._chance.new_ref(), turn.said.at, ECHO, "", self.session, "pending")
        try:
            yield from self._saving(self._events(turn, score, stop), turn, reply)
        finally:
            exchange = self._exchange(turn, reply, score)
            self._keep(exchange, score, turn.mood)
        yield Replied(exchange)

    def _keep(self, exchange: Exchange, score: Score, mood: Mood) -> None:
        try:
            self.store.finish(self.user, exchange)
        except JournalError:  # of an earlier one: this one is in memory, and in this conversation
            self._absorb(exchange, score, mood)
            raise
        self._absorb(exchange, score, mood)

    def _events(self, turn: _Turn, score: Score, stop: Stop) -> Iterator[Event]:
        if crisis.called_for(turn.said.text):
            score.reply = crisis.answer(turn.lang, again=self._helped)
            score.scene = prompts.told(turn.said.text, turn.lang).content
            score.usage = Usage(0, 0, 0, "stop")
            score.first_word_at = time.monotonic()
            self._helped = True
            yield Delta(score.reply)
            return
        scene, score.told = self._scene(turn)
        if self.who.strict:
            yield from self._grounded(turn, scene, score, stop)
        else:
            yield from self._composer.compose(scene, score, stop)
        yield from self._wonder(turn, score)

    def _grounded(self, turn: _Turn, scene: Scene, score: Score, stop: Stop) -> Iterator[Event]:
        """The answer is held back until it is judged, and asked for once more if it invents."""
        for event in self._composer.compose(scene, score, stop):
            if not isinstance(event, Delta):
                yield event
        claims = ungrounded(score.reply, self._support(turn, score))
        if claims and _is_whole(score) and not stop():
            for event in self._composer.again(scene, score, claims, stop):
                if not isinstance(event, Delta):
                    yield event
        yield Delta(score.reply)

    def _wonder(self, turn: _Turn, score: Score) -> Iterator[Event]:
        """Ask behind a whole answer, when the words contradict what was told before."""
        if not (_is_whole(score) and score.reply.strip()):
            return
        score.asked = doubt.question(self.store, self.user, turn.said, turn.lang)
        if score.asked:
            score.reply = f"{score.reply.rstrip()} {score.asked}"
            yield Delta(f" {score.asked}")

    def _saving(self, events: Iterator[Event], turn: _Turn, reply: Turn) -> Iterator[Event]:
        """The same events; on the way the growing answer is committed every PARTIAL_S."""
        said, saved = "", time.monotonic()
        for event in events:
            yield event
            if isinstance(event, Delta):
                said += event.text
                if time.monotonic() - saved >= PARTIAL_S:
                    self.store.partial(self.user, turn.said.ref, replace(reply, text=said))
                    saved = time.monotonic()

    def _exchange(self, turn: _Turn, reply: Turn, score: Score) -> Exchange:
        text = score.reply.rstrip()
        told = score.told or Recollection(turn.said.text, known=False)
        status: Status = "complete" if _is_whole(score) else "interrupted"
        ended = replace(reply, at=self._chance.clock(), text=text, status=status)
        return Exchange(
            turn.said,
            ended,
            turn.lang,
            self.mode,
            score.reading or reading(turn.mood, turn.said.text),
            tuple(score.thoughts),
            told.hits,
            ungrounded(text, self._support(turn, score)),
            _timings(turn.began, score),
        )

    def _support(self, turn: _Turn, score: Score) -> Support:
        """What this turn's answer may rest on."""
        lines = self._shown(score)
        return Support(
            (turn.said.text, score.asked, *(line.text for line in lines),
             *(past.told for past in self._past), self.identity.text),
            tuple((line.text, line.at.date()) for line in lines),
            turn.said.at.date(),
            turn.said.text,
            tuple(at.hour for at in (turn.said.at, *(line.at for line in lines))),
        )  # fmt: skip

    def _shown(self, score: Score) -> tuple[Turn, ...]:
        """The remembered turns that stood in the prompt, Echo's without what it invented."""
        lines = tuple(_lines(score.told)) if score.told else ()
        marked = self.store.invented(self.user, (one.ref for one in lines if one.speaker == ECHO))
        return tuple(
            replace(one, text=_without(one.text, marked.get(one.ref, ()))) for one in lines
        )

    def _absorb(self, exchange: Exchange, score: Score, mood: Mood) -> None:
        self.last = exchange
        self.bond = absorb(self.bond, exchange.words.at, mood)
        if exchange.reply.text:
            evaluated = Message("user", score.scene + score.tail)
            past = _Past(
                (exchange.words.ref, exchange.reply.ref),
                evaluated,
                Message("assistant", exchange.reply.text),
                _told(exchange, *(line.text for line in self._shown(score))),
            )
            self._past = (*self._past, past)

    # ── what a turn is made of ───────────────────────────────────────────────────────────────

    def _scene(self, turn: _Turn) -> tuple[Scene, Recollection]:
        """The scene of this turn, and the part of its recollection that stands in it."""
        now = turn.said.at.astimezone(self.who.zone)
        felt = absorb(self.bond, turn.said.at, turn.mood).mood
        fitting = Fitting(
            self._cast.main(), self.identity.text, self._cast.manner("self").max_tokens
        )
        told = fitting.told(
            turn.recollection,
            self.who.recall_tokens,
            lambda part: prompts.recalled(part, turn.lang, self.user),
        )

        def draw(words: str) -> str:
            return prompts.scene(words, turn.lang, told, felt, now, user=self.user)

        words = fitting.words(turn.said.text, draw)
        history = fitting.history(_messages(self._past), draw(words))
        self._past = self._past[len(self._past) - len(history) // 2 :]
        voices = router.voices(self.mode, words, turn.mood)
        scene = Scene(self.identity.text, history, draw(words), words, turn.lang, voices)
        return scene, told

    def _tell(self, found: Insight) -> str:
        brain = self._cast.main()
        manner = self._cast.manner("self")
        ask = Ask(
            paragraph_prompt(found, self.who.lang),
            max_tokens=min(200, manner.max_tokens),
            temperature=manner.temperature,
            seed=max(manner.seed, 0),
        )
        items = brain.speak(ask, lambda: False)
        return "".join(item.text for item in items if isinstance(item, Piece)).strip()


@dataclass(frozen=True, slots=True)
class _Turn:
    """What is fixed about a turn once its words are committed."""

    said: Turn
    lang: Lang
    recollection: Recollection
    mood: Mood
    began: float


def _messages(past: Sequence[_Past]) -> tuple[Message, ...]:
    return tuple(message for each in past for message in (each.words, each.reply))


def _told(exchange: Exchange, *shown: str) -> str:
    """The words, what was shown with them, and the reply without the claims that were marked."""
    reply = _without(exchange.reply.text, exchange.ungrounded)
    return "\n".join((exchange.words.text, *shown, reply))


def _without(reply: str, claims: Iterable[str]) -> str:
    for claim in claims:
        reply = re.sub(rf"(?<!\w){re.escape(claim)}(?!\w)", "\n", reply)
    return reply


def _lines(told: Recollection) -> Iterator[Turn]:
    """Every remembered turn that stood in the prompt."""
    for hit in told.hits:
        yield hit.turn
        yield from hit.near


def _is_whole(score: Score) -> bool:
    return score.usage is not None and score.usage.finish in ("stop", "length")


def _timings(began: float, score: Score) -> Timings:
    usage = score.usage
    return Timings(
        first_word_s=(score.first_word_at - began) if score.first_word_at else 0.0,
        total_s=time.monotonic() - began,
        prompt_tokens=usage.prompt_tokens if usage else 0,
        evaluated_tokens=usage.evaluated_tokens if usage else 0,
        reply_tokens=usage.reply_tokens if usage else 0,
    )
