"""A user's memory as files of their own: JSON lines, Markdown by day, a database of their rows.

Knows the store; writes nothing but a database that is asked for.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from pathlib import Path

from echo.errors import StoreError
from echo.memory import index
from echo.memory.database import Database, mapped
from echo.memory.store import Store
from echo.nouns import Turn
from echo.text import json_safe

_OF_USER = ("speaker", "session", "text", "occurrence", "exchange")
_WITHOUT = {"file": "null", "line": "null"}  # which file a turn was read from is this home's affair


def export_jsonl(store: Store, user: str) -> Iterator[str]:
    """One JSON object a turn, in order of time, without line ends; what `import` reads."""
    for turn in store.turns(user):
        row = {"at": turn.at.isoformat(), "speaker": turn.speaker, "text": turn.text}
        if turn.session:
            row["session"] = turn.session
        row["ref"] = turn.ref
        yield json_safe(json.dumps(row, ensure_ascii=False))


def export_markdown(store: Store, user: str) -> Iterator[tuple[date, str]]:
    """(day, its Markdown) in order of time."""
    for day, turns in groupby(store.turns(user), key=lambda turn: turn.at.date()):
        yield day, f"# {day}\n\n" + "".join(map(_paragraph, turns))


def _paragraph(turn: Turn) -> str:
    clock = f" {turn.at:%H:%M}" if turn.timed else ""
    words = turn.text.replace("\n", "\n  ")
    return f"- **{turn.speaker}**{clock}: {words}\n"


def export_sqlite(store: Store, user: str, path: Path) -> None:
    """A new database that holds this user's rows and nobody else's, ready to be opened by Echo.

    Raises StoreError when the file is there already.
    """
    if path.exists():
        raise StoreError("{path} is there already.", "Name a file that is not.", path=path)
    copy = Database(path)
    try:
        with store.database.read() as conn, mapped(path):
            user_id = store.names.find(conn, user)
            with copy.write() as target:
                target.execute("insert into user values (?, ?)", (user_id, user))
                index.create(target, user_id)
                for table in _OF_USER:
                    _copy(conn, target, table, user_id)
                index.rebuild(target, user_id)
                target.execute("insert into setting values ('index', ?)", (index.TOKENS,))
    except BaseException:
        copy.close()
        path.unlink(missing_ok=True)
        raise
    copy.close()
    for end in ("-lock", "-open", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    path.chmod(0o600)


def _copy(conn: sqlite3.Connection, target: sqlite3.Connection, table: str, user_id: int) -> None:
    columns = [row[1] for row in conn.execute(f"pragma table_info({table})")]
    wanted = ", ".join(_WITHOUT.get(name, name) for name in columns)
    rows = conn.execute(f"select {wanted} from {table} where user = ? order by id", (user_id,))  # noqa: S608
    marks = ", ".join("?" * len(columns))
    target.executemany(f"insert into {table} ({', '.join(columns)}) values ({marks})", rows)  # noqa: S608
