"""A span of days in lines: rhythm, topics, what moved it. ASCII charts; knows no store.

Bars stand to the right of aligned columns and are ASCII: block characters have an ambiguous width.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from echo.i18n import Words
from echo.nouns import Figure, Insight, Turn
from echo.render.dates import day, when
from echo.render.lines import BLANK, Line, Style, line
from echo.render.memory import said
from echo.text import one_line

THIN = 5  # lines under which a mean says little: one line correlates .67 with the day, five .82
HALF = 5  # columns of one side of a bar


def view(value: Insight, _: Words, user: str) -> Iterator[Line]:
    """The days, what Echo says of them, the figures with their counts, what stands out."""
    yield line((_dates(value, _), "strong"))
    yield line(
        (
            _("{exchanges} exchanges, {lines} lines of yours").format(
                exchanges=value.exchanges, lines=value.lines
            ),
            "dim",
        )
    )
    if value.words:
        yield line(value.words)
    if not value.lines:
        yield line(_("Nothing was said in this time."))
        return
    yield BLANK
    yield from _figures(value, _)
    yield from _hours(value.hours, _)
    yield from _topics(value.topics, _)
    yield from _moved(value.moved, _, user)
    yield from _sentences(_("What keeps coming back"), value.patterns)
    yield from _sentences(_("To follow up"), value.threads)
    if value.ungrounded:
        told = _("Said as if remembered, but found nowhere: {count}.")
        yield line((told.format(count=value.ungrounded), "warn"))


def _dates(value: Insight, _: Words) -> str:
    first = day(date.fromisoformat(value.since), _)
    if value.since == value.until:
        return first
    return _("{first} to {last}").format(first=first, last=day(date.fromisoformat(value.until), _))


def _figures(value: Insight, _: Words) -> Iterator[Line]:
    yield _row(_("Valence, -1 unpleasant to 1 pleasant"), value.valence, _)
    yield _row(_("Arousal, 0 calm to 1 stirred"), value.arousal, _)


def _row(name: str, figure: Figure, _: Words) -> Line:
    count = _count(figure.n, _)
    return line((f"{figure.value:+.2f}  {name} ({count})", _tone(figure)))


def _hours(hours: tuple[tuple[int, Figure], ...], _: Words) -> Iterator[Line]:
    if hours:
        yield line((_("By the hour"), "strong"))
    for hour, figure in hours:
        chart = f"{hour:02d} {figure.value:+.2f} n{figure.n:>3} {bar(figure.value)}"
        yield line((chart, _tone(figure)), indent=2)


def bar(value: float, half: int = HALF) -> str:
    """A value -1…1 drawn from the middle: "    ####|        "."""
    size = min(half, round(abs(value) * half))
    left = ("#" * size if value < 0 else "").rjust(half)
    return f"[{left}|{('#' * size if value > 0 else '').ljust(half)}]"


def _count(n: int, _: Words) -> str:
    told = _("{n} lines").format(n=n) if n != 1 else _("1 line")
    return _("{count}, few").format(count=told) if n < THIN else told


def _tone(figure: Figure) -> Style:
    return "dim" if figure.n < THIN else ""


def _topics(topics: tuple[tuple[str, int], ...], _: Words) -> Iterator[Line]:
    if topics:
        yield line((_("Topics"), "strong"))
        yield line(", ".join(f"{word} {count}" for word, count in topics), indent=2)


def _moved(moved: tuple[tuple[Turn, float], ...], _: Words, user: str) -> Iterator[Line]:
    if moved:
        yield line((_("What moved it"), "strong"))
    for turn, weight in moved:
        head = f"{weight:+.2f}  "
        yield line(head, said(turn, _, user), (f"  {when(turn, _)}", "dim"), indent=2)


def _sentences(head: str, items: tuple[str, ...]) -> Iterator[Line]:
    if items:
        yield line((head, "strong"))
    for item in items:
        yield line(f"- {one_line(item)}", indent=2)
