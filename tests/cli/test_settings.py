"""A home made by `init`, and its settings shown and written."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pexpect
import pytest

from echo.cli import main
from echo.config import load
from echo.home import Home


def test_init_makes_a_home_without_asking(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a script nobody can answer; what was not said gets its default."""
    folder = tmp_path / "new"
    args = ["init", str(folder), "--user", "다연", "--lang", "ko", "--timezone", "Asia/Seoul"]
    assert main(args) == 0
    out, err = capsys.readouterr()
    assert str(folder) in out
    assert "config.toml" in err
    config = load(Home(folder), {})
    assert (config.echo.user, config.echo.lang, config.echo.timezone) == (
        "다연", "ko", "Asia/Seoul",
    )  # fmt: skip
    assert "(기본값: " in (folder / "config.toml").read_text("utf-8")
    assert (folder / "manifest" / "origin_id.txt").is_file()


def test_init_asks_the_system_for_the_time_zone(tmp_path: Path) -> None:
    """Remembered at init: the pod that runs this home tomorrow may be on UTC."""
    assert main(["init", str(tmp_path)]) == 0
    assert load(Home(tmp_path), {}).echo.timezone != ""


def test_init_again_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["init", str(tmp_path), "--user", "kim"])
    before = (tmp_path / "config.toml").read_bytes()
    assert main(["init", str(tmp_path), "--user", "lee", "--lang", "en"]) == 0
    assert (tmp_path / "config.toml").read_bytes() == before
    assert "lives in" in capsys.readouterr().err


def test_init_refuses_a_wrong_zone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    args = ["init", str(tmp_path / "x"), "--timezone", "Mars/Base", "--lang", "en"]
    assert main(args) == 2
    assert capsys.readouterr().err.startswith('--timezone: echo.timezone "Mars/Base" is not a ')
    assert not (tmp_path / "x").exists()


def test_init_asks_on_a_terminal(tmp_path: Path) -> None:
    """Language first, so that the other questions come in it; a wrong answer is asked again."""
    folder = tmp_path / "home"
    child = pexpect.spawn(
        sys.executable, ["-m", "echo", "init", str(folder)], encoding="utf-8", timeout=20,
        env={**os.environ, "LC_ALL": "C.UTF-8", "TERM": "dumb"},
    )  # fmt: skip
    child.expect_exact("Language / 언어 (ko, en) [en] ")
    child.sendline("fr")
    child.expect_exact("Language / 언어 (ko, en) [en] ")
    child.sendline("ko")
    child.expect(r"[가-힣].*\[me\] ")
    child.sendline("a/b")
    child.expect(r"[가-힣].*\[me\] ")
    child.sendline("다연")
    child.expect(r"[가-힣].*\[.*\] ")
    child.sendline("Asia/Seoul")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    config = load(Home(folder), {})
    assert (config.echo.lang, config.echo.user, config.echo.timezone) == (
        "ko", "다연", "Asia/Seoul",
    )  # fmt: skip


def test_show_says_where_each_value_came_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.toml").write_text("[echo]\n[recall]\nlimit = 3\n")
    at = ["--home", str(tmp_path), "--lang", "en"]
    assert main(["config", "show", *at]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["recall.limit", "3", "config.toml"] in rows
    assert ["echo.lang", '"en"', "command", "line"] in rows
    assert ["recall.tokens", "700", "default"] in rows
    assert main(["config", "show", "--json", *at]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["recall.limit"] == {"value": 3, "from": "file"}


def test_set_writes_and_show_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config.toml").write_text("[echo]\n# hers\nuser = 3\n")
    at = ["--home", str(tmp_path), "--lang", "en"]
    assert main(["config", "show", *at]) == 2
    sentence = f"{tmp_path}/config.toml, line 3: echo.user must be text in quotes, not 3."
    assert capsys.readouterr().err.splitlines()[0] == sentence
    assert main(["config", "set", "echo.user", "dana", *at]) == 0  # the way out of that sentence
    assert (tmp_path / "config.toml").read_text() == '[echo]\n# hers\nuser = "dana"\n'
    assert main(["config", "set", "echo.user", "a/b", *at]) == 2
