"""Who has the memory open: a lock file that is shared by everybody and held alone by whoever swaps
the database or makes it forget. Knows nothing of SQLite.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from echo.errors import StoreError

Presence = Literal["shared", "alone", "held"]  # held: the caller has it already
WAIT_S = 30.0  # for whoever is alone to be done
_WAIT_ALONE_S = 1.0
_PAUSE_S = 0.02


def enter(path: Path, how: Presence) -> int:
    """The descriptor of the lock, -1 for none. Raises StoreError when somebody is in the way."""
    if how == "held":
        return -1
    try:
        handle = os.open(lock_of(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        if exc.errno in (errno.EROFS, errno.EACCES, errno.EPERM) and how == "shared":
            return -1  # who may only read swaps nothing
        raise
    try:
        _lock(handle, path, how)
    except BaseException:
        os.close(handle)
        raise
    return handle


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Nobody else has this memory open meanwhile."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = enter(path, "alone")
    try:
        yield
    finally:
        leave(handle)


def leave(handle: int) -> None:
    """Give the lock back."""
    if handle >= 0:
        os.close(handle)


def lock_of(path: Path) -> Path:
    """The lock file that stands beside a database."""
    return path.with_name(path.name + "-open")


def _lock(handle: int, path: Path, how: Presence) -> None:
    kind = fcntl.LOCK_EX if how == "alone" else fcntl.LOCK_SH
    until = time.monotonic() + (_WAIT_ALONE_S if how == "alone" else WAIT_S)
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise _in_use(path, how) from None
            time.sleep(_PAUSE_S)
        except OSError as exc:
            if exc.errno not in (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS):
                raise
            return  # a filesystem without locks
        else:
            return


def _in_use(path: Path, how: Presence) -> StoreError:
    if how == "alone":
        return StoreError(
            "Another program has this memory open: {path}.",
            "End every other chat or boot of this home, then try again; nothing was changed.",
            path=path,
        )
    return StoreError(
        "This memory is being made anew or is forgetting: {path}.",
        "Wait until the other program is done and try again.",
        path=path,
    )
