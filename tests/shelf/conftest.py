"""A hub on this machine, a home without settings from outside, a small model that is real."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bench.random_gguf import write
from echo.config import template
from echo.home import Home, plant
from echo.shelf.hub import Hub
from tests.shelf.hub import HubServer, serving


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings and no token from outside; nothing goes through a proxy."""
    for name in [n for n in os.environ if n.startswith(("FILLIN_", "HF_", "HUGGING"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "")


@pytest.fixture
def server() -> Iterator[HubServer]:
    with serving() as state:
        yield state


@pytest.fixture
def hub(server: HubServer) -> Iterator[Hub]:
    with closing(Hub({"HF_ENDPOINT": server.url})) as opened:
        yield opened


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    plant(made, settings=template(), seed=None)
    return made


@pytest.fixture(scope="session")
def tiny_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("shelf") / "tiny.gguf")


@pytest.fixture(scope="session")
def tiny(tiny_path: Path) -> bytes:
    """The bytes of a random model that llama.cpp loads."""
    return tiny_path.read_bytes()
