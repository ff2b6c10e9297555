"""`fillin memory facts`: shown, mended, taken back; refused in one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from echo.cli import main
from tests.cli.test_memory import home, refused, told

__all__ = ["home", "told"]  # fixtures


def said(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    capsys.readouterr()
    assert main(["memory", "facts", *args]) == 0
    return capsys.readouterr().out


def listed(capsys: pytest.CaptureFixture[str], *args: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said(capsys, *args, "--json").splitlines()]


def bring(file: Path, lines: str) -> None:
    file.write_text(lines, "utf-8")
    assert main(["memory", "import", str(file)]) == 0


def mend(capsys: pytest.CaptureFixture[str]) -> None:
    """모푸 becomes 모푸푸, Busan is taken back."""
    ids = {one["value"]: one["id"] for one in listed(capsys)}
    said(capsys, "edit", ids["모푸"], "모푸푸")
    said(capsys, "retract", ids["Busan"][:6])


def test_facts_are_shown_with_their_ids(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cat, sister = sorted(listed(capsys), key=lambda one: one["relation"], reverse=True)
    assert (cat["subject"], cat["relation"], cat["value"]) == ("고양이", "name", "모푸")
    assert (sister["subject"], sister["relation"], sister["value"]) == ("sister", "home", "Busan")
    assert cat["valid_to"] is None
    assert len(cat["refs"]) == 1
    shown = said(capsys, "--lang", "ko")
    assert "이름: 모푸" in shown
    assert cat["id"] in shown


def test_a_fact_of_a_day_ahead_is_mended_too(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A note of today is of noon: in the small hours that lies ahead."""
    bring(tmp_path / "2099-01-01.txt", "내 고양이 이름은 모푸야\nmy sister lives in Busan\n")
    mend(capsys)
    assert [one["value"] for one in listed(capsys)] == ["모푸푸"]
    assert main(["memory", "rebuild"]) == 0
    assert [one["value"] for one in listed(capsys)] == ["모푸푸"]


def test_a_fact_is_mended_and_taken_back(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mend(capsys)
    assert [(one["value"], one["edited"]) for one in listed(capsys)] == [("모푸푸", True)]
    assert main(["memory", "verify"]) == 0


def test_what_holds_no_more_is_shown_when_asked_for(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bring(tmp_path / "notes.txt", "나 부산에 살아\n나 이제 서울에 살아\n")
    assert [one["value"] for one in listed(capsys)] == ["서울"]
    assert [one["value"] for one in listed(capsys, "--all")] == ["부산", "서울"]
    assert "부산" in said(capsys, "--all")


@pytest.mark.parametrize("args", [["frob"], ["edit", "abc"], ["retract"], ["retract", "a", "b"]])
def test_what_it_cannot_do_is_said(
    home: Path, capsys: pytest.CaptureFixture[str], args: list[str]
) -> None:
    code, out, err = refused(capsys, "memory", "facts", *args)
    assert (code, out) == (2, "")
    assert "facts" in err


def test_an_unknown_id_is_said(told: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = refused(capsys, "memory", "facts", "retract", "ffffffff")
    assert code == 1
    assert "ffffffff" in err


def test_nothing_told_is_said_kindly(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "not told me" in said(capsys)
