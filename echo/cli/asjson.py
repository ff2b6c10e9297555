"""Values as the JSON that other programs read. Knows values, not where they came from.

The shapes are a contract (README, "For other programs"); fields may be added, never renamed.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from echo.nouns import Exchange, Hit, Identity, Mood, Reading, Recollection, Replay, Stats, Turn
from echo.text import json_safe


def put(value: object) -> None:
    """One JSON value on one line of stdout, at once: a reader may be waiting for it."""
    plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    sys.stdout.write(json_safe(json.dumps(value, ensure_ascii=plain, allow_nan=False)) + "\n")
    sys.stdout.flush()


def turn(value: Turn) -> dict[str, Any]:
    """One occurrence, without its session."""
    return {
        "ref": value.ref,
        "at": value.at.isoformat(),
        "speaker": value.speaker,
        "text": value.text,
    }


def hit(value: Hit) -> dict[str, Any]:
    """One remembered turn, its reasons, its neighbours."""
    return {
        **turn(value.turn),
        "session": value.turn.session,
        "score": round(value.score, 6),
        "why": {name: round(weight, 6) for name, weight in value.why},
        "near": [turn(t) for t in value.near],
    }


def recollection(value: Recollection) -> dict[str, Any]:
    """The answer to one question of memory."""
    return {
        "query": value.query,
        "known": value.known,
        "confidence": value.confidence,
        "hits": [hit(h) for h in value.hits],
    }


def mood(text: str, value: Mood) -> dict[str, Any]:
    """What the reader sees in one line."""
    return {
        "text": text,
        "valence": round(value.valence, 4),
        "arousal": round(value.arousal, 4),
        "feelings": {name: round(score, 4) for name, score in value.feelings},
        "evidence": [[word, round(weight, 4)] for word, weight in value.evidence],
    }


def exchange(value: Exchange) -> dict[str, Any]:
    """One turn of a chat."""
    return {
        "reply": value.reply.text,
        "lang": value.lang,
        "mode": value.mode,
        "status": value.reply.status,
        "feeling": _reading(value.reading),
        "thoughts": [asdict(thought) for thought in value.thoughts],
        "recalls": [hit(h) for h in value.recalls],
        "ungrounded": list(value.ungrounded),
        "timings": asdict(value.timings),
        "ref": value.words.ref,
    }


def _reading(value: Reading | None) -> dict[str, Any] | None:
    return None if value is None else asdict(value)


def boot(value: Replay, identity: Identity, *, peak_rss_mb: float) -> dict[str, Any]:
    """What one boot read, and who Echo is after it."""
    return {
        "files": value.files,
        "lines": value.lines,
        "new": value.new,
        "repeated": value.repeated,
        "skipped": [asdict(skip) for skip in value.skipped],
        "days": list(value.days),
        "seconds": round(value.seconds, 3),
        "lines_per_second": round(value.lines / value.seconds, 1) if value.seconds > 0 else 0.0,
        "peak_rss_mb": round(peak_rss_mb, 1),
        "identity": {"version": identity.version, "digest": identity.digest},
    }


def stats(value: Stats) -> dict[str, Any]:
    """How much memory holds."""
    told = asdict(value)
    for name in ("first", "last"):
        told[name] = told[name].isoformat() if told[name] is not None else None
    return told
