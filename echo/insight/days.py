"""insight.json for every day that has something new. Asks no model; knows the store and span."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, tzinfo
from pathlib import Path

from echo.insight.span import Common, insight, write_day
from echo.memory.store import Store
from echo.nouns import Insight
from echo.workers import Workers

MANY = 60  # days: from here on workers are worth their start
_TOGETHER = 24  # days of one job
_WRITERS = 16  # each file waits for the disk: together they wait once


def tell_days(
    store: Store, user: str, memory: Path, *, zone: tzinfo, workers: Workers | None = None
) -> tuple[str, ...]:
    """Write memory/USER/dayYYYYMMDD/insight.json for the days that wait for it; which they were.

    memory: the home's memory/ folder; workers: who shares the counting when there are many days.
    Raises StoreError; the days then go on waiting.
    """
    days = store.untold(user)
    if days:
        _write(memory / user, _told(store, user, days, zone, workers), min(_WRITERS, len(days)))
        store.told(user, days)
    return days


def _told(
    store: Store, user: str, days: Sequence[str], zone: tzinfo, workers: Workers | None
) -> Iterator[Insight]:
    if workers is None or len(days) < MANY or not store.database.shared:
        yield from _count(store, user, days, zone)
        return
    spans = [days[at : at + _TOGETHER] for at in range(0, len(days), _TOGETHER)]
    jobs = [(store.database.path, user, span, zone) for span in spans]
    for told in workers.each(count, jobs):
        yield from told


def count(database: Path, user: str, days: Sequence[str], zone: tzinfo) -> list[Insight]:
    """What these days were like; for workers, who open the memory themselves."""
    with Store.open(database, journal=None, zone=zone) as store:
        return list(_count(store, user, days, zone))


def _count(store: Store, user: str, days: Sequence[str], zone: tzinfo) -> Iterator[Insight]:
    common = Common(store, user)
    for name in days:
        day = date.fromisoformat(name)
        yield insight(store, user, day, day, zone=zone, common=common)


def _write(root: Path, insights: Iterable[Insight], writers: int) -> None:
    with ThreadPoolExecutor(writers) as pool:
        waiting = [
            pool.submit(write_day, root / f"day{told.since.replace('-', '')}", told)
            for told in insights
        ]
        for one in waiting:
            one.result()
