"""Dialogues into packed token batches, made on the fly in a process of their own.

Knows the ChatML marks and how rows are packed; the sentences come from `talk`, the tokens from
`bpe`. Batch number k of a seed is always the same batch.
"""

from __future__ import annotations

import contextlib
import multiprocessing as mp
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from queue import Full

import numpy as np

from echo.nouns import Lang
from tools.seed_brains import days, talk
from tools.seed_brains.bpe import IM_END, IM_START, Tokenizer
from tools.seed_brains.copying import copy_branch

TOPIC = "topic"
QUIZZES, CHATS = 0.33, 0.33  # share of dialogues that only look things up, of small talk alone
LATE, LATE_QUIZZES, LATE_CHATS = 3000, 0.45, 0.3  # from this step on: topics are known by then
Exchange = tuple[str, str]  # what the user side shows, what the voice answers


@dataclass(frozen=True, slots=True)
class Packed:
    """One Micro as numpy arrays; see model.Micro."""

    ids: np.ndarray
    pos: np.ndarray
    dialogue: np.ndarray
    at: np.ndarray
    target: np.ndarray
    prefix: int
    kind: str


def system_ids(tokenizer: Tokenizer, text: str) -> list[int]:
    """Tokens of the system message, none for an empty text."""
    return _message(tokenizer, "system", text) if text else []


def _message(tokenizer: Tokenizer, role: str, text: str) -> list[int]:
    return [
        IM_START,
        *tokenizer.encode(role + "\n"),
        *tokenizer.encode(text),
        IM_END,
        *tokenizer.encode("\n"),
    ]


def branch_ids(tokenizer: Tokenizer, branch: Sequence[Exchange]) -> tuple[list[int], list[int]]:
    """Tokens of a dialogue, and the places in them whose next token is learnt."""
    ids: list[int] = []
    at: list[int] = []
    for user, reply in branch:
        ids += _message(tokenizer, "user", user)
        ids += [IM_START, *tokenizer.encode("assistant\n")]
        said = [*tokenizer.encode(reply), IM_END]
        at += range(len(ids) - 1, len(ids) - 1 + len(said))
        ids += [*said, *tokenizer.encode("\n")]
    return ids, at


class Packer:
    """Fills `rows` rows of `length` tokens with dialogues behind one system message."""

    def __init__(self, tokenizer: Tokenizer, rows: int, length: int) -> None:
        self.tokenizer, self.rows, self.length = tokenizer, rows, length

    def pack(
        self, kind: str, system: str, branches: Iterator[Sequence[Exchange]], rng: random.Random
    ) -> Packed:
        """Take branches until the rows are full; too long a branch loses its beginning."""
        prefix = system_ids(self.tokenizer, system)
        ids = np.zeros((self.rows, self.length), np.int64)
        pos = np.zeros_like(ids)
        dialogue = np.zeros_like(ids)
        used = [0] * self.rows
        at: list[int] = []
        misses = count = 0
        while misses < 4:
            tokens, places = self._fitting(next(branches))
            row = next((r for r in range(self.rows) if used[r] + len(tokens) <= self.length), None)
            if row is None:
                misses += 1
                continue
            count += 1
            start, end = used[row], used[row] + len(tokens)
            gap = (
                rng.randrange(1200) if rng.random() < 0.2 else 0
            )  # as if more history stood before
            ids[row, start:end] = tokens
            pos[row, start:end] = np.arange(len(tokens)) + len(prefix) + gap
            dialogue[row, start:end] = count
            at += [len(prefix) + row * self.length + start + place for place in places]
            used[row] = end
        flat = np.concatenate((np.array(prefix, np.int64), ids.ravel()))
        where = np.concatenate((np.arange(len(prefix)), pos.ravel()))
        places_ = np.array(sorted(at), np.int64)
        return Packed(flat, where, dialogue, places_, flat[places_ + 1], len(prefix), kind)

    def _fitting(self, branch: Sequence[Exchange]) -> tuple[list[int], list[int]]:
        while True:
            tokens, places = branch_ids(self.tokenizer, branch)
            if len(tokens) <= self.length:
                return tokens, places
            if len(branch) == 1:
                cut = len(tokens) - self.length
                return tokens[cut:], [p - cut for p in places if p >= cut]
            branch = branch[1:]


def copy_batch(tokenizer: Tokenizer, seed: int, number: int) -> list[Packed]:
    """Curriculum: strings and key–value lines to copy."""
    rng = random.Random(f"copy {seed} {number}")
    branches = iter(lambda: copy_branch(rng), None)
    return [Packer(tokenizer, 24, 256).pack("copy", "", branches, rng)]


def talk_batch(tokenizer: Tokenizer, seed: int, number: int) -> list[Packed]:
    """One step's worth of all three voices and a little copying."""
    rng = random.Random(f"talk {seed} {number}")
    who = talk.persona(rng)
    long = rng.random() < 0.15
    rows, length = (5, 896) if long else (10, 448)
    quizzes, chats = (LATE_QUIZZES, LATE_CHATS) if number >= LATE else (QUIZZES, CHATS)
    selfs = iter(lambda: _self(rng, who, (quizzes, chats), long=long), None)
    creations = iter(lambda: talk.creation_branch(rng, who), None)
    emotions = iter(lambda: talk.emotion_branch(rng), None)
    topics = iter(lambda: talk.topic_branch(rng), None)
    copies = iter(lambda: copy_branch(rng), None)
    pack = [
        Packer(tokenizer, rows, length).pack("self", who.system, selfs, rng),
        Packer(tokenizer, 8, 320).pack("creation", talk.CREATION, creations, rng),
        Packer(tokenizer, 6, 160).pack("topic", TOPIC, topics, rng),
    ]
    if number % 3:
        pack.append(Packer(tokenizer, 6, 192).pack("emotion", talk.EMOTION, emotions, rng))
    if number % 3 == 1:
        lang: Lang = "ko" if number % 2 else "en"
        told = iter(lambda: days.day_branch(rng, lang), None)
        pack.append(Packer(tokenizer, 4, 448).pack("day", days.system(lang), told, rng))
    if number % 3 == 0:
        pack.append(Packer(tokenizer, 5, 256).pack("copy", "", copies, rng))
    return pack


def _self(
    rng: random.Random, who: talk.Persona, shares: tuple[float, float], *, long: bool
) -> list[Exchange]:
    quizzes, chats = shares
    roll = rng.random()
    if roll < quizzes:
        return talk.quiz_branch(rng, who)
    if roll < quizzes + chats:
        return talk.chat_branch(rng, who)
    return talk.self_branch(rng, who, long=long)


def _work(
    merges: Sequence[tuple[str, str]], kind: str, seed: int, start: int, queue: mp.Queue
) -> None:
    tokenizer = Tokenizer(merges)
    make = copy_batch if kind == "copy" else talk_batch
    parent, number = os.getppid(), start
    while os.getppid() == parent:  # else the trainer was killed and nobody reads
        batch = make(tokenizer, seed, number)
        with contextlib.suppress(Full):
            queue.put(batch, timeout=60)
            number += 1


class Source:
    """Batches start, start+1, … of a kind, made ahead by one worker process. Use as a context."""

    def __init__(self, tokenizer: Tokenizer, kind: str, seed: int, start: int) -> None:
        context = mp.get_context("spawn")
        self._queue: mp.Queue = context.Queue(maxsize=6)
        self._process = context.Process(
            target=_work, args=(tokenizer.merges, kind, seed, start, self._queue), daemon=True
        )

    def __enter__(self) -> Source:
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()

    def next(self) -> list[Packed]:
        """The next batch; waits for the worker."""
        return self._queue.get(timeout=300)
