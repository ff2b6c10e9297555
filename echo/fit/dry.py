"""The dry run: llama.cpp opens a model without allocating anything and says how large all would be.

    python -m echo.fit.dry       loads as JSON lines on stdin; one answer a line on stdout

In a child process: a damaged file may end it, and only it. Weights and contexts are made by the
very classes a chat uses, so that whatever they ask of llama.cpp is in the answer. What stands on a
layer is counted from the header; the log tells where each layer is, the whole cache, the compute
buffers. Knows loads; no plan, no free memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from echo.brains.buffers import Buffer, buffers, cells, places
from echo.brains.gguf import read_header
from echo.errors import EchoError
from echo.fit.formula import cells as count_cells
from echo.fit.formula import placed
from echo.fit.model import Model
from echo.fit.values import RAM, Load, Sizes

PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the dry run said. places: layer -> device, the output last; cache: bytes in all;
    compute: bytes by device; reason: why it said nothing, "" when it did."""

    places: tuple[str, ...] = ()
    cache: int = 0
    compute: tuple[tuple[str, int], ...] = ()
    reason: str = ""


def dry(loads: Sequence[Load]) -> tuple[Answer, ...]:
    """An answer for each load. A load that ends the child is told so, and the others go on."""
    found: list[Answer] = []
    while len(found) < len(loads):
        answers, end = _child(loads[len(found) :])
        found += answers
        if len(found) < len(loads):
            found.append(Answer(reason=end))
    return tuple(found)


def sizes(model: Model, load: Load, answer: Answer) -> dict[str, Sizes]:
    """The answer by device: the header's weights and cache where llama.cpp puts them."""
    counted = placed(model, load, answer.places)
    whole = sum(size.cache for size in counted.values())
    compute = dict(answer.compute)
    return {
        place: Sizes(
            size.weights,
            size.cache * answer.cache // whole if whole else 0,
            compute.get(place, 0),
        )
        for place, size in counted.items()
    }


def device(name: str) -> str:
    """The device of a buffer or a layer: what is pinned, mapped or repacked is in RAM."""
    if name.upper().startswith(("CUDA", "ROCM", "VULKAN", "SYCL")) and name[-1].isdigit():
        return f"gpu{name.lstrip('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')}"
    return RAM


def by_purpose(found: Sequence[Buffer], purpose: str) -> dict[str, int]:
    """Bytes of one purpose by device."""
    told: dict[str, int] = {}
    for buffer in found:
        if buffer.purpose == purpose:
            place = device(buffer.device)
            told[place] = told.get(place, 0) + buffer.bytes
    return told


def _child(loads: Sequence[Load]) -> tuple[list[Answer], str]:
    """The answers of one child, and how it ended if they are fewer than the loads."""
    asked = "".join(f"{json.dumps(_plain(load))}\n" for load in loads)
    command = [sys.executable, "-m", "echo.fit.dry"]
    try:
        done = subprocess.run(
            command, input=asked, capture_output=True, text=True, check=False, timeout=PATIENCE_S,
            start_new_session=True,  # Ctrl-C is for the chat
        )  # fmt: skip
    except subprocess.TimeoutExpired as exc:
        said = exc.stdout.decode() if isinstance(exc.stdout, bytes) else exc.stdout or ""
        return _answers(said), f"it did not come to an end within {PATIENCE_S:.0f} s"
    except OSError as exc:
        return [], exc.strerror or "no child process can be started"
    words = [line for line in done.stderr.splitlines() if line.strip()]
    if done.returncode < 0 and not any("GGML_" in line for line in words):
        return _answers(done.stdout), f"signal {-done.returncode}"
    said = next((line for line in words if "GGML_" in line), words[-1] if words else "nothing")
    return _answers(done.stdout), said.strip().rpartition(": ")[2]


def _answers(said: str) -> list[Answer]:
    """Whole lines; one that the end cut short is none."""
    found = []
    for line in said.splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            break
        compute = tuple((str(name), int(size)) for name, size in told["compute"])
        found.append(Answer(tuple(told["places"]), told["cache"], compute, told["reason"]))
    return found


def _plain(load: Load) -> dict[str, object]:
    return {
        "path": str(load.path), "contexts": load.contexts, "cache": load.cache,
        "gpu_layers": load.gpu_layers, "batch": load.batch, "flash": load.flash,
    }  # fmt: skip


# ── the child ────────────────────────────────────────────────────────────────────────────────


def main() -> None:
    """Answer one load after the other."""
    for line in sys.stdin:
        try:
            told = _run(json.loads(line))
        except EchoError as exc:
            told = {"places": [], "cache": 0, "compute": [], "reason": str(exc)}
        sys.stdout.write(f"{json.dumps(told)}\n")
        sys.stdout.flush()


def _run(asked: Mapping[str, Any]) -> dict[str, object]:
    from echo.brains.context import Context, Running
    from echo.brains.handles import Weights

    path, contexts = Path(asked["path"]), asked["contexts"]
    size = count_cells(contexts, read_header(path).number("context_length"))
    weights = Weights(path, asked["gpu_layers"], lambda _: True, dry=True)
    how = Running(asked["batch"], 1, asked["cache"], asked["flash"])
    context = Context(weights, size, how, sequences=len(contexts))
    where = places(weights.said)
    return {
        "places": [device(where[i]) for i in sorted(where)],
        "cache": cells(context.said),
        "compute": list(by_purpose(tuple(buffers(context.said)), "compute").items()),
        "reason": "",
    }


if __name__ == "__main__":
    main()
