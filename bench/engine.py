"""The engine beside llama.cpp itself, and three brains beside one after another.

    python -m bench.engine [--model FILE] [--quant Q4_K_M] [--rounds 5]
                           [--only speed,turns,words,chorus,restart]

speed    tokens a second through LlamaBrain, beside bare Llama.generate() of llama-cpp-python and
         beside a plain loop in C++, compiled here against the very libraries of the package (its
         headers come out of the package's sdist; where neither compiler nor sdist can be had, it
         is left out). Same file, prompt, threads, greedy.
turns    prompt tokens evaluated in turn 10 of a session, beside those that are new in it.
words    first word of a full turn, beside first word of a solo turn plus the slower thought alone:
         in chorus (three voices of one file) and with three files of their own.
chorus   tokens a second of three voices at once, beside one after another.
restart  load to first word with a kept identity, beside without.

Everything that is compared takes turns within a round; the ratios are medians over rounds.
Without --model, a random-weight GGUF of some 255 MB is written to a temporary folder, in BF16, as
models are published; --quant makes it another kind, the way real files are made.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path

from bench.measure import median, table
from bench.random_gguf import BENCH, FILES, quantised, write
from bench.turn import IDENTITY, WORDS
from echo.brains import room
from echo.brains.context import Part
from echo.brains.kept import Kept
from echo.brains.llama import LlamaBrain
from echo.brains.loading import BrainSpec, load, load_together
from echo.brains.protocol import Ask, Usage
from echo.casting import SEATS
from echo.mind import prompts
from echo.nouns import Identity, Message, Mode, Replied, Voice

CONTEXT = 4096
TOKENS = 128
THOUGHT = 32  # tokens of creation's thought, at most
READING = 96  # of emotion's: a random model writes long numbers
LOOP = Path(__file__).with_name("loop.cpp")


def never() -> bool:
    return False


def spec(threads: int) -> BrainSpec:
    return BrainSpec(CONTEXT, threads=threads)


def prompt(words: str) -> tuple[Message, ...]:
    return (Message("system", IDENTITY), Message("user", words))


def spoken(brain: LlamaBrain, ask: Ask) -> tuple[float, Usage]:
    """Seconds from the first token on, and what it cost."""
    items = brain.speak(ask, never)
    next(items)
    began = time.perf_counter()
    *_, usage = items
    assert isinstance(usage, Usage)
    return time.perf_counter() - began, usage


# ── speed ────────────────────────────────────────────────────────────────────────────────────


def bare(model: Path, threads: int, tokens: Sequence[int]) -> float:
    from llama_cpp import Llama

    llama = Llama(
        str(model), n_ctx=CONTEXT, n_batch=512, n_threads=threads, n_threads_batch=threads,
        flash_attn=False, swa_full=True, n_gpu_layers=-1, verbose=False,
    )  # fmt: skip
    stream = llama.generate(tokens, temp=0.0)
    next(stream)
    began = time.perf_counter()
    for _ in islice(stream, TOKENS - 1):
        pass
    return (TOKENS - 1) / (time.perf_counter() - began)


def through(model: Path, threads: int, ask: Ask) -> float:
    with load(spec(threads), model) as brain:
        took, usage = spoken(brain, ask)
    return (usage.reply_tokens - 1) / took


def rate(model: Path, threads: int, which: str, number: int) -> None:
    """Tokens a second of one way, on stdout: in a process of its own, for two ways in one process
    have two pools of OpenMP threads, and then none of them waits as it would alone."""
    ask = Ask(prompt(WORDS[number % len(WORDS)]), max_tokens=TOKENS, temperature=0)
    if which == "LlamaBrain":
        print(through(model, threads, ask))
    else:
        print(bare(model, threads, tokens_of(model, ask)))


def tokens_of(model: Path, ask: Ask) -> list[int]:
    with load(spec(1), model) as brain:
        return brain._tokens.prompt(brain._template.prompt(ask.messages))  # noqa: SLF001


def compiled(folder: Path) -> Path | None:
    """The C++ loop as a program, linked to the package's own libraries."""
    import llama_cpp

    compiler = shutil.which("g++") or shutil.which("clang++")
    version = f"llama-cpp-python=={llama_cpp.__version__}"
    fetch = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--no-binary",
        ":all:",
    ]
    libs = Path(llama_cpp.__file__).parent / "lib"
    if compiler is None:
        return None
    got = subprocess.run([*fetch, "-d", folder, version], capture_output=True, check=False)
    sdist = next(folder.glob("*.tar.gz"), None)
    if sdist is None:
        print(f"no sdist, no C++ loop: {got.stderr.decode()[-200:]}")
        return None
    with tarfile.open(sdist) as tar:
        wanted = [m for m in tar if "/include/" in m.name and m.name.endswith(".h")]
        tar.extractall(folder, wanted, filter="data")
    include = [f"-I{path}" for path in folder.rglob("include") if path.is_dir()]
    program = folder / "loop"
    subprocess.run(
        [compiler, "-O2", "-std=c++17", LOOP, *include, f"-L{libs}", f"-Wl,-rpath,{libs}",
         "-lllama", "-lggml", "-lggml-base", "-lggml-cpu", "-o", program], check=True,
    )  # fmt: skip
    return program


def speed(model: Path, threads: int, rounds: int) -> None:
    rates: dict[str, list[float]] = {"LlamaBrain": [], "generate()": [], "C++ loop": []}
    with tempfile.TemporaryDirectory() as folder:
        loop = compiled(Path(folder))
        for number in range(rounds):
            ask = Ask(prompt(WORDS[number % len(WORDS)]), max_tokens=TOKENS, temperature=0)
            for name, found in rates.items():
                echo = ["-m", "bench.engine", "--model", model, "--threads", str(threads),
                        "--rate", name, str(number)]  # fmt: skip
                command = [sys.executable, *echo]
                if name == "C++ loop":
                    tokens = map(str, tokens_of(model, ask))
                    command = [loop, model, str(threads), str(TOKENS), str(CONTEXT), *tokens]
                if command[0] is not None:
                    told = subprocess.run(command, check=True, capture_output=True, text=True)
                    found.append(float(told.stdout.split()[-1]))
    rows = [(name, f"{median(each):.1f}") for name, each in rates.items() if each]
    print(table(("", "tokens/s"), rows))
    for name in ("generate()", "C++ loop"):
        if rates[name]:
            ratios = [a / b for a, b in zip(rates["LlamaBrain"], rates[name], strict=True)]
            print(f"tokens/s through LlamaBrain / {name}: {median(ratios):.3f}")


# ── sessions ─────────────────────────────────────────────────────────────────────────────────


class Talk:
    """A session on brains that are already loaded; memory in a folder of its own."""

    def __init__(self, home: Path, brains: dict[Voice, LlamaBrain], mode: Mode) -> None:
        from echo.being.bond import Bond
        from echo.memory.store import Store
        from echo.mind.cast import Cast, Manner
        from echo.mind.session import Chance, Self, Session

        minutes, refs = count(), count()
        store = Store.open(home / "echo.db", journal=home, zone=UTC)
        lengths = {"emotion": READING, "creation": THOUGHT, "self": 16}
        manners = {
            voice: Manner(max_tokens=most, temperature=0.0, budget_s=600.0, seed=1)
            for voice, most in lengths.items()
        }
        chance = Chance(
            lambda: datetime(2026, 3, 2, tzinfo=UTC) + timedelta(minutes=next(minutes)),
            lambda: f"r{next(refs)}",
            random.Random(1),
        )
        who = Self("me", "ko", Identity(1, "d", IDENTITY), UTC)
        self.session = Session(
            who, store, Cast(brains, manners), chance, session="bench", bond=Bond()
        )
        self.session.mode = mode

    def turn(self, words: str) -> Replied:
        *_, last = self.session.turn(words, never)
        assert isinstance(last, Replied)
        return last


def brains_of(model: Path, threads: int, *, shared: bool) -> dict[Voice, LlamaBrain]:
    if shared:
        return dict(zip(SEATS, load_together([spec(threads)] * 3, model), strict=True))
    return {voice: load(spec(threads), model) for voice in SEATS}


def turns(model: Path, threads: int, rounds: int) -> None:
    """One session: what self evaluates of its prompt in each turn, ahead of time and when it
    speaks, beside what of that prompt neither the last prompt nor the last reply had."""
    with tempfile.TemporaryDirectory() as folder:
        brains = brains_of(model, threads, shared=True)
        evaluated = counted(brains["self"])
        talk = Talk(Path(folder), brains, "full")
        rows, ratio, before = [], 0.0, 0
        for number in range(10):
            evaluated[0] = 0
            cost = talk.turn(WORDS[number % len(WORDS)]).exchange.timings
            prompt_tokens = evaluated[0] - cost.reply_tokens + 1  # the last one is not evaluated
            new = cost.prompt_tokens - before
            ratio = prompt_tokens / new
            rows.append((str(number + 1), str(prompt_tokens), str(new), f"{ratio:.2f}"))
            before = cost.prompt_tokens + cost.reply_tokens
        print(table(("turn", "evaluated", "new", "ratio"), rows))
        print(f"prompt tokens evaluated / new in turn 10: {ratio:.2f}")
        talk.session.close()


def counted(brain: LlamaBrain) -> list[int]:
    """[tokens this brain evaluates from now on]."""
    seat = brain._seat  # noqa: SLF001
    context = seat.chorus.context
    decode, tokens = context.decode, [0]

    def counting(parts: Sequence[Part]) -> bool:
        tokens[0] += sum(len(part.tokens) for part in parts if part.sequence == seat.number)
        return decode(parts)

    context.decode = counting  # type: ignore[method-assign]
    return tokens


def words(model: Path, threads: int, rounds: int) -> None:
    for shared in (True, False):
        ratios, rows, present = [], [], 0
        with tempfile.TemporaryDirectory() as base:
            homes = (Path(base) / str(i) for i in count())
            for number in range(rounds + 1):
                brains = brains_of(model, threads, shared=shared)
                lines = [WORDS[(number + i) % len(WORDS)] for i in range(3)]
                full = Talk(next(homes), brains, "full")
                solo = Talk(next(homes), brains_of(model, threads, shared=shared), "solo")
                for line in lines[:2]:
                    full.turn(line)
                    solo.turn(line)
                whole = full.turn(lines[2]).exchange
                alone = solo.turn(lines[2]).exchange
                slower = max(thought_alone(model, threads, whole.words.text, t.voice)
                             for t in whole.thoughts)  # fmt: skip
                full.session.close()
                solo.session.close()
                if not number:
                    continue
                first = whole.timings.first_word_s
                ratios.append(first / (alone.timings.first_word_s + slower))
                present += all(t.tokens >= 24 and not t.left_out for t in whole.thoughts)
                rows.append((f"{first:.3f}", f"{alone.timings.first_word_s:.3f}", f"{slower:.3f}",
                             f"{ratios[-1]:.2f}"))  # fmt: skip
        print("chorus" if shared else "three files")
        print(table(("full, s", "solo, s", "slower thought, s", "ratio"), rows))
        print(f"first word: {median(ratios):.2f}; thoughts whole in {present} of {len(ratios)}")


def thought_alone(model: Path, threads: int, words: str, voice: Voice) -> float:
    """Seconds one thought takes when nobody else does anything."""
    with load(spec(threads), model) as brain:
        if voice == "emotion":
            asked, schema, most = (
                prompts.emotion_prompt(words),
                prompts.EMOTION_SCHEMA,
                READING,
            )
        else:
            asked, schema, most = prompts.creation_prompt(words), None, THOUGHT
        began = time.perf_counter()
        for _ in brain.speak(Ask(asked, most, 0.0, schema=schema), never):
            pass
        return time.perf_counter() - began


# ── chorus, restart ──────────────────────────────────────────────────────────────────────────


def chorus(model: Path, threads: int, rounds: int) -> None:
    ratios, rows = [], []
    with tempfile.TemporaryDirectory() as folder:
        voices = load_together([spec(threads)] * 3, model, kept=Kept(Path(folder)))
    for number in range(rounds + 1):
        asks = [
            Ask(prompt(WORDS[(number + i) % len(WORDS)]), max_tokens=TOKENS, temperature=0)
            for i in range(3)
        ]
        for voice, ask in zip(voices, asks, strict=True):
            voice.prime(ask.messages, never)
        began = time.perf_counter()
        apart = sum(
            spoken(voice, ask)[1].reply_tokens for voice, ask in zip(voices, asks, strict=True)
        )
        apart_rate = apart / (time.perf_counter() - began)
        for voice, ask in zip(voices, asks, strict=True):
            voice.prime(ask.messages, never)
        began = time.perf_counter()
        rate = sum(at_once(voices, asks)) / (time.perf_counter() - began)
        if number:
            ratios.append(rate / apart_rate)
            rows.append((f"{rate:.1f}", f"{apart_rate:.1f}", f"{ratios[-1]:.2f}"))
    for voice in voices:
        voice.close()
    print(table(("three at once, tokens/s", "one after another", "ratio"), rows))
    print(f"chorus of three / one after another: {median(ratios):.2f}")


def at_once(voices: Sequence[LlamaBrain], asks: Sequence[Ask]) -> Iterator[int]:
    said = [0] * len(voices)

    def one(i: int) -> None:
        said[i] = spoken(voices[i], asks[i])[1].reply_tokens

    threads = [threading.Thread(target=one, args=(i,)) for i in range(len(voices))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return iter(said)


def restart(model: Path, threads: int, rounds: int) -> None:
    """From loading to the first word, the identity being some 900 tokens."""
    identity = (Message("system", IDENTITY * 4),)
    ask = Ask((*identity, Message("user", WORDS[0])), max_tokens=1, temperature=0)
    ratios, rows = [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds + 1):
            fresh = first_word(model, threads, ask, identity, Kept(Path(folder) / f"new{number}"))
            again = first_word(model, threads, ask, identity, Kept(Path(folder) / f"new{number}"))
            if number:
                ratios.append(again / fresh)
                rows.append((f"{fresh:.3f}", f"{again:.3f}", f"{ratios[-1]:.2f}"))
    print(table(("without, s", "with kept state, s", "ratio"), rows))
    print(f"restart to first word, with / without: {median(ratios):.2f}")


def first_word(
    model: Path, threads: int, ask: Ask, identity: tuple[Message, ...], kept: Kept
) -> float:
    began = time.perf_counter()
    with load(spec(threads), model) as brain:
        brain.warm(identity, kept, never)
        for _ in brain.speak(ask, never):
            pass
        return time.perf_counter() - began


PARTS: dict[str, Callable[[Path, int, int], None]] = {
    "speed": speed, "turns": turns, "words": words, "chorus": chorus, "restart": restart,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--model", type=Path)
    parser.add_argument("--quant", choices=("F16", *FILES), default="BF16")
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--rate", nargs=2, metavar=("WAY", "ROUND"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.rate:
        rate(args.model, args.threads, args.rate[0], int(args.rate[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        model = args.model or write(Path(folder) / "bench.gguf", BENCH)
        if not args.model and args.quant != "F16":
            model = quantised(model, args.quant, Path(folder) / f"bench-{args.quant}.gguf")
        threads = room.threads(args.threads)
        print(f"{model.stat().st_size / 1e6:.0f} MB, {threads} threads")
        for name in args.only.split(","):
            PARTS[name](model, threads, args.rounds)


if __name__ == "__main__":
    main()
