"""`fillin models fit`, and a chat that is refused: whole commands in a home."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from echo.cli import main
from echo.config import DEFAULT, template
from echo.home import Home, plant, seed
from tests.fit.shapes import MIXTRAL, write


@pytest.fixture
def home(tmp_path: Path) -> str:
    """A home with the seed brain."""
    plant(Home(tmp_path / "home"), settings=template(DEFAULT, str), seed=seed())
    return str(tmp_path / "home")


@pytest.fixture
def large(home: str, three: dict[str, Path]) -> str:
    """The same, with the three models of the documents at 8192 tokens."""
    for voice, path in three.items():
        assert main(["config", "set", f"brains.{voice}.model", str(path), "--home", home]) == 0
        assert main(["config", "set", f"brains.{voice}.context", "8192", "--home", home]) == 0
    return home


@pytest.fixture
def giant(tmp_path: Path) -> Path:
    """Mixtral with 64 times its experts: 1.8 TB to look at."""
    return write(tmp_path, replace(MIXTRAL, name="giant", ff=64 * MIXTRAL.ff))


def test_the_seed_brain_fits_and_both_opinions_are_told(
    home: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "fit", "--home", home, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["fits"] == "fits"
    assert found["brains"][0]["voices"] == ["emotion", "self", "creation"]
    assert found["brains"][0]["formula"] == pytest.approx(found["brains"][0]["dry_run"], rel=0.05)
    assert main(["models", "fit", "--home", home]) == 0
    said = capsys.readouterr().out
    assert "Echo seed" in said
    assert "It fits" in said


def test_a_plan_for_a_machine_one_does_not_have(
    large: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """48 GB: barely, and what helps; 32 GB: no, by the exit code too; in Korean as well."""
    capsys.readouterr()
    assert main(["models", "fit", "--home", large, "--vram", "48G", "--ram", "64G"]) == 0
    said = capsys.readouterr().out
    assert "It fits, but barely" in said
    assert 'cache = "q8_0"' in said
    assert main(["models", "fit", "--home", large, "--vram", "32G", "--lang", "ko"]) == 1
    assert "들어가지 않" in capsys.readouterr().out
    assert main(["models", "fit", "--home", large, "--vram", "32G", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["fits"], found["asked"]) == ("over", True)
    assert [step["change"] for step in found["steps"]][:2] == ["cache", "context"]
    assert all(step["frees"]["gpu0"] > 0 for step in found["steps"])


def test_what_is_no_size_is_told(home: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "fit", "--home", home, "--vram", "plenty"]) == 2
    assert "48G" in capsys.readouterr().err


def test_a_chat_that_cannot_fit_is_refused_with_the_plan(
    home: str, giant: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is loaded: the exit code says so, and stderr what would help."""
    assert main(["config", "set", "brains.self.model", str(giant), "--home", home]) == 0
    capsys.readouterr()
    assert main(["chat", "-m", "hi", "--home", home]) == 1
    said = capsys.readouterr().err
    assert "GB are free there" in said
    assert "one model for all voices, Echo seed" in said
    assert "brains.force" in said


def test_a_voice_without_room_is_left_out_and_the_others_talk(
    home: str, giant: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Self has what it needs; creation has a model for no machine."""
    assert main(["config", "set", "brains.creation.model", str(giant), "--home", home]) == 0
    capsys.readouterr()
    assert main(["chat", "-m", "hi", "--home", home]) == 0
    found = capsys.readouterr()
    assert found.out.strip()
    assert "are free there" in found.err


def test_what_a_launch_took_is_told_afterwards(
    home: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "fit", "--actual", "--home", home]) == 0
    assert "No brain has been loaded" in capsys.readouterr().out
    assert main(["chat", "-m", "안녕", "--home", home]) == 0
    capsys.readouterr()
    assert main(["models", "fit", "--actual", "--home", home, "--json"]) == 0
    loads = json.loads(capsys.readouterr().out)["loads"]
    assert [load["ratio"] for load in loads] == [pytest.approx(1, abs=0.05)]
    assert main(["models", "fit", "--actual", "--home", home]) == 0
    assert "Echo seed" in capsys.readouterr().out


def test_doctor_tells_of_models_without_room(
    home: str, giant: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["doctor", "--home", home])
    assert "room for models" in capsys.readouterr().out
    assert main(["config", "set", "brains.self.model", str(giant), "--home", home]) == 0
    assert main(["doctor", "--home", home, "--json"]) == 1
    checks = json.loads(capsys.readouterr().out.splitlines()[-1])["checks"]
    found = {check["name"]: check for check in checks}
    assert found["fit"]["state"] == "bad"
    assert "does not fit" in found["fit"]["said"]
