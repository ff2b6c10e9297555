"""The doctor looks, tells, changes nothing, and says what must be mended by its exit code."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from echo.cli import main
from echo.config import set_value, template
from echo.home import Home
from echo.i18n import catalogue, msgid
from echo.keeping.doctor import examine
from echo.keeping.machine import Terminal, wal_is_safe
from echo.keeping.record import LastBackup, remember
from echo.render.health import Finding, told
from tests.keeping.homes import planted

UTF8 = Terminal("utf-8", "xterm", True)


def healthy(root: Path) -> Home:
    home = planted(root)
    (home.models).mkdir()
    (home.models / "echo-seed.gguf").write_bytes(b"GGUF")
    set_value(home.config, "echo.timezone", "Asia/Seoul")
    for folder in (home.root, home.memory, home.memory / "day0315"):
        folder.chmod(0o700)
    for path in home.memory.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    remember(home, LastBackup(datetime.now(UTC).isoformat(), put(home), 1, True))
    return home


def put(home: Home) -> str:
    """Where its last backup lies."""
    path = home.root.parent / "x.tar.zst"
    path.write_bytes(b"x")
    return str(path)


def found(
    home: Home, terminal: Terminal = UTF8, env: Mapping[str, str] | None = None
) -> dict[str, Finding]:
    return {finding.name: finding for finding in examine(home, terminal, env or {})}


def test_a_home_that_is_well(tmp_path: Path) -> None:
    """Nothing bad; what may be warned of is the machine's own affair."""
    states = {name: finding.state for name, finding in found(healthy(tmp_path / "h")).items()}
    machines = {"sqlite", "disk", "llama"}
    assert {n: s for n, s in states.items() if n not in machines} == dict.fromkeys(
        ["python", "terminal", "home", "config", "privacy", "memory", "models", "timezone",
         "backup"], "good")  # fmt: skip
    assert machines <= set(states)
    assert "bad" not in states.values()


def test_looking_changes_nothing(tmp_path: Path) -> None:
    home = healthy(tmp_path / "h")
    before = {p: (p.stat().st_mtime_ns, p.stat().st_mode) for p in home.root.rglob("*")}
    found(home)
    after = {p: (p.stat().st_mtime_ns, p.stat().st_mode) for p in home.root.rglob("*")}
    changed = {p.name for p in before.keys() ^ after.keys()}
    assert changed <= {"echo.db-wal", "echo.db-shm"}  # SQLite's own, of nothing, while it reads
    assert all(after[p] == before[p] for p in before if p.is_file())


def test_what_others_can_read_is_told_with_the_command_that_mends_it(tmp_path: Path) -> None:
    home = healthy(tmp_path / "a home")
    (home.memory / "day0315" / "part1.txt").chmod(0o644)
    assert found(home)["privacy"].state == "warn"  # nobody gets through memory/ to it
    home.memory.chmod(0o755)
    said = found(home)["privacy"]
    assert (said.state, said.params["n"]) == ("bad", 2)
    command = str(said.params["command"])
    assert command == f"chmod -R go-rwx '{home.memory}' '{home.state}'"
    subprocess.run(["sh", "-c", command], check=True)
    assert found(home)["privacy"].state == "good"


def test_a_damaged_memory_is_bad(tmp_path: Path) -> None:
    home = healthy(tmp_path / "h")
    data = bytearray(home.database.read_bytes())
    data[4096:8192] = b"\xff" * 4096
    home.database.write_bytes(data)
    finding = found(home)["memory"]
    assert finding.state == "bad"
    assert "The first: " in told(finding, msgid)[1]
    assert "{" not in "".join(told(finding, catalogue("ko")))


def test_a_memory_that_is_gone_is_bad(tmp_path: Path) -> None:
    """Its journal is here: "nothing is remembered yet" would be a lie."""
    home = healthy(tmp_path / "h")
    for path in home.memory.glob("echo.db*"):
        path.unlink()
    finding = found(home)["memory"]
    assert finding.state == "bad"
    assert "knows nobody called me" in told(finding, msgid)[1]
    assert not home.database.exists()


def test_models_that_are_not_there(tmp_path: Path) -> None:
    """One missing is a voice less; all missing is nobody to talk to."""
    home = healthy(tmp_path / "h")
    set_value(home.config, "brains.self.model", "models/gone.gguf")
    assert found(home)["models"].state == "warn"
    (home.models / "echo-seed.gguf").unlink()
    assert found(home)["models"].state == "bad"


def test_a_backup_that_is_old_or_was_never_made(tmp_path: Path) -> None:
    home = healthy(tmp_path / "h")
    ago = datetime.now(UTC) - timedelta(days=8, hours=1)
    (home.state / "backup.json").unlink()
    remember(home, LastBackup(ago.isoformat(), put(home), 1, True))
    assert (found(home)["backup"].state, found(home)["backup"].params["days"]) == ("warn", 8)
    set_value(home.config, "backup.days", "30")
    assert found(home)["backup"].state == "good"
    Path(put(home)).unlink()
    missing = found(home)["backup"]
    assert (missing.state, missing.said) == (
        "warn",
        "the last one is not where it was put: {where}",
    )
    for broken in ("{", "[]", '{"at": "2026", "where": 1}', "null"):
        (home.state / "backup.json").write_text(broken)
        assert found(home)["backup"].said == "none has been made yet"


def test_a_wrong_setting_and_an_empty_place(tmp_path: Path) -> None:
    home = healthy(tmp_path / "h")
    home.config.write_text(template() + "limmit = 3\n")
    assert found(home)["config"].state == "bad"
    assert found(Home(tmp_path / "none"))["home"].state == "bad"


def test_a_terminal_without_hangul(tmp_path: Path) -> None:
    home = healthy(tmp_path / "h")
    assert found(home, Terminal("ANSI_X3.4-1968", "", False))["terminal"].state == "warn"


@pytest.mark.parametrize(
    ("version", "safe"),
    [((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 3), False),
     ((3, 50, 6), False), ((3, 50, 7), True), ((3, 51, 2), False), ((3, 51, 3), True),
     ((3, 53, 0), True), ((4, 0, 0), True)],
)  # fmt: skip
def test_which_sqlite_has_the_mended_wal(version: tuple[int, ...], safe: bool) -> None:
    """sqlite.org: mended in 3.51.3, and in 3.50.7 and 3.44.6 of the older lines."""
    assert wal_is_safe(version) is safe


def test_at_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """0 when nothing must be mended, 1 when something must; the same in JSON and in Korean."""
    home = healthy(tmp_path / "h")
    assert main(["doctor", "--home", str(home.root), "--lang", "en"]) == 0
    out = capsys.readouterr().out
    assert len(out.splitlines()) <= 24
    assert f"ok  backup: the last one is 0 days old: {tmp_path}/x.tar.zst" in out
    (home.models / "echo-seed.gguf").unlink()
    assert main(["doctor", "--home", str(home.root), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["healthy"] is False
    assert [c["name"] for c in told["checks"] if c["state"] == "bad"] == ["models"]
    assert main(["doctor", "--home", str(home.root), "--lang", "ko"]) == 1
    assert "백업" in capsys.readouterr().out
