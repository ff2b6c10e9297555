"""The main job, as a person runs it: processes, files, the real tiny brain, no network."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent


def environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("FILLIN_", "LC_"))}
    return {**kept, "LANG": "en_US.UTF-8", "NO_COLOR": "1"}


def fillin(
    home: Path, *args: str, stdin: str = "", code: int = 0
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "echo", *args, "--home", str(home)],
        input=stdin, capture_output=True, text=True, env=environment(), cwd=home, timeout=120,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return done


def answer(home: Path, *args: str) -> Any:
    return json.loads(fillin(home, *args, "--json").stdout)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir()
    subprocess.run(
        [sys.executable, "-m", "echo", "init", str(made), "--lang", "ko"],
        check=True, capture_output=True, env=environment(), stdin=subprocess.DEVNULL, cwd=tmp_path,
    )  # fmt: skip
    return made


def test_said_today_remembered_tomorrow(home: Path) -> None:
    """Three runs of the program: tell, ask, look."""
    told = answer(home, "chat", "-m", "내 고양이 이름은 모푸야")
    assert told["status"] == "complete"
    assert told["reply"]
    asked = answer(home, "chat", "--new", "-m", "내 고양이 이름 기억나?")
    assert "내 고양이 이름은 모푸야" in [hit["text"] for hit in asked["recalls"]]
    found = answer(home, "recall", "고양이 이름")
    assert found["hits"][0]["text"] == "내 고양이 이름은 모푸야"
    assert found["hits"][0]["ref"] == told["ref"]


def test_a_second_boot_reads_nothing(home: Path) -> None:
    day = home / "memory" / "day20240315"
    day.mkdir()
    (day / "part1.txt").write_text("부산 바다를 봤다\nThe sea was loud\n", "utf-8")
    (day / "part2.txt").write_bytes("할머니 생신이었다\n".encode("cp949"))
    first, second = answer(home, "boot"), answer(home, "boot")
    assert (first["lines"], first["new"], first["days"]) == (3, 3, ["2024-03-15"])
    assert second["lines"] == 0
    assert first["identity"] == second["identity"]
    told = json.loads((home / "memory/me/day20240315/insight.json").read_text("utf-8"))
    assert told["lines"] == 3
    (hit,) = answer(home, "recall", "할머니 생신", "--limit", "1")["hits"]
    assert hit["at"].startswith("2024-03-15")


def test_a_reply_on_stdout_and_nothing_else(home: Path) -> None:
    done = fillin(home, "chat", stdin="hello\n")
    assert done.stdout.strip()
    assert "%" not in done.stdout


def test_everything_is_private(home: Path) -> None:
    """Files are the owner's alone, whatever the umask says."""
    fillin(home, "chat", "-m", "비밀이야")
    for path in (home / "memory").rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o077 == 0, f"{path} is {mode:o}"


def test_a_missing_model_is_one_sentence_and_the_words_are_safe(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "echo", "chat", "-m", "들려?", "--home", str(home)],
        capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
        env={
            **environment(),
            "FILLIN_BRAINS_EMOTION_MODEL": "models/none.gguf",
            "FILLIN_BRAINS_SELF_MODEL": "models/none.gguf",
            "FILLIN_BRAINS_CREATION_MODEL": "models/none.gguf",
        },
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "none.gguf" in done.stderr


def test_one_missing_model_leaves_the_others_talking(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "echo", "chat", "-m", "안녕", "--json", "--home", str(home)],
        capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
        env={**environment(), "FILLIN_BRAINS_CREATION_MODEL": "models/none.gguf"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["reply"]
    (left,) = [t for t in said["thoughts"] if t["left_out"]]
    assert left["voice"] == "creation"


def test_killed_while_answering_nothing_said_is_lost(home: Path) -> None:
    """kill -9 in the middle: the words are there, and the next run mends the exchange."""
    child = subprocess.Popen(
        [sys.executable, "-m", "echo", "chat", "-m", "이 말은 남아야 해", "--home", str(home)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(),
    )  # fmt: skip
    database = home / "memory" / "echo.db"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and child.poll() is None and not _holds(database):
        time.sleep(0.005)
    if child.poll() is None:
        child.send_signal(signal.SIGKILL)
    child.wait()
    fillin(home, "chat", "-m", "hello")
    said = [json.loads(line) for line in fillin(home, "memory", "export").stdout.splitlines()]
    assert [t["text"] for t in said].count("이 말은 남아야 해") == 1


def _holds(database: Path) -> bool:
    if not database.exists():
        return False
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as conn:
            count = conn.execute("select count(*) from occurrence").fetchone()[0]
        conn.close()
    except sqlite3.Error:
        return False
    return bool(count)


def test_memory_goes_out_and_comes_in_elsewhere_unchanged(home: Path, tmp_path: Path) -> None:
    """Export and import are each other's inverse: the memory is the user's to move."""
    fillin(home, "chat", "-m", "나는 부산에 살아")
    lines = fillin(home, "memory", "export").stdout
    (tmp_path / "out.jsonl").write_text(lines, "utf-8")
    other = tmp_path / "other"
    other.mkdir()
    subprocess.run(
        [sys.executable, "-m", "echo", "init", str(other)],
        check=True, capture_output=True, env=environment(), stdin=subprocess.DEVNULL, cwd=tmp_path,
    )  # fmt: skip
    fillin(other, "memory", "import", str(tmp_path / "out.jsonl"), "--format", "jsonl")
    fillin(other, "memory", "import", str(tmp_path / "out.jsonl"), "--format", "jsonl")
    assert fillin(other, "memory", "export").stdout == lines
