"""A short sweep of what `make faults` does in full: some points of every kind."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.faults import errors, kills, power, tracing, writers
from tests.faults.oracle import allowed, wrong

traced = pytest.mark.skipif(bool(tracing.unavailable()), reason=tracing.unavailable() or "traced")


@traced
@pytest.mark.parametrize(
    ("work", "fresh", "most"),
    [
        ("talk", False, 6),
        ("rest", False, 4),
        ("boot", True, 4),
        ("gather", False, 3),
        ("shared", False, 5),
    ],
)
def test_killed_before_a_call(tmp_path: Path, work: str, fresh: bool, most: int):
    """kill -9 before a write, a sync, a rename: nothing acknowledged is missing or doubled."""
    for point, found in kills.sweep(tmp_path, work, fresh=fresh, most=most):
        assert found == [], point


@traced
def test_a_disk_that_refuses(tmp_path: Path):
    """ENOSPC, EIO, EROFS, EMFILE: one sentence each, no traceback, memory still readable."""
    for fault, found in errors.sweep(tmp_path, "talk", fresh=False, most=10):
        assert found == [], fault


@traced
@pytest.mark.parametrize("args", [("talk",), ("talk", "full", "network")])
def test_power_loss_keeps_what_was_acknowledged(tmp_path: Path, args: tuple[str, ...]):
    """Random subsets of the unsynced writes missing or torn: no image has lost anything."""
    for number, said, home in _images(tmp_path, args, 60):
        assert power.lost(home, "talk", said) == [], number
        if number % 20 == 0:
            assert wrong(home, *allowed("talk", said), torn=True) == [], number


@traced
def test_without_full_sync_the_same_images_lose_words(tmp_path: Path):
    """The control: if NORMAL lost nothing either, the images would prove nothing."""
    images = _images(tmp_path, ("talk", "normal"), 30)
    assert any(power.lost(home, "talk", said) for _, said, home in images)


def _images(folder: Path, args: tuple[str, ...], count: int):
    home = kills.copied(kills.template(folder, args[0], fresh=False), folder / "home")
    disk = power.Disk.of(home)
    events = power.recorded(home, folder / "trace", *args)
    to = folder / "image"
    for number, said in enumerate(power.images(events, disk, (home, to), count, seed=2)):
        yield number, said, to
        shutil.rmtree(to, ignore_errors=True)


def test_six_writers(tmp_path: Path):
    """None is lost, doubled, crossed with another's, or told that memory is busy."""
    assert writers.together(tmp_path, 12) == []


def test_killed_at_a_moment_nobody_chose(tmp_path: Path):
    for seed in range(2):
        assert writers.killed_at_random(tmp_path, seed) == []
