"""What lies in models/, whether it is whole, and whose voice it is: real files, really opened."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import gguf
import numpy as np
import pytest

from bench.random_gguf import TINY, write
from echo.config import load, set_value
from echo.errors import ModelFileError, ShelfError
from echo.home import Home, plant
from echo.i18n import msgid
from echo.render.health import Finding
from echo.render.models import Model
from echo.shelf import ledger
from echo.shelf.checks import verify
from echo.shelf.parts import all_parts, part_of
from echo.shelf.presets import PRESETS, preset
from echo.shelf.quants import FILE_TYPES, of_name
from echo.shelf.stock import stock
from echo.shelf.use import settings
from echo.shelf.use import write as written

RECORD = ledger.Record("a/b", "tiny.gguf", "5" * 40, "", 0, "apache-2.0", "2026-11-21T06:00:00Z")


def shelf(home: Home) -> dict[str, Model]:
    return {model.file: model for model in stock(home, load(home, {}), msgid)}


def states(found: list[Finding]) -> dict[str, str]:
    return {finding.name: finding.state for finding in found}


def split(folder: Path, parts: int = 3) -> list[Path]:
    """One model in several files, as llama.cpp's splitter and gguf's writer make them."""
    whole = gguf.GGUFReader(write(folder / "whole.gguf"))
    (folder / "whole.gguf").unlink()
    per_file = -(-len(whole.tensors) // parts)
    out = gguf.GGUFWriter(folder / "m.gguf", "llama", split_max_tensors=per_file)
    for field in whole.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture":
            continue
        inner = field.types[1] if len(field.types) > 1 else None
        out.add_key_value(field.name, field.contents(), field.types[0], sub_type=inner)
    for tensor in whole.tensors:
        out.add_tensor(tensor.name, tensor.data)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
    return sorted(folder.glob("m-*.gguf"))


# ── names ────────────────────────────────────────────────────────────────────────────────────


def test_names_of_quantisations_are_llama_cpps() -> None:
    theirs = {each.value: each.name.removeprefix("MOSTLY_").removeprefix("ALL_")
              for each in gguf.LlamaFileType}  # fmt: skip
    assert {n: name for n, name in FILE_TYPES.items() if theirs.get(n, name) != name} == {}


@pytest.mark.parametrize(
    ("name", "quant"),
    [
        ("Qwen3-8B-Q4_K_M.gguf", "Q4_K_M"),
        ("llama-3-Korean-Bllossom-8B.Q4_K_M.gguf", "Q4_K_M"),
        ("google_gemma-3-12b-it-IQ4_XS.gguf", "IQ4_XS"),
        ("model-UD-Q2_K_XL.gguf", "UD-Q2_K_XL"),
        ("model-fp16.gguf", "F16"),
        ("model-BF16-00001-of-00002.gguf", "BF16"),
        ("gpt-oss-20b-mxfp4.gguf", "MXFP4"),
        ("Qwen3-8B.gguf", ""),
        ("echo-seed.gguf", ""),
    ],
)
def test_a_quantisation_in_a_name(name: str, quant: str) -> None:
    assert of_name(name) == quant


def test_parts_of_one_model() -> None:
    assert part_of("a/m-00002-of-00003.gguf") is not None
    assert all_parts("a/m-00002-of-00003.gguf")[0] == "a/m-00001-of-00003.gguf"
    assert len(all_parts("m-00001-of-00003.gguf")) == 3
    assert part_of("m.gguf") is part_of("m-00004-of-00003.gguf") is None
    assert all_parts("m.gguf") == ("m.gguf",)


def test_presets_have_a_model_for_every_voice() -> None:
    assert [p.gigabytes for p in PRESETS] == [8, 24, 48, 80]
    for found in PRESETS:
        assert set(found.voices) == {"emotion", "self", "creation"}
        assert all(source.quant for source in found.sources)
    assert preset("24GB") is preset("24") is preset("24g") is PRESETS[1]
    assert preset("16gb") is preset("8b") is preset("") is None


# ── list ─────────────────────────────────────────────────────────────────────────────────────


def test_a_model_is_told_by_its_header(home: Home, tiny: bytes) -> None:
    (home.models / "tiny.gguf").write_bytes(tiny)
    set_value(home.config, "brains.self.model", "models/tiny.gguf")
    found = shelf(home)["tiny.gguf"]
    reader = gguf.GGUFReader(home.models / "tiny.gguf")
    assert found.parameters == sum(int(tensor.n_elements) for tensor in reader.tensors)
    assert (found.arch, found.name, found.quant) == ("llama", "random-64x2", "F16")
    assert (found.bytes, found.context, found.template) == (len(tiny), TINY.context, True)
    assert (found.voices, found.license, found.problem) == (("self",), "", "")


def test_the_licence_of_the_metadata_before_the_hubs(home: Home) -> None:
    """`other` is no licence's name; the record knows what the hub said."""
    for name, licence in (("a", "mit"), ("b", "other")):
        out = gguf.GGUFWriter(home.models / f"{name}.gguf", "llama")
        out.add_license(licence)
        out.add_tensor("token_embd.weight", np.zeros((4, 32), dtype=np.float32))
        out.write_header_to_file()
        out.write_kv_data_to_file()
        out.write_tensors_to_file()
        out.close()
        ledger.write(home.models / f"{name}.gguf", RECORD)
    assert {n: m.license for n, m in shelf(home).items() if not m.voices} == {
        "a.gguf": "mit", "b.gguf": "apache-2.0",
    }  # fmt: skip


def test_what_cannot_be_read_is_listed_with_its_reason(home: Home, tiny: bytes) -> None:
    (home.models / "cut.gguf").write_bytes(tiny[: len(tiny) // 2])
    (home.models / "text.gguf").write_bytes(b"hello")
    found = shelf(home)
    assert "cut short" in found["cut.gguf"].problem
    assert "not a GGUF file" in found["text.gguf"].problem
    seed = found["echo-seed.gguf"]  # what the voices are set to is not there in this home
    assert (seed.voices, "no model at" in seed.problem) == (("emotion", "self", "creation"), True)


def test_a_model_in_parts_is_one_model(home: Home) -> None:
    paths = split(home.models)
    assert len(paths) == 3
    found = shelf(home)
    assert "m-00002-of-00003.gguf" not in found
    told = found[paths[0].name]
    assert (told.parts, told.bytes) == (3, sum(path.stat().st_size for path in paths))
    paths[1].unlink()
    assert "no model at" in shelf(home)[paths[0].name].problem
    paths[0].unlink()
    assert "later part" in shelf(home)[paths[2].name].problem


# ── verify ───────────────────────────────────────────────────────────────────────────────────


def test_a_whole_model_passes_every_check(home: Home, tiny: bytes) -> None:
    path = home.models / "tiny.gguf"
    path.write_bytes(tiny)
    digest = hashlib.sha256(tiny).hexdigest()
    ledger.write(path, ledger.Record("a/b", "tiny.gguf", "", digest, len(tiny), "", ""))
    hashed: list[int] = []
    found = states(list(verify(path, hashed.append)))
    assert found == dict.fromkeys(
        ("header", "digest", "tensors", "opens", "template", "hangul", "nfc", "emoji"), "good"
    )
    assert sum(hashed) == len(tiny)


def test_a_model_in_parts_passes_too(home: Home) -> None:
    """llama.cpp finds the other files by the name of the first."""
    found = states(list(verify(split(home.models)[0])))
    assert set(found.values()) == {"good", "warn"}
    assert found["digest"] == "warn"  # nothing to compare it with


@pytest.mark.parametrize("tokenizer", ["gpt2", "llama"])
def test_both_kinds_of_tokenizer_bring_text_back(home: Home, tokenizer: str) -> None:
    path = write(home.models / "x.gguf", tokenizer=tokenizer)
    found = states(list(verify(path)))
    assert [found[name] for name in ("hangul", "nfc", "emoji")] == ["good"] * 3


def test_a_flipped_bit_is_found(home: Home, tiny: bytes) -> None:
    path = home.models / "tiny.gguf"
    path.write_bytes(tiny[:-1] + bytes([tiny[-1] ^ 1]))
    digest = hashlib.sha256(tiny).hexdigest()
    ledger.write(path, ledger.Record("a/b", "tiny.gguf", "", digest, len(tiny), "", ""))
    assert states(list(verify(path)))["digest"] == "bad"


def swapped(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        assert old in data
        assert len(old) == len(new)
        return data.replace(old, new)

    return change


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda data: data[:-5000], "header"),
        (swapped(b"blk.1.attn_q.weight", b"blk.0.attn_q.weight"), "tensors"),
        (swapped(b"blk.1.attn_q.weight", b"blk.1.attn_z.weight"), "opens"),
        (swapped(b"llama", b"lLama"), "opens"),
        (swapped(b"m['role'] }}\n{{ m['content']", b"m['role'] }}\n{{ m['CONTENT']"), "template"),
        (swapped(b"{% endfor %}", b"{% endfar %}"), "template"),
    ],
    ids=["cut", "twice", "missing", "arch", "silent", "syntax"],
)
def test_what_is_wrong_is_one_bad_line(
    home: Home, tiny: bytes, change: Callable[[bytes], bytes], name: str
) -> None:
    path = home.models / "x.gguf"
    path.write_bytes(change(tiny))
    found = list(verify(path))
    assert [one.name for one in found if one.state == "bad"][:1] == [name]
    assert all(one.mend for one in found if one.state == "bad")


def test_a_file_that_ends_the_process_is_one_bad_line(home: Home) -> None:
    """A SentencePiece vocabulary without a byte of Hangul: an exception nobody in C++ catches."""
    path = write(home.models / "x.gguf", tokenizer="llama")
    path.write_bytes(swapped(b"<0xEA>", b"[0xEA]")(path.read_bytes()))
    found = list(verify(path))
    assert [(one.name, one.state) for one in found][-1] == ("opens", "bad")
    assert "llama.cpp stops at this file" in found[-1].said


# ── use ──────────────────────────────────────────────────────────────────────────────────────


def test_use_keeps_comments_and_every_other_setting(home: Home, tiny: bytes) -> None:
    (home.models / "tiny.gguf").write_bytes(tiny)
    text = home.config.read_text("utf-8") + "# 끝까지 남는 말\n"
    home.config.write_text(text, "utf-8")
    written(home, settings(home, "tiny", ("self",), home.root))
    after = home.config.read_text("utf-8")
    config = load(home, {})
    assert config.self_.model == "models/tiny.gguf"
    assert config.emotion.model == "models/echo-seed.gguf"
    changed = [
        (old, new)
        for old, new in zip(text.splitlines(), after.splitlines(), strict=True)
        if old != new
    ]
    assert changed == [('model = "models/echo-seed.gguf"', 'model = "models/tiny.gguf"')]


def test_a_file_elsewhere_is_named_whole(home: Home, tiny_path: Path) -> None:
    found = settings(home, str(tiny_path), ("self",), home.root)
    assert found == {"brains.self.model": str(tiny_path)}
    assert settings(home, tiny_path.name, ("self",), tiny_path.parent) == found


def test_what_is_no_model_is_refused_and_nothing_is_written(home: Home) -> None:
    (home.models / "text.gguf").write_bytes(b"hello")
    before = home.config.read_bytes()
    with pytest.raises(ModelFileError, match="not a GGUF file"):
        settings(home, "text.gguf", ("self",), home.root)
    with pytest.raises(ModelFileError, match="later part"):
        settings(home, split(home.models)[1].name, ("self",), home.root)
    with pytest.raises(ShelfError, match="no model nowhere"):
        settings(home, "nowhere", ("self",), home.root)
    assert home.config.read_bytes() == before


def test_a_preset_is_used_once_it_is_here(home: Home, tiny: bytes) -> None:
    with pytest.raises(ShelfError, match="needs models that are not here yet: bartowski/"):
        settings(home, "48gb", ("self", "emotion"), home.root)
    for number, source in enumerate(PRESETS[2].sources):
        path = home.models / f"{number}.gguf"
        path.write_bytes(tiny)
        file = f"dir/model-{source.quant}.gguf"
        ledger.write(path, ledger.Record(source.repo, file, "", "", 0, "", ""))
    assert settings(home, "48gb", ("emotion", "self"), home.root) == {
        "brains.emotion.model": "models/0.gguf", "brains.emotion.context": "8192",
        "brains.self.model": "models/1.gguf", "brains.self.context": "8192",
    }  # fmt: skip


def test_a_fetched_model_is_no_seed_of_a_new_home(tmp_path: Path, home: Home, tiny: bytes) -> None:
    """`fillin init` from a checkout copies the seed brains, not 28 GB that were fetched there."""
    for name in ("seed.gguf", "fetched.gguf"):
        (home.models / name).write_bytes(tiny)
    ledger.write(home.models / "fetched.gguf", RECORD)
    new = Home(tmp_path / "new")
    plant(new, settings="[echo]\n", seed=home.root)
    assert sorted(path.name for path in new.models.iterdir()) == ["seed.gguf"]
