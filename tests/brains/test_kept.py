"""What is kept between launches: used when it is true, ignored when it is not."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bench.random_gguf import TINY, write, write_lora
from echo.brains import probe
from echo.brains.kept import Kept, fingerprint
from echo.brains.loading import BrainSpec, load, load_together
from echo.brains.pace import candidates
from echo.errors import ModelFileError
from echo.nouns import Message
from tests.brains.conftest import SPEC
from tests.brains.test_llama import GREEDY, TALK, never, speak

PREFIX = (Message("system", "너는 에코야. 기억하고 듣고 함께 있어. " * 12),)
TURN = replace(GREEDY, messages=(*PREFIX, Message("user", "안녕")))


def test_an_evaluated_prefix_outlives_the_process(model: Path, tmp_path: Path) -> None:
    kept = Kept(tmp_path / "kept")
    with load(SPEC, model) as brain:
        evaluated = brain.warm(PREFIX, kept, never)
        said, usage = speak(brain, TURN)
    assert evaluated > 50
    with load(SPEC, model) as brain:
        assert brain.warm(PREFIX, kept, never) == 0
        again, later = speak(brain, TURN)
    assert again == said
    assert later.evaluated_tokens == usage.evaluated_tokens < usage.prompt_tokens - 40


@pytest.mark.parametrize("spoil", ["cut", "flip", "empty", "sum"])
def test_a_damaged_state_is_ignored(tiny: Path, tmp_path: Path, spoil: str) -> None:
    kept = Kept(tmp_path / "kept")
    with load(SPEC, tiny) as brain:
        evaluated = brain.warm(PREFIX, kept, never)
        said = speak(brain, TURN)[0]
    (state,) = (tmp_path / "kept").glob("*.state")
    data = bytearray(state.read_bytes())
    if spoil == "sum":
        state.with_suffix(".sum").unlink()
    else:
        data[len(data) // 2] ^= 0xFF
        state.write_bytes({"cut": data[: len(data) // 2], "flip": data, "empty": b""}[spoil])
    with load(SPEC, tiny) as brain:
        assert brain.warm(PREFIX, kept, never) == evaluated
        assert speak(brain, TURN)[0] == said


def test_another_model_or_another_cache_finds_no_state(tiny: Path, tmp_path: Path) -> None:
    kept = Kept(tmp_path / "kept")
    shape = replace(TINY, width=128)  # heads of 32: as many as a block of q8_0 has
    model, other = (write(tmp_path / f"{seed}.gguf", replace(shape, seed=seed)) for seed in (4, 5))
    with load(SPEC, model) as brain:
        brain.warm(PREFIX, kept, never)
    with load(SPEC, other) as brain:
        assert brain.warm(PREFIX, kept, never) > 0
    with load(replace(SPEC, cache="q8_0"), model) as brain:
        assert brain.warm(PREFIX, kept, never) > 0


def test_old_states_go_and_files_are_private(tiny: Path, tmp_path: Path) -> None:
    kept = Kept(tmp_path / "kept")
    with load(SPEC, tiny) as brain:
        for i in range(7):
            brain.warm((Message("system", f"{i} " * 20),), kept, never)
    states = list((tmp_path / "kept").glob("*.state"))
    assert len(states) == 4
    assert {state.stat().st_mode & 0o777 for state in states} == {0o600}
    assert len(list((tmp_path / "kept").glob("*.sum"))) == 4


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_costs_nothing(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir(mode=0o500)
    with load(SPEC, tiny, kept=Kept(tmp_path / "kept")) as brain:
        assert brain.warm(PREFIX, Kept(tmp_path / "kept"), never) > 0


def test_notes_survive_nonsense(tmp_path: Path) -> None:
    (tmp_path / "notes.json").write_text("{nonsense")
    kept = Kept(tmp_path)
    assert kept.note("m", "probe") is None
    kept.write("m", "probe", "")
    kept.write("m", "threads of 4", [2, "2026-01-01"])
    assert Kept(tmp_path).note("m", "probe") == ""
    assert Kept(tmp_path).note("m", "threads of 4") == [2, "2026-01-01"]


def test_a_fingerprint_is_of_the_bytes(tiny: Path, tmp_path: Path) -> None:
    copy = shutil.copy(tiny, tmp_path / "copy.gguf")
    assert fingerprint(tiny) == fingerprint(Path(copy))
    assert fingerprint(write(tmp_path / "other.gguf", replace(TINY, seed=9))) != fingerprint(tiny)


# ── threads ──────────────────────────────────────────────────────────────────────────────────


def test_threads_are_tried_once_a_day(tiny: Path, tmp_path: Path) -> None:
    kept = Kept(tmp_path / "kept")
    load(BrainSpec(context=256), tiny, kept=kept).close()
    assert candidates(8) == [8, 4, 2, 1]
    notes = (tmp_path / "kept/notes.json").read_text()
    load(BrainSpec(context=256), tiny, kept=kept).close()
    assert (tmp_path / "kept/notes.json").read_text() == notes


# ── unknown files ────────────────────────────────────────────────────────────────────────────


def test_a_file_that_ends_the_child_is_refused_and_remembered(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is that makes llama.cpp abort: here the child is told to."""
    kept = Kept(tmp_path / "kept")
    real = subprocess.run
    asked: list[int] = []

    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[bytes]:
        asked.append(1)
        script = f"import os; os.kill(os.getpid(), {int(signal.SIGABRT)})"
        return real([sys.executable, "-c", script], capture_output=True, check=False)

    monkeypatch.setattr(subprocess, "run", run)
    for _ in range(2):
        with pytest.raises(ModelFileError, match=r"makes llama\.cpp stop: signal 6"):
            load(SPEC, tiny, kept=kept)
    assert len(asked) == 1


def test_a_good_file_is_probed_once(model: Path, tmp_path: Path) -> None:
    kept = Kept(tmp_path / "kept")
    assert probe.check(model, kept) == fingerprint(model)
    assert kept.note(fingerprint(model), "probe") == ""


# ── adapters ─────────────────────────────────────────────────────────────────────────────────


def test_an_adapter_changes_the_words_and_goes_again(tiny: Path, tmp_path: Path) -> None:
    lora = write_lora(tmp_path / "lora.gguf")
    with load(SPEC, tiny) as brain:
        plain = speak(brain, GREEDY)[0]
        brain.adapt(lora)
        assert brain.adapter == "lora.gguf"
        said, usage = speak(brain, GREEDY)
        assert said != plain
        assert usage.evaluated_tokens == usage.prompt_tokens  # nothing of before is believed
        brain.adapt(None)
        assert (brain.adapter, speak(brain, GREEDY)[0]) == ("", plain)
    with load(replace(SPEC, lora=lora), tiny) as brain:
        assert speak(brain, GREEDY)[0] == said
    with load(replace(SPEC, lora=lora, scale=0.0), tiny) as brain:
        assert speak(brain, GREEDY)[0] == plain


def test_a_voice_of_a_chorus_adapts_alone(tiny: Path, tmp_path: Path) -> None:
    first, second = load_together((SPEC, SPEC), tiny)
    plain = speak(second, GREEDY)[0]
    first.adapt(write_lora(tmp_path / "lora.gguf"))
    assert speak(first, GREEDY)[0] != plain
    assert speak(second, GREEDY)[0] == plain
    first.close()
    assert speak(second, GREEDY)[0] == plain
    second.close()


def test_a_wrong_or_missing_adapter_is_an_error_and_changes_nothing(
    tiny: Path, tmp_path: Path
) -> None:
    """llama-cpp-python ignores a missing one in silence."""
    other = write_lora(tmp_path / "wide.gguf", replace(TINY, width=128))
    with load(SPEC, tiny) as brain:
        plain = speak(brain, GREEDY)[0]
        for wrong in (tmp_path / "absent.gguf", other, tiny):
            with pytest.raises(ModelFileError, match="adapter"):
                brain.adapt(wrong)
            assert (brain.adapter, speak(brain, GREEDY)[0]) == ("", plain)
    with pytest.raises(ModelFileError, match="no adapter"):
        load(replace(SPEC, lora=tmp_path / "absent.gguf"), tiny)
    assert TALK
