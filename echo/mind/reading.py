"""Facts that no rule finds, read by a brain out of single turns: `boot --deep`.

What it says is taken only where the words themselves hold it, and kept as an act of the journal,
so that replaying needs no brain. Newest turns first; each is asked about once, ever.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from echo.brains.protocol import Ask, Brain, Piece, Stop
from echo.errors import ContextFull
from echo.facts.find import RELATIONS, find
from echo.memory import factmends
from echo.memory.store import Store
from echo.nouns import Fact, Message
from echo.text import key

MOST = 200  # turns in one run: some minutes on two cores
LONGEST = 400  # characters of a turn that is asked about
CONFIDENCE = 0.5
_SYSTEM = (
    "말에서 말한 이와 가족, 친구, 반려동물에 대해 지금 사실인 것만 JSON으로 뽑아. "
    "없으면 빈 목록이야. "
    "value와 subject는 말에 있는 그대로 쓰고, 말한 이는 me야.\n"
    "From the words, extract only what is true now of the speaker, their family, friends and pets, "
    "as JSON; an empty list when there is nothing. Copy value and subject from the words; the "
    "speaker is me."
)
SCHEMA: Mapping[str, object] = {
    "type": "object",
    "properties": {
        "facts": {
            "type": "array",
            "maxItems": 3,
            "items": {
                "type": "object",
                "properties": {
                    "subject": {"type": "string", "maxLength": 40},
                    "relation": {"enum": list(RELATIONS)},
                    "value": {"type": "string", "maxLength": 60},
                },
                "required": ["subject", "relation", "value"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["facts"],
    "additionalProperties": False,
}


def read_facts(
    store: Store,
    user: str,
    brain: Brain,
    *,
    limit: int = MOST,
    stop: Stop = lambda: False,
    progress: Callable[[float], None] = lambda _: None,
) -> tuple[int, int]:
    """Ask about turns that rules found nothing in; (turns asked about, facts found).

    May be stopped and run again: it goes on with the turns it has not asked about. Raises
    BrainError and StoreError.
    """
    waiting = factmends.waiting(store, user, limit)
    found = done = 0
    for ref, words in waiting:
        if stop():
            break
        facts = find(words)  # a note has only been skimmed
        if not facts and len(words) <= LONGEST:
            facts = tuple(_asked(brain, words, stop))
        if stop():
            break  # half an answer is none
        factmends.propose(store, user, ref, facts)
        found, done = found + len(facts), done + 1
        progress(done / len(waiting))
    store.journaled()
    return done, found


def _asked(brain: Brain, words: str, stop: Stop) -> Iterator[Fact]:
    ask = Ask(
        (Message("system", _SYSTEM), Message("user", words)),
        max_tokens=200, temperature=0.0, schema=SCHEMA,
    )  # fmt: skip
    try:
        said = "".join(item.text for item in brain.speak(ask, stop) if isinstance(item, Piece))
    except ContextFull:
        return
    try:
        answer: Any = json.loads(said)
    except ValueError:  # cut off at max_tokens
        return
    for one in answer.get("facts", ()) if isinstance(answer, dict) else ():
        if _holds(words, one):
            yield Fact(one["subject"], one["relation"], one["value"], confidence=CONFIDENCE)


def _holds(words: str, one: Any) -> bool:
    """Is it whole, and do the words themselves say it?"""
    parts = [one.get(name) for name in ("subject", "relation", "value")]
    if not all(isinstance(part, str) and part.strip() for part in parts):
        return False
    subject, relation, value = (key(part).casefold() for part in parts)
    text = key(words).casefold()
    return (subject == "me" or subject in text) and relation in RELATIONS and value in text
