"""Where backups lie: a folder here, or any URL that fsspec knows. The only importer of fsspec.

A backup appears under its name only when it is whole and has been proved; until then it has a
name that begins with a dot. Nothing that has a name already is ever replaced. Knows files, not
what is in them.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Protocol
from urllib.parse import unquote, urlsplit

from echo.errors import BackupError

Prove = Callable[[IO[bytes]], None]
_SUFFIX = ".part"
_SECRETS = re.compile(r"(?<=://)[^/@]*@")
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EINVAL, errno.EACCES)
# fsspec's many backends map what goes wrong to OSError, mostly; an absent one is an ImportError.
FOREIGN = (OSError, ImportError, ValueError, RuntimeError, NotImplementedError)


class Place(Protocol):
    """Somewhere backups go."""

    def room(self) -> int | None:
        """Free bytes, None where nobody can say."""
        ...

    def draft(self, name: str, work: Path) -> Path:
        """Where to write the backup of that name first; work: a folder of this process."""
        ...

    def publish(self, draft: Path, name: str, prove: Prove) -> str:
        """Read it back, prove it, give it its name; where it is now."""
        ...

    def name_of(self, where: str) -> str:
        """The name of a backup that lies here, by what was shown of it; "" when it does not."""
        ...

    def remove(self, name: str, size: int) -> bool:
        """Take a backup of that size away; False when it has become something else.

        One that is gone already is gone. Raises BackupError, OSError.
        """
        ...


def at(where: str, cwd: Path) -> Place:
    """The place meant: a path (relative to cwd), file://…, or a URL of fsspec's."""
    path = local(where, cwd)
    return Remote(where) if path is None else Folder(path)


def local(where: str, cwd: Path) -> Path | None:
    """The path, None for a URL of another machine."""
    if where.startswith("file://"):
        return Path(unquote(urlsplit(where).path))
    if "://" in where or "::" in where:
        return None
    return Path(os.path.normpath(cwd / Path(where).expanduser()))


def shown(where: str) -> str:
    """A URL without the name and the password in it."""
    return _SECRETS.sub("", where)


# ── a folder ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of this machine."""

    path: Path

    def room(self) -> int | None:
        """Free bytes for this user."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return shutil.disk_usage(self.path).free

    def draft(self, name: str, work: Path) -> Path:
        """A file in the folder itself, so that it can be renamed; what a crash left is swept."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in self.path.glob(f".echo-*{_SUFFIX}"):
            if _abandoned(old):
                old.unlink(missing_ok=True)
        return self.path / f".{name}.{os.getpid()}{_SUFFIX}"

    def publish(self, draft: Path, name: str, prove: Prove) -> str:
        """Proved from the disk, then linked to its name and the folder synced."""
        with draft.open("rb") as file:
            _forget_cache(file)
            prove(file)
        final = self._name(draft, name)
        _sync(self.path)
        return str(final)

    def name_of(self, where: str) -> str:
        """Its name in this folder."""
        path = Path(where)
        return path.name if path.is_absolute() and path.parent == self.path else ""

    def remove(self, name: str, size: int) -> bool:
        """A regular file of that size, and nothing else."""
        path = self.path / name
        try:
            info = path.lstat()
        except FileNotFoundError:
            return self.path.is_dir()  # else the disk is not there now
        if not stat.S_ISREG(info.st_mode) or info.st_size != size:
            return False
        path.unlink()
        _sync(self.path)
        return True

    def _name(self, draft: Path, name: str) -> Path:
        for number in range(1, 1000):
            final = self.path / (name if number == 1 else _numbered(name, number))
            try:
                os.link(draft, final)
            except FileExistsError:
                continue
            except OSError as exc:
                if exc.errno not in _NO_LINKS:
                    raise
                if os.path.lexists(final):
                    continue
                draft.rename(final)
                return final
            draft.unlink()
            return final
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(self.path / name))


def _numbered(name: str, number: int) -> str:
    stem, dot, suffixes = name.partition(".tar")
    return f"{stem}-{number}{dot}{suffixes}"


def _forget_cache(file: IO[bytes]) -> None:
    """Read back what the disk has, where the system lets us ask for that."""
    with suppress(AttributeError, OSError):
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _abandoned(path: Path) -> bool:
    """Does nobody write this draft any more? Whoever writes one holds a lock on it."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # held, gone, or not ours
        return False
    return True


@contextmanager
def written(draft: Path) -> Iterator[IO[bytes]]:
    """The draft, open for writing and locked; synced at the end. 0600 from the first moment."""
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb", buffering=1 << 18) as file:
        with suppress(OSError):  # a filesystem without locks: then nothing is swept there either
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield file
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # some network filesystems cannot sync a folder
            os.fsync(handle)
    finally:
        os.close(handle)


# ── a URL ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Remote:
    """A folder on another machine, by URL."""

    url: str

    def room(self) -> int | None:
        """Nobody can say."""
        return None

    def draft(self, name: str, work: Path) -> Path:
        """A file here; it goes there when it is proved."""
        return work / name

    def publish(self, draft: Path, name: str, prove: Prove) -> str:
        """Proved here, sent under another name, fetched again and proved, then named."""
        with draft.open("rb") as file:
            prove(file)
        with _mapped(self.url):
            system, root = _system(self.url)
            final = f"{root.rstrip('/')}/{name}"
            part = f"{root.rstrip('/')}/.{name}{_SUFFIX}"
            system.makedirs(root, exist_ok=True)
            if system.exists(final):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            system.put_file(str(draft), part)
            try:
                with TemporaryFile(dir=draft.parent) as back:
                    _fetch(system, part, back)
                    prove(back)
                system.mv(part, final)
            except BaseException:
                with suppress(*FOREIGN):
                    system.rm_file(part)
                raise
            if system.info(final)["size"] != draft.stat().st_size:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
        return f"{self.url.rstrip('/')}/{name}"

    def name_of(self, where: str) -> str:
        """Its name under this URL."""
        root, _, name = where.rpartition("/")
        return name if root == shown(self.url).rstrip("/") else ""

    def remove(self, name: str, size: int) -> bool:
        """A file of that size, and nothing else."""
        with _mapped(self.url):
            system, root = _system(self.url)
            path = f"{root.rstrip('/')}/{name}"
            try:
                if system.info(path)["size"] != size:
                    return False
                system.rm_file(path)
            except FileNotFoundError:
                return True
        return True


def _system(url: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs

    system, root = url_to_fs(url, use_listings_cache=False)
    return system, str(root)


def _fetch(system: Any, path: str, into: IO[bytes]) -> None:
    with system.open(path, "rb") as there:
        shutil.copyfileobj(there, into, 1 << 20)
    into.flush()
    into.seek(0)


@contextmanager
def _mapped(url: str) -> Iterator[None]:
    try:
        yield
    except FOREIGN as exc:
        raise BackupError(
            "{place} cannot be used: {reason}.",
            "Check the address, your access to it, and whether fsspec's part for it is installed.",
            place=shown(url),
            reason=_SECRETS.sub("", (str(exc).splitlines() or [type(exc).__name__])[0]).rstrip("."),
        ) from exc


# ── reading ──────────────────────────────────────────────────────────────────────────────────


@contextmanager
def reading(where: str, cwd: Path, work: Path) -> Iterator[IO[bytes]]:
    """A backup by path or URL as a file that can be sought in; fetched into work if need be."""
    path = local(where, cwd)
    if path is not None:
        with _regular(path) as file:
            yield file
        return
    with TemporaryFile(dir=work) as file:
        with _mapped(where):
            system, inner = _system(where)
            _fetch(system, inner, file)
        yield file


@contextmanager
def _regular(path: Path) -> Iterator[IO[bytes]]:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        file = os.fdopen(handle, "rb")  # a folder fails here
    except OSError as exc:
        raise BackupError(
            "{path} cannot be read: {reason}.",
            "Name a file that is there.",
            path=path,
            reason=exc.strerror or exc,
        ) from exc
    with file:
        if not file.seekable():  # a pipe or a device could last for ever
            raise BackupError("This is not a backup of Echo.", "Name a file that is there.")
        yield file
