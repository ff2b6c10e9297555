"""`fillin backup` as people type it: where it goes, for whom, what is said, what is refused."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pexpect
import pytest

from echo.cli import main
from echo.config import set_value
from echo.home import Home
from tests.keeping.homes import a_key, planted, words

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    for name in [name for name in os.environ if name.startswith("FILLIN_")]:
        monkeypatch.delenv(name)
    made = planted(tmp_path / "home")
    monkeypatch.setenv("FILLIN_HOME", str(made.root))
    monkeypatch.setenv("FILLIN_LANG", "en")
    monkeypatch.chdir(tmp_path)
    return made


def created(capsys: Capture, *args: str) -> dict[str, object]:
    assert main(["backup", "create", *args, "--json"]) == 0
    told: dict[str, object] = json.loads(capsys.readouterr().out)
    return told


def test_create_verify_restore(home: Home, tmp_path: Path, capsys: Capture) -> None:
    """What is said on the way: proved, not encrypted, models left out, where things went."""
    assert main(["backup", "create", "out"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"Backed up and proved: {tmp_path}/out/echo-me-")
    assert "It is not encrypted" in err
    assert "Models are not in it" in err
    (made,) = (tmp_path / "out").iterdir()
    assert main(["backup", "verify", str(made)]) == 0
    assert capsys.readouterr().out.startswith("This backup is whole: ")
    assert main(["backup", "restore", str(made), "--into", "new"]) == 0
    assert capsys.readouterr().out.startswith(f"Restored into {tmp_path}/new: ")
    assert words(tmp_path / "new") == words(home.root)


def test_settings_say_where_and_for_whom(home: Home, tmp_path: Path, capsys: Capture) -> None:
    """A daily line in a crontab is then `fillin backup create`; a flag wins all the same."""
    lock, _ = a_key()
    set_value(home.config, "backup.to", "../vault")  # from the home, wherever one stands
    set_value(home.config, "backup.recipient", lock.recipients[0])
    told = created(capsys)
    assert str(told["backup"]).startswith(f"{tmp_path}/vault/echo-me-")
    assert told["encrypted"] is True
    assert created(capsys, "elsewhere", "--plain")["encrypted"] is False


def test_how_many_stay_is_a_setting_or_a_flag(home: Home, tmp_path: Path, capsys: Capture) -> None:
    """What went is named, so that nobody looks for it."""
    set_value(home.config, "backup.keep", "1")
    first = created(capsys, "out")
    second = created(capsys, "out")
    assert second["removed"] == [first["backup"]]
    third = created(capsys, "out", "--keep", "0")
    assert third["removed"] == []
    assert main(["backup", "create", "out", "--keep", "2"]) == 0
    assert f"Removed, for newer ones are enough: {second['backup']}" in capsys.readouterr().err
    assert len(list((tmp_path / "out").iterdir())) == 2
    assert main(["backup", "create", "out", "--keep", "x"]) == 2


def test_a_key_in_a_file(home: Home, tmp_path: Path, capsys: Capture) -> None:
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "key.txt").write_text(f"# mine\n{identity}\n")
    (tmp_path / "public.txt").write_text(f"# mine\n{identity.to_public()}\n")
    told = created(capsys, "out", "--recipient", "public.txt")
    assert main(["backup", "verify", str(told["backup"])]) == 1
    assert "--identity" in capsys.readouterr().err
    assert main(["backup", "verify", str(told["backup"]), "--identity", "key.txt"]) == 0


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ([], "Nobody has said where backups go."),
        (["out", "--recipient", "age1nonsense"], "age1nonsense is not a public key"),
        (["out", "--recipient", "nofile"], ""),
        (["out", "--recipient", "x", "--plain"], "A backup is encrypted in one way."),
        (["out", "--passphrase-file", "nofile"], ""),
        (["out", "--passphrase"], "There is no terminal to ask for a passphrase."),
        (["s3://bucket/echo"], "A backup that leaves this machine should be encrypted."),
    ],
)
def test_what_cannot_be_is_two_lines(
    home: Home, tmp_path: Path, capsys: Capture, args: list[str], sentence: str
) -> None:
    assert main(["backup", "create", *args]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 2
    assert err.startswith(sentence)
    assert not (tmp_path / "out").exists()


def test_nobody_home(tmp_path: Path, home: Home, capsys: Capture) -> None:
    assert main(["backup", "create", "out", "--home", str(tmp_path / "x")]) == 1
    assert capsys.readouterr().err.startswith("No Echo lives in ")


def test_a_broken_config_does_not_keep_anybody_from_restoring(
    home: Home, tmp_path: Path, capsys: Capture
) -> None:
    told = created(capsys, "out")
    home.config.write_text("[echo]\nuser = 3\n")
    assert main(["backup", "create", "out"]) == 2
    assert main(["backup", "restore", str(told["backup"])]) == 0
    assert main(["backup", "create", "out"]) == 0


@pytest.mark.slow
def test_a_passphrase_is_asked_for_twice_and_not_shown(home: Home, tmp_path: Path) -> None:
    """On a terminal; each of the two ends costs a second of scrypt, more on a busy machine."""
    call = [sys.executable, "-m", "echo", "backup"]
    env = {**os.environ, "FILLIN_LANG": "en"}
    child = pexpect.spawn(call[0], [*call[1:], "create", "out", "--passphrase"],
                          env=env, timeout=300, encoding="utf-8")  # fmt: skip
    child.expect("Passphrase: ")
    child.sendline("바다")
    child.expect("Once more: ")
    child.sendline("바다")
    child.expect(pexpect.EOF)
    assert "바다" not in child.before
    child.close()
    assert child.exitstatus == 0
    (made,) = (tmp_path / "out").iterdir()
    assert made.name.endswith(".tar.zst.age")
    child = pexpect.spawn(call[0], [*call[1:], "verify", str(made)], env=env, timeout=300,
                          encoding="utf-8")  # fmt: skip
    child.expect("Passphrase: ")
    child.sendline("바다")
    child.expect("This backup is whole")
    child.close()
