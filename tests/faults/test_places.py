"""Clocks that jump, days that begin elsewhere, disks that are full, folders of somebody else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from echo.config import DEFAULT, template
from echo.errors import StoreError
from echo.home import Home, filesystem, is_network, plant
from echo.insight.span import insight
from echo.memory.replay import replay
from echo.memory.store import Store
from echo.nouns import ECHO, Exchange, Turn
from tests.faults.tracing import ROOT, environment
from tests.memory.homes import SEOUL, everything, exchange, opened, turn

NEW_YORK = ZoneInfo("America/New_York")
UTC = ZoneInfo("UTC")


def said(store: Store, ref: str, at: datetime) -> None:
    words = Turn(f"w{ref}", at, "me", f"말 {ref}", "s")
    store.finish("me", Exchange(words, Turn(f"r{ref}", at, ECHO, f"답 {ref}", "s")))


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        (SEOUL, datetime(2026, 3, 3, tzinfo=SEOUL)),
        (UTC, datetime(2026, 3, 3, tzinfo=UTC)),
        (NEW_YORK, datetime(2026, 3, 9, tzinfo=NEW_YORK)),  # the day before had 23 hours
        (NEW_YORK, datetime(2026, 11, 2, tzinfo=NEW_YORK)),  # and this one 25
    ],
)
def test_a_day_ends_at_midnight_where_the_home_is(
    tmp_path: Path, zone: ZoneInfo, midnight: datetime
):
    """The journal's folder, the insight's day and its first moment are of one mind."""
    before = midnight - timedelta(microseconds=1)
    with opened(tmp_path, zone=zone) as store:
        said(store, "1", before)
        said(store, "2", midnight)
        said(store, "3", midnight.astimezone(ZoneInfo("Pacific/Kiritimati")))
        store.journaled()
        days = [f"day{at.date():%Y%m%d}" for at in (before, midnight)]
        found = sorted(p.name for p in (tmp_path / "memory/me").iterdir())
        assert found == sorted(days)
        first = insight(store, "me", before.date(), before.date(), zone=zone)
        second = insight(store, "me", midnight.date(), midnight.date(), zone=zone)
        assert (first.lines, second.lines) == (1, 2)
        assert (first.exchanges, second.exchanges) == (1, 2)


def test_the_hour_that_comes_twice_is_two_hours(tmp_path: Path):
    """01:30 before and after the clock goes back: both are kept, in order, with their offsets."""
    first = datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK)
    second = first.replace(fold=1)
    with opened(tmp_path, zone=NEW_YORK) as store:
        said(store, "2", second)
        said(store, "1", first)
        assert [t.ref for t in store.turns("me", speaker="me")] == ["w1", "w2"]
        offsets = [t.at.utcoffset() for t in store.turns("me", speaker="me")]
        assert offsets == [timedelta(hours=-4), timedelta(hours=-5)]


def test_a_clock_that_jumps_loses_nothing(tmp_path: Path):
    """Set back by years, then forward: every exchange is there, in the journal too, once."""
    times = [datetime(year, 3, 2, 12, tzinfo=SEOUL) for year in (2026, 1999, 2038, 2026, 1971)]
    with opened(tmp_path) as store:
        for n, at in enumerate(times):
            said(store, str(n), at)
        assert len(store.exchanges("me")) == len(times)
        before = everything(store)
    for file in (tmp_path / "memory").glob("echo.db*"):
        file.unlink()
    with opened(tmp_path) as store:
        assert replay(store, tmp_path / "memory", "me", zone=SEOUL).skipped == ()
        assert everything(store)["turns"] == before["turns"]


def test_a_day_is_told_until_it_is_told(tmp_path: Path):
    """A boot killed after its lines and before their insight: the next boot still owes the day."""
    path = tmp_path / "memory/day20240315/part1.txt"
    path.parent.mkdir(parents=True)
    path.write_text("하나\n둘\n")
    with opened(tmp_path) as store:
        replay(store, tmp_path / "memory", "me", zone=SEOUL)
    with opened(tmp_path) as store:
        replay(store, tmp_path / "memory", "me", zone=SEOUL)
        said(store, "1", datetime(2026, 3, 2, 12, tzinfo=SEOUL))
        assert store.untold("me") == ("2024-03-15", "2026-03-02")
        store.told("me", store.untold("me"))
        assert store.untold("me") == ()


# ── disks ────────────────────────────────────────────────────────────────────────────────────

MOUNTS = """22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
31 22 0:41 / /workspace rw - {kind} server:/volume rw
40 22 0:50 / /tmp rw - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("kind", "network"),
    [("nfs4", True), ("fuse.juicefs", True), ("9p", True), ("virtiofs", True), ("cifs", True),
     ("ext4", False), ("xfs", False), ("overlay", False), ("btrfs", False)],
)  # fmt: skip
def test_a_network_mount_gets_no_wal(tmp_path: Path, kind: str, network: bool):
    """What mountinfo says decides how the database is opened: never WAL on another machine."""
    found = is_network(filesystem(Path("/workspace/home"), MOUNTS.format(kind=kind)))
    assert found is network
    with opened(tmp_path, network=found) as store, store.database.read() as conn:
        mode = conn.execute("pragma journal_mode").fetchone()[0]
        synced = conn.execute("pragma synchronous").fetchone()[0]
    assert (mode, synced) == (("delete", 3) if network else ("wal", 2))


FILL = """
import sys
from pathlib import Path
from echo.errors import EchoError
from tests.memory.homes import exchange, opened
done = 0
try:
    with opened(Path(sys.argv[1])) as store:
        for n in range(2000):
            try:
                store.finish("me", exchange(n, f"{n} " + "가나다라 " * 60))
            except EchoError as exc:
                print("err", exc)
                break
            done += 1
        assert len(store.exchanges("me", limit=10**6)) >= done > 0, done
        print("read", done)
except EchoError as exc:  # the journal of the last ones
    print("err", exc)
"""


def test_a_disk_that_fills_up(tmp_path: Path):
    """A real filesystem of one megabyte: a sentence in the end, and all before it is there."""
    script = (
        f"mount -t tmpfs -o size=1500k tmpfs '{tmp_path}'"
        f" && exec '{sys.executable}' -c \"$0\" '{tmp_path}'"
    )
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", script, FILL],
        cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip("no mounts of one's own are allowed here")
    assert done.returncode == 0, done.stderr
    assert "err " in done.stdout
    assert "full" in done.stdout or "No space" in done.stdout
    assert "read " in done.stdout


# ── whose it is ──────────────────────────────────────────────────────────────────────────────

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def without_rights(args: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """The command as one who may do no more than the modes of files allow.

    Root without its capabilities: another user might not reach this Python at all.
    """
    return subprocess.run(
        ["setpriv", "--bounding-set=-all", "--inh-caps=-all", sys.executable, *args],
        cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def planted(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    plant(Home(home), settings=template(DEFAULT, str), seed=None)
    with opened(home) as store:
        store.finish("me", exchange(1, "비밀"))
    return home


@root_only
@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_somebody_elses_memory_is_one_sentence(tmp_path: Path, mode: int):
    """No traceback and not one word of it, whether the home may be looked into or not."""
    home = planted(tmp_path)
    for path in (home, *home.rglob("*")):
        os.chown(path, 65534, 65534)
    home.chmod(mode)
    for command in (["memory", "stats"], ["memory", "export"], ["boot"], ["chat", "-m", "x"]):
        done = without_rights(["-m", "echo", "--home", str(home), *command])
        if "setpriv" in done.stderr:
            pytest.skip("rights cannot be given up here")
        assert done.returncode in (1, 2), done
        assert "Traceback" not in done.stderr
        assert "비밀" not in done.stdout + done.stderr
        assert done.stderr.strip()


def test_a_read_only_memory_can_be_read(tmp_path: Path):
    """Closed cleanly, on a disk that may only be read: asked, it answers; told, it says why not."""
    with opened(tmp_path) as store:
        store.finish("me", exchange(1, "고양이 이름은 모푸야."))
    script = (
        f"mount --bind '{tmp_path}' '{tmp_path}' && mount -o remount,ro,bind '{tmp_path}'"
        f" && exec '{sys.executable}' -c \"$0\" '{tmp_path}'"
    )
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", script, READ],
        cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip("no mounts of one's own are allowed here")
    assert done.returncode == 0, done.stderr
    assert "read 2" in done.stdout
    assert "err " in done.stdout


READ = """
import sys
from pathlib import Path
from echo.errors import EchoError
from tests.memory.homes import exchange, opened
with opened(Path(sys.argv[1])) as store:
    print("read", sum(1 for _ in store.turns("me")))
    try:
        store.finish("me", exchange(2, "더"))
    except EchoError as exc:
        print("err", exc)
"""


def test_sqlite_full_by_page_count(tmp_path: Path):
    """SQLITE_FULL in the middle of an exchange: the words of before stay and can be read."""
    with opened(tmp_path) as store:
        store.finish("me", exchange(1, "kept"))
        with store.database.read() as conn:
            conn.execute("pragma max_page_count = 1")
        with pytest.raises(StoreError, match="disk is full"):
            store.ingest("me", [turn(f"t{i}", "x" * 9000 + str(i)) for i in range(9)], source="t")
        assert [t.text for t in store.turns("me")] == ["kept", "그래."]
        assert date(2026, 3, 2) == next(store.turns("me")).at.date()
