"""The journal: lossless on the way there and back, complete after a crash, enough to rebuild."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echo.errors import JournalError
from echo.memory import journal
from echo.memory.journal import Header, Record
from echo.memory.replay import replay
from echo.memory.upkeep import QUIET_S
from echo.nouns import Identity
from echo.text import safe
from tests.memory.homes import NOON, SEOUL, everything, exchange, opened, turn, write

anything = st.text(st.characters(codec=None) | st.sampled_from("\n\t\\\r\x00\x1b\u2028\ud800"))
records = st.builds(
    Record,
    id=anything,
    at=st.datetimes(timezones=st.timezones()).filter(lambda at: at.utcoffset() is not None),
    kind=st.sampled_from([journal.SAID, journal.EXCHANGE, *journal.RESERVED]),
    speaker=anything,
    text=anything,
    status=st.sampled_from(["complete", "interrupted"]),
    session=anything,
)


@given(records)
def test_a_record_is_one_line_and_comes_back_the_same(record: Record):
    """Line ends, tabs, leading spaces, controls, surrogates, nothing at all: all lossless."""
    line = journal.line_of(record)
    assert line.count("\n") == 1
    assert line.encode().decode().split("\n") == [line[:-1], ""]
    assert safe(line) == line  # a journal may be shown on a terminal as it is
    back = journal.record_of(line)
    assert back is not None
    # Python: an hour that comes twice equals no other clock's, so what it reads is compared
    assert replace(back, at=record.at) == record
    assert back.at.isoformat() == record.at.isoformat()
    assert back.at.utcoffset() == record.at.utcoffset()


@given(records, st.data())
def test_a_torn_or_changed_line_is_recognised(record: Record, data: st.DataObject):
    line = journal.line_of(record)
    cut = data.draw(st.integers(0, len(line) - 2))
    assert journal.record_of(line[:cut]) is None
    assert journal.is_torn(line[:cut])
    assert journal.is_torn(line[:cut] + journal.TORN)
    place = data.draw(st.integers(0, len(line) - 2))
    other = line[:place] + ("x" if line[place] != "x" else "y") + line[place + 1 :]
    assert journal.record_of(other) is None


@given(anything, st.dates(), st.integers(1, 10**6))
def test_a_header_comes_back(user: str, day: date, part: int):
    line = journal.header_line(Header(user, day, part))
    assert journal.is_header(line.encode())
    assert journal.read_header(line) == Header(user, day, part)


def test_a_later_version_is_not_guessed_at():
    with pytest.raises(JournalError, match="version '2'"):
        journal.read_header("#echo-journal\t2\tme\t2026-01-01\t1\n")


def lines_of(home: Path, user: str = "me") -> list[str]:
    """Every record line of a user's journal, in order of day and part."""
    files = sorted(
        (home / "memory" / user).glob("day*/part*.txt"),
        key=lambda p: (p.parent.name, int(p.stem[4:])),
    )
    return [x for f in files for x in f.read_text().split("\n")[1:] if x]


def test_the_journal_reads_like_a_conversation(tmp_path: Path):
    """Somebody with nothing but less and grep must find their words, with time and speaker."""
    with opened(tmp_path) as store:
        store.finish("me", exchange(1, "고양이 이름은 모푸야.\n  둘째 줄"))
    first, second, third = lines_of(tmp_path)
    assert first.startswith(
        "2026-03-02T12:00:01+09:00\tsaid\tme\t고양이 이름은 모푸야.\\n  둘째 줄\tcomplete\ts\tw1\t"
    )
    assert "\techo\t그래.\t" in second
    assert "\texchange\t" in third


def test_parts_are_filled_and_days_are_local(tmp_path: Path):
    """A new part past the limit; 23:30 and 00:30 in Seoul are two days though UTC says one."""
    with opened(tmp_path, part_lines=4) as store:
        for i in range(3):
            store.finish("me", exchange(i, f"word {i}"))
        late = exchange(9, "자정")
        after = NOON + timedelta(hours=12, minutes=30)
        store.finish("me", type(late)(late.words, turn("rr", "그래.", after_s=12.5 * 3600)))
        assert after.astimezone(SEOUL).day == 3
    folder = tmp_path / "memory/me"
    sizes = [len((folder / f"day20260302/part{i}.txt").read_text().splitlines()) for i in (1, 2, 3)]
    assert sizes == [5, 5, 2]
    assert (folder / "day20260303/part1.txt").read_text().startswith("#echo-journal\t1\tme\t")


def test_somebody_elses_file_is_never_written_to(tmp_path: Path):
    """A day file of the user's own may have the very name the journal would take."""
    own = write(tmp_path / "memory/me/day20260302/part1.txt", "내 일기\n")
    with opened(tmp_path) as store:
        store.finish("me", exchange(1, "x"))
    assert own.read_text() == "내 일기\n"
    assert (own.parent / "part2.txt").read_text().startswith(journal.MARK)


def test_what_a_crash_kept_from_the_journal_is_written_once(tmp_path: Path):
    """Committed but not journaled; journaled but not marked; half a line: all end up once."""
    with opened(tmp_path) as store:
        for i in range(3):
            store.finish("me", exchange(i, f"말 {i}"))
    part = tmp_path / "memory/me/day20260302/part1.txt"
    whole = part.read_text()
    torn = whole[: whole.index("\t말 2")].encode() + "\t말".encode()[:3]  # in a character
    part.write_bytes(torn)
    with opened(tmp_path) as store, store.writing() as conn:
        conn.execute("update act set written = 0")
    with opened(tmp_path) as store:
        assert len(list(store.turns("me"))) == 6
    assert part.read_bytes().startswith(torn)
    text = part.read_text(errors="replace")
    assert text.count(journal.TORN) == 1
    good = [r.id for r in map(journal.record_of, text.splitlines(keepends=True)[1:]) if r]
    assert sorted(good) == sorted([f"{x}{i}" for i in range(3) for x in ("w", "r", "exchange-w")])
    opened(tmp_path).close()
    assert part.read_text(errors="replace") == text
    with opened(tmp_path / "other") as store:
        assert replay(store, tmp_path / "memory", "me", zone=SEOUL).skipped == ()
        assert len(store.exchanges("me")) == 3


@pytest.mark.parametrize("left", [8, 13, 14, 20, 30])
def test_a_header_cut_short_is_nobodys_words(tmp_path: Path, left: int):
    """Power lost while a part began: the next part is taken, and boot reads nothing into it."""
    header = journal.header_line(Header("me", NOON.date(), 1))
    part = write(tmp_path / "memory/me/day20260302/part1.txt", header[:left])
    with opened(tmp_path) as store:
        store.finish("me", exchange(1, "x"))
        store.journaled()
        report = replay(store, tmp_path / "memory", "me", zone=SEOUL)
        assert (report.skipped, report.lines, len(list(store.turns("me")))) == ((), 0, 2)
    assert part.read_text() == header[:left]
    assert (part.parent / "part2.txt").exists()


def test_a_record_longer_than_any_line_comes_back(tmp_path: Path):
    """A page pasted into the chat is no monstrous line of an input file."""
    with opened(tmp_path) as store:
        store.finish("me", exchange(1, "긴 글\n" * 200_000))
    with opened(tmp_path / "other") as store:
        assert replay(store, tmp_path / "memory", "me", zone=SEOUL).skipped == ()
        assert store.exchanges("me")[0].words.text == "긴 글\n" * 200_000


def test_a_journal_that_cannot_be_written_is_said_and_made_up_for(tmp_path: Path):
    """The words are in the database; the journal gets them when it can."""
    blocker = write(tmp_path / "memory/me", "a file where the folder should be")
    store = opened(tmp_path)
    store.finish("me", exchange(1, "지켜진 말"))
    time.sleep(10 * QUIET_S)
    with pytest.raises(JournalError, match="could not be written"):
        store.finish("me", exchange(2, "다음 말"))
    with pytest.raises(JournalError, match="could not be written"):
        store.close()
    blocker.unlink()
    with opened(tmp_path) as store:
        assert len(store.exchanges("me")) == 2
    assert [line.split("\t")[6] for line in lines_of(tmp_path)] == [
        "w1", "r1", "exchange-w1", "w2", "r2", "exchange-w2",
    ]  # fmt: skip


def test_the_database_can_be_rebuilt_from_the_journal(tmp_path: Path):
    """Exchanges, imports, identity versions, an interrupted turn: all the same, index included."""
    nasty = " 앞 공백\n\t탭 \\n 그대로 \x1b[2J 끝 "
    with opened(tmp_path) as store:
        store.adopt("me", Identity(1, "d", "나는 에코.", adopted_at=NOON))
        store.finish("me", exchange(1, nasty, ""))
        store.ingest(
            "me", [turn(f"i{i}", f"line {i % 3}", session="i") for i in range(9)], source="f"
        )
        store.finish("me", exchange(2, "네"))
        store.begin("me", turn("w3", "끊긴 말", after_s=60))
        store.partial("me", "w3", turn("r3", "여기까", speaker="echo", after_s=61))
    with opened(tmp_path) as store:
        assert store.mend("me") == 1
        assert store.mend("me") == 0
        before = everything(store)
    assert next(x for x in lines_of(tmp_path) if "끊긴 말" in x).split("\t")[4] == "complete"
    assert next(x for x in lines_of(tmp_path) if "여기까" in x).split("\t")[4] == "interrupted"
    shutil.copytree(tmp_path / "memory/me", tmp_path / "kept")
    for file in (tmp_path / "memory").glob("echo.db*"):
        file.unlink()
    with opened(tmp_path) as store:
        report = replay(store, tmp_path / "memory", "me", zone=SEOUL)
        assert report.skipped == ()
        assert everything(store) == before
        again = replay(store, tmp_path / "memory", "me", zone=SEOUL, full=True)
        assert (again.new, again.repeated, again.lines) == (0, 0, 0)
        assert everything(store) == before
        store.finish("me", exchange(4, "이어서"))
    with opened(tmp_path):  # nothing that was restored is written a second time
        old = sum(len(f.read_text().splitlines()) for f in (tmp_path / "kept").rglob("*.txt"))
        assert len(lines_of(tmp_path)) == old - 1 + 3


def test_another_users_journal_is_not_taken_in(tmp_path: Path):
    """A journal folder copied under another name must not carry words across."""
    with opened(tmp_path) as store:
        store.finish("anna", exchange(1, "비밀"))
        store.journaled()
        shutil.copytree(tmp_path / "memory/anna", tmp_path / "memory/tom")
        report = replay(store, tmp_path / "memory", "tom", zone=SEOUL)
        assert [s.reason for s in report.skipped] == ["belongs to another user"]
        assert list(store.turns("tom")) == []


def test_a_damaged_line_is_named_and_the_rest_is_read(tmp_path: Path):
    with opened(tmp_path) as store:
        for i in range(3):
            store.finish("me", exchange(i, f"word {i}"))
    part = tmp_path / "memory/me/day20260302/part1.txt"
    part.write_text(part.read_text().replace("word 1", "word X"))
    with opened(tmp_path, journal=None) as store:
        other = tmp_path / "other"
    with opened(other) as store:
        report = replay(store, tmp_path / "memory", "me", zone=SEOUL)
        assert [(s.file, s.reason) for s in report.skipped] == [
            ("me/day20260302/part1.txt:5", "a damaged line in the journal")
        ]
        assert len(list(store.turns("me"))) == 5
        assert len(store.exchanges("me")) == 2


def test_details_are_json_a_program_can_read(tmp_path: Path):
    with opened(tmp_path) as store:
        store.finish("me", exchange(1, "x"))
    record = journal.record_of(lines_of(tmp_path)[2] + "\n")
    assert record is not None
    assert json.loads(record.text)["words"] == "w1"
    assert datetime.fromisoformat(lines_of(tmp_path)[2].split("\t")[0]) == record.at


def test_a_record_costs_the_same_however_much_was_said(tmp_path: Path):
    """One line into the journal must not read all of memory: counted in SQLite's own steps."""
    steps = {}
    for count in (500, 5000):
        home = tmp_path / str(count)
        write(home / "memory/day20240101/part1.txt",
              "".join(f"줄 {i}\n" for i in range(count)))  # fmt: skip
        with opened(home) as store:
            replay(store, home / "memory", "me", zone=SEOUL)
            ticks: list[int] = []
            with store.writing() as conn:
                user = store.user_id(conn, "me")
                (row, ref) = conn.execute(
                    "select id, ref from occurrence order by id desc limit 1"
                ).fetchone()
                store.post_again(conn, user, [row])
            with store.database.read() as conn:
                conn.set_progress_handler(lambda t=ticks: t.append(1), 10)
            store.journaled()
            with store.database.read() as conn:
                conn.set_progress_handler(None, 0)
            steps[count] = len(ticks)
            assert ref in "".join(lines_of(home))
    assert steps[5000] < 2 * steps[500] + 20
