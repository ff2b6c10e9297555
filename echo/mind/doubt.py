"""When what was just said contradicts a fact that does not change of itself: one question.

It is asked in the answer to the very words that contradict, and nowhere else, so it is asked
once. Knows the store's facts; no brains.
"""

from __future__ import annotations

from echo.facts.find import find
from echo.facts.ledger import LASTS
from echo.memory.store import Store
from echo.nouns import Known, Lang, Turn
from echo.text import josa

ASKED: dict[Lang, str] = {
    "ko": "그런데 전에는 {old} 들었던 것 같아. 이제 {new} 기억하면 될까?",
    "en": "You once told me it was {old}, though. Is it {new} from now on?",
}


def question(store: Store, user: str, said: Turn, lang: Lang) -> str:
    """What Echo asks behind its answer; "" when nothing was contradicted."""
    relations = {fact.relation for fact in find(said.text)} & LASTS
    if not relations:
        return ""
    for known in store.known(user, relations):
        if known.against and known.refs == (said.ref,):
            return _asked(known, lang)
    return ""


def _asked(known: Known, lang: Lang) -> str:
    old, new = known.against, known.fact.value
    if lang == "ko":
        old, new = josa(old, "이라고/라고"), josa(new, "으로/로")
    return ASKED[lang].format(old=old, new=new)
