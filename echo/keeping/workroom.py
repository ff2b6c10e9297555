"""A private folder for one piece of work, swept when it is over, and whatever a crash left.

One piece of work at a time in a home: two backups at once would only be in each other's way.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from echo.errors import BackupError
from echo.home import Home

_FOLDER = "backup-work"
_WAIT_S = 10.0
_PAUSE_S = 0.05


@contextmanager
def workroom(home: Home) -> Iterator[Path]:
    """The folder, 0700 and empty, in .echo/ of this home. Raises BackupError."""
    with disk_told(home.root):
        home.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(home.state / f"{_FOLDER}-lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _wait(lock)
            folder = home.state / _FOLDER
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(lock)


@contextmanager
def apart() -> Iterator[Path]:
    """The same where there is no home: a folder in the system's place for such things."""
    with TemporaryDirectory(prefix="fillin-") as name, disk_told(Path(name)):
        yield Path(name)


def _wait(lock: int) -> None:
    until = time.monotonic() + _WAIT_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise BackupError(
                    "Another backup of this home is being made.", "Wait until it is done."
                ) from None
            time.sleep(_PAUSE_S)
        except OSError:  # a filesystem without locks
            return
        else:
            return


@contextmanager
def disk_told(path: Path) -> Iterator[None]:
    """The seam: what the disk says becomes one sentence."""
    try:
        yield
    except OSError as exc:
        if exc.errno in (errno.ENOSPC, errno.EDQUOT):
            raise no_room(path) from exc
        raise BackupError(
            "{path} cannot be used: {reason}.",
            "Nothing that was there has been changed. Check the folder and the disk.",
            path=exc.filename or path,
            reason=exc.strerror or exc,
        ) from exc


def no_room(path: Path) -> BackupError:
    """The disk has less room than it takes."""
    return BackupError(
        "There is not enough room on the disk: {path}.",
        "Free some space, or choose a place with more of it.",
        path=path,
    )
