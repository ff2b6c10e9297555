"""`fillin memory show, edit, forget, export, verify, rebuild`: a memory that is its user's own."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from echo.cli import asjson
from echo.cli.door import Door, JsonOption, add, nobody
from echo.cli.giving import export
from echo.cli.typed import day, whole
from echo.config import zone
from echo.errors import UsageError
from echo.i18n import msgid
from echo.nouns import Turn
from echo.text import scrub

if TYPE_CHECKING:
    from echo.memory.cleaning import Holding
    from echo.memory.proof import Proof
    from echo.memory.rights import Choice, Forgotten
    from echo.memory.store import Store

RefOption = Annotated[
    str | None, typer.Option("--ref", metavar="REF", help=msgid("one turn, by its name"))
]
DayOption = Annotated[
    str | None, typer.Option("--day", metavar="YYYY-MM-DD", help=msgid("the turns of one day"))
]
FromOption = Annotated[
    str | None, typer.Option("--from", metavar="YYYY-MM-DD", help=msgid("from this day on"))
]
ToOption = Annotated[
    str | None, typer.Option("--to", metavar="YYYY-MM-DD", help=msgid("up to this day"))
]
SpeakerOption = Annotated[
    str | None, typer.Option("--speaker", metavar="NAME", help=msgid("what one of you said"))
]
TextOption = Annotated[
    str | None, typer.Option("--text", metavar="WORDS", help=msgid("turns that hold these words"))
]
BACKUPS_SHOWN = 10


def register_memory(app: typer.Typer) -> None:
    """The commands under `memory` that are the user's rights."""
    add(app, "export", export, msgid("give out everything remembered"))
    add(app, "show", show, msgid("turns as they are kept, with their refs"))
    add(app, "edit", edit, msgid("put other words in the place of a turn's"))
    add(app, "forget", forget, msgid("take turns out for good, and prove it"))
    add(app, "verify", verify, msgid("check database, index and journal against each other"))
    add(app, "rebuild", rebuild, msgid("make the database anew from journal and day files"))


# ── which turns ──────────────────────────────────────────────────────────────────────────────


def _choice(
    door: Door, days: tuple[str | None, str | None, str | None], *,
    ref: str | None, speaker: str | None = None, text: str | None = None,
) -> Choice:  # fmt: skip
    from echo.memory.rights import Choice

    on, first, last = days
    if on and (first or last):
        raise UsageError("Name one day or a span of days.", "--day, or --from and --to.")
    where = zone(door.config)
    begin, end = on or first, on or last
    since = datetime.combine(day(begin), time(), where) if begin else None
    until = datetime.combine(day(end) + timedelta(days=1), time(), where) if end else None
    return Choice(ref or "", since, until, scrub(speaker or ""), scrub(text or ""))


def show(
    door: Door,
    ref: RefOption = None,
    on: DayOption = None,
    first: FromOption = None,
    last: ToOption = None,
    speaker: SpeakerOption = None,
    text: TextOption = None,
    limit: Annotated[
        str | None, typer.Option("--limit", metavar="N", help=msgid("at most so many"))
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print turns, oldest first."""
    from echo.memory import rights

    choice = _choice(door, (on, first, last), ref=ref, speaker=speaker, text=text)
    most = whole(limit, 1, 999_999_999) if limit else None
    with door.store() as store:
        turns = list(rights.show(store, door.user, choice, most))
        if ref and not turns:
            raise rights.nobody_said(ref)
    for turn in turns:
        if as_json:
            asjson.put({**asjson.turn(turn), "session": turn.session})
    if not as_json:
        from echo.render.rights import turns as lines

        door.screen().show(lines(turns, door.words, door.user))


def edit(
    door: Door,
    ref: Annotated[str, typer.Argument(metavar="REF", help=msgid("the turn's name"))],
    text: Annotated[list[str], typer.Argument(metavar="TEXT", help=msgid("the new words"))],
    as_json: JsonOption = False,
) -> None:
    """Replace the words of one turn."""
    from echo.memory import rights

    with door.store() as store:
        turn = rights.edit(store, door.user, ref, scrub(" ".join(text)))
    if as_json:
        asjson.put(asjson.turn(turn))
    else:
        door.note(msgid("Turn {ref} says something else now; the journal keeps the old words, "
                        "`fillin memory forget` takes them out too."), ref=ref)  # fmt: skip


# ── forget ───────────────────────────────────────────────────────────────────────────────────


def forget(
    door: Door,
    ref: RefOption = None,
    on: DayOption = None,
    first: FromOption = None,
    last: ToOption = None,
    speaker: SpeakerOption = None,
    text: TextOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help=msgid("all that is remembered of this user"))
    ] = False,
    clean_files: Annotated[
        bool, typer.Option("--clean-files", help=msgid("empty those lines in day files too"))
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help=msgid("do not ask"))] = False,
    as_json: JsonOption = False,
) -> None:
    """Take turns out of memory, its index and its journal, then look for every byte of them."""
    from echo.memory import rights

    choice = _choice(door, (on, first, last), ref=ref, speaker=speaker, text=text)
    if choice.all != everything:
        raise UsageError(
            "Say what is to be forgotten.",
            "--ref, --day, --from and --to, --speaker, --text; or --all by itself.",
        )
    if not door.home.planted:
        raise nobody(door.home)
    from echo.wake import open_store

    store = open_store(door.home, door.config, presence="alone")
    try:
        found = rights.to_forget(store, door.user, choice)
        if ref and not found:
            raise rights.nobody_said(ref)
        if not found:
            door.note(msgid("Nothing in memory is like that; nothing was changed."))
        elif not yes and not _agreed(door, found):
            door.note(msgid("Nothing was changed."))
            return
        done = rights.forget(store, door.user, choice)
        proof, held = _proved(door, store, done, choice, clean_files=clean_files)
    finally:
        store.close()
    if as_json:
        asjson.put({**_as_json(done, proof, held), "backups": _backups(door)})
    else:
        _tell(door, done, proof, held)


def _agreed(door: Door, found: Sequence[Turn]) -> bool:
    """Ask on a terminal; anywhere else --yes has to be said."""
    if not sys.stdin.isatty():
        raise UsageError("This needs a yes.", "Add --yes, or run it on a terminal.")
    from echo.render.rights import turns as lines

    err = door.screen(sys.stderr)
    err.show(lines(found[:10], door.words, door.user))
    asked = door.words(msgid("Forget {n} turns for good? (yes/no)")).format(n=len(found))
    sys.stderr.write(f"{asked} ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes", "네", "예", "응")


def _proved(
    door: Door, store: Store, done: Forgotten, choice: Choice, *, clean_files: bool
) -> tuple[Proof, list[Holding]]:
    """Clean what is to be cleaned, then look for every byte; and which day files hold on."""
    from echo.insight.days import tell_days
    from echo.memory import cleaning, proof, rights
    from echo.memory.replay import replay

    said = [turn.text for turn in done.turns]
    wanted = proof.pieces([choice.text, *said])
    rights.clear_days(door.home.memory, door.user, done.days)
    cleaning.clean_history(door.home.history(door.user), [t for t in [choice.text, *said] if t])
    held = cleaning.holding(store, door.home.memory, door.user)
    if held and clean_files:
        cleaning.clean(store, door.user, held)
        held = []
        replay(store, door.home.memory, door.user, zone=zone(door.config))
    tell_days(store, door.user, door.home.memory, zone=zone(door.config))
    others = rights.still_said(store, wanted)
    wanted = [piece for piece in wanted if piece not in others]
    return proof.search(door.home.root, wanted, leave_out=(door.home.models,)), held


def _as_json(done: Forgotten, proof: Proof, held: Sequence[Holding]) -> dict[str, object]:
    return {
        "forgotten": len(done.turns),
        "replies": done.replies,
        "days": list(done.days),
        "searched": {"files": proof.files, "bytes": proof.bytes, "unread": list(proof.unread)},
        "pieces": {"looked_for": proof.looked_for, "of": proof.pieces},
        "still": [name for name, _ in proof.found],
        "input_files": {one.file.name: len(one.spans) for one in held},
        "gone": not proof.found and not proof.unread and not held,
    }


def _tell(door: Door, done: Forgotten, proof: Proof, held: Sequence[Holding]) -> None:
    from echo.render.rights import Searched, forgotten

    door.screen().show(
        forgotten(
            (len(done.turns), done.replies),
            Searched(proof.files, proof.looked_for, proof.pieces, proof.found, proof.unread),
            [(one.file.name, len(one.spans)) for one in held],
            door.words,
        )
    )
    backups = _backups(door)
    for where in backups[:BACKUPS_SHOWN]:
        door.note(msgid("A backup made before now may still hold them: {path}."), path=where)
    if len(backups) > BACKUPS_SHOWN:
        door.note(msgid("and {more} more"), more=len(backups) - BACKUPS_SHOWN)


def _backups(door: Door) -> list[str]:
    """Where this home's backups are, but those that were taken away from this machine."""
    from echo.keeping.record import every

    found = [one.where for one in every(door.home)]
    return [where for where in found if not where.startswith("/") or os.path.lexists(where)]


# ── whole and anew ───────────────────────────────────────────────────────────────────────────


def verify(door: Door, as_json: JsonOption = False) -> None:
    """Look for anything that does not agree."""
    from echo.memory.verify import verify as look
    from echo.render.rights import findings
    from echo.wake import open_store

    if not door.home.planted:
        raise nobody(door.home)
    report = look(lambda: open_store(door.home, door.config), door.home.database, door.home.memory)
    if as_json:
        found = [
            {"where": f.where, "what": f.what.format(**f.params), "next": f.next.format(**f.params)}
            for f in report.findings
        ]
        asjson.put({"ok": report.ok, "checked": report.counts, "findings": found})
    else:
        told = [(f.where, f.what, f.next, f.params) for f in report.findings]
        door.screen().show(findings(report.counts, told, door.words))
    if not report.ok:
        raise typer.Exit(1)


def rebuild(door: Door, as_json: JsonOption = False) -> None:
    """Make the database anew."""
    from echo.render.meter import Meter
    from echo.wake import rebuilt

    if not door.home.planted:
        raise nobody(door.home)
    meter = Meter(sys.stderr)
    try:
        done = rebuilt(door.home, door.config, lambda s: meter.update(s.done, s.note))
    finally:
        meter.end()
    if as_json:
        asjson.put({
            "same": done.same, "damaged": done.damaged, "put_aside": done.put_aside,
            "counts": dict(done.counts),
            "skipped": [{"file": s.file, "reason": s.reason} for s in done.skipped],
        })  # fmt: skip
        return
    from echo.render.rights import rebuilt as lines

    door.screen().show(lines(done.counts, done.put_aside, done.skipped, door.words, same=done.same))
