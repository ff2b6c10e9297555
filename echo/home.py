"""Where one Echo lives: its paths, how it is found and planted, who may read it.

Knows folders and files; not what stands in config.toml, nor what memory keeps.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from echo.errors import HomeError

_OURS = re.compile(r"^[ \t]*\[[ \t]*echo[ \t]*\]", re.MULTILINE)
_OCTAL = re.compile(r"\\([0-7]{3})")
_NETWORK = (
    "9p", "afs", "beegfs", "ceph", "cifs", "fuse", "gfs2", "glusterfs", "gpfs", "lustre", "nfs",
    "ocfs2", "orangefs", "prl_fs", "smb", "vboxsf", "virtiofs",
)  # fmt: skip
_KNOWN = frozenset({"config.toml", "memory", "models", "manifest", "lost+found"})


@dataclass(frozen=True, slots=True)
class Home:
    """The folder one Echo lives in. root is absolute."""

    root: Path

    @property
    def config(self) -> Path:
        """The settings."""
        return self.root / "config.toml"

    @property
    def memory(self) -> Path:
        """Day files to read, journals to keep, the database: private."""
        return self.root / "memory"

    @property
    def models(self) -> Path:
        """GGUF files."""
        return self.root / "models"

    @property
    def manifest(self) -> Path:
        """The declaration files that first boot adopts."""
        return self.root / "manifest"

    @property
    def database(self) -> Path:
        """The truth of memory, an SQLite file."""
        return self.memory / "echo.db"

    @property
    def state(self) -> Path:
        """What may be thrown away: input histories, verdicts on models."""
        return self.root / ".echo"

    @property
    def planted(self) -> bool:
        """Is somebody at home: is there a config.toml that is ours?"""
        return _is_home(self.root)

    def history(self, user: str) -> Path:
        """Where the lines that one user typed are kept for the arrow keys."""
        return self.state / f"history-{user}"


def find(flag: Path | None, env: Mapping[str, str], cwd: Path) -> Home:
    """The home meant: the flag, FILLIN_HOME, the nearest folder upward that is one, else default.

    It may not be planted yet, except where it was found upward.
    """
    named = flag or (Path(env["FILLIN_HOME"]) if env.get("FILLIN_HOME") else None)
    if named is not None:
        return Home(Path(os.path.normpath(cwd / named.expanduser())))
    for folder in (cwd, *cwd.parents):
        if _is_home(folder):
            return Home(folder)
    return default(env)


def default(env: Mapping[str, str]) -> Home:
    """The home in the platform's data folder; XDG_DATA_HOME is honoured."""
    from platformdirs import user_data_path

    if env.get("XDG_DATA_HOME"):
        return Home(Path(env["XDG_DATA_HOME"]).expanduser().absolute() / "fillin")
    return Home(user_data_path("fillin", appauthor=False))


def _is_home(folder: Path) -> bool:
    # A file that is broken TOML further down must still be found, or its error would never be
    # told: so the [echo] line alone decides.
    try:
        return bool(_OURS.search((folder / "config.toml").read_text("utf-8", "replace")))
    except OSError:  # no file there, or not ours to read: either way not this home
        return False


# ── planting ─────────────────────────────────────────────────────────────────────────────────


def seed() -> Path | None:
    """The folder with the seed brains and the manifest: in the wheel, else the checkout's root."""
    package = Path(__file__).parent
    for folder in (package / "seed", package.parent):
        if (folder / "manifest").is_dir() and (folder / "models").is_dir():
            return folder
    return None


def plant(home: Home, *, settings: str, seed: Path | None) -> tuple[Path, ...]:
    """Make a home and answer what was made; what is already there is never touched.

    settings: the text of config.toml (echo.config.template renders it). Raises HomeError for a
    folder that holds other things, or that cannot be written.
    """
    try:
        _refuse_strangers(home.root)
        return tuple(_plant(home, settings, seed))
    except OSError as exc:
        raise HomeError(
            "The folder {path} cannot be written: {reason}.",
            "Choose another folder, or make this one yours.",
            path=home.root,
            reason=exc.strerror or exc,
        ) from exc


def _refuse_strangers(root: Path) -> None:
    if not root.exists() or _is_home(root):
        return
    if not root.is_dir():
        raise HomeError(
            "{path} is a file, not a folder.", "Name a new or an empty folder.", path=root
        )
    if any(p.name not in _KNOWN and not p.name.startswith(".") for p in root.iterdir()):
        raise HomeError(
            "The folder {path} holds other things.", "Name a new or an empty folder.", path=root
        )


def _plant(home: Home, settings: str, seed: Path | None) -> Iterator[Path]:
    if not home.root.exists():
        home.root.mkdir(parents=True, mode=0o700)
        yield home.root
    for folder, mode in ((home.memory, 0o700), (home.manifest, 0o755), (home.models, 0o755)):
        if not folder.exists():
            folder.mkdir(mode=mode)
            yield folder
    make_private(home.memory)
    if _write_new(home.memory / ".gitignore", "*\n"):  # memory is never committed, wherever it is
        yield home.memory / ".gitignore"
    if seed is not None and seed.resolve() != home.root.resolve():
        yield from _seeds(seed / "manifest", home.manifest)
        yield from _seeds(seed / "models", home.models)
    if _write_new(home.config, settings):  # last: a home is a home once all of it is there
        yield home.config


def _write_new(path: Path, text: str) -> bool:
    """Write a private file unless there is one; whether it was written."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    return True


def _seeds(source: Path, target: Path) -> Iterator[Path]:
    fetched = {p.stem for p in (source / ".pulled").glob("*.json")}  # models of that home's own
    for file in sorted(p for p in source.iterdir() if p.is_file() and p.name not in fetched):
        copy = target / file.name
        if not os.path.lexists(copy):
            shutil.copyfile(file, copy)  # no link: whoever trains or edits one changes one
            yield copy


# ── who may read it, and what it stands on ───────────────────────────────────────────────────


def make_private(path: Path) -> bool:
    """Folders 0700, files 0600; whether the mode could be set.

    Some network mounts decide modes themselves and refuse; Echo lives there all the same.
    """
    try:
        path.chmod(0o700 if path.is_dir() else 0o600)
    except PermissionError:
        return False
    return True


def filesystem(path: Path, mountinfo: str | None = None) -> str:
    """The kind of filesystem path is on ("" if unknown), from the text of /proc/self/mountinfo.

    Of the mounts above path the deepest wins; of two at the same place the later.
    """
    if mountinfo is None:
        mountinfo = _mountinfo()
    where = path.resolve()
    depth, kind = -1, ""
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        mount = Path(_OCTAL.sub(lambda m: chr(int(m[1], 8)), fields[4]))
        if where.is_relative_to(mount) and len(mount.parts) >= depth:
            depth, kind = len(mount.parts), after.split(" ")[0]
    return kind


def _mountinfo() -> str:
    try:
        return Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")
    except OSError:  # not Linux: nothing is known, and a local disk is the likelier guess
        return ""


def is_network(kind: str) -> bool:
    """Does this kind of filesystem live on another machine? WAL does not work there."""
    return kind.startswith(_NETWORK)
