"""A backup is whole or it is none: made, proved, refused when a byte has changed, put back."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import tarfile
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import zstandard

from echo.errors import BackupError, EchoError, StoreError
from echo.home import Home
from echo.keeping import keys, places
from echo.keeping.create import Wish, create
from echo.keeping.keys import Key, Lock
from echo.keeping.prove import prove
from echo.keeping.record import every, last
from echo.keeping.restore import Asked, Restored, restore, workshop
from tests.keeping.homes import NAME, NOW, a_key, backed_up, files, planted, words
from tests.memory.homes import exchange, opened


def proved(data: bytes, key: Key, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    prove(io.BytesIO(data), key, folder, progress=lambda _: None)


def put_back(backup: Path, key: Key, into: Home, *, new: bool = True) -> Restored:
    with workshop(into) as work, backup.open("rb") as file:
        return restore(file, key, Asked(into, new, lambda: NOW), work)


# ── there and back ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "for a key"])
def test_what_comes_back_is_what_went_in(tmp_path: Path, encrypted: bool) -> None:
    """Every word, every file, with its time: boot tells the year of day0315 from it."""
    home = planted(tmp_path / "home")
    day = home.memory / "day0315" / "part1.txt"
    os.utime(day, (1_600_000_000, 1_600_000_000))
    lock, key = a_key() if encrypted else (Lock(), Key())
    made = backed_up(home, tmp_path / "out", lock)
    assert made.where == str(tmp_path / "out" / (f"{NAME}.age" if encrypted else NAME))
    back = put_back(Path(made.where), key, Home(tmp_path / "new" / "home"))
    assert back.before is None
    assert back.users == ("me",)
    assert files(back.home) == files(home.root)
    assert words(back.home) == words(home.root)
    assert (back.home / "memory/day0315/part1.txt").stat().st_mtime == 1_600_000_000


def test_only_its_owner_may_read_it_and_nothing_else_is_left(tmp_path: Path) -> None:
    home = planted(tmp_path / "home")
    made = backed_up(home, tmp_path / "out")
    assert stat.S_IMODE(Path(made.where).stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "out").iterdir()] == [NAME]
    assert sorted(p.name for p in home.state.iterdir()) == ["backup-work-lock", "backup.json"]
    back = put_back(Path(made.where), Key(), Home(tmp_path / "new"))
    modes = {stat.S_IMODE(p.stat().st_mode) for p in back.home.rglob("*") if p.is_file()}
    assert modes == {0o600}


def test_a_second_backup_of_the_same_minute_has_a_name_of_its_own(tmp_path: Path) -> None:
    home = planted(tmp_path / "home")
    first = Path(backed_up(home, tmp_path / "out").where)
    before = first.read_bytes()
    second = Path(backed_up(home, tmp_path / "out").where)
    assert second.name == "echo-me-20261121T0310Z-2.tar.zst"
    assert first.read_bytes() == before


def test_other_tools_can_open_it(tmp_path: Path) -> None:
    """zstd, tar and b2sum are enough to get one's words back without Echo."""
    home = planted(tmp_path / "home")
    made = Path(backed_up(home, tmp_path / "out").where)
    plain = zstandard.ZstdDecompressor().stream_reader(made.read_bytes(), read_across_frames=True)
    with tarfile.open(fileobj=io.BytesIO(plain.read())) as tar:
        tar.extractall(tmp_path / "by-hand", filter="data")
    by_hand = tmp_path / "by-hand"
    assert files(by_hand) == files(home.root)
    done = subprocess.run(["b2sum", "-l", "256", "--quiet", "-c", "SUMS"], cwd=by_hand)
    assert done.returncode == 0


@pytest.mark.slow
def test_a_passphrase_opens_it_and_another_does_not(tmp_path: Path) -> None:
    """The file is age's own form. Each try is a second of scrypt, so there are few."""
    home = planted(tmp_path / "home")
    made = Path(backed_up(home, tmp_path / "out", Lock(passphrase="바다 위의 고양이")).where)
    data = made.read_bytes()
    assert "모푸".encode() not in data
    assert data.startswith(b"age-encryption.org/v1\n-> scrypt ")
    with pytest.raises(BackupError, match="the key or the passphrase is another one"):
        proved(data, Key(passphrase="바다 위의 강아지"), tmp_path / "a")
    with pytest.raises(BackupError, match="encrypted with a passphrase"):
        proved(data, Key(), tmp_path / "b")
    put_back(made, Key(passphrase="바다 위의 고양이"), Home(tmp_path / "new"))
    assert words(tmp_path / "new") == words(home.root)


def test_another_key_does_not_open_it(tmp_path: Path) -> None:
    lock, _ = a_key()
    made = Path(backed_up(planted(tmp_path / "home"), tmp_path / "out", lock).where)
    with pytest.raises(BackupError, match="the key or the passphrase is another one"):
        proved(made.read_bytes(), a_key()[1], tmp_path / "a")
    with pytest.raises(BackupError, match="was encrypted for a key"):
        proved(made.read_bytes(), Key(), tmp_path / "b")


def test_an_ssh_key_will_do(tmp_path: Path) -> None:
    """The key most people on a pod have already."""
    key = tmp_path / "id_ed25519"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "a b", "-f", str(key)], check=True
    )
    lock = Lock(keys.recipients("id_ed25519.pub", tmp_path))
    made = Path(backed_up(planted(tmp_path / "home"), tmp_path / "out", lock).where)
    put_back(made, Key(keys.identities(key)), Home(tmp_path / "new"))
    assert words(tmp_path / "new") == words(tmp_path / "home")


def test_a_url_of_fsspec(tmp_path: Path) -> None:
    """Sent, fetched again, proved, and only then named; the address's password is told nobody."""
    import fsspec

    home = planted(tmp_path / "home")
    made = create(home, Wish("memory://x:secret@shelf/echo", tmp_path, Lock(), "me"),
                  clock=lambda: NOW)  # fmt: skip
    system = fsspec.filesystem("memory")
    assert [p for p in system.find("/") if "shelf" in p and not p.endswith(NAME)] == []
    with places.reading(made.where, tmp_path, tmp_path) as file:
        proof = prove(file, Key(), home.state, progress=lambda _: None)
    assert proof.label.files == made.label.files
    remembered = last(home)
    assert remembered is not None
    assert remembered.where == f"memory://shelf/echo/{NAME}"


def test_an_unknown_kind_of_url_is_one_sentence(tmp_path: Path) -> None:
    home = planted(tmp_path / "home")
    with pytest.raises(BackupError, match=r"^gopher://x cannot be used: "):
        create(home, Wish("gopher://x", tmp_path, Lock(), "me"), clock=lambda: NOW)
    assert last(home) is None


# ── a changed byte ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "for a key"])
def test_any_byte_that_has_changed_is_noticed(tmp_path: Path, encrypted: bool) -> None:
    """All of them, one after the other, as a whole byte and as a single bit."""
    lock, key = a_key() if encrypted else (Lock(), Key())
    made = backed_up(planted(tmp_path / "home", exchanges=0), tmp_path / "out", lock)
    data = bytearray(Path(made.where).read_bytes())
    (folder := tmp_path / "proof").mkdir()
    believed = []
    for place in range(len(data)):
        for mask in (0xFF, 1 << place % 8):
            data[place] ^= mask
            try:
                prove(io.BytesIO(data), key, folder, progress=lambda _: None)
                believed.append((place, mask))
            except EchoError:
                pass
            data[place] ^= mask
    assert believed == []
    proved(bytes(data), key, folder)  # the unchanged one, to show that the loop could have failed


@pytest.mark.slow
def test_a_changed_byte_under_a_passphrase_is_noticed(tmp_path: Path) -> None:
    """A few places only: each try costs a second of scrypt. The others are age's own affair."""
    made = backed_up(planted(tmp_path / "home"), tmp_path / "out", Lock(passphrase="x"))
    data = bytearray(Path(made.where).read_bytes())
    work = data.index(b"\n-> scrypt ") + len(b"\n-> scrypt ") + 23
    assert data[work : work + 2].isdigit()
    for place in (3, 40, work, len(data) - 1):
        data[place] ^= 0x08
        with pytest.raises(BackupError):
            proved(bytes(data), Key(passphrase="x"), tmp_path / "a")
        data[place] ^= 0x08


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "for a key"])
def test_a_backup_cut_short_or_added_to_is_refused(tmp_path: Path, encrypted: bool) -> None:
    lock, key = a_key() if encrypted else (Lock(), Key())
    made = backed_up(planted(tmp_path / "home"), tmp_path / "out", lock)
    data = Path(made.where).read_bytes()
    for wrong in (b"", data[:1], data[: len(data) // 2], data[:-1], data + b"\0", data + data):
        with pytest.raises(BackupError):
            proved(wrong, key, tmp_path / "a")


def test_something_else_is_not_a_backup(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"^This is not a backup of Echo\.$"):
        proved(b"my diary\n" * 100, Key(), tmp_path / "a")
    os.mkfifo(tmp_path / "pipe")
    for path in ("pipe", "/dev/zero", "none", str(tmp_path)):
        with (
            pytest.raises(BackupError),
            places.reading(path, tmp_path, tmp_path) as file,
        ):
            prove(file, Key(), tmp_path / "b", progress=lambda _: None)


# ── while others work ────────────────────────────────────────────────────────────────────────


def test_a_backup_made_while_a_chat_writes_is_of_one_moment(tmp_path: Path) -> None:
    """The exchanges in it are the first so many, in the database and in the journal alike."""
    home = planted(tmp_path / "home", exchanges=0)
    over = threading.Event()
    written = []

    def chat() -> None:
        with opened(home.root) as store:
            number = 100
            while not over.is_set():
                store.finish("me", exchange(number, f"말 {number}"))
                written.append(number)
                number += 1

    talking = threading.Thread(target=chat)
    talking.start()
    try:
        seen = []
        for _ in range(4):
            before = len(written)
            made = Path(backed_up(home, tmp_path / "out").where)
            seen.append((before, made, len(written)))
    finally:
        over.set()
        talking.join()
    for number, (before, made, after) in enumerate(seen):
        back = put_back(made, Key(), Home(tmp_path / f"new{number}"))
        with opened(back.home) as store:
            told = store.exchanges("me", limit=100_000)
        numbers = [int(e.words.ref[1:]) for e in told]
        assert numbers == list(range(100, 100 + len(numbers)))
        assert before <= len(numbers) <= after + 1
    assert seen[-1][2] > seen[0][0]


def test_two_backups_at_once_take_turns(tmp_path: Path) -> None:
    home = planted(tmp_path / "home")
    made: list[str] = []
    both = [
        threading.Thread(target=lambda: made.append(backed_up(home, tmp_path / "out").where))
        for _ in range(2)
    ]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert len(set(made)) == 2
    for path in made:
        proved(Path(path).read_bytes(), Key(), tmp_path / "a")


KILLED = """
import os, signal, sys
from pathlib import Path
from echo.home import Home
from echo.keeping.create import Wish, create
from echo.keeping.keys import Lock
from datetime import UTC, datetime

left = float(sys.argv[3])
def progress(done):
    if done >= left:
        os.kill(os.getpid(), signal.SIGKILL)
create(Home(Path(sys.argv[1])), Wish(sys.argv[2], Path("/"), Lock(), "me"),
       clock=lambda: datetime(2026, 11, 21, 3, 10, tzinfo=UTC), progress=progress)
"""


@pytest.mark.parametrize("share", [0.0, 0.3, 0.59, 0.61, 0.9, 1.0])
def test_killed_midway_no_half_file_has_the_name_of_a_backup(tmp_path: Path, share: float) -> None:
    """And the next backup sweeps away what was left."""
    home = planted(tmp_path / "home")
    out = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(home.root), str(out), str(share)], check=False
    )
    assert done.returncode == -9
    assert [path.name for path in out.iterdir() if not path.name.startswith(".")] == []
    assert last(home) is None
    backed_up(home, out)
    assert [path.name for path in out.iterdir()] == [NAME]
    assert sorted(p.name for p in home.state.iterdir()) == ["backup-work-lock", "backup.json"]


def test_a_full_disk_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk: writing past it fails the same way."""
    home = planted(tmp_path / "home")
    limited = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "from echo.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", limited, "backup", "create", str(tmp_path / "out"), "--home",
         str(home.root), "--lang", "en"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 2
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


# ── only so many ─────────────────────────────────────────────────────────────────────────────


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    """Those this home made in this place: not another home's, not what merely has such a name,
    not what has become something else, not what lies elsewhere."""
    home, other = planted(tmp_path / "home"), planted(tmp_path / "other")
    out = tmp_path / "out"
    theirs = Path(backed_up(other, out, now=NOW - timedelta(days=9)).where).name
    elsewhere = Path(backed_up(home, tmp_path / "usb", now=NOW - timedelta(days=8)).where)
    mine = [Path(backed_up(home, out, now=NOW + timedelta(days=n)).where) for n in range(5)]
    (out / "echo-me-20200101T0000Z.tar.zst").write_bytes(b"somebody's own")
    mine[1].write_bytes(b"something else by now")
    made = backed_up(home, out, keep=2, now=NOW + timedelta(days=5))
    assert sorted(made.removed) == [str(mine[n]) for n in (0, 2, 3)]
    assert made.stuck == (str(mine[1]),)
    assert names(out) == sorted([
        theirs, "echo-me-20200101T0000Z.tar.zst", mine[1].name, mine[4].name, Path(made.where).name,
    ])  # fmt: skip
    assert elsewhere.exists()
    assert {one.where for one in every(home)} == {
        made.where, str(mine[4]), str(mine[1]), str(elsewhere),
    }  # fmt: skip


def test_the_one_just_made_stays_whatever_the_clock_says(tmp_path: Path) -> None:
    home = planted(tmp_path / "home")
    future = backed_up(home, tmp_path / "out", now=NOW + timedelta(days=4000))
    made = backed_up(home, tmp_path / "out", keep=1)
    assert made.removed == (future.where,)
    assert names(tmp_path / "out") == [NAME]


def test_a_backup_that_fails_removes_nothing(tmp_path: Path) -> None:
    """What is kept is counted from one that has been proved."""
    home = planted(tmp_path / "home")
    backed_up(home, tmp_path / "out")
    home.database.write_bytes(b"damaged")
    with pytest.raises(EchoError):
        backed_up(home, tmp_path / "out", keep=1)
    assert names(tmp_path / "out") == [NAME]
    assert len(every(home)) == 1


def test_old_ones_behind_a_url_are_removed_too(tmp_path: Path) -> None:
    """Under the address with its password, though what is remembered has none."""
    home = planted(tmp_path / "home")
    url = "memory://x:secret@attic/echo"
    first = backed_up(home, url, now=NOW - timedelta(days=1))
    made = backed_up(home, url, keep=1)
    assert made.removed == (places.shown(first.where),)
    with pytest.raises(EchoError), places.reading(first.where, tmp_path, tmp_path):
        pass
    with places.reading(made.where, tmp_path, tmp_path) as file:
        prove(file, Key(), home.state, progress=lambda _: None)


# ── putting it back ──────────────────────────────────────────────────────────────────────────


def test_over_a_home_the_old_memory_is_moved_aside(tmp_path: Path) -> None:
    """Nothing is overwritten: what was there can be found, whole, and opened."""
    home = planted(tmp_path / "home")
    made = Path(backed_up(home, tmp_path / "out").where)
    then = words(home.root)
    with opened(home.root) as store:
        store.finish("me", exchange(50, "나중에 한 말"))
    later, later_files = words(home.root), files(home.root)
    back = put_back(made, Key(), home, new=False)
    assert words(home.root) == then
    assert back.before is not None
    assert back.before.parent == home.root
    assert words(back.before) == later
    assert later_files.items() <= files(back.before).items()
    assert (back.before / ".gitignore").read_text() == "*\n"


def test_a_home_that_somebody_has_open_is_left_alone(tmp_path: Path) -> None:
    """They would go on writing into what has been moved aside."""
    home = planted(tmp_path / "home")
    made = Path(backed_up(home, tmp_path / "out").where)
    before = files(home.root)
    with opened(home.root), pytest.raises(StoreError):
        put_back(made, Key(), home, new=False)
    assert files(home.root) == before
    assert not list(home.root.glob("before-*"))


def test_a_damaged_backup_changes_nothing(tmp_path: Path) -> None:
    home = planted(tmp_path / "home")
    made = Path(backed_up(home, tmp_path / "out").where)
    data = bytearray(made.read_bytes())
    data[len(data) // 2] ^= 1
    made.write_bytes(data)
    before = files(home.root)
    with pytest.raises(BackupError, match="damaged"):
        put_back(made, Key(), home, new=False)
    assert files(home.root) == before
    assert not list(home.root.glob("before-*"))
    assert sorted(p.name for p in home.state.iterdir()) == ["backup-work-lock", "backup.json"]


def test_a_damaged_memory_can_be_restored_over(tmp_path: Path) -> None:
    """It is what backups are for."""
    home = planted(tmp_path / "home")
    made = Path(backed_up(home, tmp_path / "out").where)
    then = words(home.root)
    home.database.write_bytes(b"\0" * 50_000)
    back = put_back(made, Key(), home, new=False)
    assert words(home.root) == then
    assert back.before is not None
    assert (back.before / "memory" / "echo.db").read_bytes() == b"\0" * 50_000


def test_a_folder_with_other_things_is_not_restored_into(tmp_path: Path) -> None:
    made = Path(backed_up(planted(tmp_path / "home"), tmp_path / "out").where)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("x")
    for into in (tmp_path / "full", tmp_path / "home", tmp_path / "full" / "thesis.txt"):
        with pytest.raises(BackupError):
            put_back(made, Key(), Home(into))
    assert [p.name for p in (tmp_path / "full").iterdir()] == ["thesis.txt"]


def test_a_backup_does_not_lie_in_what_it_holds(tmp_path: Path) -> None:
    home = planted(tmp_path / "home")
    with pytest.raises(BackupError, match="cannot lie inside it"):
        backed_up(home, home.memory / "backups")


CUT_OFF = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from echo.home import Home
from echo.keeping.keys import Key
from echo.keeping.restore import Asked, restore, workshop
into, left = Home(Path(sys.argv[1])), int(sys.argv[3])
def hook(event, args):
    global left
    inside = event in ("os.rename", "os.mkdir") and str(into.root) in str(args)
    if inside:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), 9)
sys.addaudithook(hook)
with workshop(into) as work, open(sys.argv[2], "rb") as file:
    restore(file, Key(), Asked(into, False, lambda: datetime(2026, 11, 21, tzinfo=UTC)), work)
print("done")
"""


def test_a_restore_cut_off_anywhere_can_be_done_again(tmp_path: Path) -> None:
    """Killed before every rename and every folder: what was there is whole somewhere in the home,
    and the same command, given once more, puts the backup in its place."""
    origin = planted(tmp_path / "origin")
    made = Path(backed_up(origin, tmp_path / "out").where)
    want = words(origin.root)
    for step in range(1, 60):
        home = planted(tmp_path / str(step), exchanges=5)
        later = files(home.root)
        done = subprocess.run(
            [sys.executable, "-c", CUT_OFF, str(home.root), str(made), str(step)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        cut = done.returncode == -9
        assert cut or "done" in done.stdout, done.stderr
        if cut:
            put_back(made, Key(), home, new=False)
        assert words(home.root) == want, step
        asides = [files(aside) for aside in home.root.glob("before-restore-*")]
        lost = [n for n, data in later.items() if not any(a.get(n) == data for a in asides)]
        assert lost == [], step
        if not cut:
            return
    raise AssertionError("the restore never came to its end")


# ── what goes in ─────────────────────────────────────────────────────────────────────────────


def test_odd_files_are_told_and_do_not_hang_it(tmp_path: Path) -> None:
    """Pipes, links to nothing, links round: named; links to files: their words are taken."""
    home = planted(tmp_path / "home")
    folder = home.memory / "day0316"
    folder.mkdir()
    os.mkfifo(folder / "part1.txt")
    (folder / "part2.txt").symlink_to("nowhere")
    (folder / "part5.txt").symlink_to("part5.txt")
    (tmp_path / "elsewhere.txt").write_text("밖에 있는 말\n")
    (folder / "part3.txt").symlink_to(tmp_path / "elsewhere.txt")
    (folder / "round").symlink_to(home.memory)
    long = "말" * 60 + ".txt"
    (folder / long).write_text("긴 이름\n")
    (folder / os.fsdecode(b"part\xff4.txt")).write_text("x\n")
    (folder / "a\nb\\c.txt").write_text("y\n")
    made = backed_up(home, tmp_path / "out")
    assert sorted(made.passed) == [
        "memory/day0316/part1.txt", "memory/day0316/part2.txt", "memory/day0316/part5.txt",
        "memory/day0316/round",
    ]  # fmt: skip
    back = put_back(Path(made.where), Key(), Home(tmp_path / "new"))
    inside = back.home / "memory" / "day0316"
    assert (inside / "part3.txt").read_text() == "밖에 있는 말\n"
    assert not (inside / "part3.txt").is_symlink()
    assert (inside / long).read_text() == "긴 이름\n"
    assert (inside / os.fsdecode(b"part\xff4.txt")).exists()
    assert (inside / "a\nb\\c.txt").exists()


def test_models_and_what_was_put_aside_are_left_out(tmp_path: Path) -> None:
    home = planted(tmp_path / "home")
    (home.models).mkdir()
    (home.models / "big.gguf").write_bytes(b"x" * 1000)
    (home.memory / "echo.db-damaged-1").write_bytes(b"y" * 1000)
    back = put_back(Path(backed_up(home, tmp_path / "out").where), Key(), Home(tmp_path / "new"))
    assert not (back.home / "models").exists()
    assert not (back.home / "memory" / "echo.db-damaged-1").exists()


def test_a_home_without_a_memory_yet(tmp_path: Path) -> None:
    """Settings and day files are worth keeping too."""
    home = planted(tmp_path / "home")
    for path in home.memory.glob("echo.db*"):
        path.unlink()
    made = backed_up(home, tmp_path / "out")
    assert made.label.content == ""
    back = put_back(Path(made.where), Key(), Home(tmp_path / "new"))
    assert files(back.home) == files(home.root)
