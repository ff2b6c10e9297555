"""A turn of Echo beside the same tokens through bare Llama.generate().

    python -m bench.turn [--model FILE] [--turns 9] [--threads N] [--layer session|speak]

A session talks with three brains of one GGUF: emotion under its grammar, creation, self with a
read-ahead, memory committed to disk on the way. What every brain was asked is recorded: the tokens
of each prompt and how many tokens were sampled. The same requests then go, one after the other, to
three Llama objects of llama-cpp-python: same weights, prompts, grammar, threads, context, sampling
(greedy) and prefix reuse. Turn and replay alternate, so that both meet the same weather; each
replay must sample the very same tokens, or the pair is left out: a prompt evaluated in other
batches moves logits by about 0.01. Bare generate() makes no text and keeps nothing.

With --layer speak the self brain alone answers and nothing is remembered.
Without --model, a random-weight GGUF of some 225 MB is written to a temporary folder.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.measure import Cost, cost, median, table
from bench.random_gguf import BENCH, write
from echo.brains import room
from echo.brains.llama import LlamaBrain
from echo.brains.loading import BrainSpec, load
from echo.brains.protocol import Ask, Piece, Stop, Usage
from echo.nouns import VOICES, Identity, Message, Voice

CONTEXT = 4096
LENGTHS: Mapping[Voice, int] = {"emotion": 96, "creation": 96, "self": 160}  # tokens at most
IDENTITY = (
    "너는 에코야. 기억하고, 듣고, 함께 있어. You are Echo: you remember, listen and stay. " * 6
)
WORDS = (
    "오늘 하루 종일 회의만 해서 너무 지쳤어.",
    "My cat Mopu slept on my keyboard the whole afternoon.",
    "내일 발표가 있어서 조금 불안해. 어떻게 준비하면 좋을까?",
    "I finally finished the book you reminded me of.",
    "고양이 이름이 모푸인 거 기억나?",
    "What should I cook for dinner with eggs and rice?",
    "친구랑 싸웠는데 먼저 연락해야 할까?",
    "It rained all day and I stayed in bed.",
    "요즘 잠이 잘 안 와. 새벽 세 시에 자꾸 깨.",
    "Thank you for listening to me today.",
    "주말에 한강에 가서 자전거 탈 거야.",
)


@dataclass(slots=True)
class Request:
    """One request as llama.cpp saw it."""

    voice: Voice
    tokens: list[int]
    schema: Mapping[str, object] | None
    sampled: list[int] = field(default_factory=list)


class Recorder:
    """A Brain that notes what its LlamaBrain is asked and what it samples."""

    def __init__(self, voice: Voice, brain: LlamaBrain, requests: list[Request]) -> None:
        self.brain = brain
        self.voice = voice
        self.requests = requests
        self.name = brain.name
        self.context = brain.context
        self.count = brain.count
        self.prime = brain.prime
        self.adapter = brain.adapter
        self.adapt = brain.adapt
        self.close = brain.close

    def speak(self, ask: Ask, stop: Stop) -> Iterator[Piece | Usage]:
        yield from self.brain.speak(ask, stop)
        self.requests.append(self._seen(ask))

    def _seen(self, ask: Ask) -> Request:
        # private on purpose: the bench looks at what the protocol rightly hides
        brain = self.brain
        prompt = brain._tokens.prompt(brain._template.prompt(ask.messages))  # noqa: SLF001
        return Request(self.voice, prompt, ask.schema, brain._held[len(prompt) :])  # noqa: SLF001


class Bare:
    """Three Llama objects that repeat requests."""

    def __init__(self, path: Path, threads: int) -> None:
        from llama_cpp import Llama

        self._llamas: dict[Voice, Any] = {
            voice: Llama(
                str(path),
                n_ctx=CONTEXT,
                n_batch=512,
                n_threads=threads,
                n_threads_batch=threads,
                flash_attn=False,  # as ours on a processor: the same sums, the same tokens
                swa_full=True,
                n_gpu_layers=-1,
                verbose=False,
            )
            for voice in VOICES
        }

    def repeat(self, requests: list[Request]) -> bool:
        """The same tokens in, as many tokens out; were they the same?"""
        same = [self._one(request) for request in requests]
        return all(same)

    def _one(self, request: Request) -> bool:
        from llama_cpp import LlamaGrammar

        grammar = None
        if request.schema is not None:
            grammar = LlamaGrammar.from_json_schema(json.dumps(request.schema), verbose=False)
        stream = self._llamas[request.voice].generate(request.tokens, temp=0.0, grammar=grammar)
        said = list(itertools.islice(stream, len(request.sampled) + 1))
        return said[:-1] == request.sampled

    def settle(self, requests: list[Request]) -> None:
        """Hold what the brains hold, after a reply that went another way."""
        for request in requests:
            next(self._llamas[request.voice].generate(request.tokens + request.sampled, temp=0.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--model", type=Path)
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--layer", choices=("session", "speak"), default="session")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        model = args.model or write(home / "bench.gguf", BENCH)
        run(model, home, args)


def run(model: Path, home: Path, args: argparse.Namespace) -> None:
    threads = room.threads(args.threads)
    requests: list[Request] = []
    spec = BrainSpec(CONTEXT, threads=threads)
    brains = {voice: Recorder(voice, load(spec, model), requests) for voice in VOICES}
    bare = Bare(model, threads)
    talk = session(home, brains) if args.layer == "session" else alone(brains["self"])
    rows, ratios = [], []
    for number, words in zip(range(args.turns + 1), itertools.cycle(WORDS), strict=False):
        requests.clear()
        ours = cost(lambda: talk(words))  # noqa: B023
        same: list[bool] = []
        theirs = cost(lambda: same.append(bare.repeat(requests)))  # noqa: B023
        if not same[0]:
            bare.settle(requests)
        if not number:
            continue  # the first turn warms both
        if not same[0]:
            print(f"turn {number} left out: two tokens all but equally likely, another one chosen")
            continue
        ratios.append((ours.wall / theirs.wall, ours.cpu / theirs.cpu))
        rows.append(row(str(number), ours, theirs, requests))
        time.sleep(0.1)
    print(f"{model.stat().st_size / 1e6:.0f} MB, {threads} threads, {args.layer}")
    if not ratios:
        raise SystemExit("No turn was the same both ways: nothing can be compared.")
    print(table(("turn", "prompt", "reply", "ours s", "bare s", "ratio", "ratio of cpu s"), rows))
    wall, cpu = (median(column) for column in zip(*ratios, strict=True))
    print(f"median ratio {wall:.3f}; of processor seconds {cpu:.3f}")
    for brain in brains.values():
        brain.close()


def session(home: Path, brains: Mapping[Voice, Recorder]) -> Callable[[str], object]:
    """A session on a store on disk; what it is told, it answers with all three voices."""
    from echo.being.bond import Bond
    from echo.memory.store import Store
    from echo.mind.cast import Cast, Manner
    from echo.mind.session import Chance, Self, Session

    minutes, refs = itertools.count(), itertools.count()
    store = Store.open(home / "memory" / "echo.db", journal=home / "memory", zone=UTC)
    manners = {
        voice: Manner(max_tokens=most, temperature=0.0, budget_s=600.0, seed=1)
        for voice, most in LENGTHS.items()
    }
    chance = Chance(
        lambda: datetime(2026, 3, 2, tzinfo=UTC) + timedelta(minutes=next(minutes)),
        lambda: f"r{next(refs)}",
        random.Random(1),
    )
    who = Self("me", "ko", Identity(1, "d", IDENTITY), UTC)
    talk = Session(who, store, Cast(brains, manners), chance, session="bench", bond=Bond())
    return lambda words: list(talk.turn(words, lambda: False))


def alone(brain: Recorder) -> Callable[[str], object]:
    """The self brain alone, its history growing."""
    history = [Message("system", IDENTITY)]

    def talk(words: str) -> None:
        history.append(Message("user", words))
        ask = Ask(tuple(history), max_tokens=LENGTHS["self"], temperature=0.0)
        said = "".join(p.text for p in brain.speak(ask, lambda: False) if isinstance(p, Piece))
        history.append(Message("assistant", said))

    return talk


def row(name: str, ours: Cost, theirs: Cost, requests: list[Request]) -> tuple[str, ...]:
    prompt = sum(len(r.tokens) for r in requests)
    reply = sum(len(r.sampled) for r in requests)
    ratios = (f"{ours.wall / theirs.wall:.3f}", f"{ours.cpu / theirs.cpu:.3f}")
    return (name, str(prompt), str(reply), f"{ours.wall:.3f}", f"{theirs.wall:.3f}", *ratios)


if __name__ == "__main__":
    main()
