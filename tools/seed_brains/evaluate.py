"""`python -m tools.seed_brains.evaluate`: what the seed brains can do, free-running.

Speaks to the GGUF as Echo does: prompts from `echo.mind.prompts`, the chat template embedded in
the file, what people typed tokenised without control tokens, emotion under its JSON grammar.
Needs llama_cpp and jinja2, not torch. Knows nothing of training; the probes in `words/` were
written by hand and are not used by it.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jinja2

from echo.mind import prompts
from echo.nouns import Hit, Lang, Message, Mood, Reading, Recollection, Turn
from echo.text import language
from tools.seed_brains import facts, fits, personas, smalltalk, talk
from tools.seed_brains.texts import WORDS, with_josa

MODEL = Path(__file__).resolve().parents[2] / "models" / "echo-seed.gguf"
NOW = datetime(2026, 11, 21, 20, 10, tzinfo=UTC)
UNTOLD = {"ko": "아직 듣지 못했어", "en": "not told yet"}
_CONTROL = re.compile(r"(<\|im_start\|>|<\|im_end\|>)")


class Voice:
    """A GGUF that answers prompts."""

    def __init__(self, path: Path, temperature: float, threads: int) -> None:
        from llama_cpp import Llama, LlamaGrammar

        self._llm: Any = Llama(
            str(path), n_ctx=4096, n_threads=threads, n_threads_batch=threads, verbose=False
        )
        schema = json.dumps(prompts.EMOTION_SCHEMA)
        self._grammar = LlamaGrammar.from_json_schema(schema, verbose=False)
        env = jinja2.Environment(autoescape=False)  # noqa: S701 — text for a model, not for a page
        self._template = env.from_string(self._llm.metadata["tokenizer.chat_template"])
        self._temperature = temperature

    def answer(self, messages: Sequence[Message], *, feeling: bool = False, most: int = 96) -> str:
        """The reply to messages; with feeling, bound to the emotion schema."""
        done = self._llm.create_completion(
            self._tokens(messages),
            max_tokens=most,
            temperature=self._temperature,
            top_p=0.9,
            grammar=self._grammar if feeling else None,
        )
        return str(done["choices"][0]["text"]).strip()

    def size(self, messages: Sequence[Message]) -> int:
        """How many tokens a prompt takes."""
        return len(self._tokens(messages))

    def _tokens(self, messages: Sequence[Message]) -> list[int]:
        marked = [{"role": m.role, "content": f"\x00{i}\x00"} for i, m in enumerate(messages)]
        frame = self._template.render(messages=marked, add_generation_prompt=True)
        tokens: list[int] = []
        for part in re.split(r"(\x00\d+\x00)", frame):
            found = re.fullmatch(r"\x00(\d+)\x00", part)
            text = messages[int(found[1])].content if found else part
            tokens += self._llm.tokenize(text.encode(), add_bos=False, special=found is None)
        return tokens


def _recollection(lines: Sequence[str], rng: random.Random, *, known: bool) -> Recollection:
    days = sorted(rng.sample(range(1, 400), len(lines)), reverse=True)
    turns = [
        Turn(str(i), NOW - timedelta(days=ago), "me", line)
        for i, (ago, line) in enumerate(zip(days, lines, strict=True))
    ]
    return Recollection("", known, tuple(Hit(turn, 1.0) for turn in turns))


def _self(
    words: str, lang: Lang, memory: Recollection, history: Sequence[Message] = ()
) -> tuple[Message, ...]:
    scene = prompts.scene(words, lang, memory, Mood(), NOW, user="me")
    return prompts.self_prompt(personas.manifest(), history, scene)


def _lines(name: str) -> Iterator[list[str]]:
    for line in (WORDS / name).read_text("utf-8").splitlines():
        if line.strip():
            yield [part.strip() for part in line.split("|")]


class Report:
    """Counts of right and all, and the misses."""

    def __init__(self, *, show: bool) -> None:
        self.counts: dict[str, list[int]] = {}
        self._show = show

    def add(self, name: str, *, right: bool, note: str) -> None:
        """One trial."""
        count = self.counts.setdefault(name, [0, 0])
        count[0] += right
        count[1] += 1
        if self._show and not right:
            print(f"  [{name}] {note}")

    def print(self) -> None:
        """Every count as a line."""
        for name, (right, every) in self.counts.items():
            print(f"{name:34} {right:4} / {every:4}  {100 * right / every:5.1f} %")


def memory_by_grammar(voice: Voice, report: Report, lang: Lang, trials: int) -> None:
    """Questions of the grammar with values never seen: told, and never told."""
    rng = random.Random(f"held out {lang}")
    for trial in range(trials):
        fact = facts.random_fact(rng, lang)
        near = [facts.near_fact(fact, rng, lang) for _ in range(rng.randint(1, 5))]
        lines = [facts.tell(other, rng, lang)[0] for other in near]
        words, _ = facts.ask(fact, rng, lang)
        told = trial % 2 == 0
        if told:
            lines.insert(rng.randint(0, len(lines)), facts.tell(fact, rng, lang)[0])
        known = told or trial % 4 == 1
        got = voice.answer(_self(words, lang, _recollection(lines, rng, known=known)))
        right = fact.value in got if told else UNTOLD[lang] in got
        name = f"{lang} grammar: {'value copied' if told else 'never told'}"
        report.add(name, right=right, note=f"{words!r} wants {fact.value!r}: {got!r}")


def memory_by_hand(voice: Voice, report: Report, lang: Lang) -> None:
    """Hand-written lines and questions; the others' lines are the distractors."""
    rng = random.Random(f"by hand {lang}")
    probes = list(_lines(f"memory_{lang}.txt"))
    for line, words, value in probes:
        others = [
            p[0]
            for p in rng.sample(probes, 4)
            if p[0] != line and p[2] != value and p[0].split()[:2] != line.split()[:2]
        ][:3]
        mixed = [*others, line]
        rng.shuffle(mixed)
        got = voice.answer(_self(words, lang, _recollection(mixed, rng, known=True)))
        report.add(
            f"{lang} by hand: value copied",
            right=value.lower() in got.lower(),
            note=f"{words!r} wants {value!r}: {got!r}",
        )
        got = voice.answer(_self(words, lang, _recollection([], rng, known=False)))
        report.add(
            f"{lang} by hand: never told", right=UNTOLD[lang] in got, note=f"{words!r}: {got!r}"
        )


AROUND = {
    "ko": ("오늘 너무 피곤했어", "어제 친구랑 영화 봤어", "점심에 국수 먹었어", "회의가 길었어"),
    "en": ("I was so tired today", "we watched a film yesterday", "I had noodles for lunch"),
}


def plain_facts(voice: Voice, report: Report, lang: Lang) -> None:
    """The facts people try first, between two plain lines; and what was not told beside them."""
    rng = random.Random(f"plain {lang}")
    rows = list(_lines(f"plain_{lang}.txt"))
    facts_told = [(tell, words, values.split()) for tell, words, values in rows if tell]
    for tell, words, values in facts_told:
        for value in (one.replace("_", " ") for one in values):
            lines = rng.sample(AROUND[lang], 2)
            lines.insert(rng.randint(0, 2), with_josa(tell.replace("{}", value)))
            got = voice.answer(_self(words, lang, _recollection(lines, rng, known=True)))
            note = f"{lines} {words!r} wants {value!r}: {got!r}"
            report.add(f"{lang} plain facts: told", right=value in got, note=note)
    for _, words, _ in (row for row in rows if not row[0]):
        for tell, _, values in facts_told:
            lines = [*rng.sample(AROUND[lang], 2), with_josa(tell.replace("{}", values[0]))]
            got = voice.answer(_self(words, lang, _recollection(lines, rng, known=False)))
            note = f"{lines} {words!r}: {got!r}"
            report.add(f"{lang} plain facts: never told", right=UNTOLD[lang] in got, note=note)


def memory_far(voice: Voice, report: Report, lang: Lang, trials: int) -> None:
    """A told value behind a history that makes the prompt about a thousand tokens long."""
    rng = random.Random(f"far {lang}")
    who = personas.Persona("", "에코", "Echo")
    for _ in range(trials):
        fact = facts.random_fact(rng, lang)
        words, _ = facts.ask(fact, rng, lang)
        memory = _recollection([facts.tell(fact, rng, lang)[0]], rng, known=True)
        history: list[Message] = []
        while voice.size(_self(words, lang, memory, history)) < 1000:
            user, reply = talk.self_branch(rng, who)[0]
            history += [Message("user", user), Message("assistant", reply)]
        got = voice.answer(_self(words, lang, memory, history))
        report.add(
            f"{lang} grammar: copied, 1000 tokens",
            right=fact.value in got,
            note=f"{words!r} wants {fact.value!r}: {got!r}",
        )


def feeling_by_grammar(voice: Voice, report: Report, lang: Lang, trials: int) -> None:
    """The feeling in sentences of the grammar, from a seed it was not trained on."""
    rng = random.Random(f"feeling {lang}")
    for _ in range(trials):
        topic = smalltalk.pick(rng, lang, feelings=True)
        words = smalltalk.say(topic, rng, lang, felt=True).text
        read = json.loads(voice.answer(prompts.emotion_prompt(words), feeling=True))
        note = f"{words!r} wants {topic.feeling}: {read['feeling']}"
        report.add(f"{lang} grammar: feeling", right=read["feeling"] == topic.feeling, note=note)


def small_talk(voice: Voice, report: Report, lang: Lang, *, show: bool) -> None:
    """Hand-written sentences: the feeling read, then the answer with both thoughts."""
    for wanted, words in _lines(f"probes_{lang}.txt"):
        read = json.loads(voice.answer(prompts.emotion_prompt(words), feeling=True))
        right = read["feeling"] in wanted.split(",")
        report.add(
            f"{lang} by hand: feeling",
            right=right,
            note=f"{words!r} wants {wanted}: {read['feeling']}",
        )
        idea, got = _turn(voice, words, lang, read)
        plain = voice.answer(_self(words, lang, Recollection(words, known=False)))
        for text in (got, plain):
            report.add(
                f"{lang} by hand: language",
                right=language(text) == lang,
                note=f"{words!r}: {text!r}",
            )
            ended = text.endswith((".", "?", "!", "```", "…"))
            report.add(f"{lang} by hand: ends a sentence", right=ended, note=f"{words!r}: {text!r}")
        if show:
            print(f"{words}\n    {read['feeling']}/{read['need']} | {idea}\n    {got}\n    {plain}")


def _turn(voice: Voice, words: str, lang: Lang, read: dict[str, Any]) -> tuple[str, str]:
    """(idea, reply) of the three voices, with nothing remembered."""
    scene = prompts.scene(words, lang, Recollection(words, known=False), Mood(), NOW, user="me")
    idea = voice.answer(prompts.creation_prompt(scene))
    felt = Reading(read["feeling"], read["valence"], read["arousal"], read["need"], "brain")
    thoughts = prompts.thoughts(felt, idea, lang)
    return idea, voice.answer(prompts.self_prompt(personas.manifest(), (), scene, thoughts))


def first_things(voice: Voice, report: Report, lang: Lang) -> None:
    """The first things that people say, greetings and plain feelings: does the reply fit?"""
    for wanted, words in _lines(f"fits_{lang}.txt"):
        read = json.loads(voice.answer(prompts.emotion_prompt(words), feeling=True))
        idea, got = _turn(voice, words, lang, read)
        found = [not near.isdisjoint(wanted.split(",")) for near in fits.sentences(got, lang)]
        note = f"{words!r}: {got!r} (idea {idea!r})"
        right = bool(found) and found[0] and language(got) == lang
        report.add(f"{lang} first things: fits", right=right, note=note)
        report.add(f"{lang} first things: to its end", right=right and all(found), note=note)


def main() -> None:
    """Run every measurement and print the figures."""
    parser = argparse.ArgumentParser(description="Measure the seed brains, free-running.")
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--temperature", type=float, default=0.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--show", action="store_true", help="print small talk and every miss")
    args = parser.parse_args()
    voice, report = Voice(args.model, args.temperature, args.threads), Report(show=args.show)
    langs: tuple[Lang, ...] = ("ko", "en")
    for lang in langs:
        memory_by_grammar(voice, report, lang, args.trials)
        memory_by_hand(voice, report, lang)
        feeling_by_grammar(voice, report, lang, args.trials)
        memory_far(voice, report, lang, args.trials // 5)
        small_talk(voice, report, lang, show=args.show)
        first_things(voice, report, lang)
        plain_facts(voice, report, lang)
    report.print()


if __name__ == "__main__":
    main()
