"""The real commands, killed at their calls: `fillin boot`, `import`, `chat -m`, `forget` and so on.

A command is told as finished by its exit code alone; killed before that, memory must hold what it
held or what the command makes of it, and running the command once more must bring it to its end.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from echo.config import DEFAULT, template
from echo.home import Home, plant, seed
from tests.faults import kills, tracing
from tests.faults.driver import DAY_LINES, prepared
from tests.faults.oracle import unsound
from tests.memory.homes import opened, turn

EARLIER = [f"어제의 말 {i}" for i in range(12)]
TOLD = "고양이 이름은 모푸야."
MENDED = "고쳐 쓴 말"
IMPORTED = [f"들여온 말 {i}" for i in range(15)]


@dataclass(frozen=True, slots=True)
class Command:
    """args: after `fillin`; adds, removes: texts that memory then has, or no longer has."""

    args: tuple[str, ...]
    adds: frozenset[str] = frozenset()
    removes: frozenset[str] = frozenset()
    more: bool = False  # it may add words nobody can foresee, a reply


def _all_day_lines() -> frozenset[str]:
    return frozenset(line for lines in DAY_LINES.values() for line in lines)


COMMANDS = {
    "boot": Command(("boot",), _all_day_lines()),
    "import": Command(("memory", "import", "{home}/in.jsonl"), frozenset(IMPORTED)),
    "chat": Command(("chat", "-m", TOLD), frozenset({TOLD}), more=True),
    "forget": Command(
        ("memory", "forget", "--text", "어제의 말 3", "--yes"), removes=frozenset({"어제의 말 3"})
    ),
    "rebuild": Command(("memory", "rebuild")),
    "edit": Command(
        ("memory", "edit", "e5", MENDED),
        adds=frozenset({MENDED}),
        removes=frozenset({"어제의 말 5"}),
    ),
    "backup": Command(("backup", "create", "{home}/copies", "--plain")),
}  # fmt: skip


def template_home(folder: Path, name: str) -> Path:
    """A planted home with some memory, and what the command reads."""
    home = folder / f"template-{name}"
    if not home.exists():
        config = DEFAULT.apply({"echo.timezone": "Asia/Seoul"}, "file")
        plant(Home(home), settings=template(config, str), seed=seed())
        if name == "boot":
            prepared(home, "boot")
        rows = [
            json.dumps({"at": "2026-03-01T10:00:00+09:00", "speaker": "me", "text": text})
            for text in IMPORTED
        ]
        (home / "in.jsonl").write_text("\n".join(rows))
        with opened(home, part_lines=5000) as store:
            turns = [turn(f"e{i}", text, after_s=i) for i, text in enumerate(EARLIER)]
            store.ingest("me", turns, source="test")
    return home


def command_line(home: Path, name: str) -> list[str]:
    args = [arg.format(home=home) for arg in COMMANDS[name].args]
    return [sys.executable, "-m", "echo", "--home", str(home), *args]


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=tracing.ROOT, env=tracing.environment(),
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def points(folder: Path, name: str) -> list[kills.Point]:
    """Calls that change the disk and can be counted in the process's first thread."""
    home = kills.copied(template_home(folder, name), folder / "count")
    done = tracing.counted(command_line(home, name), folder / "trace")
    return [(call, n) for call, count in sorted(done.items()) for n in range(1, count + 1)]


def sweep(folder: Path, name: str, *, most: int = 10**9) -> Iterator[tuple[kills.Point, list[str]]]:
    """(point, what is wrong) for the points of one command."""
    for point in kills.sample(points(folder, name), most, seed=7):
        yield point, killed(folder, name, point)


def killed(folder: Path, name: str, point: kills.Point) -> list[str]:
    """What is wrong after kill -9 there, and after the command was run once more."""
    command = COMMANDS[name]
    home = kills.copied(template_home(folder, name), folder / "victim")
    tracing.injected("signal=KILL", point[0], str(point[1]), command_line(home, name))
    held = frozenset(EARLIER)
    found = _wrong(home, held - command.removes, held | command.adds, command)
    again = run(command_line(home, name))
    if again.returncode and not (command.removes and "Traceback" not in again.stderr):
        found.append(f"again: exit {again.returncode}: {again.stderr[-400:]}")
    checked = run([sys.executable, "-m", "echo", "--home", str(home), "memory", "verify"])
    if checked.returncode:
        found.append(f"verify: {(checked.stdout + checked.stderr)[-400:]}")
    end = (held | command.adds) - command.removes
    return found + [f"again: {x}" for x in _wrong(home, end, end, command)]


def _wrong(home: Path, least: frozenset[str], most: frozenset[str], command: Command) -> list[str]:
    with opened(home, part_lines=5000) as store:
        store.mend("me")
        found = unsound(store)
        said = Counter(
            t.text for t in store.turns("me") if not (command.more and t.speaker == "echo")
        )
    found += [f"lost: {text}" for text in least - said.keys()]
    if command.more:  # asked a second time it is said a second time
        return found + [f"from nowhere: {text}" for text in said.keys() - most]
    found += [f"from nowhere: {text}" for text in said.keys() - most]
    return found + [f"{n} times: {text}" for text, n in said.items() if n > 1]
