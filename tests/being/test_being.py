"""Who Echo is changes only on purpose, and the bond is a fold and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echo.being import bond, identity, manifest
from echo.errors import ManifestError
from echo.nouns import Mood

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def write(folder: Path, name: str, text: str | bytes) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())


def test_identity_comes_before_philosophy(tmp_path: Path) -> None:
    """The order is part of every prompt's prefix, so it is fixed."""
    write(tmp_path, manifest.PHILOSOPHY, "b\n")
    write(tmp_path, manifest.IDENTITY, "a\n")
    assert manifest.read(tmp_path).text == "a\nb"


def test_a_cp949_manifest_is_read(tmp_path: Path) -> None:
    """Files from an old Windows machine are the owner's words too."""
    write(tmp_path, manifest.IDENTITY, "너는 에코야.".encode("cp949"))
    assert manifest.read(tmp_path).text == "너는 에코야."


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\xfa\x80\xff", b"x" * 40000])
def test_an_identity_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, content: bytes | None
) -> None:
    tmp_path.mkdir(exist_ok=True)
    if content is not None:
        write(tmp_path, manifest.IDENTITY, content)
    with pytest.raises(ManifestError) as caught:
        manifest.read(tmp_path)
    assert caught.value.hint
    assert "\n" not in str(caught.value)


def test_the_origin_is_the_named_user(tmp_path: Path) -> None:
    write(tmp_path, manifest.IDENTITY, "a")
    write(tmp_path, manifest.ORIGIN, "# note\nuser: minji\n")
    assert manifest.read(tmp_path).origin == "minji"


def test_versions_hang_together(tmp_path: Path) -> None:
    """Each version names its parent's digest, so the history can be checked."""
    one = manifest.Manifest("a", "")
    two = manifest.Manifest("b", "")
    born = identity.first(one, NOW)
    assert not identity.differs(born, one)
    assert identity.differs(born, two)
    grown = identity.adopt(born, two, "because", NOW)
    assert (grown.version, grown.parent, grown.text) == (2, born.digest, "b")


moods = st.builds(Mood, st.floats(-1, 1), st.floats(0, 1))
days = st.lists(st.tuples(st.integers(0, 10**7), moods), max_size=30)


@given(days)
def test_replaying_all_turns_gives_the_live_bond(entries: list[tuple[int, Mood]]) -> None:
    """The law of DESIGN.md: the bond is a pure fold of the user's entries."""
    turns = [(NOW + timedelta(seconds=s), mood) for s, mood in sorted(entries, key=lambda e: e[0])]
    live = bond.Bond()
    for at, mood in turns:
        live = bond.absorb(live, at, mood)
    assert bond.replay(turns) == live
    assert live.turns == len(turns)
    assert live.days == len({at.date() for at, _ in turns})
    assert -1 <= live.mood.valence <= 1


def test_an_old_sorrow_weighs_less_than_a_new_joy() -> None:
    sad, glad = Mood(-1.0), Mood(1.0)
    after = bond.replay([(NOW, sad), (NOW + timedelta(days=8), glad)])
    assert after.mood.valence > 0.8
