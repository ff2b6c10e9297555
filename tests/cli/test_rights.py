"""A person's rights at the command line: seen, edited, forgotten and proved, given out, mended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from echo.cli import main

LINES = "고양이 이름은 모푸야.\n비밀은 7391\n\nMy sister lives in Busan.\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """A home of "me" in Seoul that has booted three lines."""
    monkeypatch.chdir(tmp_path)
    made = tmp_path / "home"
    main(["init", str(made), "--lang", "en", "--timezone", "Asia/Seoul"])
    monkeypatch.setenv("FILLIN_HOME", str(made))
    day = made / "memory/day20260110"
    day.mkdir()
    (day / "part1.txt").write_text(LINES, "utf-8")
    assert main(["boot"]) == 0
    capsys.readouterr()
    return made


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    code = main(list(args))
    out, err = capsys.readouterr()
    return code, out, err


def answer(capsys: pytest.CaptureFixture[str], *args: str) -> Any:
    code, out, err = run(capsys, *args, "--json")
    assert code == 0, err
    return json.loads(out)


def shown(capsys: pytest.CaptureFixture[str], *args: str) -> list[dict[str, Any]]:
    code, out, _ = run(capsys, "memory", "show", *args, "--json")
    assert code == 0
    return [json.loads(line) for line in out.splitlines()]


def test_turns_are_shown_with_the_names_that_edit_and_forget_take(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    turns = shown(capsys, "--day", "2026-01-10")
    assert [t["text"] for t in turns] == [x for x in LINES.splitlines() if x]
    assert shown(capsys, "--from", "2026-01-11") == []
    assert len(shown(capsys, "--limit", "1")) == 1
    assert shown(capsys, "--ref", turns[1]["ref"]) == turns[1:2]
    assert run(capsys, "memory", "show", "--ref", "nobody")[0] == 1
    assert run(capsys, "memory", "edit", turns[0]["ref"], "고양이", "이름은", "나비야.")[0] == 0
    assert shown(capsys, "--text", "나비")[0]["ref"] == turns[0]["ref"]
    assert answer(capsys, "recall", "모푸")["known"] is False


def test_a_forget_needs_a_yes_and_a_choice(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is forgotten by accident: not without a choice, not unasked, not with half of one."""
    assert run(capsys, "memory", "forget", "--yes")[0] == 2
    assert run(capsys, "memory", "forget", "--all", "--text", "x", "--yes")[0] == 2
    assert run(capsys, "memory", "forget", "--day", "2026-01-10", "--to", "2026-01-11")[0] == 2
    assert run(capsys, "memory", "forget", "--text", "7391")[0] == 2
    assert len(shown(capsys)) == 3


def test_a_forget_is_proved_and_names_what_still_holds_it(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Day file, typed history, day's insight, a backup-like copy: cleaned or named."""
    typed = home / ".echo/history-me"
    typed.parent.mkdir(exist_ok=True)
    typed.write_text("\n# 2026-01-10\n+비밀은 7391\n\n# 2026-01-10\n+안녕\n", "utf-8")
    (home / "copy.bin").write_bytes(b"\0" + "비밀은 7391".encode("utf-16-le"))
    told = answer(capsys, "memory", "forget", "--text", "7391", "--yes")
    assert told["forgotten"] == 1
    assert told["still"] == ["copy.bin", "memory/day20260110/part1.txt"]
    assert told["input_files"] == {"day20260110/part1.txt": 1}
    assert told["gone"] is False
    assert typed.read_text("utf-8") == "\n# 2026-01-10\n+안녕\n"
    told = answer(capsys, "memory", "forget", "--text", "7391", "--yes", "--clean-files")
    assert told["still"] == ["copy.bin"]
    assert main(["boot", "--full"]) == 0
    capsys.readouterr()
    assert [t["text"] for t in shown(capsys)] == [
        "고양이 이름은 모푸야.",
        "My sister lives in Busan.",
    ]
    assert main(["memory", "rebuild"]) == 0
    assert "just what the old one said" in capsys.readouterr().out
    assert len(shown(capsys)) == 2


def test_a_forget_names_the_backups_and_the_memories_put_aside(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All that hold it and are there still; and what cannot be found is an error, not a success."""
    backups = [answer(capsys, "backup", "create", "out")["backup"] for _ in range(3)]
    Path(backups[1]).unlink()
    with (home / "memory/echo.db").open("r+b") as file:
        file.write(bytes(100))
    assert run(capsys, "boot")[0] == 0
    code, out, err = run(capsys, "memory", "forget", "--text", "7391", "--yes", "--clean-files")
    assert code == 0
    assert "memory/quarantine-" in out
    assert "Memories that were put aside keep everything" in out
    named = [line for line in err.splitlines() if "may still hold them" in line]
    assert [path for path in backups for line in named if path in line] == [backups[0], backups[2]]
    assert run(capsys, "memory", "forget", "--ref", "nobody", "--yes")[0] == 1


def test_what_a_terminal_would_obey_is_never_given_out_raw(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Old chats hold control sequences: as JSON they are escapes, and come back as they were."""
    nasty = "지워 \x9b2J \u202e그리고 \x7f끝"
    (tmp_path / "in.txt").write_text(nasty, "utf-8")
    assert run(capsys, "memory", "import", str(tmp_path / "in.txt"))[0] == 0
    for command in (["memory", "export"], ["memory", "show", "--json"], ["recall", "끝", "--json"]):
        _, out, _ = run(capsys, *command)
        assert not set(out) & set("\x9b\u202e\x7f")
    _, out, _ = run(capsys, "memory", "export")
    assert nasty in [json.loads(line)["text"] for line in out.splitlines()]


def test_memory_is_given_out_in_three_ways(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "memory", "export")
    assert code == 0
    assert [json.loads(line)["text"] for line in out.splitlines()][1] == "비밀은 7391"
    pages = tmp_path / "pages"
    assert run(capsys, "memory", "export", "--format", "markdown", "--out", str(pages))[0] == 0
    assert "- **me**: 비밀은 7391\n" in (pages / "2026-01-10.md").read_text("utf-8")
    assert run(capsys, "memory", "export", "--format", "markdown", "--out", str(pages))[0] == 1
    assert run(capsys, "memory", "export", "--format", "sqlite")[0] == 2
    target = tmp_path / "mine.db"
    assert run(capsys, "memory", "export", "--format", "sqlite", "--out", str(target))[0] == 0
    assert target.read_bytes().startswith(b"SQLite format 3")
    assert run(capsys, "memory", "export", "--format", "xml")[0] == 2


def test_a_damaged_memory_is_named_by_verify_and_mended_by_boot(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One kind sentence, the old file kept, every word back."""
    assert answer(capsys, "memory", "verify")["ok"] is True
    with (home / "memory/echo.db").open("r+b") as file:
        file.write(bytes(100))
    harmed = (home / "memory/echo.db").read_bytes()
    code, out, _ = run(capsys, "memory", "verify", "--json")
    assert code == 1
    assert "rebuild" in json.loads(out)["findings"][0]["next"]
    code, out, err = run(capsys, "memory", "stats")
    assert code == 1
    assert "fillin memory rebuild" in err
    code, out, err = run(capsys, "boot")
    assert code == 0
    assert "was damaged" in err
    assert len(shown(capsys)) == 3
    (aside,) = (home / "memory").glob("quarantine-*")
    assert (aside / "echo.db").read_bytes() == harmed
