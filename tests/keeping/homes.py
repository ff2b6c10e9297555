"""What the tests of backups share: a small home with a past, keys, and a look at all its words."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyrage

from echo.config import template
from echo.home import Home
from echo.keeping.create import Made, Wish, create
from echo.keeping.keys import Key, Lock
from tests.memory.homes import everything, exchange, opened, write

NOW = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)
NAME = "echo-me-20261121T0310Z.tar.zst"
PLAIN = Lock()


def planted(root: Path, *, exchanges: int = 2) -> Home:
    """A home with settings, a manifest, a day file and a few exchanges."""
    home = Home(root)
    write(home.config, template())
    write(home.manifest / "echo_identity.txt", "나는 에코야.\n")
    write(home.memory / "day0315" / "part1.txt", "고양이 이름은 모푸야.\n")
    with opened(root) as store:
        for number in range(exchanges):
            store.finish("me", exchange(number, f"말 {number}"))
    return home


def backed_up(
    home: Home, to: Path | str, lock: Lock = PLAIN, *, keep: int = 0, now: datetime = NOW
) -> Made:
    wish = Wish(str(to), home.root.parent, lock, "me", keep)
    return create(home, wish, clock=lambda: now)


def a_key() -> tuple[Lock, Key]:
    """A lock and the key that opens it, as somebody has them."""
    identity = pyrage.x25519.Identity.generate()
    return Lock((str(identity.to_public()),)), Key((identity,))


def words(root: Path) -> dict[str, object]:
    """All that a home remembers."""
    with opened(root) as store:
        return everything(store)


def files(root: Path) -> dict[str, bytes]:
    """Every file of a home but the database and its neighbours, with what is in it."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for top in ("memory", "manifest", "config.toml")
        for path in sorted([root / top, *(root / top).rglob("*")])
        if path.is_file() and not path.name.startswith("echo.db")
    }
