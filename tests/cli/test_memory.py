"""Memory at the command line: what goes in comes out, found, counted, and in the promised JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from echo.cli import main

LINES = "고양이 이름은 모푸야.\n오늘은 너무 행복했어.\n\nMy sister lives in Busan.\n"
Said = tuple[int, str, str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of "me" in Seoul, standing where nothing else claims to be one."""
    monkeypatch.chdir(tmp_path)
    made = tmp_path / "home"
    main(["init", str(made), "--lang", "en", "--timezone", "Asia/Seoul"])
    monkeypatch.setenv("FILLIN_HOME", str(made))
    return made


@pytest.fixture
def told(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The same home after three lines."""
    file = tmp_path / "notes.txt"
    file.write_text(LINES, "utf-8")
    assert main(["memory", "import", str(file)]) == 0
    capsys.readouterr()
    return file


def answer(capsys: pytest.CaptureFixture[str], *args: str) -> Any:
    capsys.readouterr()
    assert main([*args, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *args: str) -> Said:
    capsys.readouterr()
    code = main(list(args))
    out, err = capsys.readouterr()
    return code, out, err.splitlines()[0]


def test_dry_run_tells_and_takes_nothing(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """DESIGN's contract, key by key."""
    file = tmp_path / "notes.txt"
    file.write_text(LINES, "utf-8")
    made = answer(capsys, "memory", "import", str(file), "--dry-run")
    assert list(made) == ["format", "turns", "speakers", "from", "to", "skipped"]
    assert (made["format"], made["turns"], made["speakers"]) == ("text", 3, {"me": 3})
    assert answer(capsys, "memory", "stats")["occurrences"] == 0


def test_import_twice_adds_once(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    again = answer(capsys, "memory", "import", str(told))
    assert (again["new"], again["repeated"]) == (0, 0)
    assert answer(capsys, "memory", "stats")["occurrences"] == 3


def test_export_is_what_import_reads(
    told: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A user moves to another Echo with nothing but this file; --me says who they were in it."""
    main(["memory", "export"])
    text = capsys.readouterr().out
    assert [json.loads(line)["text"] for line in text.splitlines()] == [
        line for line in LINES.splitlines() if line
    ]
    file = tmp_path / "out.jsonl"
    file.write_text(text, "utf-8")
    moved = answer(capsys, "memory", "import", str(file), "--user", "kim", "--me", "me")
    assert moved["speakers"] == {"kim": 3}
    found = answer(capsys, "recall", "sister", "--user", "kim", "--limit", "1")
    assert found["hits"][0]["speaker"] == "kim"


def test_recall_keeps_the_promised_shape(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Several words need no quotes; neighbours nest in `near`."""
    found = answer(capsys, "recall", "고양이", "이름", "--limit", "1")
    assert (found["query"], found["known"]) == ("고양이 이름", True)
    (hit,) = found["hits"]
    assert list(hit) == ["ref", "at", "speaker", "text", "session", "score", "why", "near"]
    assert hit["text"] == "고양이 이름은 모푸야."
    assert hit["at"].endswith("+09:00")
    assert sum(hit["why"].values()) == pytest.approx(hit["score"], abs=1e-4)
    assert {tuple(turn) for turn in hit["near"]} == {("ref", "at", "speaker", "text")}
    assert hit["ref"] not in [turn["ref"] for turn in hit["near"]]


def test_recall_of_what_was_never_told(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "recall", "zeppelin") == {
        "query": "zeppelin", "known": False, "confidence": 0.0, "hits": [],
    }  # fmt: skip


def test_batch_answers_in_order(
    told: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One JSON line a query; a broken line is told by its number after those before it."""
    file = tmp_path / "queries.jsonl"
    file.write_text('{"query": "sister"}\n\n{"query": "모푸", "now": "2030-01-01"}\n', "utf-8")
    assert main(["recall", "--batch", str(file), "--now", "2026-01-01T10:00"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["query"] for line in lines] == ["sister", "모푸"]
    file.write_text('{"query": "sister"}\n{"quarry": 1}\n', "utf-8")
    code, out, said = refused(capsys, "recall", "--batch", str(file))
    assert (code, len(out.splitlines())) == (1, 1)
    assert said == f"{file}, line 2: this is not a question."


def test_users_do_not_see_each_other(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "recall", "sister", "--user", "lee")["hits"] == []
    assert answer(capsys, "memory", "stats", "--user", "lee")["occurrences"] == 0


def test_what_cannot_be_imported_is_one_sentence(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, said = refused(capsys, "memory", "import", str(tmp_path / "gone.txt"))
    assert (code, out) == (1, "")
    assert "gone.txt" in said
    code, _, said = refused(capsys, "memory", "import", str(home), "--format", "csv")
    assert (code, said) == (2, "csv is not a format memory is taken in from.")
    code, _, said = refused(capsys, "memory", "export", "--format", "xml")
    assert (code, said) == (2, "xml is not a format memory is given out in.")


def test_stats_in_words(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["memory", "stats"]) == 0
    assert "3 lines remembered" in capsys.readouterr().out


# ── feeling ──────────────────────────────────────────────────────────────────────────────────


def test_every_line_of_a_file_has_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Blank lines too, and lines with other programs' line separators, so that rows match up."""
    file = tmp_path / "lines.txt"
    text = "I am so happy\n\n오늘 너무 슬퍼\r\nodd\u2028line\x85here\n   "
    file.write_bytes(text.encode())
    assert main(["feeling", "--batch", str(file), "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.split("\n")[:-1]]
    assert [row["text"] for row in rows] == [
        "I am so happy", "", "오늘 너무 슬퍼", "odd\u2028line\x85here", "   ",
    ]  # fmt: skip
    assert {tuple(row) for row in rows} == {("text", "valence", "arousal", "feelings", "evidence")}
    assert rows[0]["valence"] > 0 > rows[2]["valence"]


def test_feeling_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    """Both axes, the names and the words that decided, in the person's language."""
    assert main(["feeling", "so", "happy", "--lang", "en"]) == 0
    assert "because of: happy" in capsys.readouterr().out
    assert main(["feeling", "행복해", "--lang", "ko"]) == 0
    assert "기쁨" in capsys.readouterr().out


def test_an_old_file_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """cp949: what Korean Windows wrote for twenty years."""
    file = tmp_path / "old.txt"
    file.write_bytes("행복해\n".encode("cp949"))
    assert main(["feeling", "--batch", str(file)]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == "행복해"


# ── insight, without a model ─────────────────────────────────────────────────────────────────


def test_insight_three_ways(told: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Words, Markdown and JSON of the same day; the JSON is also the day's insight.json."""
    on = json.loads(_first(capsys))["at"][:10]
    made = answer(capsys, "insight", "--day", on, "--no-model")
    assert (made["lines"], made["words"]) == (3, "")
    kept = home / "memory" / "me" / f"day{on.replace('-', '')}" / "insight.json"
    assert json.loads(kept.read_text("utf-8")) == made
    assert main(["insight", "--day", on, "--no-model", "--markdown"]) == 0
    assert capsys.readouterr().out.startswith(f"# {on}\n\n")
    assert main(["insight", "--day", on, "--no-model"]) == 0
    assert "오늘은 너무 행복했어." in capsys.readouterr().out


def _first(capsys: pytest.CaptureFixture[str]) -> str:
    main(["memory", "export"])
    return capsys.readouterr().out.splitlines()[0]


def test_a_span_that_holds_the_day(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    on = json.loads(_first(capsys))["at"][:10]
    week = answer(capsys, "insight", "--day", on, "--week", "--no-model")
    assert (week["to"], week["lines"]) == (on, 3)
    month = answer(capsys, "insight", "--day", on, "--month", "--no-model")
    assert month["from"] == f"{on[:8]}01"
    empty = answer(capsys, "insight", "--day", "2001-01-01", "--no-model")
    assert empty["lines"] == 0
