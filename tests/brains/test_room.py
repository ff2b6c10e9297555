"""How many processors there are, from files below an invented root."""

from __future__ import annotations

from pathlib import Path

from echo.brains.room import threads


def root(tmp_path: Path, cpu: str) -> Path:
    path = tmp_path / "sys/fs/cgroup/cpu.max"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(cpu)
    return tmp_path


def test_threads_follow_the_quota_of_a_pod(tmp_path: Path) -> None:
    """A pod may see 64 processors and be allowed one: all of them would be ten times slower."""
    assert threads(3, tmp_path) == 3
    assert threads(0, root(tmp_path, cpu="100000 100000")) == 1
    assert 1 <= threads(0, root(tmp_path, cpu="max 100000")) <= 8
