"""Three voices, one answer: emotion and creation think while self reads, then self speaks.

A generator of events; what it hands back at the end is everything the session keeps of the turn.
Knows nothing of stores and terminals. A voice that fails is left out and named; when self cannot
speak, the next voice does.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from echo.brains.protocol import Ask, Piece, Stop, Usage
from echo.errors import BrainError, EchoError
from echo.mind import prompts
from echo.mind.cast import Cast
from echo.mind.thinking import Errand, Thinkers
from echo.nouns import (
    FEELINGS,
    NEEDS,
    Delta,
    Event,
    Felt,
    Lang,
    Message,
    Reading,
    Recollection,
    Thinking,
    Thought,
    Voice,
)

Schema = Mapping[str, object] | None
IDEA_MAX = 600  # characters of an idea that may stand before the answer


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a turn's prompts are made of. text: the user message up to the thoughts."""

    identity: str
    history: tuple[Message, ...]
    text: str
    words: str
    lang: Lang
    voices: tuple[Voice, ...]


@dataclass(slots=True)
class Score:
    """What has come of a turn so far; filled as it goes, so that a cut turn keeps its part."""

    reply: str = ""
    scene: str = ""  # the user message up to the thoughts, as it was evaluated
    tail: str = ""  # the thoughts as they were rendered: history must hold the very same text
    reading: Reading | None = None
    thoughts: list[Thought] = field(default_factory=list)
    told: Recollection | None = None  # what of memory stood in the prompt
    usage: Usage | None = None
    first_word_at: float | None = None
    asked: str = ""  # a question of Echo's own behind the answer: no brain's words


class Composer:
    """Runs turns on one cast. rng gives the seed of a request whose manner fixes none."""

    def __init__(self, cast: Cast, rng: random.Random) -> None:
        self.cast = cast
        self._rng = rng
        self._thinkers = Thinkers()

    def compose(self, scene: Scene, score: Score, stop: Stop) -> Iterator[Event]:
        """The events of one turn. Raises BrainError when no voice can answer."""
        score.scene = scene.text
        yield from self._think(scene, score, stop)
        idea = next(
            (t.text for t in score.thoughts if t.voice == "creation" and not t.left_out), ""
        )
        score.tail = prompts.thoughts(score.reading, idea, scene.lang)
        if not stop():
            yield from self._answer(scene, score, stop)

    def again(
        self, scene: Scene, score: Score, claims: Sequence[str], stop: Stop
    ) -> Iterator[Event]:
        """Self speaks once more, told which of its claims nobody ever made; when it cannot, what
        it said first stands."""
        first = replace(score)
        score.reply, score.usage = "", None
        score.tail += prompts.unsupported(claims, scene.lang)
        voice = self.cast.speakers()[0]
        try:
            failure = yield from self._speak(voice, scene, score, stop)
            if failure is not None:
                score.thoughts.append(Thought(voice, left_out=failure))
        finally:
            if not score.reply.strip():
                score.reply, score.usage, score.tail = first.reply, first.usage, first.tail

    def rest(self, timeout_s: float = 5.0) -> bool:
        """Wait until no thought is under way, so that brains may be freed."""
        return self._thinkers.rest(timeout_s)

    # ── thoughts ─────────────────────────────────────────────────────────────────────────────

    def _think(self, scene: Scene, score: Score, stop: Stop) -> Iterator[Event]:
        asked = [voice for voice in scene.voices if voice != "self"]
        errands = [self._errand(voice, scene) for voice in asked if voice in self.cast.brains]
        thoughts = self._thinkers.start(errands, stop)
        for voice in asked:
            if voice not in self.cast.brains:
                thoughts.put(Thought(voice, left_out=self.cast.absent.get(voice, "absent")))
        if errands:
            self._read_ahead(scene, score, stop)
        for thought in thoughts.gather():
            yield from self._take(thought, score)

    def _errand(self, voice: Voice, scene: Scene) -> Errand:
        manner = self.cast.manner(voice)
        if voice == "emotion":
            messages = prompts.emotion_prompt(scene.words)
        else:
            messages = prompts.creation_prompt(scene.text)
        schema = prompts.EMOTION_SCHEMA if voice == "emotion" else None
        return Errand(
            voice, self.cast.brains[voice], self._ask(voice, messages, schema), manner.budget_s
        )

    def _ask(self, voice: Voice, messages: tuple[Message, ...], schema: Schema = None) -> Ask:
        manner = self.cast.manner(voice)
        seed = manner.seed if manner.seed >= 0 else self._rng.getrandbits(31)
        return Ask(
            messages,
            max_tokens=manner.max_tokens,
            temperature=manner.temperature,
            seed=seed,
            schema=schema,
        )

    def _read_ahead(self, scene: Scene, score: Score, stop: Stop) -> None:
        """Self evaluates its prompt up to the thoughts; a failure shows again when it speaks."""
        brain = self.cast.brains.get("self")
        if brain is None:
            return
        try:
            brain.prime(prompts.self_prompt(scene.identity, scene.history, scene.text), stop)
        except EchoError as exc:
            score.thoughts.append(Thought("self", left_out=str(exc)))

    def _take(self, thought: Thought, score: Score) -> Iterator[Event]:
        if thought.voice == "emotion" and not thought.left_out:
            reading = _parse(thought.text)
            if reading is None:
                thought = replace(thought, left_out="its reading was not valid JSON")
            else:
                score.reading = reading
                yield Felt(reading)
        elif thought.voice == "creation" and not thought.left_out:
            thought = replace(thought, text=thought.text[:IDEA_MAX])
        score.thoughts.append(thought)
        yield Thinking(thought)

    # ── the answer ───────────────────────────────────────────────────────────────────────────

    def _answer(self, scene: Scene, score: Score, stop: Stop) -> Iterator[Event]:
        for voice in self.cast.speakers():
            if self._thinkers.busy(voice):
                continue
            failure = yield from self._speak(voice, scene, score, stop)
            if failure is None:
                return
            score.thoughts.append(Thought(voice, left_out=failure))
            yield Thinking(score.thoughts[-1])
            if score.reply:  # half an answer stays half an answer; another voice would repeat it
                return
        raise BrainError(
            "No voice could answer: {reasons}.",
            "Your words are kept. `fillin config show` says which model each voice uses.",
            reasons="; ".join(
                dict.fromkeys(
                    [t.left_out for t in score.thoughts if t.left_out]
                    + list(self.cast.absent.values())
                )
            )
            or "no brain is loaded",
        )

    def _speak(
        self, voice: Voice, scene: Scene, score: Score, stop: Stop
    ) -> Generator[Event, None, str | None]:
        """Stream one voice's answer; None when it spoke, else why it did not."""
        prompt = prompts.self_prompt(scene.identity, scene.history, scene.text, score.tail)
        deadline = time.monotonic() + self.cast.manner(voice).budget_s
        ask = self._ask("self", prompt)
        try:
            for item in self.cast.brains[voice].speak(
                ask, lambda: stop() or time.monotonic() >= deadline
            ):
                yield from self._hear(item, score)
        except EchoError as exc:
            return str(exc)
        except Exception as exc:  # noqa: BLE001 - a brain's edge: the next voice may still answer
            return f"{type(exc).__name__}: {exc}"
        return None if score.reply.strip() or stop() else "it said nothing"

    def _hear(self, item: Piece | Usage, score: Score) -> Iterator[Event]:
        if isinstance(item, Usage):
            score.usage = item
            return
        text = item.text if score.reply else item.text.lstrip()
        if text:
            if score.first_word_at is None:
                score.first_word_at = time.monotonic()
            score.reply += text
            yield Delta(text)


def _parse(text: str) -> Reading | None:
    """The emotion brain's JSON as a Reading, clamped to its ranges; None when it is not one."""
    try:
        said = json.loads(text)
        feeling, need = said["feeling"], said["need"]
        valence, arousal = float(said["valence"]), float(said["arousal"])
    except (ValueError, KeyError, TypeError):
        return None
    if feeling not in FEELINGS or need not in NEEDS:
        return None
    return Reading(
        feeling, max(-1.0, min(1.0, valence)), max(0.0, min(1.0, arousal)), need, "brain"
    )
