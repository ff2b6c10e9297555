"""A user's memory as files of their own. Knows the store, writes nothing itself."""

from __future__ import annotations

import json
from collections.abc import Iterator

from echo.memory.store import Store


def export_jsonl(store: Store, user: str) -> Iterator[str]:
    """One JSON object a turn, in order of time, without line ends; what `import` reads."""
    for turn in store.turns(user):
        row = {"at": turn.at.isoformat(), "speaker": turn.speaker, "text": turn.text}
        if turn.session:
            row["session"] = turn.session
        row["ref"] = turn.ref
        yield json.dumps(row, ensure_ascii=False)
