"""What a hub says, and what it refuses, as one sentence and a next step."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from echo.errors import EchoError, HubError, ShelfError, UsageError
from echo.home import Home
from echo.shelf.choice import choose
from echo.shelf.hub import Hub
from echo.shelf.pull import plan
from echo.shelf.wish import sources
from tests.shelf.hub import HubServer, Repo

NAME = "maker/tiny-GGUF"
FILE = "tiny-Q8_0.gguf"
API = f"/api/models/{NAME}"
RESOLVE = f"/{NAME}/resolve"


@pytest.fixture(autouse=True)
def _repo(server: HubServer, tiny: bytes) -> None:
    server.repos[NAME] = Repo({FILE: tiny})


def refused(hub: Hub, home: Home, what: str = NAME) -> EchoError:
    with pytest.raises(EchoError) as caught:
        plan(hub, sources(what), home.models)
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    assert list(home.models.glob("*.gguf")) == []
    return caught.value


@pytest.mark.parametrize("where", [API, RESOLVE])
@pytest.mark.parametrize(
    ("status", "headers", "said", "step"),
    [
        (401, {}, "has no model maker/tiny-GGUF, or shows it only to", "HF_TOKEN"),
        (401, {"X-Error-Message": "Invalid credentials in Authorization header"},
         "does not accept your token", "Make a new one"),
        (401, {"X-Error-Message": "Invalid username or password."}, "has no model", "HF_TOKEN"),
        (401, {"X-Error-Code": "GatedRepo"}, "gated", "HF_TOKEN"),
        (403, {"X-Error-Code": "GatedRepo"}, "gated", "HF_TOKEN"),
        (403, {}, "gated", "Agree on"),
        (404, {"X-Error-Code": "RepoNotFound"}, "has no model maker/tiny-GGUF", "Check the name"),
        (404, {"X-Error-Code": "RevisionNotFound"}, "has no file", "See what there is"),
        (429, {"Retry-After": "77"}, "asks you to wait", "in {seconds} seconds"),
        (429, {}, "asks you to wait", "in a few minutes"),
        (500, {}, "answers with an error: 500", "Try again"),
        (418, {}, "answers with an error: 418", "Try again"),
    ],
)  # fmt: skip
def test_refusals(
    server: HubServer, hub: Hub, home: Home, where: str, status: int, headers: dict[str, str],
    said: str, step: str,
) -> None:  # fmt: skip
    """Told apart by status and X-Error-Code, on both of the two questions that are asked."""
    server.refuse[where] = (status, headers)
    error = refused(hub, home)
    assert isinstance(error, HubError)
    assert said in str(error)
    assert step in error.hint


def test_too_many_questions_in_the_middle_are_not_slept_out(
    server: HubServer, hub: Hub, home: Home
) -> None:
    """huggingface_hub would wait without a word for as long as it is told to."""
    made = plan(hub, sources(NAME), home.models)
    server.refuse[f"/{NAME}/"] = (429, {"Retry-After": "3600"})
    errand = made.errands[0]
    with (
        pytest.raises(HubError, match="asks you to wait"),
        hub.read(errand.repo, errand.file, 0) as (_, pieces),
    ):
        list(pieces)


def test_a_hub_that_is_not_there(home: Home) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    with closing(Hub({"HF_ENDPOINT": address})) as hub:
        error = refused(hub, home)
    assert str(error).startswith(f"{address} cannot be reached: ")
    assert "HF_ENDPOINT" in error.hint


@pytest.mark.parametrize("address", ["huggingface.co", "ftp://x", "http://"])
def test_an_endpoint_that_is_no_address(address: str) -> None:
    with pytest.raises(UsageError, match="HF_ENDPOINT"):
        Hub({"HF_ENDPOINT": address})


@pytest.mark.parametrize("body", [b"<html>a proxy's page</html>", b"[]", b'{"siblings": 3}'])
def test_an_answer_that_is_no_hubs(server: HubServer, hub: Hub, home: Home, body: bytes) -> None:
    """A captive portal, a page of somebody's: not a traceback."""
    server.says[API] = body
    assert "does not speak as a hub does" in str(refused(hub, home))


def test_listing_and_file_must_agree(server: HubServer, hub: Hub, home: Home, tiny: bytes) -> None:
    """Between two questions the file was replaced, or one of them lies."""
    repo = server.repos[NAME]
    looked = hub.look(NAME)
    repo.files[FILE] = tiny + b"more"
    with pytest.raises(HubError, match="two different things"):
        hub.ask(looked, looked.files[0])


@pytest.mark.parametrize(
    ("repo", "said"),
    [
        (Repo({}, "mit"), "mit"),
        (Repo({}, ""), ""),
        (Repo({}, "", tags=["gguf", "license:gemma"]), "gemma"),
        (Repo({}, "other", card={"license_name": "exaone", "license_link": "LICENSE"}),
         "exaone (LICENSE)"),
        (Repo({}, "llama3.1", card={"license_link": "https://example.org/l"}),
         "llama3.1 (https://example.org/l)"),
    ],
)  # fmt: skip
def test_the_licence_as_the_hub_gives_it(
    server: HubServer, hub: Hub, repo: Repo, said: str
) -> None:
    server.repos["a/b"] = repo
    assert hub.look("a/b").license == said


def test_gated_models_are_told_before(server: HubServer, hub: Hub, home: Home, tiny: bytes) -> None:
    server.repos[NAME] = Repo({FILE: tiny}, gated="manual")
    assert plan(hub, sources(NAME), home.models).offers[0].gated


def test_no_room_is_told_before_a_byte_is_fetched(server: HubServer, hub: Hub, home: Home) -> None:
    server.repos[NAME].huge[FILE] = 10**16  # ten petabytes
    error = refused(hub, home)
    assert isinstance(error, ShelfError)
    assert "10000000.0 GB are to be fetched" in str(error)
    assert server.asked("blobs") == []


# ── which file ───────────────────────────────────────────────────────────────────────────────

QUANTS = ["m-IQ2_XXS.gguf", "m-Q4_K_M.gguf", "m-Q8_0.gguf", "mmproj-m-f16.gguf", "imatrix.gguf"]
BIG = [f"m-Q6_K/m-Q6_K-{n:05}-of-00003.gguf" for n in (1, 2, 3)]


def chosen(hub: Hub, server: HubServer, what: str, files: list[str]) -> list[str]:
    server.repos["a/b"] = Repo(dict.fromkeys(files, b"GGUF"))
    return [file.path for file in choose(hub.look("a/b"), sources(what)[0])]


@pytest.mark.parametrize(
    ("what", "files", "found"),
    [
        ("a/b", ["m.gguf", "mmproj-F16.gguf", "README.md"], ["m.gguf"]),
        ("a/b", QUANTS, ["m-Q4_K_M.gguf"]),
        ("a/b:q8_0", QUANTS, ["m-Q8_0.gguf"]),
        ("a/b:IQ2_XXS", QUANTS, ["m-IQ2_XXS.gguf"]),
        ("a/b:mmproj-m-f16.gguf", QUANTS, ["mmproj-m-f16.gguf"]),
        ("a/b:Q6_K", QUANTS + BIG, BIG),
        (f"a/b:{BIG[1]}", BIG, BIG),
        ("a/b:m-Q6_K-00001-of-00003.gguf", BIG, BIG),
        ("https://hub.example/a/b/blob/main/m-Q8_0.gguf?download=true", QUANTS, ["m-Q8_0.gguf"]),
        ("https://hub.example/a/b/resolve/main/m-Q6_K/m-Q6_K-00001-of-00003.gguf", BIG, BIG),
        ("https://hub.example/a/b/tree/main", QUANTS, ["m-Q4_K_M.gguf"]),
    ],
)
def test_the_file_that_was_meant(
    server: HubServer, hub: Hub, what: str, files: list[str], found: list[str]
) -> None:
    assert chosen(hub, server, what, files) == found


@pytest.mark.parametrize(
    ("what", "files", "said"),
    [
        ("a/b:Q5_K_M", QUANTS, "a/b has no Q5_K_M; it has IQ2_XXS (4 B), Q4_K_M"),
        ("a/b", ["x-Q2_K.gguf", "x-Q8_0.gguf"], "a/b has no Q4_K_M; it has Q2_K"),
        ("a/b:no.gguf", QUANTS, "a/b has no file no.gguf."),
        ("a/b", ["model.safetensors"], "a/b holds no GGUF model."),
        ("a/b:Q6_K", BIG[:2], "a/b holds no GGUF model."),
        (f"a/b:{BIG[0]}", BIG[:2], f"a/b has no file {BIG[2]}."),
        ("a/b:Q8_0", ["x-Q8_0.gguf", "y-Q8_0.gguf"], "a/b has several models in Q8_0: x-Q8_0"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(
    server: HubServer, hub: Hub, what: str, files: list[str], said: str
) -> None:
    with pytest.raises(ShelfError) as caught:
        chosen(hub, server, what, files)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize("what", ["", "qwen", "a/b/c", "16gb", "8b", "../x", "-a/b", "a/b c"])
def test_what_is_neither_a_preset_nor_a_model(what: str) -> None:
    with pytest.raises(UsageError):
        sources(what)
