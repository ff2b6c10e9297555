"""`fillin backup`: made, proved, put back. Parses, asks for passphrases, calls keeping."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from echo.cli import asjson
from echo.cli.door import Door, JsonOption, add, nobody
from echo.cli.typed import whole
from echo.config import zone
from echo.errors import UsageError
from echo.home import Home
from echo.i18n import msgid

if TYPE_CHECKING:
    from echo.keeping.keys import Key, Lock

VARIABLE = "FILLIN_BACKUP_PASSPHRASE"

FileArgument = Annotated[str, typer.Argument(metavar="FILE", help=msgid("a backup, or its URL"))]
PassphraseFile = Annotated[
    str | None,
    typer.Option(
        "--passphrase-file", metavar="FILE", help=msgid("the passphrase is the first line of it")
    ),
]
IdentityFile = Annotated[
    str | None,
    typer.Option("--identity", metavar="FILE", help=msgid("your secret age or SSH key")),
]


def register_backup(app: typer.Typer) -> None:
    """The commands under `backup`."""
    add(app, "create", create, msgid("back up memory, manifest and settings; models are left out"))
    add(app, "verify", verify, msgid("prove that a backup can be restored"), reads=False)
    add(app, "restore", restore, msgid("put a backup back; what is there is moved aside"),
        reads=False)  # fmt: skip


# ── create ───────────────────────────────────────────────────────────────────────────────────


def create(
    door: Door,
    to: Annotated[
        str | None,
        typer.Argument(metavar="DEST", help=msgid("a folder, or a URL that fsspec knows")),
    ] = None,
    recipient: Annotated[
        str | None,
        typer.Option("--recipient", metavar="KEY", help=msgid("encrypt for an age or SSH key")),
    ] = None,
    passphrase: Annotated[
        bool, typer.Option("--passphrase", help=msgid("encrypt; ask for the passphrase"))
    ] = False,
    passphrase_file: PassphraseFile = None,
    plain: Annotated[bool, typer.Option("--plain", help=msgid("do not encrypt"))] = False,
    keep: Annotated[
        str | None,
        typer.Option(
            "--keep",
            metavar="N",
            help=msgid("then remove what this home made there before, but the newest N"),
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a backup and prove it."""
    from echo.keeping import create as making
    from echo.keeping import places

    if not door.home.planted:
        raise nobody(door.home)
    ways = (recipient, passphrase or None, passphrase_file, plain or None)
    if sum(way is not None for way in ways) > 1:
        raise UsageError(
            "A backup is encrypted in one way.",
            "Choose one of --recipient, --passphrase, --passphrase-file and --plain.",
        )
    wanted, base = (to, Path.cwd()) if to else (door.config.backup.to, door.home.root)
    if not wanted:
        raise UsageError(
            "Nobody has said where backups go.",
            "Name a folder, or set it for good: `fillin config set backup.to FOLDER`.",
        )
    lock = _lock(door, recipient, passphrase_file, asked=passphrase, plain=plain)
    if not lock.closed and not plain and places.local(wanted, base) is None:
        raise UsageError(
            "A backup that leaves this machine should be encrypted.",
            "Name a key with --recipient, use --passphrase, or insist with --plain.",
        )
    most = door.config.backup.keep if keep is None else whole(keep, 0, 10_000)
    wish = making.Wish(wanted, base, lock, door.user, most)
    with _meter() as progress:
        made = making.create(door.home, wish, clock=_clock(door), progress=progress)
    _tell_made(door, made, as_json=as_json)


def _tell_made(door: Door, made: Any, *, as_json: bool) -> None:
    from echo.keeping.places import shown

    where = shown(made.where)
    if as_json:
        asjson.put(
            {"backup": where, "bytes": made.bytes, "encrypted": made.encrypted,
             "passed": list(made.passed), "removed": list(made.removed),
             "stuck": list(made.stuck), **asdict(made.label)}
        )  # fmt: skip
        return
    say = door.screen().notice
    said = msgid("Backed up and proved: {path} ({size}, {files} files).")
    say(door.words(said).format(path=where, size=_size(made.bytes), files=made.label.files), "")
    if not made.encrypted:
        door.note(msgid("It is not encrypted: whoever can read the file can read your memory."))
    door.note(msgid("Models are not in it; they can be fetched again."))
    for name in made.passed[:10]:
        door.note(msgid("Left out, it is no file that can be read: {path}"), path=name)
    if len(made.passed) > 10:
        door.note(msgid("and {more} more"), more=len(made.passed) - 10)
    for name in made.removed:
        door.note(msgid("Removed, for newer ones are enough: {path}"), path=name)
    for name in made.stuck:
        door.note(msgid("This older one could not be removed: {path}"), path=name)


def _lock(
    door: Door, recipient: str | None, passphrase_file: str | None, *, asked: bool, plain: bool
) -> Lock:
    """Flags before the variable, the variable before the setting."""
    from echo.keeping.keys import Lock, recipients

    if plain:
        return Lock()
    if recipient is not None:
        return Lock(recipients(recipient, Path.cwd()))
    if passphrase_file is not None:
        return Lock(passphrase=_first_line(Path(passphrase_file)))
    if asked:
        return Lock(passphrase=_asked(door, twice=True))
    if door.env.get(VARIABLE):
        return Lock(passphrase=door.env[VARIABLE])
    return Lock(recipients(door.config.backup.recipient, door.home.root))


# ── verify, restore ──────────────────────────────────────────────────────────────────────────


def verify(
    door: Door,
    file: FileArgument,
    identity: IdentityFile = None,
    passphrase_file: PassphraseFile = None,
    as_json: JsonOption = False,
) -> None:
    """Take everything out once more, and throw it away."""
    from echo.keeping import places
    from echo.keeping.prove import prove

    with (
        _workroom(door.home) as work,
        places.reading(file, Path.cwd(), work) as opened,
    ):
        key = _key(door, opened, identity, passphrase_file)
        with _meter() as progress:
            proof = prove(opened, key, work, progress=progress)
    label = proof.label
    if as_json:
        asjson.put({"backup": places.shown(file), "whole": True, "encrypted": proof.encrypted,
                    "file_bytes": proof.bytes, **asdict(label)})  # fmt: skip
        return
    said = msgid("This backup is whole: {files} files, {size}, made {at} by {user}.")
    door.screen().notice(
        door.words(said).format(
            files=label.files, size=_size(label.bytes), at=label.made_at, user=label.user
        ),
        "",
    )


def restore(
    door: Door,
    file: FileArgument,
    into: Annotated[
        str | None,
        typer.Option("--into", metavar="DIR", help=msgid("a new home, in an empty folder")),
    ] = None,
    identity: IdentityFile = None,
    passphrase_file: PassphraseFile = None,
    as_json: JsonOption = False,
) -> None:
    """Put everything back; nothing is overwritten."""
    from echo.keeping import places
    from echo.keeping import restore as restoring

    home = Home(Path(into).expanduser().absolute()) if into else door.home
    asked = restoring.Asked(home, into is not None, _clock(door))
    restoring.check_target(asked)
    with (
        restoring.workshop(home) as work,
        places.reading(file, Path.cwd(), work) as opened,
    ):
        key = _key(door, opened, identity, passphrase_file)
        with _meter() as progress:
            back = restoring.restore(opened, key, asked, work, progress=progress)
    if as_json:
        asjson.put({"home": str(back.home), "before": str(back.before) if back.before else None,
                    "users": list(back.users), **asdict(back.label)})  # fmt: skip
        return
    said = msgid("Restored into {path}: {files} files, as they were on {at}.")
    door.screen().notice(
        door.words(said).format(path=back.home, files=back.label.files, at=back.label.made_at),
        "",
    )
    if back.before is not None:
        door.note(msgid("What was there before is kept in {path}."), path=back.before)
    door.note(msgid("Models are not part of a backup; put them into {path}."), path=home.models)


def _workroom(home: Home) -> AbstractContextManager[Path]:
    from echo.keeping.workroom import apart, workroom

    return workroom(home) if home.planted else apart()


def _key(door: Door, file: Any, identity: str | None, passphrase_file: str | None) -> Key:
    """What opens this file, asked for only when it is needed."""
    from echo.keeping import age
    from echo.keeping.keys import Key, identities

    if not age.is_locked(file):
        return Key()
    if not age.needs_passphrase(file):
        return Key(identities(Path(identity).expanduser())) if identity else Key()
    if passphrase_file is not None:
        return Key(passphrase=_first_line(Path(passphrase_file)))
    if door.env.get(VARIABLE):
        return Key(passphrase=door.env[VARIABLE])
    return Key(passphrase=_asked(door)) if sys.stdin.isatty() else Key()


# ── passphrases ──────────────────────────────────────────────────────────────────────────────


def _first_line(path: Path) -> str:
    from echo.keeping.keys import taken

    line = taken(path.expanduser(), lambda file: file.readline(4096))
    return _not_empty(line.decode("utf-8", "replace").rstrip("\r\n"))


def _asked(door: Door, *, twice: bool = False) -> str:
    if not sys.stdin.isatty():
        raise UsageError(
            "There is no terminal to ask for a passphrase.",
            "Name a file that holds it with --passphrase-file, or set {variable}.",
            variable=VARIABLE,
        )
    first = getpass.getpass(door.words(msgid("Passphrase: ")))
    if twice and getpass.getpass(door.words(msgid("Once more: "))) != first:
        raise UsageError("The two passphrases differ.", "Try again.")
    return _not_empty(first)


def _not_empty(passphrase: str) -> str:
    if not passphrase:
        raise UsageError("The passphrase is empty.", "Write one; longer is better.")
    return passphrase


# ── small things ─────────────────────────────────────────────────────────────────────────────


def _clock(door: Door) -> Callable[[], datetime]:
    where = zone(door.config)
    return lambda: datetime.now(where)


@contextmanager
def _meter() -> Iterator[Callable[[float], None]]:
    from echo.render.meter import Meter

    meter = Meter(sys.stderr)
    try:
        yield meter.update
    finally:
        meter.end()


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 100_000 else f"{count / 1000:.1f} kB"
