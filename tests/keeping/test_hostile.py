"""Archives that somebody else made: sealed as ours are, with other things in mind. All refused.

Every archive here carries a right seal and right sums, so that what is refused is refused for what
it holds and not for being damaged.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import asdict
from hashlib import blake2b
from pathlib import Path

import pytest
import zstandard

from echo.errors import BackupError
from echo.home import Home
from echo.keeping.archive import END, FORMAT, Label, sum_line
from echo.keeping.keys import Key
from echo.keeping.prove import prove
from echo.keeping.restore import Asked, restore
from echo.keeping.seal import sealed
from tests.keeping.homes import NOW

CONFIG = ("config.toml", b"[echo]\n")


def header(name: str, size: int, kind: bytes = tarfile.REGTYPE, link: str = "") -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = size, kind, link
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def member(name: str, data: bytes) -> bytes:
    return header(name, len(data)) + data + bytes(-len(data) % 512)


def archive(*given: tuple[str, bytes], raw: bytes = b"", **label: object) -> bytes:
    """A sealed archive of these members; raw: put in before the sums as it is."""
    said = Label("2026-11-21T00:00:00+00:00", "me", "0", "3", len(given),
                 sum(len(data) for _, data in given))  # fmt: skip
    head = json.dumps({**asdict(said), **label}).encode()
    every = [("BACKUP.json", head), *given]
    sums = "".join(sum_line(n, blake2b(d, digest_size=32).hexdigest()) for n, d in every)
    body = b"".join(member(n, d) for n, d in every)
    body += raw + member("SUMS", sums.encode("utf-8", "surrogateescape")) + END
    return b"".join(sealed(iter([body])))


def refused(data: bytes, folder: Path) -> str:
    """What is said; and nothing may stand outside the folder, or be restored."""
    (work := folder / "work").mkdir()
    target = Home(folder / "target")
    with pytest.raises(BackupError) as caught:
        restore(io.BytesIO(data), Key(), Asked(target, True, lambda: NOW), work)
    assert not target.root.exists()
    assert sorted(path.name for path in folder.iterdir()) == ["work"]
    assert [path for path in work.rglob("*") if path.is_symlink()] == []
    return str(caught.value)


def test_a_plain_one_is_taken(tmp_path: Path) -> None:
    """The maker of these archives makes good ones too; else every refusal below would be hollow."""
    data = archive(CONFIG, ("memory/day0315/part1.txt", "말".encode()))
    (work := tmp_path / "work").mkdir()
    restore(io.BytesIO(data), Key(), Asked(Home(tmp_path / "h"), True, lambda: NOW), work)
    assert (tmp_path / "h" / "memory" / "day0315" / "part1.txt").read_text() == "말"


@pytest.mark.parametrize(
    "name",
    [
        "../evil", "memory/../../evil", "/etc/evil", "memory//evil", "memory/./evil", "memory/",
        "memory", "evil", ".echo/evil", "models/evil.gguf", "memory/a\0b", "memory/" + "x" * 300,
        "config.toml/evil", "memory/" + "a/" * 3000 + "b", "",
    ],
)  # fmt: skip
def test_names_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    said = refused(archive(CONFIG, (name, b"x")), tmp_path)
    assert "holds something no backup of Echo holds" in said or "damaged" in said


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE,
     tarfile.DIRTYPE, tarfile.CONTTYPE, tarfile.GNUTYPE_SPARSE, tarfile.XGLTYPE,
     tarfile.GNUTYPE_LONGNAME],
)  # fmt: skip
def test_links_and_devices(tmp_path: Path, kind: bytes) -> None:
    raw = header("memory/way-out", 0, kind, "/etc")
    assert "a link, a folder or a device" in refused(archive(CONFIG, raw=raw), tmp_path)


def test_a_name_twice_and_a_file_that_is_a_folder(tmp_path: Path) -> None:
    """The second of two same names wins in `tar`, which is how a checked file is replaced."""
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    refused(archive(CONFIG, ("memory/a", b"x"), ("memory/a", b"y")), tmp_path / "1")
    refused(archive(CONFIG, ("memory/a", b"x"), ("memory/a/b", b"y")), tmp_path / "2")


def test_sums_that_do_not_fit(tmp_path: Path) -> None:
    """A whole seal over a wrong inside is no proof of the inside."""
    said = Label("2026-11-21T00:00:00+00:00", "me", "0", "3", 1, 7)
    head = json.dumps(asdict(said)).encode()
    sums = sum_line("BACKUP.json", blake2b(head, digest_size=32).hexdigest())
    sums += sum_line("config.toml", blake2b(b"other", digest_size=32).hexdigest())
    body = member("BACKUP.json", head) + member(*CONFIG) + member("SUMS", sums.encode()) + END
    assert "damaged" in refused(b"".join(sealed(iter([body]))), tmp_path)


@pytest.mark.parametrize(
    "label",
    [{"files": 0}, {"files": 9}, {"bytes": 0}, {"bytes": 10**15}, {"bytes": -1}, {"files": 10**9},
     {"files": "1"}, {"format": FORMAT + 1}, {"more": 1}, {"bytes": True}, {"content": "0" * 32}],
    ids=str,
)  # fmt: skip
def test_a_label_that_lies(tmp_path: Path, label: dict[str, object]) -> None:
    refused(archive(CONFIG, **label), tmp_path)


def test_data_after_the_end(tmp_path: Path) -> None:
    body = archive(CONFIG)
    plain = zstandard.ZstdDecompressor().stream_reader(body, read_across_frames=True).read()
    again = b"".join(sealed(iter([plain, member("memory/late", b"x")])))
    assert "damaged" in refused(again, tmp_path)


# ── bombs ────────────────────────────────────────────────────────────────────────────────────


def zeros(gigabytes: int) -> Iterator[bytes]:
    piece = bytes(1 << 20)
    for _ in range(gigabytes * 1024):
        yield piece


def bomb(label_bytes: int) -> bytes:
    """Two GiB of nothing in some 70 kB."""
    said = Label("2026-11-21T00:00:00+00:00", "me", "0", "3", 1, label_bytes)
    head = member("BACKUP.json", json.dumps(asdict(said)).encode())

    def pieces() -> Iterator[bytes]:
        yield head + header("memory/nothing", 2 << 30)
        yield from zeros(2)

    return b"".join(sealed(pieces()))


@pytest.mark.parametrize("honest", [False, True], ids=["says little", "says all"])
def test_a_bomb_fills_neither_memory_nor_disk(tmp_path: Path, honest: bool) -> None:
    """It may hold 200 times its size, or 64 MiB if it is small; not a byte more is written."""
    data = bomb(2 << 30 if honest else 1000)
    assert len(data) < 300_000
    with pytest.raises(BackupError, match="more than"):
        prove(io.BytesIO(data), Key(), tmp_path, keep=True, progress=lambda _: None)
    written = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    assert written == 0


def test_a_window_that_would_take_all_memory_is_refused(tmp_path: Path) -> None:
    """A zstd frame may ask for gigabytes of window; ours need 4 MiB."""
    how = zstandard.ZstdCompressionParameters.from_level(3, window_log=27)
    frame = zstandard.ZstdCompressor(compression_params=how).compressobj()
    body = frame.compress(member("BACKUP.json", b"{}") + bytes(1 << 20)) + frame.flush()
    ours = b"".join(sealed(iter([b""])))
    head = ours[-56:-32]
    data = body + head + blake2b(body, digest_size=32).digest()
    assert "damaged" in refused(data, tmp_path)


def test_a_long_name_without_end(tmp_path: Path) -> None:
    """A record of a gigabyte before a header: `tarfile` would hold it in memory."""
    raw = header("x", 1 << 30, tarfile.XHDTYPE)
    assert "a name without end" in refused(archive(CONFIG, raw=raw), tmp_path)
