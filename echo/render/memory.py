"""What memory answers, in lines: recollections, a boot's report, counts. Knows no store."""

from __future__ import annotations

import re
from collections.abc import Iterator

from echo.i18n import Words
from echo.nouns import ECHO, Hit, Recollection, Replay, Stats, Turn
from echo.render.dates import moment, when
from echo.render.lines import Line, line
from echo.text import one_line

SKIPPED_SHOWN = 10
_TIMES = re.compile(r"said (\d+) times")


def recollection(value: Recollection, _: Words, user: str) -> Iterator[Line]:
    """Every hit with its time in words, its neighbours, and why it came back."""
    if not value.known:
        yield line((_("Echo has not been told this."), "strong"))
    if not value.known and value.hits:
        yield line((_("The nearest it remembers:"), "dim"))
    for number, hit in enumerate(value.hits, start=1):
        yield from hit_lines(hit, _, user, number=number)


def hit_lines(hit: Hit, _: Words, user: str, *, number: int) -> Iterator[Line]:
    """One remembered turn: when, who, what, the turns around it, the reasons."""
    yield line(f"{number}. ", (when(hit.turn, _), "strong"))
    before = [turn for turn in hit.near if turn.at <= hit.turn.at]
    after = [turn for turn in hit.near if turn.at > hit.turn.at]
    for turn in before:
        yield line((said(turn, _, user), "dim"), indent=5)
    yield line(said(hit.turn, _, user), indent=3)
    for turn in after:
        yield line((said(turn, _, user), "dim"), indent=5)
    if hit.why:
        yield line((reasons(hit, _), "dim"), indent=3)


def said(turn: Turn, _: Words, user: str) -> str:
    """Who said what, on one line."""
    return f"{who(turn.speaker, _, user)}: {one_line(turn.text)}"


def who(speaker: str, _: Words, user: str) -> str:
    """A speaker as the user would name them."""
    if speaker == ECHO:
        return _("Echo")
    return _("you") if user and speaker == user else speaker


def reasons(hit: Hit, _: Words) -> str:
    """Why a hit came back: "because of: its own words 4.20, the date 1.10"."""
    named = reason_names(_)
    told = ", ".join(f"{_reason(name, named, _)} {weight:.2f}" for name, weight in hit.why)
    return _("because of: {reasons}").format(reasons=told)


def _reason(name: str, named: dict[str, str], _: Words) -> str:
    times = _TIMES.fullmatch(name)
    return _("said {n} times").format(n=times[1]) if times else named.get(name, name)


def reason_names(_: Words) -> dict[str, str]:
    """The reasons recall gives, in words."""
    return {
        "own": _("its own words"),
        "context": _("the words around it"),
        "session": _("its conversation"),
        "date": _("the date"),
        "speaker": _("who said it"),
        "when": _("it tells when"),
        "question": _("being a question"),
        "company": _("who was there"),
        "echo": _("being Echo's own words"),
        "number": _("it tells a number"),
        "length": _("how much it says"),
        "recent": _("being recent"),
        "feeling": _("how much it weighed"),
        "fact": _("it tells the fact asked for"),
        "former fact": _("it tells what held before"),
        "same session": _("more of the same conversation"),
    }


def replay(value: Replay, _: Words) -> Iterator[Line]:
    """What was read, what was new, what could not be read."""
    if not value.files:
        yield line(_("Nothing new to read."))
    else:
        yield line(
            _("{files} files, {lines} lines: {new} new, {repeated} said before.").format(
                files=value.files, lines=value.lines, new=value.new, repeated=value.repeated
            )
        )
        if value.days:
            yield line(_("Days: {days}").format(days=_span(value.days)))
        yield line((_("{seconds} s").format(seconds=f"{value.seconds:.1f}"), "dim"))
    for skip in value.skipped[:SKIPPED_SHOWN]:
        told = _("Not read: {file}: {reason}").format(file=skip.file, reason=_(skip.reason))
        yield line((told, "warn"))
    if len(value.skipped) > SKIPPED_SHOWN:
        more = len(value.skipped) - SKIPPED_SHOWN
        yield line((_("and {more} more").format(more=more), "warn"))


def _span(days: tuple[str, ...]) -> str:
    return days[0] if len(days) == 1 else f"{days[0]} - {days[-1]} ({len(days)})"


def stats(value: Stats, _: Words) -> Iterator[Line]:
    """How much is remembered and since when."""
    yield line(
        _("{occurrences} lines remembered, {texts} different, {repeated} repeated.").format(
            occurrences=value.occurrences, texts=value.texts, repeated=value.repeated
        )
    )
    yield line(
        _("{exchanges} exchanges with Echo over {days} days.").format(
            exchanges=value.exchanges, days=value.days
        )
    )
    if value.first is not None and value.last is not None:
        yield line(
            _("From {first} to {last}.").format(
                first=moment(value.first, _), last=moment(value.last, _)
            )
        )
    size = f"{value.database_bytes / 1_000_000:.1f}"
    yield line((_("{size} MB on disk.").format(size=size), "dim"))
