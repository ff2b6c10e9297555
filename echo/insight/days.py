"""insight.json for every day that has something new. Asks no model; knows the store and span."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, tzinfo
from pathlib import Path

from echo.insight.span import Common, insight, write_day
from echo.memory.store import Store

_WRITERS = 16  # each file waits for the disk: together they wait once


def tell_days(store: Store, user: str, memory: Path, *, zone: tzinfo) -> tuple[str, ...]:
    """Write memory/USER/dayYYYYMMDD/insight.json for the days that wait for it; which they were.

    memory: the home's memory/ folder. Raises StoreError; the days then go on waiting.
    """
    days = store.untold(user)
    if days:
        _write(store, user, memory / user, days, zone)
        store.told(user, days)
    return days


def _write(store: Store, user: str, root: Path, days: Sequence[str], zone: tzinfo) -> None:
    common = Common(store, user)
    with ThreadPoolExecutor(min(_WRITERS, len(days))) as pool:
        waiting = []
        for name in days:
            day = date.fromisoformat(name)
            told = insight(store, user, day, day, zone=zone, common=common)
            waiting.append(pool.submit(write_day, root / f"day{day:%Y%m%d}", told))
        for one in waiting:
            one.result()
