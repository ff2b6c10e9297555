"""What a brain needs and what there is, from files below an invented root."""

from __future__ import annotations

from pathlib import Path

import pytest

from echo.brains.gguf import read_header
from echo.brains.room import available, check, need, threads
from echo.errors import BrainError


def root(tmp_path: Path, **files: str) -> Path:
    names = {"meminfo": "proc/meminfo", "cpu": "sys/fs/cgroup/cpu.max"}
    for name in ("max", "current", "stat"):
        names[name] = f"sys/fs/cgroup/memory.{name}"
    for name, content in files.items():
        path = tmp_path / names[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path


def test_a_model_larger_than_memory_is_refused_with_figures(tiny: Path, tmp_path: Path) -> None:
    """Linux would swap or kill long before llama.cpp says anything."""
    header = read_header(tiny)
    check(tiny, header, 1024, root(tmp_path, meminfo="MemAvailable: 8000000 kB\n"))
    with pytest.raises(BrainError) as caught:
        check(tiny, header, 1024, root(tmp_path, meminfo="MemAvailable: 100 kB\n"))
    assert "needs 0.0 GB" in str(caught.value)
    assert "smaller model" in caught.value.hint


def test_the_cache_counts_as_well_as_the_weights(tiny: Path) -> None:
    """2 layers x 2 KV heads x (16 + 16) x 2 bytes a token."""
    header = read_header(tiny)
    assert need(header, 1024) - header.bytes == 1024 * 2 * 2 * 32 * 2


def test_a_containers_limit_wins_and_file_pages_are_free(tmp_path: Path) -> None:
    stat = "inactive_file 300\nactive_file 100\nanon 5\n"
    files = {"meminfo": "MemAvailable: 9 kB\n", "max": "2000", "current": "1000", "stat": stat}
    assert available(root(tmp_path, **files)) == 1400
    assert available(root(tmp_path, max="max\n")) == 9 * 1024


def test_where_nothing_is_known_nothing_is_refused(tiny: Path, tmp_path: Path) -> None:
    """macOS has no /proc."""
    assert available(tmp_path) is None
    check(tiny, read_header(tiny), 1 << 40, tmp_path)


def test_threads_follow_the_quota_of_a_pod(tmp_path: Path) -> None:
    """A pod may see 64 processors and be allowed one: all of them would be ten times slower."""
    assert threads(3, tmp_path) == 3
    assert threads(0, root(tmp_path, cpu="100000 100000")) == 1
    assert 1 <= threads(0, root(tmp_path, cpu="max 100000")) <= 8
