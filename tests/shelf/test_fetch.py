"""Fetching, over real sockets: cut, reset, stalled, spoilt; what arrives is what was announced."""

from __future__ import annotations

import fcntl
import os
import shlex
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from echo.errors import EchoError, HubError, ModelFileError, ShelfError
from echo.home import Home
from echo.shelf import ledger
from echo.shelf.hub import Hub
from echo.shelf.pull import Plan, carry_out, plan
from echo.shelf.wish import sources
from tests.shelf.hub import COMMIT, HubServer, Repo

NAME = "maker/tiny-GGUF"
FILE = "tiny-Q8_0.gguf"


def no_pause(_: float) -> None:
    """Between two tries a person waits; a test does not."""


def clock() -> datetime:
    return datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


@pytest.fixture
def repo(server: HubServer, tiny: bytes) -> Repo:
    server.repos[NAME] = Repo({FILE: tiny, "README.md": b"# tiny"})
    return server.repos[NAME]


def pulled(
    hub: Hub, home: Home, what: str = NAME, heard: Callable[[int], None] = lambda _: None
) -> tuple[Path, ...]:
    return carry_out(hub, plan(hub, sources(what), home.models), heard, clock, no_pause)


def left(home: Home) -> list[str]:
    """Everything under models/ but records."""
    files = (p for p in home.models.rglob("*") if p.is_file())
    return sorted(p.name for p in files if p.suffix != ".json")


def refusal(of: Callable[[], object], kind: type[EchoError] = HubError) -> str:
    with pytest.raises(kind) as caught:
        of()
    assert caught.value.hint
    return str(caught.value)


# ── whole ────────────────────────────────────────────────────────────────────────────────────


def test_a_file_arrives_private_and_its_origin_is_kept(
    server: HubServer, hub: Hub, home: Home, repo: Repo, tiny: bytes
) -> None:
    steps: list[int] = []
    (path,) = pulled(hub, home, heard=steps.append)
    assert path == home.models / FILE
    assert path.read_bytes() == tiny
    assert sum(steps) == len(tiny)
    assert left(home) == [FILE]
    assert {stat.S_IMODE(p.stat().st_mode) for p in (path, *path.parent.glob(".pulled/*"))} == {
        0o600
    }
    assert ledger.read(path) == ledger.Record(
        NAME, FILE, COMMIT, repo.digest(FILE), len(tiny), "apache-2.0", "2026-11-21T06:00:00+00:00"
    )


def test_nothing_is_asked_but_what_the_command_names(
    server: HubServer, hub: Hub, home: Home, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No telemetry, no list of agents; the token goes to the hub and not to its storage."""
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    pulled(hub, home)
    at = f"/{NAME}/resolve/{COMMIT}/{FILE}"
    asked = [(r.where, r.method, r.path) for r in server.requests]
    assert asked == [
        ("hub", "GET", f"/api/models/{NAME}"),
        ("hub", "HEAD", at),
        ("hub", "GET", at),
        ("blobs", "GET", f"/{NAME}/{FILE}"),
    ]
    sent = {(r.where, r.headers.get("authorization")) for r in server.requests}
    assert sent == {("hub", "Bearer hf_secret"), ("blobs", None)}
    assert not any("agent/" in r.headers.get("user-agent", "") for r in server.requests)


def test_what_is_here_is_not_fetched_again(
    server: HubServer, hub: Hub, home: Home, repo: Repo, tiny: bytes
) -> None:
    """Neither with a record nor, for a file somebody brought by hand, without."""
    (path,) = pulled(hub, home)
    for record in (True, False):
        if not record:
            (path.parent / ledger.FOLDER / f"{path.name}.json").unlink()
        made = plan(hub, sources(NAME), home.models)
        assert (made.here, made.errands, made.need) == ((path,), (), 0)
    assert len(server.asked("blobs")) == 1


def test_another_file_of_that_name_is_left_alone(
    server: HubServer, hub: Hub, home: Home, repo: Repo
) -> None:
    (home.models / FILE).write_bytes(b"mine")
    assert "another file" in refusal(lambda: pulled(hub, home), ShelfError)
    assert (home.models / FILE).read_bytes() == b"mine"
    assert server.asked("blobs") == []


def test_a_file_outside_lfs_is_checked_with_gits_digest(
    server: HubServer, hub: Hub, home: Home, tiny: bytes
) -> None:
    server.repos[NAME] = Repo({FILE: tiny}, lfs=False)
    (path,) = pulled(hub, home)
    record = ledger.read(path)
    assert record is not None
    assert len(record.digest) == 40
    server.repos[NAME] = Repo({"other.gguf": tiny}, lfs=False)
    server.spoil["other.gguf"] = b"x" * len(tiny)
    assert "digest is wrong" in refusal(lambda: pulled(hub, home))


# ── cut ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_a_cut_connection_is_taken_up_where_it_stopped(
    server: HubServer, hub: Hub, home: Home, repo: Repo, tiny: bytes, *, reset: bool
) -> None:
    """A plain end in the middle, and a reset, which huggingface_hub's own download gives up on."""
    server.cuts, server.reset = [100_000, 0, 1, 50_000], reset
    (path,) = pulled(hub, home)
    assert path.read_bytes() == tiny
    if not reset:  # a reset may also throw away what was on its way
        starts = [r.headers.get("range") for r in server.asked("blobs")]
        assert starts == [None, "bytes=100000-", "bytes=100000-", "bytes=100001-", "bytes=150001-"]
        assert server.sent == len(tiny)


def test_a_connection_that_says_nothing_is_given_up(
    server: HubServer, home: Home, repo: Repo, tiny: bytes
) -> None:
    server.cuts, server.stall = [1000], True
    with closing(Hub({"HF_ENDPOINT": server.url}, timeout=0.5)) as hub:
        (path,) = pulled(hub, home)
    assert path.read_bytes() == tiny


def test_a_later_call_goes_on_from_what_is_here(
    server: HubServer, hub: Hub, home: Home, repo: Repo, tiny: bytes
) -> None:
    """The network is gone for good; tomorrow the same command fetches only the rest."""
    server.cuts = [200_000, *[0] * 5]
    assert "keeps failing" in refusal(lambda: pulled(hub, home))
    (part,) = left(home)
    assert part.endswith(".part")
    assert (home.models / ledger.FOLDER / part).stat().st_size == 200_000
    assert plan(hub, sources(NAME), home.models).need == len(tiny) - 200_000
    steps: list[int] = []
    (path,) = pulled(hub, home, heard=steps.append)
    assert path.read_bytes() == tiny
    assert (server.sent, sum(steps)) == (len(tiny), len(tiny))


def test_ctrl_c_keeps_what_is_here(
    server: HubServer, hub: Hub, home: Home, repo: Repo, tiny: bytes
) -> None:
    def press(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(EchoError) as caught:
        pulled(hub, home, heard=press)
    assert caught.value.exit_code == 130
    assert "are here" in str(caught.value)
    held = plan(hub, sources(NAME), home.models)
    assert 0 < held.need < len(tiny)
    (path,) = pulled(hub, home)
    assert path.read_bytes() == tiny


def test_storage_that_cannot_skip_begins_again(
    server: HubServer, hub: Hub, home: Home, repo: Repo, tiny: bytes
) -> None:
    server.skips, server.cuts = False, [200_000]
    steps: list[int] = []
    (path,) = pulled(hub, home, heard=steps.append)
    assert path.read_bytes() == tiny
    assert (sum(steps), -200_000 in steps) == (len(tiny), True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12,
          deadline=None)  # fmt: skip
@given(cuts=st.lists(st.integers(0, 100_000), max_size=8))
def test_any_cuts_that_let_bytes_through_end_in_the_same_file(
    server: HubServer, hub: Hub, home: Home, tiny: bytes, cuts: list[int]
) -> None:
    server.repos[NAME] = Repo({FILE: tiny})
    server.cuts = [cut or 1 for cut in cuts]
    (path,) = pulled(hub, home)
    assert path.read_bytes() == tiny
    path.unlink()


FILLS_UP = """
import sys
from pathlib import Path
from echo.errors import ShelfError
from echo.shelf.fetch import Errand, fetch
from echo.shelf.hub import Hub

hub = Hub({"HF_ENDPOINT": sys.argv[1]})
repo = hub.look("maker/tiny-GGUF")
errand = Errand(repo, hub.ask(repo, repo.files[0]), Path(sys.argv[2], "x.gguf"))
try:
    fetch(hub, errand, lambda _: None)
except ShelfError as exc:
    print(exc, errand.held(), sep="\\n")
"""


def test_a_disk_that_fills_up_keeps_what_it_took(
    server: HubServer, home: Home, tmp_path: Path
) -> None:
    """A real disk of 1 MB where models lie: the room that was there when it was asked is gone."""
    server.repos[NAME] = Repo({FILE: b"GGUF" + bytes(2_000_000)})
    script = tmp_path / "fills_up.py"
    script.write_text(FILLS_UP)
    at = shlex.join([str(home.models)])
    fetching = shlex.join([sys.executable, str(script), server.url, str(home.models)])
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", f"mount -t tmpfs -o size=1m none {at} && {fetching}"],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
    )  # fmt: skip
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip("this system gives no mounts of one's own")
    sentence, held = done.stdout.splitlines()
    assert sentence.endswith("cannot be written: No space left on device.")
    assert 900_000 < int(held) <= 1 << 20


# ── spoilt ───────────────────────────────────────────────────────────────────────────────────


def test_a_wrong_digest_is_thrown_away(
    server: HubServer, hub: Hub, home: Home, repo: Repo, tiny: bytes
) -> None:
    server.spoil[FILE] = tiny[:-1] + bytes([tiny[-1] ^ 1])
    assert "digest is wrong" in refusal(lambda: pulled(hub, home))
    assert left(home) == []
    server.spoil.clear()
    assert len(pulled(hub, home)) == 1


def test_more_bytes_than_announced_are_not_taken(
    server: HubServer, hub: Hub, home: Home, repo: Repo, tiny: bytes
) -> None:
    server.spoil[FILE] = tiny * 3
    assert "more of" in refusal(lambda: pulled(hub, home))


def test_what_is_no_model_is_not_kept(server: HubServer, hub: Hub, home: Home) -> None:
    """Right digest, wrong thing: a page of text under the name of a model."""
    server.repos[NAME] = Repo({FILE: b"<html>moved</html>"})
    said = refusal(lambda: pulled(hub, home), ModelFileError)
    assert said == f"{FILE} is not a GGUF file."
    assert left(home) == []


def test_two_pulls_of_one_file_do_not_meet(
    server: HubServer, hub: Hub, home: Home, repo: Repo
) -> None:
    made: Plan = plan(hub, sources(NAME), home.models)
    part = made.errands[0].part
    ledger.folder(home.models)
    with part.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert "already" in refusal(lambda: pulled(hub, home), ShelfError)
    assert len(pulled(hub, home)) == 1


@pytest.mark.parametrize("name", ["../../evil.gguf", "/etc/evil.gguf", "a/../b/evil.gguf"])
def test_a_name_cannot_lead_out_of_models(
    server: HubServer, hub: Hub, home: Home, tiny: bytes, name: str
) -> None:
    server.repos[NAME] = Repo({name: tiny})
    try:
        paths = pulled(hub, home)
    except HubError:  # the client resolves such a path away before it asks
        paths = ()
    assert paths in ((), (home.models / "evil.gguf",))
    assert list(home.root.parent.rglob("evil.gguf")) == list(paths)


@pytest.mark.parametrize("name", [".gguf", ".hidden.gguf", "a\x1b[2J.gguf", "x" * 300 + ".gguf"])
def test_a_name_that_will_not_do_is_refused(
    server: HubServer, hub: Hub, home: Home, tiny: bytes, name: str
) -> None:
    server.repos[NAME] = Repo({name: tiny})
    refusal(lambda: pulled(hub, home))
    assert left(home) == []
