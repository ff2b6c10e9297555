"""The header reader: whatever a file holds, the answer is a header or one clear sentence."""

from __future__ import annotations

import struct
from pathlib import Path

import gguf
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.random_gguf import CHATML, TINY, write
from echo.brains.gguf import read_header
from echo.errors import ModelFileError


def refusal(path: Path) -> str:
    with pytest.raises(ModelFileError) as caught:
        read_header(path)
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    return str(caught.value)


def made(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_a_header_tells_what_the_writer_wrote(tiny: Path) -> None:
    header = read_header(tiny)
    assert (header.arch, header.name, header.version) == ("llama", "random-64x2", 3)
    assert header.template == CHATML
    assert header.number("block_count") == TINY.layers
    assert header.metadata["tokenizer.ggml.tokens"] == TINY.vocab  # an array is its length
    assert header.bytes == tiny.stat().st_size


def test_missing_directory_empty_and_foreign_files_are_told_apart(tmp_path: Path) -> None:
    assert "no model at" in refusal(tmp_path / "absent.gguf")
    assert "is a folder" in refusal(tmp_path)
    assert "is empty" in refusal(made(tmp_path / "a", b""))
    assert "not a GGUF file" in refusal(made(tmp_path / "b", b"PK\x03\x04 a zip"))


def test_versions_that_llama_cpp_cannot_read(tmp_path: Path) -> None:
    assert "version 1" in refusal(made(tmp_path / "a", b"GGUF" + struct.pack("<I", 1) + b"\0" * 64))
    assert "big-endian" in refusal(
        made(tmp_path / "b", b"GGUF" + struct.pack(">I", 3) + b"\0" * 64)
    )


def test_counts_and_lengths_beyond_reason_allocate_nothing(tmp_path: Path) -> None:
    """A count of 2^60 must end in a sentence at once, not in a loop or a MemoryError."""
    head = b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 1) + b"k"
    huge = struct.pack("<IIQ", 9, 4, 1 << 60)
    assert "middle of its header" in refusal(made(tmp_path / "a", head + huge + b"\0" * 99))
    strings = struct.pack("<IIQ", 9, 8, 1 << 60)
    assert "middle of its header" in refusal(made(tmp_path / "b", head + strings + b"\0" * 99))
    many = b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 1)
    assert "more entries" in refusal(made(tmp_path / "c", many + b"\0" * 99))


def test_a_download_that_stopped_is_told_with_its_missing_bytes(tiny: Path, tmp_path: Path) -> None:
    data = tiny.read_bytes()
    assert "missing" in refusal(made(tmp_path / "a", data[: len(data) - 5000]))
    assert "middle of its header" in refusal(made(tmp_path / "b", data[:3000]))


def test_old_mixture_of_experts_names_a_newer_file(tmp_path: Path) -> None:
    """llama.cpp only says `ffn_down_exps not found`, long after the start."""
    path = tmp_path / "mixtral.gguf"
    out = gguf.GGUFWriter(path, "llama")
    out.add_tensor("blk.0.ffn_gate.0.weight", np.zeros((32, 32), dtype=np.float16))
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
    assert "one tensor for each expert" in refusal(path)


def test_a_token_twice_in_the_vocabulary_is_told_and_not_died_of(
    tiny: Path, tmp_path: Path
) -> None:
    """GGML_ASSERT(id_to_token.size() == token_to_id.size()) would end the process."""
    data = tiny.read_bytes()
    two, other = (struct.pack("<Q", 2) + name for name in (b"ab", b"ac"))
    assert data.count(two) == data.count(other) == 1
    assert "stands twice" in refusal(made(tmp_path / "twice.gguf", data.replace(other, two)))


def test_an_adapter_is_not_a_model(tmp_path: Path) -> None:
    path = tmp_path / "adapter.gguf"
    out = gguf.GGUFWriter(path, "llama")
    out.add_type("adapter")
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.close()
    assert "adapter" in refusal(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(at=st.integers(0, 1 << 20), byte=st.integers(0, 255), cut=st.booleans())
def test_no_damage_raises_anything_but_a_model_file_error(
    tiny: Path, tmp_path: Path, at: int, byte: int, *, cut: bool
) -> None:
    """Any one byte changed, or the file ended anywhere."""
    data = bytearray(tiny.read_bytes())
    if cut:
        del data[at % len(data) :]
    else:
        data[at % 13500] = byte  # within the header
    try:
        read_header(made(tmp_path / "damaged.gguf", bytes(data)))
    except ModelFileError:
        return
    assert not cut


def test_a_name_that_is_absent_is_the_files_name(tmp_path: Path) -> None:
    path = write(tmp_path / "who.gguf")
    data = path.read_bytes().replace(b"general.name", b"general.nome")
    assert read_header(made(path, data)).name == "who"
