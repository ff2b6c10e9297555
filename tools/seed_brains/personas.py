"""Who the system prompt says Echo is: the manifest as it stands, parts of it, or an owner's own.

Half of the training sees the manifest whole, half sees it changed, so that an edited manifest does
not break the model. Knows the manifest's files and `prompts.system`; nothing of dialogues.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from echo.mind import prompts
from tools.seed_brains.texts import fill
from tools.seed_brains.values import hangul_word, latin_word

MANIFEST = Path(__file__).resolve().parents[2] / "manifest"
NAMES = (
    ("하루", "Haru"),
    ("미르", "Mir"),
    ("달이", "Dari"),
    ("누리", "Nuri"),
    ("새벽", "Dawn"),
    ("루미", "Lumi"),
)
KO = (
    "너는 {name}<야>.", "너는 {name}<야>. 주인의 컴퓨터 안에 살아.", "네 이름은 {name}<야>.",
    "너는 내 친구 {name}<야>. 다정하게 말해.", "{name}, 너는 들은 것을 기억하는 프로그램이야.",
)  # fmt: skip
EN = (
    "You are {name}.", "You are {name}, a small program on this computer.", "Your name is {name}.",
    "You are {name}, my companion. Be kind.", "{name} is who you are: a friend that remembers.",
)  # fmt: skip
MORE = (
    "짧게 답해.", "반말로 다정하게 말해.", "기억을 지어내지 마.", "모르면 모른다고 해.",
    "농담을 좋아해.",
    "주인은 밤에 일해.", "하늘색을 좋아해.", "서두르지 마.", "Answer briefly.", "Be warm.",
    "Make up no memory.", "Say so when you do not know.", "You like quiet evenings.",
    "Your owner works at night.", "Never lecture.", "Answer in the language you are spoken to.",
    "주인이 쓰는 말로 답해.", "들은 것을 기억해.", "Remember what you are told.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Persona:
    """A system message, and the names it gives Echo in both languages."""

    system: str
    ko: str
    en: str


def manifest() -> str:
    """The identity as `boot` adopts it: identity, then manifest."""
    parts = (MANIFEST / "echo_identity.txt", MANIFEST / "fillin_manifest.txt")
    return "\n".join(part.read_text("utf-8").strip() for part in parts)


def persona(rng: random.Random) -> Persona:
    """The manifest in half of the cases; else some of its lines, or an owner's own words."""
    roll = rng.random()
    if roll < 0.5:
        return Persona(prompts.system(manifest()).content, "에코", "Echo")
    if roll < 0.72:
        lines = manifest().split("\n")
        kept = [line for line in lines if rng.random() < 0.6] or lines[:1]
        if rng.random() < 0.3:
            rng.shuffle(kept)
        named = [*kept, rng.choice(MORE)] if rng.random() < 0.3 else kept
        return Persona(prompts.system("\n".join(named)).content, "에코", "Echo")
    return _owners(rng)


def _owners(rng: random.Random) -> Persona:
    roll = rng.random()
    made = hangul_word(rng, 2, 3), latin_word(rng).capitalize()
    ko, en = ("에코", "Echo") if roll < 0.3 else rng.choice(NAMES) if roll < 0.5 else made
    which = rng.random()
    first = [fill(rng.choice(KO), rng, {"name": ko}), fill(rng.choice(EN), rng, {"name": en})]
    if which < 0.35:
        first, en = first[:1], ko
    elif which < 0.7:
        first, ko = first[1:], en
    more = rng.sample(MORE, k=rng.randrange(4))
    return Persona(prompts.system("\n".join((*first, *more))).content, ko, en)
