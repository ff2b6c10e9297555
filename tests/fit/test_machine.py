"""What there is: sizes as people write them, files below an invented root, GPUs by a driver."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from echo.brains import ram
from echo.errors import UsageError
from echo.fit.machine import _handles, here, imagined, sizes
from echo.fit.values import RAM, Device, Machine


def root(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("48G", [48_000_000_000]),
        ("48", [48_000_000_000]),
        ("24GiB", [24 << 30]),
        ("24gib", [24 << 30]),
        ("2x24G", [24_000_000_000] * 2),
        ("8G, 512M", [8_000_000_000, 512_000_000]),
        ("1.5T", [1_500_000_000_000]),
        ("0", [0]),
    ],
)
def test_sizes_as_people_write_them(text: str, found: list[int]) -> None:
    assert sizes(text, "--vram") == found


@pytest.mark.parametrize("text", ["", "much", "-1G", "48Q", "65x1G", "4G;4G", "9" * 400 + "x1G"])
def test_what_is_no_size_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="no size"):
        sizes(text, "--vram")


def test_a_machine_one_does_not_have() -> None:
    real = Machine(Device(RAM, "RAM", 5), (Device("gpu0", "mine", 7),))
    assert [gpu.free for gpu in imagined("2x24G", None, real).gpus] == [24_000_000_000] * 2
    assert imagined("2x24G", None, real).ram.free is None  # not said: not judged
    assert imagined("0", "64G", real).gpus == ()
    assert imagined(None, "64G", real).gpus == real.gpus
    assert imagined(None, "64G", real).ram.free == 64_000_000_000


def test_this_machine_has_memory_and_no_error_without_a_gpu() -> None:
    found = here({}, offloads=True)
    assert found.ram.free is None or 0 < found.ram.free <= (found.ram.total or 0)
    assert here({}, offloads=False).gpus == ()
    assert found.blind == (not found.gpus)
    assert not here({}, offloads=False).blind


def test_only_the_gpus_that_cuda_may_see() -> None:
    """CUDA_VISIBLE_DEVICES names them by number or by UUID and ends at the first unknown."""
    driver = SimpleNamespace(
        nvmlDeviceGetCount=lambda: 3,
        nvmlDeviceGetHandleByIndex=lambda i: f"gpu {i}",
        nvmlDeviceGetHandleByUUID=lambda uuid: uuid.decode(),
    )
    assert _handles(driver, None) == ["gpu 0", "gpu 1", "gpu 2"]
    assert _handles(driver, "2,0") == ["gpu 2", "gpu 0"]
    assert _handles(driver, "") == _handles(driver, "-1") == _handles(driver, "7,0") == []
    assert _handles(driver, "MIG-ab, 1") == ["MIG-ab", "gpu 1"]


def test_a_containers_limit_wins_and_file_pages_are_free(tmp_path: Path) -> None:
    """cgroup v2, the limit on a folder above the process's own."""
    stat = "inactive_file 300\nactive_file 100\nanon 5\n"
    where = root(
        tmp_path,
        {
            "proc/meminfo": "MemTotal: 20 kB\nMemAvailable: 9 kB\n",
            "proc/self/cgroup": "0::/pod/echo\n",
            "sys/fs/cgroup/pod/echo/memory.max": "max\n",
            "sys/fs/cgroup/pod/memory.max": "2000\n",
            "sys/fs/cgroup/pod/memory.current": "1000\n",
            "sys/fs/cgroup/pod/memory.stat": stat,
        },
    )
    assert ram.available(where) == 1400
    assert ram.total(where) == 2000


def test_version_one_of_cgroups(tmp_path: Path) -> None:
    where = root(
        tmp_path,
        {
            "proc/meminfo": "MemAvailable: 9 kB\n",
            "proc/self/cgroup": "4:cpu,memory:/pod\n0::/\n",
            "sys/fs/cgroup/memory/pod/memory.limit_in_bytes": "5000",
            "sys/fs/cgroup/memory/pod/memory.usage_in_bytes": "4000",
            "sys/fs/cgroup/memory/pod/memory.stat": "inactive_file 7\ntotal_inactive_file 500\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": "4000",
        },
    )
    assert ram.available(where) == 1500


def test_a_container_sees_only_its_own_root(tmp_path: Path) -> None:
    """The path in /proc/self/cgroup is the host's; the limit lies at the top."""
    files = {
        "proc/self/cgroup": "0::/kubepods/besteffort/pod1\n",
        "sys/fs/cgroup/memory.max": "3000",
        "sys/fs/cgroup/memory.current": "5000",
    }
    assert ram.available(root(tmp_path, files)) == 0  # over its limit already: nothing is left


def test_where_nothing_can_be_read_nothing_is_known(tmp_path: Path) -> None:
    assert ram.available(tmp_path) is None
    assert ram.total(tmp_path) is None
