"""An insight as Markdown, for somebody's notes. Knows values; the screen makes every line safe."""

from __future__ import annotations

import re
from collections.abc import Iterator

from echo.i18n import Words
from echo.nouns import Figure, Insight
from echo.render.lines import Line, line
from echo.render.memory import who
from echo.text import one_line

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~])")


def insight(value: Insight, _: Words, user: str) -> Iterator[Line]:
    """Headings, a list of figures, the lines that moved the day as quotes."""
    span = value.since if value.since == value.until else f"{value.since} – {value.until}"
    yield line(f"# {span}")
    yield line()
    if value.words:
        yield line(escaped(value.words))
        yield line()
    yield from _figures(value, _)
    yield from _list(_("Topics"), (f"{escaped(word)} ({n})" for word, n in value.topics))
    moved = (
        f"{escaped(turn.text)} — {who(turn.speaker, _, user)}, {turn.at:%H:%M} ({weight:+.2f})"
        for turn, weight in value.moved
    )
    yield from _list(_("What moved the day"), moved)
    yield from _list(_("To follow up"), (escaped(t) for t in (*value.threads, *value.patterns)))


def _figures(value: Insight, _: Words) -> Iterator[Line]:
    told = _("{exchanges} exchanges, {lines} lines").format(
        exchanges=value.exchanges, lines=value.lines
    )
    yield line(f"- {told}")
    for name, figure in ((_("pleasantness"), value.valence), (_("stirredness"), value.arousal)):
        yield line(f"- {name} {_figure(figure, _)}")


def _figure(figure: Figure, _: Words) -> str:
    return _("{value} over {n} lines").format(value=f"{figure.value:+.2f}", n=figure.n)


def _list(head: str, items: Iterator[str]) -> Iterator[Line]:
    kept = list(items)
    if kept:
        yield line()
        yield line(f"## {head}")
        yield line()
        for item in kept:
            yield line(f"- {item}")


def escaped(text: str) -> str:
    """Words that Markdown shows as they are, on one line."""
    return _SPECIAL.sub(r"\\\1", one_line(text))
