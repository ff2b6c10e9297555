"""Workers share work, and nothing depends on them: they may die, or not be there at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from echo import workers
from echo.workers import Lost, Workers, answer

SCRIPT = """
import sys, time
from echo.workers import Workers
if __name__ == "__main__":
    with Workers(2) as pool:
        print(*[pool.submit(time.sleep, 0.5) and 1 for _ in range(2)])
        print(pool.submit(__import__("os").getpid).result(), flush=True)
        sys.stdin.read()
"""


def double(number: int) -> int:
    return 2 * number


def dies_elsewhere(number: int, asker: int) -> int:
    if os.getpid() != asker:
        os._exit(3)
    return number


def refuses(number: int) -> int:
    raise ValueError(number)


def whose(_: int) -> int:
    time.sleep(0.05)
    return os.getpid()


def test_answers_come_in_order_whoever_worked():
    jobs = [(n,) for n in range(40)]
    for count in (0, 2):
        with Workers(count) as pool:
            assert list(pool.each(double, jobs)) == [2 * n for n in range(40)]
    with Workers(2) as pool:
        list(pool.each(double, jobs))  # they have started
        assert len(set(pool.each(whose, jobs))) == 3  # two workers and the asker


def test_what_a_worker_leaves_undone_the_asker_does():
    with Workers(2) as pool:
        jobs = [(n, os.getpid()) for n in range(8)]
        assert list(pool.each(dies_elsewhere, jobs)) == list(range(8))


def test_an_error_of_the_work_is_an_error_of_the_asker():
    with Workers(1) as pool:
        with pytest.raises(ValueError, match="7"):
            answer(pool.submit(refuses, 7))
        with pytest.raises(ValueError, match="1"):
            list(pool.each(refuses, [(1,), (2,)]))


def test_no_workers_where_none_can_be_made(monkeypatch: pytest.MonkeyPatch):
    """A sandbox without shared memory refuses the pool's semaphores."""

    def refused(_: object) -> object:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(Workers, "_started", refused)
    with Workers(2) as pool:
        with pytest.raises(Lost):
            pool.submit(double, 1)
        assert list(pool.each(double, [(1,), (2,)])) == [2, 4]


def test_one_processor_has_no_room_for_workers(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    assert workers.spare() == 0
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    assert workers.spare() == workers.MOST


def test_no_worker_outlives_an_asker_that_was_killed(tmp_path: Path):
    (tmp_path / "asks.py").write_text(SCRIPT)
    with subprocess.Popen(
        [sys.executable, str(tmp_path / "asks.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
    ) as asker:
        assert asker.stdout is not None
        asker.stdout.readline()
        worker = int(asker.stdout.readline())
        os.kill(worker, 0)
        asker.send_signal(signal.SIGKILL)
    until = time.monotonic() + 20
    while _alive(worker) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _alive(worker)


def _alive(pid: int) -> bool:
    try:
        said = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return said.rpartition(")")[2].split()[0] != "Z"
