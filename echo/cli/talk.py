"""`fillin chat`, `boot` and `insight`: what a person comes for every day."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from echo.cli import asjson
from echo.cli.door import Door, JsonOption, add
from echo.cli.facts import deepened
from echo.cli.typed import day, piped, whole
from echo.errors import BrainError, DamagedError, Interrupted, UsageError
from echo.i18n import msgid
from echo.nouns import VOICES, Delta, Exchange, Insight, Replied, Waking

if TYPE_CHECKING:
    from echo.mind.session import Session
    from echo.render.meter import Meter
    from echo.render.stream import Stream
    from echo.repl.signals import Signals
    from echo.wake import Booted, BootOptions

STAGES = ("memory", "replay", *VOICES)
Stop = Callable[[], bool]


def register(app: typer.Typer) -> None:
    """The commands of this file."""
    add(app, "chat", chat, msgid("talk with Echo; one turn with -m or piped words"))
    add(app, "boot", boot, msgid("read what is new in memory/ and manifest/"))
    add(app, "insight", insight, msgid("what a day was like: feelings, topics, what moved it"))


# ── chat ─────────────────────────────────────────────────────────────────────────────────────


def chat(
    door: Door,
    message: Annotated[
        str | None, typer.Option("-m", "--message", metavar="TEXT", help=msgid("say one thing"))
    ] = None,
    mode: Annotated[
        str | None,
        typer.Option("--mode", metavar="full|auto|solo", help=msgid("which voices answer")),
    ] = None,
    new: Annotated[bool, typer.Option("--new", help=msgid("begin a new conversation"))] = False,
    as_json: JsonOption = False,
) -> None:
    """The REPL, or one turn."""
    door = door.flagged("chat.mode", mode, "--mode")
    door = door.flagged("chat.resume", False if new else None, "--new")
    said = message if message is not None or sys.stdin.isatty() else piped(sys.stdin)
    if said is not None and not said.strip():
        raise UsageError("Nothing was said.", "Say it with -m TEXT, or pipe it in.")
    if said is not None:
        _once(door.settled(), said, as_json)
    elif as_json or not sys.stdout.isatty():
        raise UsageError(
            "A chat needs a terminal to answer on.", "Say one thing with -m TEXT, or pipe it in."
        )
    else:
        raise typer.Exit(_converse(door.settled()))


def _converse(door: Door) -> int:
    from echo.repl.loop import run

    def awake(progress: Callable[[Waking], None], stop: Stop) -> Session:
        from echo.wake import wake  # behind the prompt: every room is imported with it

        return wake(door.home, door.config, lang=door.lang, progress=progress, stop=stop)

    history = door.home.history(door.user)
    return run(awake, screen=door.screen(), words=door.words, history=history)


def _once(door: Door, said: str, as_json: bool) -> None:
    """One turn. A signal keeps what was said so far, and is told by the exit code."""
    from echo.repl.signals import Flag, Signals

    stop = Flag()
    with Signals() as signals, signals.during(interrupt=stop.set, leave=stop.set):
        try:
            exchange = _answered(door, said, stop, as_json)
        except Interrupted:  # before there was an answer
            raise typer.Exit(_stopped_by(signals)) from None
    if as_json:
        asjson.put(asjson.exchange(exchange))
    if stop():
        raise typer.Exit(_stopped_by(signals))


def _stopped_by(signals: Signals) -> int:
    """The exit code a shell expects: 130 after Ctrl-C, 128 and the number after other signals."""
    return 128 + signals.leaving if signals.leaving else Interrupted.exit_code


def _answered(door: Door, said: str, stop: Stop, as_json: bool) -> Exchange:
    session = _awake(door, stop)
    stream = None if as_json else door.screen().stream()
    try:
        return _played(session, said, stop, stream)
    finally:
        if stream is not None:
            stream.end()
        session.close()


def _played(session: Session, said: str, stop: Stop, stream: Stream | None) -> Exchange:
    for event in session.turn(said, stop):
        if isinstance(event, Delta) and stream is not None:
            stream.write(event.text)
        elif isinstance(event, Replied):
            return event.exchange
    raise AssertionError("a turn ends with Replied")


def _awake(door: Door, stop: Stop) -> Session:
    from echo.wake import wake

    with _Progress(door, sys.stderr) as progress:
        return wake(door.home, door.config, lang=door.lang, progress=progress, stop=stop)


class _Progress:
    """Waking steps as a meter on a terminal; what failed as a line, everywhere."""

    def __init__(self, door: Door, file: TextIO) -> None:
        from echo.render.meter import Meter

        self._screen = door.screen(file)
        self._meter = Meter(file)

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._meter.end()

    def __call__(self, step: Waking) -> None:
        if step.error:
            self._meter.end()
            self._screen.waking(step)
            return
        self._meter.update((STAGES.index(step.stage) + step.done) / len(STAGES), step.note)


# ── boot ─────────────────────────────────────────────────────────────────────────────────────


def boot(
    door: Door,
    full: Annotated[bool, typer.Option("--full", help=msgid("read everything again"))] = False,
    year: Annotated[
        str | None,
        typer.Option(
            "--year",
            metavar="YEAR",
            help=msgid("year of day files that name none"),
        ),
    ] = None,
    adopt: Annotated[
        bool, typer.Option("--adopt", help=msgid("take a changed manifest into the identity"))
    ] = False,
    deep: Annotated[
        bool, typer.Option("--deep", help=msgid("have a model look for facts, some turns a run"))
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Replay memory and manifest, and tell what was read."""
    from echo import wake
    from echo.render.meter import Meter

    door = door.settled()
    meter = Meter(sys.stderr, room=49)
    options = wake.BootOptions(
        full=full, year=whole(year, 1900, 9999) if year else None, adopt=adopt
    )
    try:
        done = _booted(door, meter, options)
    except DamagedError:
        door.note(wake.HEALING)
        wake.rebuilt(door.home, door.config, lambda s: meter.update(s.done, s.note))
        meter.end()
        done = _booted(door, meter, options)
    if as_json:
        asjson.put(asjson.boot(done.replay, done.identity, peak_rss_mb=peak_rss_mb()))
    else:
        door.screen().replay(done.replay)
        door.screen().notice(
            door.words(msgid("Echo is identity {version}, {digest}.")).format(
                version=done.identity.version, digest=done.identity.digest[:8]
            )
        )
    if deep:
        deepened(door)
    if done.manifest_differs:
        door.note(msgid("manifest/ says something new; `fillin boot --adopt` makes it Echo's own."))


def _booted(door: Door, meter: Meter, options: BootOptions) -> Booted:
    from echo import wake
    from echo.render.waking import pace

    began = time.monotonic()

    def draw(step: Waking) -> None:
        meter.update(step.done, pace(step, time.monotonic() - began, door.words))

    with door.store() as store:
        try:
            return wake.boot(door.home, door.config, store, draw, options)
        finally:
            meter.end()


def peak_rss_mb() -> float:
    """The most memory this process has held, in MB.

    Linux tells it per program (VmHWM, proc(5)); ru_maxrss there begins with what the parent held.
    """
    import resource

    status = Path("/proc/self/status")
    if status.exists():
        line = next(x for x in status.read_text("ascii").splitlines() if x.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


# ── insight ──────────────────────────────────────────────────────────────────────────────────


def insight(
    door: Door,
    on: Annotated[
        str | None,
        typer.Option("--day", metavar="YYYY-MM-DD", help=msgid("another day than today")),
    ] = None,
    week: Annotated[bool, typer.Option("--week", help=msgid("the seven days up to it"))] = False,
    month: Annotated[bool, typer.Option("--month", help=msgid("its month up to it"))] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help=msgid("as Markdown"))] = False,
    no_model: Annotated[
        bool, typer.Option("--no-model", help=msgid("without a paragraph in Echo's words"))
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """What a span of days was like."""
    from echo.config import zone

    until = day(on) if on else datetime.now(zone(door.config)).date()
    since = until.replace(day=1) if month else until - timedelta(days=6 if week else 0)
    told = _insight(door, since, until, paragraph=not no_model)
    if as_json:
        from echo.insight.span import as_json as contract

        asjson.put(contract(told))
    elif markdown:
        from echo.render.markdown import insight as lines

        door.screen().show(lines(told, door.words, door.user))
    else:
        door.screen().insight(told, user=door.user)


def _insight(door: Door, since: date, until: date, *, paragraph: bool) -> Insight:
    """The figures, and a paragraph when there is something to say and a brain to say it."""
    from echo.config import zone
    from echo.insight.span import insight

    with door.store() as store:
        told = insight(store, door.user, since, until, zone=zone(door.config))
    if paragraph and told.lines:
        told = _in_words(door, since, until) or told
    if since == until and told.lines:
        _keep(door, told, since)
    return told


def _keep(door: Door, told: Insight, on: date) -> None:
    """The day's insight.json, as boot writes it, now with the paragraph."""
    from echo.insight.span import write_day

    write_day(door.home.memory / door.user / f"day{on:%Y%m%d}", told)


def _in_words(door: Door, since: date, until: date) -> Insight | None:
    try:
        session = _awake(door, lambda: False)
    except BrainError as exc:  # the figures need no brain
        door.screen(sys.stderr).error(exc)
        return None
    try:
        return session.insight(since, until, paragraph=True)
    except BrainError as exc:
        door.screen(sys.stderr).error(exc)
        return None
    finally:
        session.close()
