"""Index and facts made by workers are those a boot alone makes, whatever happens meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from echo.insight import days
from echo.insight.days import tell_days
from echo.memory import ahead, facts, index
from echo.memory.absorb import absorb
from echo.memory.replay import replay
from echo.memory.store import Store
from echo.workers import Lost, Workers
from tests.memory.homes import SEOUL, everything, opened, turn, write

CATS = ("", *(f"{one}{two}" for one in "모보코루" for two in "나피미"))


class Here(Workers):
    """Does the work in this process, at once; then something happens before anybody looks."""

    def __init__(self, then: Callable[[int], None] = lambda _: None) -> None:
        super().__init__(1)
        self.then = then
        self.asked = 0

    def submit(self, work, *values):  # type: ignore[no-untyped-def]
        self.asked += 1
        done: Future[object] = Future()
        done.set_result(work(*values))
        self.then(self.asked)
        return done


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "MANY", 0)
    monkeypatch.setattr(days, "MANY", 0)
    monkeypatch.setattr(index, "BULK", 40)
    monkeypatch.setattr(index, "QUIET", 16)


def lines(home: Path, count: int = 12) -> Path:
    """Twelve days of 25 lines; each day tells something of its own."""
    for day in range(1, count + 1):
        told = [f"내 고양이 이름은 {CATS[day]}야", "My name is Anna.", "ㅋㅋ", "!!!"]
        said = [f"{day}일의 {n}번째 줄, coffee and bread" for n in range(21)]
        write(home / f"memory/day202401{day:02}/part1.txt", "\n".join([*told, *said]) + "\n")
    return home


def boot(store: Store, home: Path, workers: Workers) -> None:
    replay(store, home / "memory", "me", zone=SEOUL, workers=workers)
    tell_days(store, "me", home / "memory", zone=SEOUL, workers=workers)


def whole(store: Store, home: Path) -> dict[str, object]:
    with store.database.read() as conn:
        rows = conn.execute(
            "select o.ref, f.subject, f.relation, f.value, f.negated from fact f"
            " join occurrence o on o.id = f.occurrence"
        ).fetchall()
        assert facts.up_to_date(conn)
        assert not index.is_damaged(conn, 1)
    days = {p.parent.name: p.read_text("utf-8") for p in home.rglob("insight.json")}
    return {**everything(store), "facts": sorted(rows), "days": days}


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[dict[str, object]]:
    home = lines(tmp_path / "alone")
    with opened(home) as store:
        boot(store, home, Workers(0))
        yield whole(store, home)


def test_workers_find_what_a_boot_alone_finds(tmp_path: Path, alone: dict[str, object]):
    home = lines(tmp_path / "home")
    with opened(home) as store, Workers(2) as workers:
        boot(store, home, workers)
        assert whole(store, home) == alone
        assert len(alone["facts"]) >= 24  # type: ignore[arg-type]
        with store.database.read() as conn:
            assert index.state(conn, 1).sealed == 300


def test_a_worker_that_dies_is_done_without(tmp_path: Path, alone: dict[str, object]):
    class Dying(Here):
        def submit(self, work, *values):  # type: ignore[no-untyped-def]
            broken: Future[object] = Future()
            broken.set_exception(BrokenProcessPool("gone"))
            return broken

    class Refusing(Here):
        def submit(self, work, *values):  # type: ignore[no-untyped-def]
            raise Lost

    for number, workers in enumerate((Dying(), Refusing())):
        home = lines(tmp_path / f"home{number}")
        with opened(home) as store:
            boot(store, home, workers)
            assert whole(store, home) == alone


def test_what_is_forgotten_meanwhile_stays_forgotten(tmp_path: Path):
    """Rows go between a worker's look and the writer's hand: its findings are old, and dropped."""
    home = lines(tmp_path / "home")
    with opened(home) as store:
        ref = ""

        def then(asked: int) -> None:
            nonlocal ref
            if asked == 2:
                said = next(t for t in store.turns("me") if CATS[2] in t.text)
                ref = said.ref
                with store.writing() as conn:
                    row = conn.execute("select id from occurrence where ref = ?", (ref,)).fetchone()
                    index.revise(conn, 1, {row[0]}, set())
                    conn.execute("update occurrence set gone = 1 where id = ?", row)

        boot(store, home, Here(then))
        assert ref
        with store.database.read() as conn:
            assert not index.held(conn, 1).keys() & {CATS[2], f"{CATS[2]}야"}
            held = index.rows_of(conn, 1)
            rows = {r for (r,) in conn.execute("select id from occurrence where gone is null")}
            assert held == rows
        assert not [k for k in store.known("me") if k.fact.value == CATS[2]]


def test_somebody_else_who_seals_first_is_let_be(tmp_path: Path, alone: dict[str, object]):
    """Another process may seal, or talk: nothing stands in the index or among the facts twice."""
    home = lines(tmp_path / "home")
    with opened(home) as store, opened(home, new_ref=iter("abcdefgh").__next__) as other:

        def then(asked: int) -> None:
            if asked in (1, 3):
                other.settle_index("me")

        boot(store, home, Here(then))
        assert whole(store, home) == alone


def test_a_boot_killed_before_its_facts_has_them_at_next_open(tmp_path: Path):
    with opened(tmp_path) as store:
        store.ingest("me", [turn("a", "내 고양이 이름은 모모야")], source="test")
        with store.writing() as conn:
            user_id = store.user_id(conn, "me")
            fresh = [store.fresh(conn, user_id, turn(f"b{n}", t)) for n, t in enumerate(
                ("나는 부산에 살아", "My dog's name is Rex."))]  # fmt: skip
            absorb(conn, user_id, fresh, later=True)
        assert [k.fact.value for k in store.known("me")] == ["모모"]
    with opened(tmp_path, new_ref=iter("abcdefgh").__next__) as store:
        assert sorted(k.fact.value for k in store.known("me")) == ["Rex", "모모", "부산"]
        with store.database.read() as conn:
            assert facts.waiting(conn, 1) is None
