"""chat, boot and insight as processes and in a pty, on the real seed brains."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest

from echo.cli import main

FILLIN = [sys.executable, "-m", "echo"]


def environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("FILLIN_", "LC_"))}
    return {**kept, "LANG": "C.UTF-8", "TERM": "dumb", **more}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("talk") / "home"
    main(["init", str(made), "--lang", "en", "--timezone", "Asia/Seoul"])
    return made


def run(home: Path, *args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*FILLIN, *args], input=stdin, capture_output=True, text=True, cwd=home, timeout=120,
        env=environment(),
    )  # fmt: skip


def test_one_turn_as_json(home: Path) -> None:
    """DESIGN's contract, key by key."""
    done = run(home, "chat", "-m", "hello", "--json")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert list(told) == [
        "reply", "lang", "mode", "status", "feeling", "thoughts", "recalls", "ungrounded",
        "timings", "ref",
    ]  # fmt: skip
    assert told["lang"] == "en"
    assert told["status"] == "complete"
    assert {"voice", "text", "tokens", "seconds"} <= set(told["thoughts"][0])
    assert set(told["timings"]) == {
        "first_word_s", "total_s", "prompt_tokens", "evaluated_tokens", "reply_tokens",
    }  # fmt: skip


def test_piped_words_are_one_turn_and_only_the_reply_comes_out(home: Path) -> None:
    """`git log | fillin chat > note.txt` must give a note, not a progress bar."""
    done = run(home, "chat", "--mode", "solo", stdin="안녕\n")
    assert done.returncode == 0
    assert done.stdout.strip()
    assert done.stderr == ""
    assert "\x1b" not in done.stdout


def test_the_platform_home_is_planted_at_the_first_word(tmp_path: Path) -> None:
    """Installed as a package, with no folder named: it must simply work, and say where."""
    env = environment(XDG_DATA_HOME=str(tmp_path / "data"))
    done = subprocess.run(
        [*FILLIN, "boot", "--json"], capture_output=True, text=True, cwd=tmp_path, env=env
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == f"Echo now lives in {tmp_path}/data/fillin.\n"
    assert (tmp_path / "data" / "fillin" / "config.toml").is_file()


def test_a_named_home_is_not_planted(tmp_path: Path) -> None:
    """A mistyped --home must not become a second Echo without memory."""
    done = run(tmp_path, "chat", "-m", "hi", "--home", "tpyo")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"No Echo lives in {tmp_path}/tpyo.\n  ")
    assert not (tmp_path / "tpyo").exists()


def test_a_missing_model_is_a_sentence(home: Path) -> None:
    env = {f"FILLIN_BRAINS_{v}_MODEL": "models/gone.gguf" for v in ("EMOTION", "SELF", "CREATION")}
    done = subprocess.run(
        [*FILLIN, "chat", "-m", "hi"], capture_output=True, text=True, cwd=home,
        env=environment(**env),
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert "gone.gguf" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_chat_needs_a_terminal_to_answer_on(home: Path) -> None:
    """stdin is a terminal, stdout a file: nobody could see the prompt."""
    child = pexpect.spawn(
        "sh", ["-c", f"{' '.join(FILLIN)} chat > out.txt"], cwd=str(home), env=environment(),
        encoding="utf-8", timeout=30,
    )  # fmt: skip
    child.expect_exact("A chat needs a terminal to answer on.")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 2
    assert (home / "out.txt").read_text() == ""


def test_a_chat_in_a_terminal_begins_and_ends(home: Path) -> None:
    """The whole way from the command line into the REPL and out again."""
    child = pexpect.spawn(
        FILLIN[0], [*FILLIN[1:], "chat"], cwd=str(home), env=environment(TERM="xterm"),
        encoding="utf-8", timeout=60,
    )  # fmt: skip
    child.expect_exact(">")
    child.send("/quit\r")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_boot_tells_what_it_read(home: Path) -> None:
    """Once new, then nothing; the JSON is the contract, key by key."""
    day = home / "memory" / "day0315"
    day.mkdir()
    (day / "part1.txt").write_text("꽃이 피었어\n", "utf-8")
    told = json.loads(run(home, "boot", "--json").stdout)
    assert list(told) == [
        "files", "lines", "new", "repeated", "skipped", "days", "seconds", "lines_per_second",
        "peak_rss_mb", "identity",
    ]  # fmt: skip
    assert (told["files"], told["lines"], told["new"]) == (1, 1, 1)
    assert told["peak_rss_mb"] > 1
    assert set(told["identity"]) == {"version", "digest"}
    again = run(home, "boot")
    assert "Nothing new to read." in again.stdout
    assert again.stderr == ""


def test_a_changed_manifest_is_told_and_adopted_only_when_asked(home: Path) -> None:
    """Who Echo is changes by its owner's word alone."""
    before = json.loads(run(home, "boot", "--json").stdout)["identity"]
    manifest = home / "manifest" / "echo_identity.txt"
    manifest.write_text(manifest.read_text("utf-8") + "\n새 문장이야.\n", "utf-8")
    told = run(home, "boot", "--json")
    assert json.loads(told.stdout)["identity"] == before
    assert "--adopt" in told.stderr
    adopted = json.loads(run(home, "boot", "--adopt", "--json").stdout)["identity"]
    assert adopted["version"] == before["version"] + 1


def test_insight_without_a_brain_keeps_its_figures(home: Path) -> None:
    """A paragraph is a luxury: where no brain can be loaded the day is told all the same."""
    run(home, "chat", "-m", "오늘 너무 행복해", "--mode", "solo")
    env = {f"FILLIN_BRAINS_{v}_MODEL": "models/gone.gguf" for v in ("EMOTION", "SELF", "CREATION")}
    done = subprocess.run(
        [*FILLIN, "insight", "--json"], capture_output=True, text=True, cwd=home,
        env=environment(**env),
    )  # fmt: skip
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert told["lines"] >= 1
    assert told["words"] == ""
    assert "gone.gguf" in done.stderr
