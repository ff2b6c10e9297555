"""Voices of one file: weights loaded once, one batch a step, and nobody hears the others."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

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
