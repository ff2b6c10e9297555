"""Voices of one file: weights loaded once, one batch a step, and nobody hears the others."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from echo.brains import pace
from echo.brains.chorus import Chorus
from echo.brains.context import Context, Part, Running
from echo.brains.gguf import read_header
from echo.brains.handles import Weights
from echo.brains.llama import LlamaBrain
from echo.brains.loading import BrainSpec, load, load_together
from echo.brains.protocol import Ask
from echo.mind.prompts import EMOTION_SCHEMA
from echo.nouns import Message
from tests.brains.conftest import SPEC
from tests.brains.test_llama import never, speak

SYSTEM = Message("system", "너는 에코야.")
WORDS = (
    "오늘 너무 지쳤어.",
    "My cat slept on my keyboard. " * 5,
    "내일 발표가 있어서 불안해. " * 18,
)
ASKS = tuple(Ask((SYSTEM, Message("user", w)), max_tokens=40, temperature=0) for w in WORDS)


def together(brains: Sequence[LlamaBrain], asks: Sequence[Ask]) -> list[str]:
    """What each says when all speak at once."""
    said = [""] * len(brains)

    def one(i: int) -> None:
        said[i] = speak(brains[i], asks[i])[0]

    threads = [threading.Thread(target=one, args=(i,)) for i in range(len(brains))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


def alone(model: Path, ask: Ask, spec: BrainSpec = SPEC) -> str:
    with load(spec, model) as brain:
        return speak(brain, ask)[0]


def test_each_says_what_it_would_say_alone(model: Path) -> None:
    """Greedy, token for token: the logits are the same to the last bit."""
    voices = load_together((SPEC,) * 3, model)
    for _ in range(3):
        assert together(voices, ASKS) == [alone(model, ask) for ask in ASKS]
    for voice in voices:
        voice.close()


def test_grammar_and_dice_are_each_voices_own(model: Path) -> None:
    asks = (
        Ask(ASKS[0].messages, max_tokens=60, temperature=0, schema=EMOTION_SCHEMA),
        Ask(ASKS[1].messages, max_tokens=40, temperature=0.8, seed=3),
        Ask(ASKS[2].messages, max_tokens=40, temperature=0.8, seed=4),
    )
    voices = load_together((SPEC,) * 3, model)
    assert together(voices, asks) == [alone(model, ask) for ask in asks]
    for voice in voices:
        voice.close()


def test_a_voice_that_is_stopped_does_not_stop_the_others(slow: Path) -> None:
    """Its prompt is aborted in the middle; the others evaluate theirs once more, unharmed."""
    spec = BrainSpec(context=2048, threads=2, batch=1024, gpu_layers=0)
    long = Ask((Message("user", "고양이 이름 " * 150),), max_tokens=4, temperature=0)
    short = Ask((Message("user", "고양이 " * 20),), max_tokens=12, temperature=0)
    first, second = load_together((spec, spec), slow)
    said: list[str] = []
    thread = threading.Thread(target=lambda: said.append(speak(second, short)[0]))
    end = time.monotonic() + 0.15
    thread.start()
    usage = speak(first, long, lambda: time.monotonic() > end)[1]
    thread.join()
    assert usage.finish == "cancelled"
    assert said == [alone(slow, short, spec)]
    assert first._seat.held() == len(first._held)
    first.close()
    second.close()


def test_a_voice_that_is_held_up_holds_nobody_up(tiny: Path) -> None:
    """A reader that takes its time between two pieces: the other voice is done meanwhile."""
    first, second = load_together((SPEC, SPEC), tiny)
    waiting = first.speak(ASKS[0], never)
    next(waiting)
    assert speak(second, ASKS[1])[0] == alone(tiny, ASKS[1])
    rest = list(waiting)
    assert rest
    first.close()
    second.close()


def test_a_batch_names_its_sequences_in_rising_order(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In any other order llama.cpp evaluates them one after another, at twice the time."""
    voices = load_together((SPEC,) * 3, tiny)
    context = voices[0]._seat.chorus.context
    decode, batches = context.decode, []

    def noting(parts: Sequence[Part]) -> bool:
        batches.append([part.sequence for part in parts])
        return decode(parts)

    monkeypatch.setattr(context, "decode", noting)
    with voices[0]._seat.chorus.alone():  # nothing is evaluated until all have asked
        threads = [
            threading.Thread(target=speak, args=pair)
            for pair in zip(reversed(voices), ASKS, strict=True)
        ]
        for thread in threads:
            thread.start()
        chorus = voices[0]._seat.chorus
        while len(chorus._runs) < len(voices):
            time.sleep(0.001)
    for thread in threads:
        thread.join(60)
    assert max(map(len, batches)) > 1
    assert all(batch == sorted(batch) for batch in batches)
    for voice in voices:
        voice.close()


def test_where_a_batch_is_slower_voices_take_turns(tiny: Path) -> None:
    """One after another, a token each: nobody waits for another's end; the words are the same."""
    with closing(Weights(tiny, 0, lambda _: True)) as weights:
        context = Context(weights.share(), SPEC.context, Running(512, 2), sequences=2)
        header = read_header(tiny)
        voices = [
            LlamaBrain(header, seat, context.size, datetime(2026, 3, 2, tzinfo=UTC))
            for seat in Chorus(context, apart=True).seats()
        ]
        first = voices[0].speak(ASKS[0], never)
        next(first)
        assert speak(voices[1], ASKS[1])[0] == alone(tiny, ASKS[1])
        assert list(first)
        assert together(voices, ASKS[:2]) == [alone(tiny, ask) for ask in ASKS[:2]]
        for voice in voices:
            voice.close()


def test_a_slower_batch_is_noticed(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock says what a batch of two costs: three tokens apart, then one."""
    with closing(Weights(tiny, 0, lambda _: True)) as weights:
        context = Context(weights.share(), SPEC.context, Running(512, 2), sequences=2)
        for cost, found in ((3.0, True), (1.0, False)):
            _clocked(monkeypatch, context, cost)
            assert pace.apart(context) is found
        context.close()
        context.weights.close()


def _clocked(monkeypatch: pytest.MonkeyPatch, context: Context, two: float) -> None:
    """A token takes a second, two of them `two`."""
    clock = [0.0]

    def decode(parts: Sequence[Part]) -> bool:
        clock[0] += two if len(parts) == 2 else 1.0
        return True

    monkeypatch.setattr(context, "decode", decode)
    monkeypatch.setattr(pace.time, "perf_counter", lambda: clock[0])


def test_readers_of_every_pace_get_every_token(tiny: Path) -> None:
    """Who reads slowly is run ahead of, by a few tokens, and misses none when it hurries again."""
    asks = [Ask(ask.messages, max_tokens=150, temperature=0) for ask in ASKS]
    voices = load_together((SPEC,) * 3, tiny)
    said = [""] * 3

    def read(i: int) -> None:
        pauses = random.Random(i)
        for item in voices[i].speak(asks[i], never):
            said[i] += getattr(item, "text", "")
            if pauses.random() < 0.1 * i:
                time.sleep(pauses.random() * 0.02)

    for _ in range(3):
        said[:] = [""] * 3
        threads = [threading.Thread(target=read, args=(i,), daemon=True) for i in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert said == [alone(tiny, ask) for ask in asks]
    for voice in voices:
        assert voice._seat.held() == len(voice._held)
        voice.close()


def test_a_voice_may_leave_before_the_others(tiny: Path) -> None:
    first, second = load_together((SPEC, SPEC), tiny)
    speak(first, ASKS[0])
    first.close()
    assert speak(second, ASKS[1])[0] == alone(tiny, ASKS[1])
    second.close()


def test_every_voice_has_all_of_its_own_context(tiny: Path) -> None:
    """Three full prompts at once find room."""
    spec = BrainSpec(context=512, threads=2)
    ask = Ask((Message("user", "가나다 " * 55),), max_tokens=40, temperature=0)
    voices = load_together((spec,) * 3, tiny)
    assert [voice.context for voice in voices] == [512] * 3
    assert voices[0].count(ask.messages) > 400
    assert together(voices, (ask,) * 3) == [alone(tiny, ask, spec)] * 3
    for voice in voices:
        voice.close()
