"""What the feeling reader sees in one line. Knows a Mood, not who said it."""

from __future__ import annotations

from collections.abc import Iterator

from echo.i18n import Words
from echo.nouns import Mood
from echo.render.exchange import feelings
from echo.render.lines import Line, line


def view(value: Mood, _: Words) -> Iterator[Line]:
    """Both axes, the feelings, and the words that moved them."""
    yield line(
        _("pleasantness {valence}, stirredness {arousal}").format(
            valence=f"{value.valence:+.2f}", arousal=f"{value.arousal:.2f}"
        )
    )
    names = feelings(_)
    if value.feelings:
        told = ", ".join(f"{names.get(name, name)} {score:.2f}" for name, score in value.feelings)
        yield line((_("feelings: {told}").format(told=told), "strong"))
    if value.evidence:
        told = ", ".join(f"{word} {weight:+.2f}" for word, weight in value.evidence)
        yield line((_("because of: {told}").format(told=told), "dim"))
    if not value.feelings and not value.evidence:
        yield line((_("No feeling shows in these words."), "dim"))
