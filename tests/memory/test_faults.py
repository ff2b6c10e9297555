"""The plug pulled, and several at once: acknowledged ⊆ stored ⊆ acknowledged + in flight."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from echo.memory.replay import replay
from tests.memory.homes import SEOUL, everything, opened

TALK = """
import os, sys
from pathlib import Path
from tests.memory.homes import exchange, opened, turn
store = opened(Path(sys.argv[1]), part_lines=50)
stop = sys.argv[2]
n = 0
def here(name):
    if name == stop:
        os.kill(os.getpid(), 9)
while True:
    said = exchange(n, f"말 {n}")
    store.begin("me", said.words); here("begun")
    store.partial("me", said.words.ref, said.reply); here("partial")
    store.finish("me", said)
    print(n, flush=True)
    here("finished")
    n += 1
"""
WRITE = """
import sys
from dataclasses import replace
from pathlib import Path
from tests.memory.homes import exchange, opened
store = opened(Path(sys.argv[1]))
for i in range(int(sys.argv[3])):
    said = exchange(i, f"{sys.argv[2]} {i}", session=sys.argv[2])
    said = replace(said, words=replace(said.words, ref=f"{sys.argv[2]}-w{i}"),
                   reply=replace(said.reply, ref=f"{sys.argv[2]}-r{i}"))
    store.begin("me", said.words)
    store.finish("me", said)
store.close()
"""
ROOT = Path(__file__).parents[2]


def start(script: str, *args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *args],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stop", "reply"), [("begun", ""), ("partial", "그래."), ("finished", "그래.")]
)
def test_kill_at_each_step_keeps_the_words(tmp_path: Path, stop: str, reply: str):
    """kill -9 between the steps of an exchange: the words stay, the reply as far as it was kept."""
    child = start(TALK, str(tmp_path), stop)
    child.communicate(timeout=180)
    assert child.returncode == -signal.SIGKILL
    with opened(tmp_path) as store:
        assert store.mend("me") == (0 if stop == "finished" else 1)
        (kept,) = store.exchanges("me")
        assert (kept.words.text, kept.reply.text) == ("말 0", reply)
        assert kept.reply.status == ("complete" if stop == "finished" else "interrupted")
    text = (tmp_path / "memory/me/day20260302/part1.txt").read_text()
    assert text.count("\tsaid\tme\t말 0\t") == 1


def test_kill_at_any_moment_loses_nothing_acknowledged(tmp_path: Path):
    """A process killed in the middle of work, then the database thrown away: nothing is missing."""
    for round_ in range(3):
        home = tmp_path / str(round_)
        child = start(TALK, str(home), "never")
        assert child.stdout is not None
        acknowledged = [int(child.stdout.readline()) for _ in range(20 + 7 * round_)]
        child.kill()
        rest, _ = child.communicate(timeout=180)
        acknowledged += [int(line) for line in rest.split()]
        with opened(home, part_lines=50) as store:
            store.mend("me")
            with store.database.read() as conn:
                assert conn.execute("pragma integrity_check").fetchone() == ("ok",)
            said = [e.words.text for e in store.exchanges("me", limit=10_000)]
            assert said[: len(acknowledged)] == [f"말 {n}" for n in acknowledged]
            assert len(said) <= len(acknowledged) + 1
            before = everything(store)
        for file in (home / "memory").glob("echo.db*"):
            file.unlink()
        with opened(home, part_lines=50) as store:
            report = replay(store, home / "memory", "me", zone=SEOUL)
            assert report.skipped == ()
            assert everything(store) == before


def test_writers_in_several_processes_share_one_memory(tmp_path: Path):
    """None is lost, doubled or told that the database is busy; each one's journal lines too."""
    names = ["ann", "bob", "cat"]
    children = [start(WRITE, str(tmp_path), name, "40") for name in names]
    for child in children:
        _, errors = child.communicate(timeout=180)
        assert child.returncode == 0, errors
    with opened(tmp_path) as store:
        assert store.stats("me").exchanges == 120
        for name in names:
            said = [e.words.text for e in store.exchanges("me", session=name, limit=100)]
            assert said == [f"{name} {i}" for i in range(40)]
        before = everything(store)
    for file in (tmp_path / "memory").glob("echo.db*"):
        file.unlink()
    with opened(tmp_path) as store:
        assert replay(store, tmp_path / "memory", "me", zone=SEOUL).skipped == ()
        after = everything(store)
    assert after["turns"] == before["turns"]
    assert after["index"] == before["index"]


def test_a_boot_that_is_killed_goes_on(tmp_path: Path):
    """Each batch is committed with its place: killed anywhere, nothing is doubled or left out."""
    lines = "".join(f"{i}번째 줄\n" for i in range(45_000))
    (tmp_path / "memory/day20260301").mkdir(parents=True)
    (tmp_path / "memory/day20260301/part1.txt").write_text(lines)
    script = """
import os, sys
from pathlib import Path
from echo.memory.replay import replay
from tests.memory.homes import SEOUL, opened
def stop(p):
    if p.lines:
        os.kill(os.getpid(), 9)
replay(opened(Path(sys.argv[1])), Path(sys.argv[1]) / "memory", "me", zone=SEOUL, progress=stop)
"""
    for _ in range(2):
        child = start(script, str(tmp_path))
        child.communicate(timeout=180)
        assert child.returncode == -signal.SIGKILL
    with opened(tmp_path) as store:
        report = replay(store, tmp_path / "memory", "me", zone=SEOUL)
        assert report.lines == 5_000
        assert [t.text for t in store.turns("me")] == lines.splitlines()
