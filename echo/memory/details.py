"""What an exchange was made of, and an identity, as JSON and back. Pure; knows no tables.

Recalled turns are kept as refs with score and reasons: their words are rows already, and what was
recalled is never stored a second time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from echo.nouns import Exchange, Hit, Identity, Reading, Thought, Timings, Turn


def dump(value: object) -> str:
    """Compact JSON, Korean as it is; what cannot be UTF-8 stays escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if text.isprintable() else json.dumps(value, separators=(",", ":"))


def details_of(exchange: Exchange) -> str:
    """Everything of an exchange but its two turns."""
    return dump(
        {
            "lang": exchange.lang,
            "mode": exchange.mode,
            "reading": asdict(exchange.reading) if exchange.reading else None,
            "thoughts": [asdict(thought) for thought in exchange.thoughts],
            "recalls": [[hit.turn.ref, hit.score, hit.why] for hit in exchange.recalls],
            "ungrounded": exchange.ungrounded,
            "timings": asdict(exchange.timings),
        }
    )


def exchange_of(
    words: Turn, reply: Turn, details: str, find: Callable[[str], Turn | None]
) -> Exchange:
    """The exchange again; a recalled turn that is no longer there is left out."""
    kept: Mapping[str, Any] = json.loads(details)
    found = [(find(ref), score, why) for ref, score, why in kept.get("recalls", ())]
    return Exchange(
        words=words,
        reply=reply,
        lang=kept.get("lang", "en"),
        mode=kept.get("mode", "full"),
        reading=Reading(**kept["reading"]) if kept.get("reading") else None,
        thoughts=tuple(Thought(**thought) for thought in kept.get("thoughts", ())),
        recalls=tuple(
            Hit(turn, score, tuple((reason, weight) for reason, weight in why))
            for turn, score, why in found
            if turn is not None
        ),
        ungrounded=tuple(kept.get("ungrounded", ())),
        timings=Timings(**kept.get("timings", {})),
    )


def identity_json(identity: Identity) -> str:
    """An identity version as one JSON object."""
    kept = asdict(identity)
    kept["adopted_at"] = identity.adopted_at.isoformat() if identity.adopted_at else None
    return dump(kept)


def identity_of(text: str) -> Identity:
    """The identity version of a JSON object. Raises ValueError, TypeError when it is none."""
    kept = json.loads(text)
    at = kept.pop("adopted_at", None)
    return Identity(**kept, adopted_at=datetime.fromisoformat(at) if at else None)
