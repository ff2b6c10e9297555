"""The store keeps every word, once as a text and every time as an occurrence."""

from __future__ import annotations

import inspect
import os
import sqlite3
import stat
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from echo.errors import StoreError
from echo.memory import index, segments
from echo.memory.database import Database
from echo.memory.rows import instant, moment
from echo.memory.schema import STEPS
from echo.memory.store import Store
from echo.nouns import Hit, Identity, Reading, Thought, Timings, Turn
from echo.terms.split import terms_of
from tests.memory.homes import NOON, SEOUL, exchange, index_of, opened, turn


@pytest.fixture
def store(tmp_path: Path):
    with opened(tmp_path) as made:
        yield made


def found(store: Store, words: str, user: str = "me") -> list[str]:
    with store.lookup(user) as lookup:
        places = {one for found in lookup.places(terms_of(words)).values() for one in found}
        return [turn.ref for _, turn in sorted(lookup.turns(map(int, places)).items())]


def test_an_exchange_comes_back_whole(store: Store):
    """Whatever /why shows tomorrow must be what was true today."""
    store.finish("me", exchange(1, "고양이 이름은 모푸야."))
    known = store.turn("me", "w1")
    assert known is not None
    said = exchange(2, "내 고양이 이름 기억나?", "모푸.\n\n  예쁜 이름이지.")
    full = type(said)(
        said.words,
        said.reply,
        lang="ko",
        mode="auto",
        reading=Reading("love", 0.5, 0.25, "company", "brain"),
        thoughts=(Thought("creation", "그림", 3, 0.5), Thought("emotion", left_out="too slow")),
        recalls=(Hit(known, 1.5, (("own", 1.0), ("date", 0.5))),),
        ungrounded=("2019년",),
        timings=Timings(0.1, 0.2, 3, 4, 5),
    )
    store.begin("me", said.words)
    store.finish("me", full)
    assert store.exchanges("me")[-1] == full


def test_words_are_committed_and_found_before_any_reply(store: Store, tmp_path: Path):
    """The user's words must survive whatever generation does."""
    store.begin("me", turn("w1", "바다에 다녀왔어"))
    with opened(tmp_path, journal=None) as other:
        assert other.turn("me", "w1") == turn("w1", "바다에 다녀왔어")
        assert found(other, "바다") == ["w1"]
        assert other.exchanges("me") == ()


def test_what_was_marked_in_a_reply_is_found_by_its_ref(store: Store):
    """Also where two exchanges of a session ran into each other."""
    one = replace(exchange(1, "하나"), ungrounded=("2019년", "부산"))
    two = exchange(2, "둘")
    store.begin("me", one.words)
    store.begin("me", two.words)
    store.finish("me", one)
    store.finish("me", two)
    assert store.invented("me", ("r1", "r2", "nobody")) == {"r1": ("2019년", "부산")}
    assert store.invented("you", ("r1",)) == {}


def test_finishing_twice_changes_nothing(store: Store, tmp_path: Path):
    """A caller that is not sure may finish again."""
    store.finish("me", exchange(1, "one"))
    store.finish("me", exchange(1, "one"))
    assert len(store.exchanges("me")) == 1
    store.journaled()
    assert (tmp_path / "memory/me/day20260302/part1.txt").read_text().count("\texchange\t") == 1


def test_a_reply_for_nobody_is_refused(store: Store):
    with pytest.raises(StoreError, match="No exchange is waiting"):
        store.partial("me", "nothing", turn("r", "x"))


def test_exchanges_are_the_newest_oldest_first(store: Store):
    for i in range(5):
        store.finish("me", exchange(i, f"number {i}", session="a" if i < 3 else "b"))
    assert [e.words.ref for e in store.exchanges("me", limit=2)] == ["w3", "w4"]
    assert [e.words.ref for e in store.exchanges("me", session="a", limit=2)] == ["w1", "w2"]
    assert store.last_session("me") == "b"
    assert store.last_session("nobody") == ""


@given(st.lists(st.sampled_from(["네", " 네", "네 ", "아니", "아  니", "no", "NO"]), max_size=30))
@settings(max_examples=30, deadline=None)
def test_a_sentence_is_stored_once_and_counted_every_time(lines: list[str]):
    """The dedup law: texts are the distinct keys, occurrences are all of them, raw as said."""
    with Store.open(Path(":memory:"), journal=None, zone=SEOUL) as store:
        turns = [turn(f"t{i}", line, after_s=i) for i, line in enumerate(lines)]
        new, repeated = store.ingest("me", turns, source="test")
        distinct = {" ".join(line.split()) for line in lines}
        assert (new, repeated) == (len(distinct), len(lines) - len(distinct))
        assert list(store.turns("me")) == turns
        stats = store.stats("me")
        assert (stats.occurrences, stats.texts) == (len(lines), len(distinct))
        assert store.ingest("me", turns, source="again") == (0, 0)


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_the_index_is_never_stale(data: st.DataObject):
    """Added one at a time, in lumps or all at once, sealed or not: every term leads to the same
    turns, and everybody has the same neighbours.
    """
    lines = data.draw(
        st.lists(st.sampled_from(["고양이", "바다 cat", "", "dog 산책"]), max_size=14)
    )
    sessions = data.draw(st.lists(st.sampled_from("ab"), min_size=14, max_size=14))
    turns = [turn(f"t{i}", x, session=sessions[i], after_s=i) for i, x in enumerate(lines)]
    size = data.draw(st.integers(1, 5))
    with (
        Store.open(Path(":memory:"), journal=None, zone=SEOUL) as whole,
        Store.open(Path(":memory:"), journal=None, zone=SEOUL) as parts,
    ):
        whole.ingest("me", turns, source="")
        for i in range(0, len(turns), size):
            parts.ingest("me", turns[i : i + size], source="")
            assert columns_of(parts) == columns_of(parts)  # a second look changes nothing
        if turns:
            with whole.writing() as conn:
                index.rebuild(conn, 1)
            assert index_of(parts) == index_of(whole)
            assert columns_of(parts) == columns_of(whole)
            want = {t for line in lines for t in terms_of(line)}
            assert set(index_of(whole)) == want


def columns_of(store: Store) -> dict[str, tuple[str, str, str]]:
    """Ref → (its day, who stands before it, who after), as a question sees it."""
    with store.lookup("me") as lookup:
        view = lookup.view
        living = [p for p in range(view.size) if view.rows[p]]
        names = {p: t.ref for p, t in lookup.turns(living).items()} | {-1: ""}
        return {
            names[p]: (int(view.days[p]), names[int(view.before[p])], names[int(view.after[p])])
            for p in living
        }


def test_a_turn_is_known_by_its_day_and_its_neighbours(store: Store):
    """Those of another session are none, nor are turns without a word."""
    said = [("t0", "모푸", "s"), ("u", "a", "other"), ("t1", " ", "s"), ("t2", "b", "s")]
    for ref, text, session in said:  # one by one: the view grows
        store.ingest("me", [turn(ref, text, session=session)], source="")
        columns_of(store)
    day = (NOON.date() - date(1970, 1, 1)).days
    want = {"t0": (day, "", "t2"), "t2": (day, "t0", ""), "u": (day, "", "")}
    assert columns_of(store) == want


def test_turns_that_go_and_come_back_are_found_no_more_and_again(store: Store):
    """Sealed or not; and the segment keeps no term of what went."""
    store.ingest("me", [turn(f"t{i}", f"고양이 모푸{i}") for i in range(600)], source="")
    store.ingest("me", [turn("new", "고양이 새것")], source="")
    with store.database.read() as conn:
        assert index.state(conn, 1).sealed == 600
    before = index_of(store)
    for row in (300, 601):
        with store.writing() as conn:
            index.revise(conn, 1, {row}, set())
            conn.execute("update occurrence set gone = 0 where id = ?", (row,))
        assert len(index_of(store)["=고양이"]) == len(found(store, "고양이")) == 600
        assert columns_of(store).keys() == set(index_of(store)["=고양이"])
        with store.writing() as conn:
            index.revise(conn, 1, set(), {row})
            conn.execute("update occurrence set gone = null where id = ?", (row,))
        assert index_of(store) == before
        assert len(found(store, "고양이")) == 601


def test_a_memory_without_an_index_still_answers(tmp_path: Path):
    """One that may only be read cannot be given the index of today; it is read turn by turn."""
    with opened(tmp_path) as store:
        store.ingest("me", [turn(f"t{i}", f"고양이 {i}") for i in range(600)], source="")
        before = found(store, "고양이")
        with store.writing() as conn:
            segments.drop(conn, 1)
            conn.execute("drop table index_1_state")
        store._views.clear()  # as the next process has none
        assert found(store, "고양이") == before
        assert store.frequency("me", ["고양이는"]) == {"고양이는": 600}


def test_small_segments_are_joined(tmp_path: Path):
    """Chats seal a few hundred turns at a time; a question must not look into a thousand lumps."""
    with opened(tmp_path) as store:
        for i in range(20):
            turns = [turn(f"{i}-{n}", f"말 {i} {n}") for n in range(index.QUIET)]
            store.ingest("me", turns, source="")
        with store.database.read() as conn:
            sizes = [size for _, size in segments.sizes(conn, 1)]
        assert sum(sizes) == 20 * index.QUIET
        assert len(sizes) < 2 * index.TOGETHER
        assert len(index_of(store)["=말"]) == 20 * index.QUIET
        assert not index_of(store)["=말"].count("?")
    assert index.TOGETHER * (max(index.TIERS) - 1) <= segments.MOST  # a place is two bytes


def test_korean_is_found_inside_words(store: Store):
    store.ingest("me", [turn("t", "우리고양이가 잔다"), turn("u", "강아지")], source="")
    assert "t" in found(store, "고양이")
    assert store.frequency("me", ["강아지는", "none"]) == {"강아지는": 1}
    assert store.document_count("me") == 2


def test_around_stays_in_the_session(store: Store):
    turns = [turn(f"{s}{i}", f"{s} {i}", session=s) for i in range(4) for s in "ab"]
    store.ingest("me", turns, source="")
    assert [t.ref for t in store.around("me", "a1")] == ["a0", "a2", "a3"]
    assert [t.ref for t in store.around("me", "b3", span=1)] == ["b2"]
    assert store.around("me", "nothing") == ()


def test_turns_are_paged_by_time(store: Store):
    """More than one page, ties in time, both directions, and bounds that include their start."""
    turns = [turn(f"t{i:04}", f"line {i}", after_s=i // 3) for i in range(2500)]
    store.ingest("me", turns[::-1], source="")
    assert sorted(t.ref for t in store.turns("me")) == [t.ref for t in turns]
    times = [t.at for t in store.turns("me", newest_first=True)]
    assert times == sorted(times, reverse=True)
    some = store.turns("me", since=NOON + timedelta(seconds=1), until=NOON + timedelta(seconds=3))
    assert {t.ref for t in some} == {t.ref for t in turns[3:9]}
    assert len(list(store.turns("me", limit=1001))) == 1001
    assert next(store.turns("me", limit=1, newest_first=True)).at == turns[-1].at
    assert list(store.turns("me", speaker="Anna")) == []


@given(
    st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)),
    st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(
        lambda d: timedelta(seconds=int(d.total_seconds()))
    ),
)
def test_times_come_back_with_their_offset(wall: datetime, offset: timedelta):
    at = wall.replace(tzinfo=timezone(offset))
    back = moment(*instant(at))
    assert (back, back.utcoffset()) == (at, offset)


# ── whose memory ─────────────────────────────────────────────────────────────────────────────


def test_no_public_call_can_leave_out_the_user():
    """Isolation by construction: what reads or writes words takes a user first."""
    of_the_home = {"open", "close", "users", "identities", "purge", "complete"}
    within_the_room = {  # hold a user's row
        "writing", "user_id", "fresh", "journaled", "let_go", "depart", "post",
        "post_again", "move_away",
    }  # fmt: skip
    for name, member in inspect.getmembers(Store, inspect.isfunction):
        if name.startswith("_") or name in of_the_home | within_the_room:
            continue
        assert list(inspect.signature(member).parameters)[1] == "user", name


def test_users_never_see_each_other(store: Store):
    """The same words, the same refs: neither hits, statistics nor neighbours cross over."""
    for user in ("anna", "tom"):
        store.finish(user, exchange(1, f"비밀은 {user}", session="same"))
    for user in ("anna", "tom"):
        words = store.turn(user, "w1")
        assert words is not None
        assert words.text == f"비밀은 {user}"
        assert found(store, "비밀", user) == ["w1"]
        assert store.frequency(user, ["비밀은", "anna", "tom"]) == {"비밀은": 1, user: 1}
        assert [t.ref for t in store.around(user, "w1")] == ["r1"]
        assert len(store.exchanges(user, session="same")) == 1
        assert store.stats(user).occurrences == 2
    assert store.users() == ("anna", "tom")
    assert list(store.turns("eve")) == [] == found(store, "비밀", "eve")
    assert store.stats("eve").first is None
    with store.database.read() as conn:  # not even a sentence they share is one row
        assert conn.execute("select count(*) from text where body = '그래.'").fetchone() == (2,)


@pytest.mark.parametrize("name", ["", "echo", "Echo", "..", "a/b", "day1", ".x", "a\nb", "x" * 65])
def test_a_user_must_be_able_to_have_a_folder(store: Store, name: str):
    with pytest.raises(StoreError, match="cannot be the name"):
        store.begin(name, turn("w", "x"))
    assert store.users() == ()


@pytest.mark.parametrize("name", ["me", "수진", "anna.b", "Tom 2", "x"])
def test_names_people_have_are_fine(store: Store, name: str):
    store.begin(name, turn("w", "x"))
    assert store.users() == (name,)


# ── the identity ─────────────────────────────────────────────────────────────────────────────


def test_identity_versions_are_kept_and_never_changed(store: Store, tmp_path: Path):
    first = Identity(1, "d1", "나는 에코.\n둘째 줄", adopted_at=NOON)
    second = Identity(2, "d2", "나는 에코다.", "d1", "by the origin")
    store.adopt("me", first)
    store.adopt("me", first)
    store.adopt("me", second)
    with pytest.raises(StoreError, match="already another"):
        store.adopt("me", Identity(2, "d3", "other"))
    assert store.identities() == (first, second)
    assert (tmp_path / "memory/me/day20260302/part1.txt").read_text().count("\tidentity\t") == 2


# ── the file ─────────────────────────────────────────────────────────────────────────────────


def test_opening_twice_migrates_once_and_is_durable(tmp_path: Path):
    """From an empty file, then again: the same form, WAL and FULL each time."""
    forms = []
    for _ in range(2):
        with opened(tmp_path) as store, store.database.read() as conn:
            forms.append(conn.execute("select sql from sqlite_master order by name").fetchall())
            pragmas = ("journal_mode", "synchronous", "foreign_keys")
            values = [conn.execute(f"pragma {p}").fetchone()[0] for p in pragmas]
            assert values == ["wal", 2, 1]
            steps = conn.execute("select count(*) from _sqlite_migrations").fetchone()[0]
            assert steps == len(STEPS)
    assert forms[0] == forms[1]


def test_an_index_made_by_other_rules_is_built_anew(tmp_path: Path):
    """A later index_tokens must not be mixed with rows that an earlier one made."""
    with opened(tmp_path) as store:
        store.ingest("me", [turn(f"t{i}", f"고양이 {i}") for i in range(9)], source="")
        before = index_of(store)
        with store.writing() as conn:
            conn.execute("update setting set value = 'old' where name = 'index'")
            conn.execute("delete from index_1_posting")
    with opened(tmp_path) as store:
        assert index_of(store) == before


def test_a_network_filesystem_gets_no_wal(tmp_path: Path):
    with opened(tmp_path, network=True) as store, store.database.read() as conn:
        assert conn.execute("pragma journal_mode").fetchone()[0] == "delete"
        assert conn.execute("pragma mmap_size").fetchone()[0] == 0


def test_files_are_private_whatever_the_umask(tmp_path: Path):
    old = os.umask(0)
    try:
        with opened(tmp_path) as store:
            store.finish("me", exchange(1, "비밀"))
            for path in (tmp_path / "memory").rglob("*"):
                want = 0o700 if path.is_dir() else 0o600
                assert stat.S_IMODE(path.stat().st_mode) == want, path
    finally:
        os.umask(old)


def test_a_newer_memory_is_not_touched(tmp_path: Path):
    with opened(tmp_path) as store, store.writing() as conn:
        conn.execute("insert into _sqlite_migrations values (99, 'echo', '9999_later', '')")
    with pytest.raises(StoreError, match="newer Echo"):
        opened(tmp_path)


def test_a_damaged_file_is_one_sentence(tmp_path: Path):
    opened(tmp_path).close()
    (tmp_path / "memory/echo.db").write_bytes(b"not a database, " * 1000)
    with pytest.raises(StoreError, match="is damaged") as caught:
        opened(tmp_path)
    assert "fillin memory rebuild" in caught.value.hint
    assert isinstance(caught.value.__cause__, sqlite3.DatabaseError)


def test_a_full_disk_loses_only_what_was_not_acknowledged(store: Store):
    """SQLITE_FULL is a sentence; what was there stays, and goes on once there is room."""
    store.finish("me", exchange(1, "kept"))
    with store.database.read() as conn:
        conn.execute("pragma max_page_count = 1")  # as many as there are
    with pytest.raises(StoreError, match="disk is full"):
        store.ingest("me", [turn(f"t{i}", "x" * 5000 + str(i)) for i in range(50)], source="")
    assert [t.ref for t in store.turns("me")] == ["w1", "r1"]
    with store.database.read() as conn:
        conn.execute("pragma max_page_count = 1000000")
    store.finish("me", exchange(2, "later"))
    assert len(store.exchanges("me")) == 2


def test_using_a_closed_store_says_so(tmp_path: Path):
    store = opened(tmp_path)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="already closed"):
        store.stats("me")


def test_a_failed_transaction_leaves_no_ids_behind(store: Store):
    """Row ids remembered from a transaction that was rolled back would point to other names."""
    with pytest.raises(ValueError, match="naive"):
        store.begin("me", Turn("w", datetime(2026, 1, 1), "ghost", "x", "gone"))
    store.begin("tom", turn("w", "x", speaker="tom", session="real"))
    assert [(t.speaker, t.session) for t in store.turns("tom")] == [("tom", "real")]
    assert store.users() == ("tom",)


def test_nested_blocks_keep_the_gate(tmp_path: Path):
    """The lock between processes must hold until the outermost block ends."""
    base = Database(tmp_path / "x.db")
    other = Database(tmp_path / "x.db")
    with base.alone():
        with base.write() as conn:
            conn.execute("create table t (a)")
        from echo.memory import database

        with pytest.raises(BlockingIOError):
            database.fcntl.flock(other._gate, database.fcntl.LOCK_EX | database.fcntl.LOCK_NB)
    base.close()
    other.close()
