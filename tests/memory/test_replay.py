"""Boot reads day files: every encoding, every date, only what is new, and nothing that hangs."""

from __future__ import annotations

import dataclasses
import os
import time
import unicodedata
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.daylines import write as write_days
from echo.insight.days import tell_days
from echo.memory import dayfiles, sources
from echo.memory.dayfiles import day_of, written_on
from echo.memory.ledger import read
from echo.memory.replay import ReplayProgress, replay
from echo.memory.store import Store
from echo.nouns import Replay, Turn
from tests.memory.homes import SEOUL, everything, index_of, opened, write

FILED = datetime(2026, 5, 1, 9, tzinfo=SEOUL)


def boot(store: Store, home: Path, user: str = "me", **options: object) -> Replay:
    return replay(store, home / "memory", user, zone=SEOUL, **options)  # type: ignore[arg-type]


def texts(store: Store, user: str = "me") -> list[str]:
    return [turn.text for turn in store.turns(user)]


def dated(path: Path, at: datetime = FILED) -> Path:
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


@pytest.fixture
def store(tmp_path: Path):
    with opened(tmp_path) as made:
        yield made


def test_lines_become_the_users_own_turns_in_order(store: Store, tmp_path: Path):
    """part2 before part10, blank lines left out, leading spaces and repeats kept."""
    day = tmp_path / "memory/day20240315"
    write(day / "part10.txt", "열 번째\n")
    write(day / "part2.txt", "  앞에 빈칸\r\n\n \t\n둘째\n둘째\n")
    report = boot(store, tmp_path)
    assert texts(store) == ["  앞에 빈칸", "둘째", "둘째", "열 번째"]
    turns = list(store.turns("me"))
    assert {(t.speaker, t.session, t.at.date()) for t in turns} == {
        ("me", "day:20240315", date(2024, 3, 15))
    }
    assert turns[0].at.isoformat() == "2024-03-15T12:00:02.000001+09:00"
    assert len({t.ref for t in turns}) == 4
    assert (report.files, report.lines, report.new, report.repeated) == (2, 4, 3, 1)
    assert report.days == ("2024-03-15",)


def test_each_user_has_day_files_of_their_own(store: Store, tmp_path: Path):
    """Files under nobody's name belong to whoever booted first, never to a second user."""
    write(tmp_path / "memory/day20240101/part1.txt", "모두의 것이 아님\n")
    write(tmp_path / "memory/anna/day20240101/part1.txt", "안나의 말\n")
    boot(store, tmp_path, "me")
    report = boot(store, tmp_path, "anna")
    assert texts(store, "me") == ["모두의 것이 아님"]
    assert texts(store, "anna") == ["안나의 말"]
    assert [(s.file, s.reason) for s in report.skipped] == [
        ("day20240101/part1.txt", "belongs to another user")
    ]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("가나다 뷁".encode(), "가나다 뷁"),
        ("\ufeff가나다".encode(), "가나다"),
        ("가나다 뷁".encode("cp949"), "가나다 뷁"),  # 뷁 is not in euc-kr
        ("가나다\r\n".encode("utf-16"), "가나다"),
        ("\ufeff가나다\n".encode("utf-16-be"), "가나다"),
        ("가나다 뷁 abc\n".encode("utf-16-le"), "가나다 뷁 abc"),  # without its mark
        ("가나다 뷁 abc\n".encode("utf-16-be"), "가나다 뷁 abc"),
        ("가나다".encode(), "가나다"),  # NFD, as a Mac writes it
        (b"plain", "plain"),
    ],
)
def test_every_encoding_people_have(store: Store, tmp_path: Path, raw: bytes, text: str):
    path = write(tmp_path / "memory/day20240101/part1.txt", raw)
    boot(store, tmp_path)
    assert texts(store) == [text]
    assert path.read_bytes() == raw


def test_a_transcript_has_two_speakers(store: Store, tmp_path: Path):
    """Marks on a line of their own or inline; a block of several paragraphs is one turn."""
    write(
        tmp_path / "memory/day20240101/part1.txt",
        "앞의 일기\n나의 말:\n고양이 이름은 모푸야.\n\n두 살이고.\n\n"
        "ChatGPT의 말: 예쁜 이름이네.\n나의 말: 그치\nYou said:\nhello\nChatGPT said:\nhi there\n",
    )
    boot(store, tmp_path)
    assert [(t.speaker, t.text) for t in store.turns("me")] == [
        ("me", "앞의 일기"),
        ("me", "고양이 이름은 모푸야.\n\n두 살이고."),
        ("echo", "예쁜 이름이네."),
        ("me", "그치"),
        ("me", "hello"),
        ("echo", "hi there"),
    ]


def test_a_transcript_that_grew_keeps_its_turns(store: Store, tmp_path: Path):
    """Its last block may go on: the block as it was goes, the longer one comes."""
    path = write(tmp_path / "memory/day20240101/part1.txt", "나의 말: 하나\nChatGPT의 말: 둘\n")
    boot(store, tmp_path)
    refs = [t.ref for t in store.turns("me")]
    path.write_text(path.read_text() + "둘의 끝\n나의 말: 셋\n")
    boot(store, tmp_path)
    turns = list(store.turns("me"))
    assert [t.text for t in turns] == ["하나", "둘\n둘의 끝", "셋"]
    assert turns[0].ref == refs[0]


def test_ordinary_words_are_no_transcript(store: Store, tmp_path: Path):
    write(
        tmp_path / "memory/day20240101/part1.txt",
        "You said: never. I cried.\n그 사람의 말이 맞다\n끝\n",
    )
    boot(store, tmp_path)
    assert len(texts(store)) == 3


@pytest.mark.parametrize(
    ("folder", "year", "day"),
    [
        ("day20240315", None, "2024-03-15"),
        ("day2024-03-15", None, "2024-03-15"),
        ("day0315", None, "2026-03-15"),
        ("day0501", None, "2026-05-01"),
        ("day0502", None, "2025-05-02"),
        ("day0229", None, "2024-02-29"),
        ("day0315", 2021, "2021-03-15"),
        ("day20240315", 2021, "2024-03-15"),
        ("day1399", None, "2026-05-01"),
        ("daylast", None, "2026-05-01"),
        ("day", None, "2026-05-01"),
    ],
)
def test_which_day_a_folder_tells_of(folder: str, year: int | None, day: str):
    assert day_of(folder, FILED.date(), year)[0].isoformat() == day


def test_a_folder_without_a_date_takes_the_files_own(store: Store, tmp_path: Path):
    """In the home's zone: 23:30 UTC is the next morning in Seoul."""
    late = datetime.fromisoformat("2026-04-30T23:30:00+00:00")
    dated(write(tmp_path / "memory/daylast/part1.txt", "마지막\n"), late)
    boot(store, tmp_path)
    assert next(store.turns("me")).at.date() == date(2026, 5, 1)


# ── only what is new ─────────────────────────────────────────────────────────────────────────


def test_nothing_changed_nothing_read(store: Store, tmp_path: Path):
    """A second boot opens no file: one that has become unreadable in between proves it."""
    path = dated(write(tmp_path / "memory/day20240101/part1.txt", "하나\n"))
    boot(store, tmp_path)
    info = path.stat()
    with path.open("r+b") as file:
        file.write("둘둘".encode()[:6])
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))
    assert boot(store, tmp_path).files == 0
    assert texts(store) == ["하나"]


def test_a_grown_file_is_read_from_where_it_ended(store: Store, tmp_path: Path):
    path = write(tmp_path / "memory/day20240101/part1.txt", "하나\n둘\n")
    boot(store, tmp_path)
    with path.open("a") as file:
        file.write("셋\n하나\n")
    seen: list[ReplayProgress] = []
    report = boot(store, tmp_path, progress=seen.append)
    assert (report.files, report.lines, report.new, report.repeated) == (1, 2, 1, 1)
    assert texts(store) == ["하나", "둘", "셋", "하나"]
    assert seen[-1].done == 1.0


def test_a_last_line_without_its_end_may_grow(store: Store, tmp_path: Path):
    """Somebody is still writing: the half line is kept until the whole one takes its place."""
    path = write(tmp_path / "memory/day20240101/part1.txt", "하나\n둘")
    boot(store, tmp_path)
    assert texts(store) == ["하나", "둘"]
    path.write_text("하나\n둘이서\n셋")
    boot(store, tmp_path)
    assert texts(store) == ["하나", "둘이서", "셋"]
    boot(store, tmp_path, full=True)
    assert texts(store) == ["하나", "둘이서", "셋"]


lines = st.lists(st.sampled_from(["가", "나", "다", "라 마", "  가", ""]), max_size=12)


@given(st.lists(lines, min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_however_a_file_changes_memory_says_what_it_says(
    tmp_path_factory, versions: list[list[str]]
):
    """Rewritten, cut, grown, shuffled: after a boot the turns and the index are those of a fresh
    read, and refs depend on nothing but the file."""
    home = tmp_path_factory.mktemp("home")
    path = home / "memory/day20240101/part1.txt"
    with opened(home) as store:
        for i, version in enumerate(versions):
            write(path, "\n".join(version))
            dated(path, FILED.replace(minute=i))
            boot(store, home)
        got = sorted(store.turns("me"), key=lambda t: (t.at, t.ref))
    with opened(home / "fresh", journal=None) as fresh:
        replay(fresh, home / "memory", "me", zone=SEOUL)
        want = sorted(fresh.turns("me"), key=lambda t: (t.at, t.ref))
    assert got == want


def test_a_line_that_left_its_file_is_not_recalled_but_not_lost(store: Store, tmp_path: Path):
    """Gone from recall, index and counts; kept in the journal; back when the line comes back."""
    path = write(tmp_path / "memory/day20240101/part1.txt", "지울 말\n남을 말\n")
    boot(store, tmp_path)
    ref = next(store.turns("me")).ref
    path.write_text("남을 말\n")
    boot(store, tmp_path)
    assert texts(store) == ["남을 말"]
    assert store.turn("me", ref) is None
    assert "지울" not in index_of(store)
    (part,) = (tmp_path / "memory/me").glob("day*/part1.txt")
    assert part.read_text().count("\tgone\tme\t지울 말\t") == 1
    path.write_text("지울 말\n남을 말\n")
    boot(store, tmp_path)
    assert store.turn("me", ref) is not None
    assert index_of(store)["지울"] == [ref]


def test_a_rebuild_gives_the_same_refs(tmp_path: Path):
    """Day files, a changed one among them, and the journal: a new database remembers the same."""
    write_days(tmp_path / "memory", 400, seed=3, days=4, part_lines=60)
    changed = tmp_path / "memory/day20240102/part1.txt"
    with opened(tmp_path) as store:
        boot(store, tmp_path)
        kept = changed.read_text().splitlines()
        changed.write_text("\n".join(["새 줄", *kept[5:], "끝 줄"]) + "\n")
        boot(store, tmp_path)
        before = everything(store)
    for file in (tmp_path / "memory").glob("echo.db*"):
        file.unlink()
    with opened(tmp_path) as store:
        assert boot(store, tmp_path).skipped == ()
        after = everything(store)
    assert after["turns"] == before["turns"]


def test_a_slow_boot_that_is_stopped_has_come_some_way(tmp_path: Path):
    """Small files are committed together, but not for ever: whoever has no patience and stops it
    every few seconds comes to the end all the same."""
    for number in range(12):
        write(tmp_path / f"memory/day202401{number + 1:02}/part{number}.txt", f"{number}\n")

    def slow(progress: ReplayProgress) -> None:
        time.sleep(0.15)
        if progress.files >= 9:
            raise KeyboardInterrupt

    with opened(tmp_path) as store:
        with pytest.raises(KeyboardInterrupt):
            boot(store, tmp_path, progress=slow)
        came = len(texts(store))
        assert 4 <= came < 9
        assert boot(store, tmp_path).lines == 12 - came
        assert len(texts(store)) == 12


# ── files that are none ──────────────────────────────────────────────────────────────────────


def test_what_cannot_be_read_is_said_and_the_rest_is_read(store: Store, tmp_path: Path):
    """FIFO, device, folder, dangling and looping links, binary, NUL, a monstrous line."""
    day = tmp_path / "memory/day20240101"
    write(day / "part0.txt", "처음\n")
    os.mkfifo(day / "part1.txt")
    (day / "part2.txt").symlink_to("/dev/zero")
    (day / "part3.txt").mkdir()
    (day / "part4.txt").symlink_to("nowhere")
    (day / "part5.txt").symlink_to("part5.txt")
    write(day / "part6.txt", b"\xff\xfe\xfa\x81\x20\xff" * 9 + b"\x81")
    write(day / "part7.txt", "앞\n가\0나\n뒤\n")
    write(day / "part8.txt", b"a" * (3 * dayfiles.MAX_LINE) + "\n짧은 줄\n".encode())
    (tmp_path / "memory/dayloop").symlink_to("dayloop")
    report = boot(store, tmp_path)
    assert texts(store) == ["처음", "앞", "뒤", "짧은 줄"]
    assert [(s.file.split("/")[1], s.reason) for s in report.skipped] == [
        ("", "not readable"),  # of dayloop/
        ("part4.txt", "not readable"),
        ("part5.txt", "not readable"),
        ("part1.txt", "not a regular file"),
        ("part2.txt", "not a regular file"),
        ("part3.txt", "not a regular file"),
        ("part6.txt", "neither UTF-8 nor cp949 text"),
        ("part7.txt:2", "a line with NUL characters"),
        ("part8.txt:1", "a line longer than 1 MiB"),
    ]
    again = boot(store, tmp_path)
    assert again.lines == 0
    assert "neither UTF-8 nor cp949 text" in {s.reason for s in again.skipped}


def test_what_is_not_named_as_a_part_is_said(store: Store, tmp_path: Path):
    """Words put where boot does not look must not be missed without a word."""
    memory = tmp_path / "memory"
    write(memory / "day20240101/part1.txt", "하나\n")
    for name in ("notes.txt", "Part2.txt", "3월.md", "insight.json", "._part1.txt", "part1.txt~"):
        write(memory / "day20240101" / name, "안 읽히는 말\n")
    write(memory / "day0102.txt", "폴더가 아닌 것\n")
    (memory / "day0103").symlink_to("nowhere")
    report = boot(store, tmp_path)
    assert texts(store) == ["하나"]
    part = "its name does not begin with `part` and end with `.txt`"
    assert [(s.file, s.reason) for s in report.skipped] == [
        ("day0102.txt", "not a folder, so no day's files are in it"),
        ("day0103/", "not readable"),
        ("day20240101/3월.md", part),
        ("day20240101/Part2.txt", part),
        ("day20240101/notes.txt", part),
    ]


@pytest.mark.parametrize(
    "folders",
    [
        (b"day\xbf\xf9", b"day\xc8\xad"),  # 월 and 화 of an archive made on an older Windows
        ("day가을".encode(), unicodedata.normalize("NFD", "day가을").encode()),
    ],
)
def test_names_the_disk_writes_in_its_own_way(tmp_path: Path, folders: tuple[bytes, ...]):
    """Shown alike, they are two files all the same: neither takes the other's lines away, and a
    file that is there is not taken for one that went."""
    for number, name in enumerate(folders):
        path = write(
            tmp_path / "memory" / os.fsdecode(name) / "part1.txt", f"말 {number}\n같은 말\n"
        )
        dated(path)
    with opened(tmp_path) as store:
        for _ in range(3):
            report = boot(store, tmp_path)
            assert sorted(texts(store)) == ["같은 말", "같은 말", "말 0", "말 1"]
        assert report.files == 0
        refs = [turn.ref for turn in store.turns("me")]
        assert len(set(refs)) == 4
    records = read(tmp_path / "memory", "me").records
    assert {kind for kind, _ in records} == {"file"}
    with opened(tmp_path / "fresh", journal=None) as fresh:
        replay(fresh, tmp_path / "memory", "me", zone=SEOUL)
        assert [turn.ref for turn in fresh.turns("me")] == refs


@pytest.mark.parametrize("zone", ["Asia/Seoul", "Pacific/Honolulu"])
def test_times_of_no_calendar(tmp_path: Path, zone: str):
    """The first and the last days there are, and files from as far ahead as the disk can say: in
    nanoseconds that is more than SQLite's numbers hold, as inodes of network disks are."""
    where = ZoneInfo(zone)
    days = ("day00010101", "day99991231", "day99981231", "day19000101", "daylast", "day0315")
    for name in days:
        path = write(tmp_path / f"memory/{name}/part20000.txt", f"{name}\n")
        os.utime(path, (0, 2**47))
    with opened(tmp_path, zone=where) as store:
        report = replay(store, tmp_path / "memory", "me", zone=where)
        assert (report.skipped, report.lines) == ((), len(days))
        tell_days(store, "me", tmp_path / "memory", zone=where)
        filed = written_on(path.stat(), where)
        assert filed.year > 2400
        assert {t.text: t.at.date() for t in store.turns("me")} == {
            "day00010101": filed, "day99991231": filed, "daylast": filed,
            "day99981231": date(9998, 12, 31), "day19000101": date(1900, 1, 1),
            "day0315": date(filed.year, 3, 15),
        }  # fmt: skip
        assert replay(store, tmp_path / "memory", "me", zone=where).files == 0


@pytest.mark.parametrize(("seconds", "year"), [(2**60, 9998), (-(2**60), 1900)])
def test_a_time_past_the_calendar_is_its_last_day(seconds: int, year: int):
    info = SimpleNamespace(st_mtime_ns=seconds * 10**9)
    assert written_on(info, SEOUL).year == year  # type: ignore[arg-type]


def test_a_large_inode_is_kept(store: Store):
    """Of virtiofs or NFS: all 64 bits of it are used, and SQLite has a sign."""
    info = SimpleNamespace(st_dev=2**63, st_ino=2**64 - 2, st_size=5, st_mtime_ns=1)
    stamp = sources.stamp_of(info)  # type: ignore[arg-type]
    with store.writing() as conn:
        user = store.user_id(conn, "me")
        source = sources.register(conn, user, "day1/part1.txt", sources.PLAIN)
        sources.save(conn, dataclasses.replace(source, stamp=stamp))
        assert sources.all_of(conn, user)["day1/part1.txt"].stamp == stamp


def test_many_bad_lines_are_counted_once(store: Store, tmp_path: Path):
    write(tmp_path / "memory/day20240101/part1.txt", "\0\n" * 500 + "끝\n")
    report = boot(store, tmp_path)
    assert len(report.skipped) == 21
    assert report.skipped[-1].reason == "more lines like these"
    assert texts(store) == ["끝"]


def test_ten_thousand_lines_in_one_go(store: Store, tmp_path: Path):
    """The issue's own measure: mixed lines boot in one go and are found."""
    write_days(tmp_path / "memory", 10_000, seed=1, days=30, part_lines=200)
    seen: list[ReplayProgress] = []
    report = boot(store, tmp_path, progress=seen.append)
    assert report.lines == report.new + report.repeated == 10_000
    assert report.repeated > 500
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    with store.lookup("me") as lookup:
        places = lookup.places(["=김치찌개"])["=김치찌개"]
        assert all("김치찌개" in turn.text for turn in lookup.turns(places.tolist()).values())
        assert len(places) == sum("김치찌개" in turn.text for turn in store.turns("me")) > 100


def test_turns_are_plain_values(store: Store, tmp_path: Path):
    """What the journal or a bundle takes on must not carry row ids of this database."""
    write(tmp_path / "memory/day20240101/part1.txt", "하나\n")
    boot(store, tmp_path)
    (turn,) = store.turns("me")
    assert isinstance(turn, Turn)
    assert not any(isinstance(getattr(turn, f), int) for f in Turn.__slots__)
