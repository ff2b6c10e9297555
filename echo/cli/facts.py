"""`fillin memory facts`: what the user told of themselves and theirs; take one back, mend one."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from echo.cli import asjson
from echo.cli.door import Door, JsonOption, add
from echo.errors import UsageError
from echo.i18n import msgid
from echo.nouns import Known
from echo.text import scrub


def register_memory(app: typer.Typer) -> None:
    """The command under `memory`."""
    add(app, "facts", facts, msgid("what you told of yourself and yours; mend or take back one"))


def facts(
    door: Door,
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[edit ID VALUE|retract ID]", help=msgid("nothing: show them all")),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help=msgid("what holds no more, too"))] = False,
    as_json: JsonOption = False,
) -> None:
    """Show, edit or retract."""
    words = list(what or ())
    if not words:
        _show(door, all_=all_, as_json=as_json)
    elif words[0] == "retract" and len(words) == 2:
        _retract(door, words[1], as_json)
    elif words[0] == "edit" and len(words) > 2:
        _edit(door, words[1], scrub(" ".join(words[2:])), as_json)
    else:
        raise UsageError(
            "That is nothing that can be done with facts.",
            "`memory facts`, `memory facts edit ID VALUE` or `memory facts retract ID`.",
        )


def _show(door: Door, *, all_: bool, as_json: bool) -> None:
    with door.store() as store:
        known = store.known(door.user)
    if as_json:
        for one in known:
            if all_ or one.until is None:
                asjson.put(as_dict(one))
        return
    from echo.render.facts import facts as lines

    door.screen().show(lines(known, door.words, all_=all_))


def _retract(door: Door, ident: str, as_json: bool) -> None:
    from echo.memory import factmends

    with door.store() as store:
        known = factmends.retract(store, door.user, ident)
    if as_json:
        asjson.put({**as_dict(known), "retracted": True})
    else:
        door.note(msgid("Taken back: {value}. The words that told it stay in memory; "
                        "`fillin memory forget` takes them out too."),
                  value=known.fact.value)  # fmt: skip


def _edit(door: Door, ident: str, value: str, as_json: bool) -> None:
    from echo.memory import factmends

    with door.store() as store:
        known = factmends.correct(store, door.user, ident, value)
    if as_json:
        asjson.put(as_dict(known))
    else:
        door.note(msgid("From now on it is {value}."), value=value)


def as_dict(known: Known) -> dict[str, Any]:
    """A fact as other programs read it."""
    fact = known.fact
    return {
        "id": known.id, "subject": fact.subject, "relation": fact.relation, "value": fact.value,
        "negated": fact.negated, "when": fact.when, "confidence": fact.confidence,
        "refs": list(known.refs), "valid_from": known.since.isoformat(),
        "valid_to": known.until.isoformat() if known.until else None,
        "contradicts": known.against, "edited": known.edited,
    }  # fmt: skip


def deepened(door: Door) -> None:
    """`boot --deep`: what a model reads out of turns. Ctrl-C ends it; the next run goes on."""
    from echo.render.meter import Meter
    from echo.repl.signals import Flag, Signals
    from echo.wake import deepen

    stop = Flag()
    meter = Meter(sys.stderr)
    with (
        door.store() as store,
        Signals() as signals,
        signals.during(interrupt=stop.set, leave=stop.set),
    ):
        try:
            turns, found = deepen(
                door.home, door.config, store, lambda s: meter.update(s.done, s.note),
                words=door.words, stop=stop,
            )  # fmt: skip
        finally:
            meter.end()
    door.note(msgid("{turns} turns were read once more; {facts} facts were found in them."),
              turns=turns, facts=found)  # fmt: skip
