"""`fillin --help` beside the `llm` command's --help: whole processes, interleaved, medians.

    python bench/startup.py [--llm PATH] [--rounds 21] [--most 0.4]

`llm` (the PyPI package, the peer whose command line is most like ours) is taken from --llm, else
from this environment, else installed into a throwaway virtual environment; where that cannot be
done the comparison is left out and said so. Exit 1 when the ratio is over --most.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WARM_UP = 2  # the first runs compile bytecode and fill the page cache


def seconds(command: list[str], env: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, env=env, check=True, stdin=subprocess.DEVNULL, capture_output=True)
    return time.perf_counter() - began


def medians(commands: list[list[str]], env: dict[str, str], rounds: int) -> list[float]:
    """Median seconds of each command, run in turns so that a busy machine slows all alike."""
    taken: list[list[float]] = [[] for _ in commands]
    for i in range(WARM_UP + rounds):
        for command, times in zip(commands, taken, strict=True):
            once = seconds(command, env)
            if i >= WARM_UP:
                times.append(once)
    return [statistics.median(times) for times in taken]


@contextmanager
def peer(named: str | None) -> Iterator[Path | None]:
    """Where `llm` is, if it can be had."""
    beside = Path(sys.executable).with_name("llm")
    if named or beside.exists():
        yield Path(named) if named else beside
        return
    with tempfile.TemporaryDirectory(prefix="bench-llm-") as folder:
        yield installed(Path(folder))


def installed(folder: Path) -> Path | None:
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "llm"]
    done = subprocess.run(pip, check=False, capture_output=True, text=True)
    if done.returncode:
        print("llm could not be installed; name one with --llm:", done.stderr.strip()[-200:])
        return None
    return folder / "bin" / "llm"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--llm", help="an llm executable")
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--most", type=float, default=0.4, help="highest ratio that passes")
    asked = parser.parse_args()
    ours = [str(Path(sys.executable).with_name("fillin")), "--help"]
    if not Path(ours[0]).exists():
        ours = [sys.executable, "-m", "echo", "--help"]
    with peer(asked.llm) as llm, tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "LLM_USER_PATH": home}
        if llm is None:
            (mine,) = medians([ours], env, asked.rounds)
            print(json.dumps({"fillin_s": round(mine, 4), "llm_s": None, "ratio": None}))
            return 0
        mine, theirs = medians([ours, [str(llm), "--help"]], env, asked.rounds)
    ratio = mine / theirs
    print(
        json.dumps(
            {"fillin_s": round(mine, 4), "llm_s": round(theirs, 4), "ratio": round(ratio, 3)}
        )
    )
    return 0 if ratio <= asked.most else 1


if __name__ == "__main__":
    sys.exit(main())
