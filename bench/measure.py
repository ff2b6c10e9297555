"""Small helpers that the measurements share: times, medians, a table, the options of a setting."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall seconds of one call, and processor seconds meanwhile: of all threads, and of processes
    that it started and that have ended.
    """

    wall: float
    cpu: float


def cost(work: Callable[[], object]) -> Cost:
    """What one call takes. On a busy machine the processor seconds are the steadier figure."""
    wall, cpu = time.perf_counter(), _processor()
    work()
    return Cost(time.perf_counter() - wall, _processor() - cpu)


def _processor() -> float:
    return sum(os.times()[:4])


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows under their heads, the first column left, the others right."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = []
    for row in (head, *rows):
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def setting(doc: str | None, cases: Path, out: Path) -> tuple[argparse.Namespace, list[Any]]:
    """The options of a bench that sets weights, and the cases it sets them on."""
    parser = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    where = out.relative_to(Path(__file__).parent.parent)
    parser.add_argument("--write", action="store_true", help=f"keep them in {where}")
    parser.add_argument("--cases", type=Path, default=cases)
    parser.add_argument("--folds", type=int, default=4)
    args = parser.parse_args()
    return args, [json.loads(line) for line in args.cases.read_text("utf-8").splitlines()]
