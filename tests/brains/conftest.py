"""Models for the tests of this room: the seed brain when it is there, and random tiny ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.random_gguf import TINY, Shape, write
from echo.brains.llama import LlamaBrain
from echo.brains.loading import BrainSpec, load

SEED = Path(__file__).parents[2] / "models" / "echo-seed.gguf"
SPEC = BrainSpec(context=1024, threads=2)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few hundred kB of random llama: ChatML, byte-level BPE."""
    return write(tmp_path_factory.mktemp("gguf") / "tiny.gguf", TINY)


@pytest.fixture(scope="session")
def spm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a SentencePiece vocabulary that wants BOS and a space prefix."""
    template = (
        "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }} "
        "[/INST]{% else %}{{ m.content }}</s>{% endif %}{% endfor %}"
    )
    path = tmp_path_factory.mktemp("gguf") / "spm.gguf"
    return write(path, TINY, template=template, tokenizer="llama")


@pytest.fixture(scope="session")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Large enough that a prompt of 2,000 tokens takes a while on any machine."""
    shape = Shape(width=768, layers=12, heads=12, kv_heads=4, ff=2048, vocab=512, context=4096)
    return write(tmp_path_factory.mktemp("gguf") / "slow.gguf", shape)


@pytest.fixture(params=["tiny", "seed"])
def model(request: pytest.FixtureRequest, tiny: Path) -> Path:
    """Each real file in turn; no test may depend on how well it speaks."""
    if request.param == "seed" and not SEED.exists():
        pytest.skip("models/echo-seed.gguf is not trained yet")
    return SEED if request.param == "seed" else tiny


@pytest.fixture
def brain(model: Path) -> Iterator[LlamaBrain]:
    with load(SPEC, model) as loaded:
        yield loaded
