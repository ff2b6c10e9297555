"""The database made anew: the same digests after any acts, nothing lost when it was damaged."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from echo.errors import DamagedError, StoreError
from echo.insight.days import tell_days
from echo.memory import content, index, quarantine, rights, segments
from echo.memory.rebuild import Opening, rebuild
from echo.memory.replay import replay
from echo.memory.rights import Choice
from echo.memory.store import Store, random_ref
from echo.memory.verify import verify
from echo.nouns import Identity
from tests.memory.homes import NOON, SEOUL, everything, exchange, opened, turn, write

FILED = datetime(2026, 3, 1, 9, tzinfo=SEOUL)


def how(home: Path) -> Opening:
    return Opening(
        home / "memory/echo.db", home / "memory", SEOUL, "me", new_ref=random_ref,
        clock=lambda: NOON,
    )  # fmt: skip


def digests(store: Store) -> dict[str, str]:
    with store.database.read() as conn:
        return content.digests(conn)


def boot(store: Store, home: Path) -> None:
    replay(store, home / "memory", "me", zone=SEOUL)


def checked(home: Path) -> list[str]:
    report = verify(lambda: opened(home), home / "memory/echo.db", home / "memory")
    return [f"{f.where}: {f.what.format(**f.params)}" for f in report.findings]


# ── the law ──────────────────────────────────────────────────────────────────────────────────

WORDS = [
    "네",
    "아니",
    "고양이 이름은 모푸야",
    "  네 ",
    "비밀번호는 7391\n둘째 줄",
    "cat",
    "하나 둘",
]
FILES = ["day20260110/part1.txt", "daylast/part1.txt", "me/day0220/part1.txt"]
words = st.sampled_from(WORDS)
acts = st.one_of(
    st.tuples(st.just("talk"), words, words),
    st.tuples(st.just("cut off"), words, words),
    st.tuples(st.just("bring"), st.lists(words, max_size=4)),
    st.tuples(st.just("file"), st.sampled_from(FILES), st.lists(words, max_size=6)),
    st.tuples(st.just("grow"), st.sampled_from(FILES), st.lists(words, max_size=3)),
    st.tuples(st.just("remove"), st.sampled_from(FILES)),
    st.tuples(st.just("rename"), st.sampled_from(FILES), st.sampled_from(FILES)),
    st.tuples(st.just("boot")),
    st.tuples(st.just("edit"), st.integers(0, 50), words),
    st.tuples(st.just("forget"), st.integers(0, 50)),
    st.tuples(st.just("forget words"), st.sampled_from(["모푸", "네", "7391"])),
    st.tuples(st.just("become"), words),
    st.tuples(st.just("reopen")),
)


class Life:
    """A home in which things happen, one after the other."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.number = 0
        self.minute = 0
        self.store = self._open()

    def _open(self) -> Store:
        return opened(self.home, new_ref=random_ref)

    def do(self, act: tuple[object, ...]) -> None:
        name, *rest = act
        self.number += 1
        getattr(self, f"do_{str(name).replace(' ', '_')}")(*rest)

    def do_talk(self, said: str, reply: str) -> None:
        known = next(self.store.turns("me", limit=1, newest_first=True), None)
        told = exchange(self.number, said, reply, session=f"s{self.number % 3}")
        if known is not None:
            from echo.nouns import Hit, Thought

            told = replace(
                told, recalls=(Hit(known, 1.0, (("own", 1.0),)),),
                thoughts=(Thought("creation", known.text),),
            )  # fmt: skip
        self.store.begin("me", told.words)
        self.store.finish("me", told)

    def do_cut_off(self, said: str, reply: str) -> None:
        told = exchange(self.number, said, reply)
        self.store.begin("me", told.words)
        self.store.partial("me", told.words.ref, told.reply)

    def do_bring(self, lines: list[str]) -> None:
        turns = [
            turn(f"i{self.number}-{i}", line, speaker="Anna", session="", after_s=i)
            for i, line in enumerate(lines)
        ]
        self.store.ingest("me", turns, source="a file")

    def do_file(self, name: str, lines: list[str], mode: str = "w") -> None:
        path = self.home / "memory" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open(mode, encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
        self.minute += 1
        at = (FILED + timedelta(hours=self.minute * 7)).timestamp()
        os.utime(path, (at, at))

    def do_grow(self, name: str, lines: list[str]) -> None:
        self.do_file(name, lines, "a")

    def do_remove(self, name: str) -> None:
        self.do_boot()  # what no boot has seen is nobody's yet
        (self.home / "memory" / name).unlink(missing_ok=True)

    def do_rename(self, name: str, to: str) -> None:
        self.do_boot()
        path, new = self.home / "memory" / name, self.home / "memory" / to
        if path.exists():
            new.parent.mkdir(parents=True, exist_ok=True)
            path.replace(new)

    def do_boot(self) -> None:
        boot(self.store, self.home)

    def _some(self, number: int) -> str | None:
        refs = [t.ref for t in self.store.turns("me")]
        return refs[number % len(refs)] if refs else None

    def do_edit(self, number: int, text: str) -> None:
        ref = self._some(number)
        if ref is not None:
            rights.edit(self.store, "me", ref, text)

    def do_forget(self, number: int) -> None:
        ref = self._some(number)
        if ref is not None:
            rights.forget(self.store, "me", Choice(ref=ref))

    def do_forget_words(self, text: str) -> None:
        rights.forget(self.store, "me", Choice(text=text))

    def do_become(self, text: str) -> None:
        version = len(self.store.identities()) + 1
        self.store.adopt("me", Identity(version, f"d{version}", text, adopted_at=NOON))

    def do_reopen(self) -> None:
        self.store.close()
        self.store = self._open()


@given(st.lists(acts, max_size=20))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_rebuild_gives_the_same_digests(tmp_path_factory, happened: list[tuple[object, ...]]):
    """Whatever was said, read, edited, forgotten, removed, in whatever order: the journal and the
    input files say it again, to a rebuild and to somebody who only threw the database away."""
    home = tmp_path_factory.mktemp("home")
    life = Life(home)
    for act in happened:
        life.do(act)
    life.do_boot()
    life.store.mend("me")
    life.store.close()
    with opened(home) as store:
        before = digests(store)
        turns = sorted(store.turns("me"), key=lambda t: (t.at, t.ref))
    assert checked(home) == []
    done = rebuild(how(home))
    assert not done.damaged
    with opened(home) as store:
        assert {n: d for n, d in digests(store).items() if d != before[n]} == {}
        assert sorted(store.turns("me"), key=lambda t: (t.at, t.ref)) == turns
    assert done.same
    assert done.put_aside == ""
    assert checked(home) == []
    for file in (home / "memory").glob("echo.db*"):
        file.unlink()
    with opened(home) as store:
        boot(store, home)
        assert {n: d for n, d in digests(store).items() if d != before[n]} == {}
    shutil.rmtree(home)


# ── damage ───────────────────────────────────────────────────────────────────────────────────


def lived(home: Path) -> dict[str, object]:
    """A home with a bit of everything; what it remembers."""
    write(
        home / "memory/day20260110/part1.txt", "".join(f"하루의 {i}번째 줄\n" for i in range(400))
    )
    with opened(home, new_ref=random_ref) as store:
        boot(store, home)
        for i in range(60):
            store.finish("me", exchange(i, f"말 {i} " + "글" * 40))
        rights.edit(store, "me", "w3", "고친 말")
        rights.forget(store, "me", Choice(ref="w5"))
        return everything(store)


def remembered(home: Path) -> dict[str, object]:
    with opened(home, new_ref=random_ref) as store:
        boot(store, home)
        return everything(store)


def _zero_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(bytes(100))


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    for at in range(4096, len(data), 977):
        data[at] ^= 0xFF
    path.write_bytes(data)


def _truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2 // 4096 * 4096 + 100)


def _text(path: Path) -> None:
    path.write_bytes("이것은 데이터베이스가 아니다\n".encode() * 999)


def _words(path: Path) -> None:
    """SQLite finds nothing wrong with letters that are no letters."""
    data = path.read_bytes()
    at = data.index("말 7 글글".encode())
    path.write_bytes(data[:at] + b"\xff\xfe" + data[at + 2 :])


@pytest.mark.parametrize("harm", [_zero_header, _flip, _truncate, _text, _words])
def test_a_damaged_database_is_put_aside_and_made_anew(
    tmp_path: Path, harm: Callable[[Path], None]
):
    """Nothing that is in the journal or the day files is lost, and nothing is overwritten."""
    before = lived(tmp_path)
    path = tmp_path / "memory/echo.db"
    harm(path)
    harmed = path.read_bytes()
    assert checked(tmp_path) != []
    assert path.read_bytes() == harmed
    done = rebuild(how(tmp_path))
    assert done.damaged
    assert (Path(done.put_aside) / "echo.db").read_bytes() == harmed
    assert remembered(tmp_path)["turns"] == before["turns"]
    assert remembered(tmp_path)["exchanges"] == before["exchanges"]
    assert checked(tmp_path) == []


def test_a_lost_wal_costs_nothing(tmp_path: Path):
    """Commits that stood only in the -wal are read back from the journal at the next boot."""
    store = opened(tmp_path, new_ref=random_ref)
    for i in range(30):
        store.finish("me", exchange(i, f"말 {i}"))
    store.journaled()
    before = everything(store)
    (tmp_path / "copy").mkdir()
    shutil.copytree(tmp_path / "memory", tmp_path / "copy/memory")
    store.close()
    (tmp_path / "copy/memory/echo.db-wal").unlink()
    (tmp_path / "copy/memory/echo.db-shm").unlink()
    after = remembered(tmp_path / "copy")
    assert (after["turns"], after["exchanges"]) == (before["turns"], before["exchanges"])


def test_words_that_only_a_damaged_database_had_are_brought_over(tmp_path: Path):
    """The user's turn is committed before any reply: not in the journal yet, and not lost."""
    with opened(tmp_path, new_ref=random_ref) as store:
        for i in range(40):
            store.finish("me", exchange(i, f"말 {i} " + "글" * 300))
        store.begin("me", turn("w-last", "마지막 말", after_s=99))
    path = tmp_path / "memory/echo.db"
    with sqlite3.connect(path) as conn:
        (root,) = conn.execute(
            "select rootpage from sqlite_master where name = 'occurrence_session'"
        ).fetchone()
    conn.close()
    with path.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xee" * 4096)
    done = rebuild(how(tmp_path))
    assert done.damaged
    with opened(tmp_path) as store:
        kept = store.turn("me", "w-last")
        assert kept is not None
        assert kept.text == "마지막 말"


def test_a_damaged_file_is_one_error_of_its_own(tmp_path: Path):
    """chat and boot know it by its kind, and make the memory anew."""
    lived(tmp_path)
    _zero_header(tmp_path / "memory/echo.db")
    with pytest.raises(DamagedError):
        opened(tmp_path)


# ── at any moment ────────────────────────────────────────────────────────────────────────────


def test_a_rebuild_refuses_while_somebody_has_it_open(tmp_path: Path):
    """A chat that goes on writing into a database that was put aside would lose its words."""
    lived(tmp_path)
    with opened(tmp_path), pytest.raises(StoreError, match="has this memory open"):
        rebuild(how(tmp_path))


STEPS = """
import os, sys
from pathlib import Path
from tests.memory.test_rebuild import how
from echo.memory.rebuild import rebuild
left = int(sys.argv[2])
def hook(event, args):
    global left
    if event in ("os.rename", "os.remove", "os.mkdir", "open", "sqlite3.connect"):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), 9)
sys.addaudithook(hook)
rebuild(how(Path(sys.argv[1])))
print("done")
"""


def test_a_rebuild_may_be_killed_at_any_step(tmp_path: Path):
    """Before, between and after the renames: the next to open it finds everything."""
    from tests.memory.test_faults import start

    lived(tmp_path / "whole")
    with opened(tmp_path / "whole") as store:
        want = digests(store)
    ends = 0
    for step in range(1, 200, 7):
        home = tmp_path / str(step)
        shutil.copytree(tmp_path / "whole", home)
        out, _ = start(STEPS, str(home), str(step)).communicate(timeout=180)
        ends += "done" in out
        with opened(home, new_ref=random_ref) as store:
            assert digests(store) == want, step
        shutil.rmtree(home)
        if ends:
            break
    assert ends


def test_a_database_that_waits_takes_its_place(tmp_path: Path):
    """Killed when only names were left to change: the next to open it changes them."""
    before = lived(tmp_path)
    path = tmp_path / "memory/echo.db"
    path.rename(quarantine.ready_of(path))
    path.write_bytes(b"damaged")
    assert remembered(tmp_path) == before
    (aside,) = (tmp_path / "memory").glob("quarantine-*")
    assert (aside / "echo.db").read_bytes() == b"damaged"


# ── a file that is taken away ────────────────────────────────────────────────────────────────


def test_a_deleted_input_file_takes_nothing_with_it(tmp_path: Path):
    """Its words go to the journal when that is noticed; back and away again changes nothing."""
    path = write(tmp_path / "memory/day20260110/part1.txt", "하나\n둘\n하나\n")
    with opened(tmp_path, new_ref=random_ref) as store:
        boot(store, tmp_path)
        before = list(store.turns("me"))
    path.unlink()
    rebuild(how(tmp_path))  # notices it by itself
    with opened(tmp_path, new_ref=random_ref) as store:
        assert list(store.turns("me")) == before
        write(path, "하나\n둘\n하나\n")
        boot(store, tmp_path)
        path.unlink()
        boot(store, tmp_path)
        assert list(store.turns("me")) == before
        assert checked(tmp_path) == []
    rebuild(how(tmp_path))
    with opened(tmp_path) as store:
        assert list(store.turns("me")) == before


@pytest.mark.parametrize("kind", ["plain", "transcript", "copied"])
def test_a_renamed_file_is_not_said_twice(tmp_path: Path, kind: str):
    """`daylast` gets its date: the lines are of that day now, once; a correction goes with them,
    what was forgotten stays so, and a rebuild says the same."""
    words = "하나\n둘\n하나\n비밀\n" + "나의 말: 넷\nChatGPT의 말: 다섯\n" * (kind == "transcript")
    old = write(tmp_path / "memory/daylast/part1.txt", words)
    at = FILED.timestamp()
    os.utime(old, (at, at))
    new = tmp_path / "memory/day0214/part1.txt"
    with opened(tmp_path, new_ref=random_ref) as store:
        boot(store, tmp_path)
        before = [t.text for t in store.turns("me")]
        rights.edit(
            store, "me", next(t.ref for t in store.turns("me") if t.text == "둘"), "두 마리"
        )
        rights.forget(store, "me", Choice(text="비밀"))
        tell_days(store, "me", tmp_path / "memory", zone=SEOUL)
        if kind == "copied":
            write(new, words)
            os.utime(new, (at, at))
            shutil.rmtree(old.parent)
        else:
            old.parent.rename(new.parent)
        boot(store, tmp_path)
        after = list(store.turns("me"))
        want = [{"둘": "두 마리"}.get(text, text) for text in before if text != "비밀"]
        assert [t.text for t in after] == want
        assert {t.at.date() for t in after} == {date(2026, 2, 14)}
        assert store.untold("me") == ("2026-02-14", "2026-03-01")
        boot(store, tmp_path)
        assert list(store.turns("me")) == after
        assert checked(tmp_path) == []
        new.parent.rename(old.parent)
        boot(store, tmp_path)
        assert sorted(t.text for t in store.turns("me")) == sorted(want)
        old.parent.rename(new.parent)
        boot(store, tmp_path)
        assert list(store.turns("me")) == after
    assert rebuild(how(tmp_path)).same
    with opened(tmp_path) as store:
        assert sorted(store.turns("me"), key=lambda t: t.ref) == sorted(after, key=lambda t: t.ref)
    assert checked(tmp_path) == []


def test_another_file_of_the_same_size_is_no_new_name(tmp_path: Path):
    """The old words stay, by the journal; those of the other file come in."""
    old = write(tmp_path / "memory/day20260110/part1.txt", "하나\n둘\n")
    with opened(tmp_path, new_ref=random_ref) as store:
        boot(store, tmp_path)
        old.unlink()
        write(tmp_path / "memory/day20260111/part1.txt", "하나\n셋\n")
        boot(store, tmp_path)
        assert [t.text for t in store.turns("me")] == ["하나", "둘", "하나", "셋"]
    assert checked(tmp_path) == []


# ── verify ───────────────────────────────────────────────────────────────────────────────────


def test_verify_names_what_does_not_agree(tmp_path: Path):
    """One finding for each kind of disagreement, none when all is well."""
    lived(tmp_path)
    assert checked(tmp_path) == []
    with opened(tmp_path) as store, store.writing() as conn:
        conn.execute("update text set body = 'x' where id = (select max(id) from text)")
    assert any("not what was written" in found for found in checked(tmp_path))
    rebuild(how(tmp_path))
    with opened(tmp_path) as store, store.writing() as conn:
        index.settle(conn, 1)
        ghost = segments.Doc(99999, 1, 1, 1, 0, 0, 1, frozenset(("x",)))
        segments.put(conn, 1, segments.made([ghost]))
    assert any("belong to no turn" in found for found in checked(tmp_path))
    rebuild(how(tmp_path))
    with opened(tmp_path) as store, store.writing() as conn:
        conn.execute("update exchange set details = replace(details, 'full', 'fulk') where id = 9")
    (found,) = checked(tmp_path)
    assert "is one thing in the database and another in the journal" in found
    rebuild(how(tmp_path))
    assert checked(tmp_path) == []
    part = tmp_path / "memory/me/day20260302/part1.txt"
    part.write_text("".join(x for x in part.read_text().splitlines(True) if "\tw7\t" not in x))
    assert checked(tmp_path) == ["journal: turn w7 is not in the journal"]
    rebuild(how(tmp_path))
    assert checked(tmp_path) == []
    part.write_text(part.read_text().replace("말 8 ", "말 X "))
    assert any("damaged line" in found for found in checked(tmp_path))


@pytest.mark.parametrize("emptied", [False, True])
def test_a_wal_that_is_left_alone_is_put_aside(tmp_path: Path, emptied: bool):
    """SQLite would delete it unread, and make an empty database where the old one was."""
    with opened(tmp_path, new_ref=random_ref) as store:
        store.finish("me", exchange(1, "첫 말"))
        store.journaled()
        memory = tmp_path / "memory"
        wal = (memory / "echo.db-wal").read_bytes()
    for file in memory.glob("echo.db*"):
        file.unlink()
    (memory / "echo.db-wal").write_bytes(wal)
    if emptied:
        (memory / "echo.db").touch()
    with pytest.raises(DamagedError):
        opened(tmp_path)
    assert checked(tmp_path) != []
    assert (memory / "echo.db-wal").read_bytes() == wal
    done = rebuild(how(tmp_path))
    assert (Path(done.put_aside) / "echo.db-wal").read_bytes() == wal
    with opened(tmp_path) as store:
        assert len(store.exchanges("me")) == 1


def test_a_database_that_is_gone_is_no_good_news(tmp_path: Path):
    """Nothing contradicts the journal where nothing is; to look makes no database either."""
    lived(tmp_path)
    for file in (tmp_path / "memory").glob("echo.db*"):
        file.unlink()
    assert checked(tmp_path) == ["database: it knows nobody called me, whose journal is here"]
    assert not (tmp_path / "memory/echo.db").exists()
    opened(tmp_path).close()
    assert checked(tmp_path) == ["database: it knows nobody called me, whose journal is here"]
    rebuild(how(tmp_path))
    assert checked(tmp_path) == []


def test_a_time_that_never_was_is_damage(tmp_path: Path):
    """A byte of a number changed: SQLite finds nothing wrong, and no calendar has it."""
    before = lived(tmp_path)
    with opened(tmp_path) as store, store.writing() as conn:
        conn.execute(
            "update occurrence set at = 4000000000000000000, zone = 9000000 where ref = 'w7'"
        )
    with opened(tmp_path) as store, pytest.raises(DamagedError):
        list(store.turns("me"))
    assert checked(tmp_path) != []
    assert rebuild(how(tmp_path)).put_aside
    assert remembered(tmp_path)["turns"] == before["turns"]
