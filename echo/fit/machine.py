"""The memory there is: VRAM by NVML, RAM by system and cgroups, or what --vram and --ram say.

No GPU, no driver, no nvidia-ml-py: no error, only no GPU. Other makers' GPUs have no such answer;
--vram names their memory. Knows devices, no model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from echo.brains import ram
from echo.errors import UsageError
from echo.fit.values import RAM, Device, Machine

_SIZE = re.compile(r"\s*(?:(\d+)\s*[x×*]\s*)?(\d+(?:\.\d+)?)\s*([KMGT]?)(I?)B?\s*", re.IGNORECASE)
_POWERS = {"": 3, "K": 1, "M": 2, "G": 3, "T": 4}


def here(env: Mapping[str, str], *, offloads: bool) -> Machine:
    """This machine. offloads: can this llama.cpp use a GPU? env: CUDA_VISIBLE_DEVICES counts."""
    gpus = _gpus(env) if offloads else ()
    main = Device(RAM, "RAM", ram.available(), ram.total())
    return Machine(main, gpus, blind=offloads and not gpus)


def imagined(vram: str | None, main: str | None, real: Machine) -> Machine:
    """A machine with so much memory; what is not said is unknown there. Raises UsageError."""
    gpus = real.gpus
    if vram is not None:
        each = [size for size in sizes(vram, "--vram") if size]
        gpus = tuple(Device(f"gpu{i}", f"GPU {i}", size, size) for i, size in enumerate(each))
    known = sum(sizes(main, "--ram")) if main is not None else None
    return Machine(Device(RAM, "RAM", known, known), gpus, asked=True)


def sizes(text: str, flag: str) -> list[int]:
    """Bytes: "48G", "2x24G", "24G,16GiB"; a bare number counts GB; G is 10^9, GiB 2^30."""
    found: list[int] = []
    for part in text.split(","):
        match = _SIZE.fullmatch(part)
        if match is None or int(match[1] or 1) > 64:
            raise UsageError(
                "{flag} {given} is no size.", "Write 48G, 24GiB or 2x24G.", flag=flag, given=text
            )
        base = 1024 if match[4] else 1000
        found += [int(float(match[2]) * base ** _POWERS[match[3].upper()])] * int(match[1] or 1)
    return found


def _gpus(env: Mapping[str, str]) -> tuple[Device, ...]:
    """Every NVIDIA GPU that CUDA may see, in its order."""
    try:
        import pynvml as nvml
    except ImportError:
        return ()
    try:
        nvml.nvmlInit()
        handles = _handles(nvml, env.get("CUDA_VISIBLE_DEVICES"))
        found = tuple(_device(nvml, i, handle) for i, handle in enumerate(handles))
        nvml.nvmlShutdown()
    except nvml.NVMLError:
        return ()  # no driver, or one that will not tell: as if there were no GPU
    return found


def _device(nvml: Any, number: int, handle: Any) -> Device:
    memory, name = nvml.nvmlDeviceGetMemoryInfo(handle), nvml.nvmlDeviceGetName(handle)
    title = name.decode() if isinstance(name, bytes) else str(name)
    return Device(f"gpu{number}", title, int(memory.free), int(memory.total))


def _handles(nvml: Any, visible: str | None) -> list[Any]:
    """NVML's handles of the GPUs that CUDA_VISIBLE_DEVICES leaves; None leaves all."""
    every = [nvml.nvmlDeviceGetHandleByIndex(i) for i in range(nvml.nvmlDeviceGetCount())]
    if visible is None:
        return every
    found = []
    for name in (part.strip() for part in visible.split(",")):
        if name.isdigit() and int(name) < len(every):
            found.append(every[int(name)])
        elif name.startswith(("GPU-", "MIG-")):
            found.append(nvml.nvmlDeviceGetHandleByUUID(name.encode()))
        else:
            break  # CUDA stops at the first it does not know
    return found
