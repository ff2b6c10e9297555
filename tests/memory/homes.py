"""What the memory tests share: a store in a folder, turns, and a look at everything it holds."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from secrets import token_hex
from zoneinfo import ZoneInfo

from echo.memory import index
from echo.memory.store import Store
from echo.nouns import ECHO, Exchange, Turn

SEOUL = ZoneInfo("Asia/Seoul")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=SEOUL)


def opened(home: Path, **options: object) -> Store:
    """The store of a home, with a journal, refs that count and a clock that stands."""
    numbers, mark = count(1), token_hex(6)  # id(numbers) came again after many openings
    settings: dict[str, object] = {
        "journal": home / "memory",
        "zone": SEOUL,
        "new_ref": lambda: f"new-{next(numbers)}-{mark}",
        "clock": lambda: NOON,
    } | options
    return Store.open(home / "memory" / "echo.db", **settings)  # type: ignore[arg-type]


def turn(
    ref: str, text: str, *, speaker: str = "me", session: str = "s", after_s: float = 0
) -> Turn:
    return Turn(ref, NOON + timedelta(seconds=after_s), speaker, text, session)


def exchange(number: int, words: str, reply: str = "그래.", session: str = "s") -> Exchange:
    said = turn(f"w{number}", words, session=session, after_s=number)
    answer = turn(f"r{number}", reply, speaker=ECHO, session=session, after_s=number + 0.5)
    return Exchange(said, answer)


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def everything(store: Store, user: str = "me") -> dict[str, object]:
    """All a user's memory says, without row ids: two stores that agree on it remember the same."""
    turns = list(store.turns(user))
    return {
        "turns": sorted(turns, key=lambda t: (t.at, t.ref)),
        "exchanges": store.exchanges(user, limit=10_000),
        "identities": store.identities(),
        "around": {t.ref: store.around(user, t.ref) for t in turns},
        "index": index_of(store, user),
    }


def index_of(store: Store, user: str = "me") -> dict[str, list[str]]:
    """Every term of the index with the turns it leads to: stale rows would show here."""
    with store.database.read() as conn:
        user_id = store.names.find(conn, user)
        refs = dict(conn.execute("select id, ref from occurrence where user = ?", (user_id,)))
        held = index.held(conn, user_id)
    return {term: sorted(refs.get(row, "?") for row in rows) for term, rows in held.items()}
