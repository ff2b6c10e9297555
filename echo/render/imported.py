"""What an import took in, or would take in. Knows a report, no file and no store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from echo.i18n import Words
from echo.nouns import Skipped
from echo.render.dates import moment
from echo.render.lines import Line, line

SKIPPED_SHOWN = 10
SPEAKERS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Report:
    """speakers: (name, turns); new and repeated count texts; dry: nothing was taken in;
    you: the user's name; notices: pictures, stickers, joins and the like that were passed over;
    known: turns that came in earlier, or were forgotten.
    """

    format: str
    turns: int
    speakers: tuple[tuple[str, int], ...]
    since: datetime | None
    until: datetime | None
    skipped: tuple[Skipped, ...]
    new: int
    repeated: int
    dry: bool
    you: str = ""
    notices: int = 0
    known: int = 0


def view(value: Report, _: Words) -> Iterator[Line]:
    """How much, by whom, from when to when, and what was left out."""
    told = _("{turns} turns as {format}.")
    yield line(told.format(turns=value.turns, format=value.format or "-"))
    yield from _speakers(value, _)
    if value.since is not None and value.until is not None:
        yield line(
            _("From {first} to {last}.").format(
                first=moment(value.since, _), last=moment(value.until, _)
            )
        )
    if value.notices:
        told = _("Passed over: {notices} (pictures, stickers, notices, hidden messages).")
        yield line((told.format(notices=value.notices), "dim"))
    if value.dry:
        yield line((_("Nothing was taken in; this was a dry run."), "dim"))
    else:
        told = _("{new} new, {repeated} said before.")
        yield line((told.format(new=value.new, repeated=value.repeated), "strong"))
        if value.known:
            told = _("{known} were here already, or were forgotten and stay so.")
            yield line((told.format(known=value.known), "dim"))
    yield from _skipped(value.skipped, _)


def _speakers(value: Report, _: Words) -> Iterator[Line]:
    """Who spoke, the most talkative first; counts stand first, so that no name misaligns them."""
    most = sorted(value.speakers, key=lambda one: -one[1])
    width = max((len(str(turns)) for _name, turns in most), default=0)
    for name, turns in most[:SPEAKERS_SHOWN]:
        you = f" ({_('you')})" if name == value.you else ""
        yield line(f"{turns:>{width}}  {name}", (you, "good"), indent=2)
    if len(most) > SPEAKERS_SHOWN:
        yield line((_("and {more} more").format(more=len(most) - SPEAKERS_SHOWN), "dim"), indent=2)
    if most and value.you and value.you not in dict(value.speakers):
        yield line((_("None of them is you. If one is, say who: --me NAME"), "warn"))


def _skipped(skipped: tuple[Skipped, ...], _: Words) -> Iterator[Line]:
    for skip in skipped[:SKIPPED_SHOWN]:
        told = _("Not read: {file}: {reason}").format(file=skip.file, reason=_(skip.reason))
        yield line((told, "warn"))
    if len(skipped) > SKIPPED_SHOWN:
        more = len(skipped) - SKIPPED_SHOWN
        yield line((_("and {more} more").format(more=more), "warn"))
