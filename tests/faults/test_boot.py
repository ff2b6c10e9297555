"""A boot of things nobody should have to read: bounded memory, no hanging, one line each."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bench.daylines import lines
from echo.insight.days import tell_days
from echo.memory.replay import replay
from tests.faults.tracing import ROOT, environment
from tests.memory.homes import SEOUL, opened, write

BOOT = """
import sys
from pathlib import Path
from echo.cli.talk import peak_rss_mb
from echo.memory.replay import replay
from tests.memory.homes import SEOUL, opened
home = Path(sys.argv[1])
with opened(home) as store:
    report = replay(store, home / "memory", "me", zone=SEOUL)
    print([t.text for t in store.turns("me")][:5])
for skip in report.skipped:
    print(skip.file, "|", skip.reason)
print("peak", int(peak_rss_mb()))
"""


def child(script: str, home: Path, limit_s: int = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, str(home)],
        cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=limit_s,
    )  # fmt: skip


def test_a_line_of_a_hundred_megabytes_is_not_held(tmp_path: Path):
    """Passed over a piece at a time, in plain text and in UTF-16; the lines around it are read."""
    day = tmp_path / "memory/day20240315"
    day.mkdir(parents=True)
    piece = b"a" * (1 << 20)
    with (day / "part1.txt").open("wb") as file:
        file.write("앞\n".encode())
        for _ in range(100):
            file.write(piece)
        file.write("\n뒤\n".encode())
    with (day / "part2.txt").open("wb") as file:
        file.write("\ufeff둘\n".encode("utf-16-le"))
        for _ in range(50):
            file.write(piece.decode().encode("utf-16-le"))
        file.write("\n셋\n".encode("utf-16-le"))
    done = child(BOOT, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "['앞', '뒤', '둘', '셋']" in done.stdout
    assert "day20240315/part1.txt:2 | a line longer than 1 MiB" in done.stdout
    assert "day20240315/part2.txt:2 | a line longer than 1 MiB" in done.stdout
    assert int(done.stdout.rpartition("peak ")[2]) < 120


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("하나\n".encode() + "둘 뷁\n".encode("cp949") + b"three\n", ["하나", "둘 뷁", "three"]),
        ("첫 줄\n둘째 줄\n셋째".encode()[:-1], ["첫 줄", "둘째 줄"]),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe\xff" + bytes(range(256)) * 9, []),
    ],
)  # fmt: skip
def test_one_bad_byte_does_not_cost_a_whole_file(tmp_path: Path, raw: bytes, kept: list[str]):
    """Mixed encodings and a letter cut in two: the other lines are read; a picture is not."""
    write(tmp_path / "memory/day20240315/part1.txt", raw)
    with opened(tmp_path) as store:
        report = replay(store, tmp_path / "memory", "me", zone=SEOUL)
        assert [t.text for t in store.turns("me")] == kept
        assert bool(report.skipped) is (len(kept) < 3)
        again = replay(store, tmp_path / "memory", "me", zone=SEOUL)
        assert (again.new, again.repeated) == (0, 0)


KILLED = """
import os, sys
from pathlib import Path
from echo.memory.replay import replay
from tests.memory.homes import SEOUL, opened
home = Path(sys.argv[1])
def stop(progress):
    if progress.lines > int(os.environ["STOP"]):
        os.kill(os.getpid(), 9)
with opened(home) as store:
    replay(store, home / "memory", "me", zone=SEOUL, progress=stop)
"""


def test_a_boot_killed_again_and_again_ends_where_one_does(tmp_path: Path):
    """Many files and one long one, killed at three places: every line once, every day told."""
    some = [line for line, _ in zip(lines(5), range(30_000), strict=False)]
    for number in range(60):
        part = some[100 * number : 100 * number + 100]
        write(
            tmp_path / f"memory/day2024{1 + number // 28:02}{1 + number % 28:02}/part1.txt",
            "\n".join(part) + "\n",
        )
    write(tmp_path / "memory/day20240601/part1.txt", "\n".join(some[6000:]) + "\n")
    for stop in (10, 8000, 15_000):
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(tmp_path)],
            cwd=ROOT, env={**environment(), "STOP": str(stop)}, timeout=120,
        )  # fmt: skip
        assert done.returncode in (0, -signal.SIGKILL)
    with opened(tmp_path) as store:
        replay(store, tmp_path / "memory", "me", zone=SEOUL)
        assert sorted(t.text for t in store.turns("me")) == sorted(some)
        tell_days(store, "me", tmp_path / "memory", zone=SEOUL)
        assert store.untold("me") == ()
        assert len(list((tmp_path / "memory/me").glob("day*/insight.json"))) == 61


def test_nothing_that_hangs_is_opened(tmp_path: Path):
    """A FIFO nobody writes to, /dev/zero, loops: the boot ends, and each has its line."""
    day = tmp_path / "memory/day20240315"
    write(day / "part1.txt", "하나\n")
    os.mkfifo(day / "part2.txt")
    (day / "part3.txt").symlink_to("/dev/zero")
    (day / "part4.txt").symlink_to(day)
    (tmp_path / "memory/day20240316").symlink_to("day20240316")
    (tmp_path / "memory/day20240317").symlink_to(tmp_path / "memory")
    done = child(BOOT, tmp_path, limit_s=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("| not a regular file") == 3
    assert "day20240316/ | not readable" in done.stdout


def test_a_folder_that_may_not_be_listed_is_said(tmp_path: Path):
    """Out of descriptors, or not ours: to read nothing and say nothing would look like success."""
    write(tmp_path / "memory/day20240315/part1.txt", "하나\n")
    write(tmp_path / "earlier/memory/day20240315/part1.txt", "먼저\n")
    script = """
import resource, sys, os
from pathlib import Path
from echo.memory.replay import replay
from tests.memory.homes import SEOUL, opened
home = Path(sys.argv[1])
with opened(home / "earlier") as store:  # what is imported when it is first needed
    replay(store, home / "earlier/memory", "me", zone=SEOUL)
with opened(home) as store:
    replay(store, home / "none", "me", zone=SEOUL)
    used = len(os.listdir("/proc/self/fd")) - 1
    for spare in range(3):
        resource.setrlimit(resource.RLIMIT_NOFILE, (used + spare, 4096))
        report = replay(store, home / "memory", "me", zone=SEOUL)
        print(report.lines, [(s.file, s.reason) for s in report.skipped])
"""
    done = child(script, tmp_path)
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    assert "('memory/', 'not readable')" in told[0]
    assert "1 []" in told
