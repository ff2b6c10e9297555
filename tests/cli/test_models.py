"""`fillin models` as people type it, with a hub that is on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from bench.random_gguf import write
from echo.cli import main
from echo.config import load, template
from echo.home import Home, plant
from tests.shelf.hub import HubServer, Repo, serving

Capture = pytest.CaptureFixture[str]
NAME, FILE = "maker/tiny-GGUF", "tiny-Q8_0.gguf"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write(tmp_path_factory.mktemp("gguf") / "tiny.gguf").read_bytes()


@pytest.fixture
def server(tiny: bytes) -> Iterator[HubServer]:
    with serving() as state:
        state.repos[NAME] = Repo({FILE: tiny})
        yield state


@pytest.fixture
def home(tmp_path: Path, server: HubServer, monkeypatch: pytest.MonkeyPatch) -> Home:
    for name in [n for n in os.environ if n.startswith(("FILLIN_", "HF_"))]:
        monkeypatch.delenv(name)
    made = Home(tmp_path / "home")
    plant(made, settings=template(), seed=None)
    monkeypatch.setenv("FILLIN_HOME", str(made.root))
    monkeypatch.setenv("FILLIN_LANG", "en")
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)
    return made


def said(capsys: Capture, *args: str) -> tuple[int, str, str]:
    code = main(["models", *args])
    out, err = capsys.readouterr()
    return code, out, err


def test_pull_use_list_verify(home: Home, tiny: bytes, capsys: Capture) -> None:
    """The way from nothing to a voice."""
    code, out, err = said(capsys, "pull", NAME, "--yes")
    assert (code, out) == (0, f"{home.models / FILE} is here, and its digest is right.\n")
    assert "licence apache-2.0" in err
    assert f"`fillin models use {FILE}`" in err
    code, out, _ = said(capsys, "use", "tiny-Q8_0", "--voice", "self")
    assert (code, out) == (0, f"brains.self.model is now models/{FILE}.\n")
    code, out, _ = said(capsys, "list")
    assert code == 0
    assert f"{FILE}  self\n" in out
    code, out, _ = said(capsys, "verify", FILE)
    assert (code, out.splitlines()[-1]) == (0, "Every check is passed.")
    assert len([line for line in out.splitlines() if line.startswith("ok ")]) == 8


def test_programs_read_the_same(home: Home, tiny: bytes, capsys: Capture) -> None:
    assert said(capsys, "pull", NAME, "--yes")[0] == 0
    told = json.loads(said(capsys, "list", "--json")[1])
    (found,) = [m for m in told["models"] if m["file"] == FILE]
    assert (found["arch"], found["bytes"], found["template"]) == ("llama", len(tiny), True)
    assert (found["source"], found["license"]) == (f"{NAME}:{FILE}", "apache-2.0")
    told = json.loads(said(capsys, "list", "--presets", "--json")[1])
    assert [p["name"] for p in told["presets"]] == ["8gb", "24gb", "48gb", "80gb"]
    told = json.loads(said(capsys, "verify", FILE, "--json")[1])
    assert told["ok"]
    assert {c["state"] for c in told["models"][0]["checks"]} == {"good"}


def test_what_was_begun_is_told(home: Home, server: HubServer, capsys: Capture) -> None:
    """A refusal in the middle; the disk has 1000 bytes of it, and somebody may wonder."""
    server.cuts = [1000]
    server.refuse_after_cut = (429, {"Retry-After": "60"})
    code, _, err = said(capsys, "pull", NAME, "--yes")
    assert (code, "Pull again in 60 seconds" in err) == (1, True)
    assert "Begun and not whole: 1 files, 1.0 kB" in said(capsys, "list")[1]
    (part,) = json.loads(said(capsys, "list", "--json")[1])["unfinished"]
    assert (part["file"].startswith(FILE), part["bytes"]) == (True, 1000)
    server.refuse.clear()
    assert said(capsys, "pull", NAME, "--yes")[0] == 0
    assert "Begun" not in said(capsys, "list")[1]


def test_what_fails_a_check_is_exit_1(home: Home, tiny: bytes, capsys: Capture) -> None:
    """Also the file that a voice is set to and that is not there."""
    (home.models / "cut.gguf").write_bytes(tiny[:-1000])
    code, out, _ = said(capsys, "verify", "cut.gguf")
    assert code == 1
    assert " x  header: " in out
    code, out, _ = said(capsys, "verify", "--json")
    rows = json.loads(out)["models"]
    assert (code, [row["file"] for row in rows]) == (1, ["echo-seed.gguf", "cut.gguf"])


def test_without_a_yes_nothing_is_fetched(home: Home, server: HubServer, capsys: Capture) -> None:
    """In a script nobody can be asked; what would come is shown all the same."""
    code, out, err = said(capsys, "pull", NAME)
    assert (code, out) == (2, "")
    assert "To fetch: " in err
    assert err.splitlines()[-2:] == [
        "This needs a yes.", "  Add --yes, or run it on a terminal.",
    ]  # fmt: skip
    assert server.asked("blobs") == []


def test_a_terminal_is_asked_and_shown_the_progress(home: Home, server: HubServer) -> None:
    server.repos[NAME].gated = "auto"
    for answer, there in (("no", False), ("yes", True)):
        child = pexpect.spawn(
            sys.executable, ["-m", "echo", "models", "pull", NAME],
            env=dict(os.environ), encoding="utf-8", timeout=60, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        child.expect_exact("Its makers ask for your consent on its page.")
        child.expect_exact("Fetch it? (yes/no) ")
        child.sendline(answer)
        if there:
            child.expect(r"\[#+ *\] +\d+%  0\.00/0\.00 GB")
            child.expect_exact("its digest is right.")
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 0
        assert (home.models / FILE).exists() == there


def test_use_for_all_voices_and_for_one_that_is_none(
    home: Home, tiny: bytes, capsys: Capture
) -> None:
    (home.models / FILE).write_bytes(tiny)
    assert said(capsys, "use", FILE)[0] == 0
    config = load(home, {})
    assert {config.brain(v).model for v in ("emotion", "self", "creation")} == {f"models/{FILE}"}
    code, _, err = said(capsys, "use", FILE, "--voice", "soul")
    assert (code, err.splitlines()[0]) == (2, "soul is not a voice.")


def test_a_context_that_is_larger_than_the_model_is_said(
    home: Home, tiny: bytes, capsys: Capture
) -> None:
    """The tiny one was made for 2048 tokens, the settings ask for 4096."""
    (home.models / FILE).write_bytes(tiny)
    _, _, err = said(capsys, "use", FILE, "--voice", "self")
    assert "brains.self.context is 4096, and this model was made for 2048" in err


def test_a_preset_from_the_hub_to_the_voices(
    home: Home, server: HubServer, tiny: bytes, capsys: Capture
) -> None:
    """48gb is two models; both are shown, and their sizes added up, before anything is asked."""
    both = ("bartowski/google_gemma-3-12b-it-GGUF", "Qwen/Qwen3-32B-GGUF")
    for number, repo in enumerate(both):
        server.repos[repo] = Repo({f"m{number}-Q4_K_M.gguf": tiny, f"m{number}-Q8_0.gguf": tiny})
    code, _, err = said(capsys, "use", "48gb")
    assert (code, "`fillin models pull 48gb`" in err) == (1, True)
    code, _, err = said(capsys, "pull", "48gb", "--yes")
    assert code == 0
    assert [line.split()[0] for line in err.splitlines() if line.startswith(both)] == list(both)
    assert said(capsys, "use", "48gb")[0] == 0
    config = load(home, {})
    assert config.emotion.model == "models/m0-Q4_K_M.gguf"
    assert config.self_.model == config.creation.model == "models/m1-Q4_K_M.gguf"
    assert config.self_.context == 8192


def test_nothing_of_the_hub_reaches_the_terminal_raw(
    home: Home, server: HubServer, tiny: bytes, capsys: Capture
) -> None:
    """Licence, file names and X-HF-Warning are somebody else's words."""
    server.repos[NAME] = Repo({"a\x1b]0;x\x07-Q8_0.gguf": tiny}, license="mit\x1b[2J")
    server.notes["X-HF-Warning"] = "t; \x9b31mbeware"
    code, out, err = said(capsys, "pull", NAME, "--yes")
    assert code == 1
    assert not {"\x1b", "\x07", "\x9b"} & set(out + err)
    assert "beware" not in err


def run(home: Home, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "echo", "models", *args],
        env={**os.environ, **env}, cwd=Path(__file__).parents[2],
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
    )  # fmt: skip


def test_offline_means_offline(home: Home, server: HubServer) -> None:
    """huggingface_hub reads it on import: a process of its own."""
    done = run(home, "pull", NAME, "--yes", HF_HUB_OFFLINE="1")
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == "HF_HUB_OFFLINE is set, so no hub is asked."
    assert server.requests == []
