"""Where an Echo lives: found by the nearest claim, planted without touching what is there."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from echo.errors import HomeError
from echo.home import Home, filesystem, find, is_network, make_private, plant, seed

SETTINGS = '[echo]\nuser = "me"\n'


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def planted(tmp_path: Path) -> Home:
    home = Home(tmp_path / "echo")
    plant(home, settings=SETTINGS, seed=None)
    return home


def test_flag_beats_variable_beats_folder(planted: Home, tmp_path: Path) -> None:
    """Whoever names a home means it, wherever they stand."""
    env = {"FILLIN_HOME": "/from/env"}
    assert find(Path("there"), env, tmp_path).root == tmp_path / "there"
    assert find(None, env, planted.root).root == Path("/from/env")
    assert find(None, {}, planted.memory) == planted


def test_a_config_of_another_program_is_walked_past(planted: Home) -> None:
    """config.toml is a common name; only one with an [echo] table is ours."""
    inner = planted.root / "project"
    inner.mkdir()
    (inner / "config.toml").write_text('[build]\nname = "x"\n')
    assert find(None, {}, inner) == planted


def test_a_broken_config_is_still_the_home(planted: Home) -> None:
    """Or its error would never be told, and another Echo would answer in its place."""
    planted.config.write_text("[echo]\nuser = \n")
    assert find(None, {}, planted.memory) == planted


def test_nowhere_is_the_platform_folder(tmp_path: Path) -> None:
    assert find(None, {"XDG_DATA_HOME": str(tmp_path)}, Path("/")).root == tmp_path / "fillin"


def test_planted_home_is_private_and_kept_out_of_git(planted: Home) -> None:
    assert mode(planted.root) == 0o700
    assert mode(planted.memory) == 0o700
    assert mode(planted.config) == 0o600
    assert (planted.memory / ".gitignore").read_text() == "*\n"
    assert planted.planted


def test_planting_again_never_overwrites(planted: Home) -> None:
    """init on a home that is lived in adds what is missing and nothing else."""
    planted.config.write_text('[echo]\nuser = "kim"\n')
    planted.models.rmdir()
    assert plant(planted, settings=SETTINGS, seed=None) == (planted.models,)
    assert "kim" in planted.config.read_text()


def test_an_empty_folder_is_accepted_a_full_one_is_not(tmp_path: Path) -> None:
    """Pods mount an empty volume; a folder with somebody's work in it is not ours to furnish."""
    plant(Home(tmp_path), settings=SETTINGS, seed=None)
    other = tmp_path / "work"
    other.mkdir()
    (other / "thesis.tex").write_text("…")
    with pytest.raises(HomeError, match="holds other things"):
        plant(Home(other), settings=SETTINGS, seed=None)
    assert [p.name for p in other.iterdir()] == ["thesis.tex"]


def test_a_file_and_a_closed_folder_are_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(HomeError, match="is a file"):
        plant(Home(file), settings=SETTINGS, seed=None)
    with pytest.raises(HomeError, match="cannot be written"):
        plant(Home(file / "below"), settings=SETTINGS, seed=None)


def test_seed_brains_and_manifest_arrive(tmp_path: Path) -> None:
    source = tmp_path / "seed"
    for folder, name in (("models", "tiny.gguf"), ("manifest", "origin.txt")):
        (source / folder).mkdir(parents=True)
        (source / folder / name).write_text(name)
    home = Home(tmp_path / "echo")
    plant(home, settings=SETTINGS, seed=source)
    (source / "models" / "tiny.gguf").write_text("trained again")
    assert (home.models / "tiny.gguf").read_text() == "tiny.gguf"  # a running chat has it mapped
    assert (home.manifest / "origin.txt").read_text() == "origin.txt"


def test_this_checkout_carries_a_seed() -> None:
    """`fillin init` from a clone or a wheel finds the manifest it plants."""
    found = seed()
    assert found is not None
    assert (found / "manifest" / "echo_identity.txt").is_file()


def test_make_private(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("…")
    file.chmod(0o644)
    tmp_path.chmod(0o755)
    assert make_private(file)
    assert make_private(tmp_path)
    assert (mode(file), mode(tmp_path)) == (0o600, 0o700)


MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:40 / /workspace rw,relatime - nfs4 10.0.0.1:/vol rw
41 40 0:41 / /workspace/my\\040notes rw - tmpfs tmpfs rw
42 22 0:42 / /mnt rw - ext4 /dev/sdb rw
43 22 0:43 / /mnt rw - fuse.sshfs host: rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/x", "ext4"),
        ("/workspace/echo/memory", "nfs4"),
        ("/workspace/my notes/echo", "tmpfs"),
        ("/workspaces", "ext4"),
        ("/mnt/x", "fuse.sshfs"),
    ],
)
def test_filesystem_is_the_deepest_and_latest_mount(path: str, kind: str) -> None:
    """Pods keep /workspace on a network volume; spaces are written \\040; later mounts cover."""
    assert filesystem(Path(path), MOUNTS) == kind


def test_filesystem_of_an_unreadable_table_is_unknown() -> None:
    assert filesystem(Path("/x"), "garbage\n\n1 2 3 - \n") == ""


def test_network_kinds() -> None:
    """WAL loses data on each of these; on a local disk it is what keeps every commit."""
    assert all(map(is_network, ["nfs", "nfs4", "cifs", "9p", "virtiofs", "fuse", "fuse.sshfs"]))
    assert not any(map(is_network, ["", "ext4", "xfs", "btrfs", "overlay", "tmpfs", "apfs"]))
