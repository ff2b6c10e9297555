"""The health of a home in lines: one line a finding, and under it what to do. Knows no check."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from echo.i18n import Words
from echo.render.errors import sentence
from echo.render.lines import BLANK, Line, Style, line

_FIELD = re.compile(r"\{(\w+)\}")
State = Literal["good", "warn", "bad"]
_MARKS: Mapping[State, tuple[str, Style]] = {
    "good": ("ok  ", "good"),
    "warn": (" !  ", "warn"),
    "bad": (" x  ", "bad"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at and how it is. name: for programs; title, said and mend: sentences with
    {named} fields, for people; mend: "" where there is nothing to do. bad: it must be mended.
    Of the params, reason and first may be sentences themselves, with fields of the others."""

    name: str
    title: str
    state: State
    said: str
    mend: str = ""
    params: Mapping[str, object] = field(default_factory=dict)


def told(value: Finding, _: Words) -> tuple[str, str, str]:
    """Title, what was found, what to do, in words."""
    params = dict(value.params)
    for name in ("reason", "first"):
        if isinstance(inner := params.get(name), str):
            params[name] = _FIELD.sub(lambda found: str(params.get(found[1], found[0])), _(inner))
    mend = sentence(_(value.mend), params) if value.mend else ""
    return _(value.title), sentence(_(value.said), params), mend


def one(finding: Finding, _: Words) -> Iterator[Line]:
    """A line of what was found, and under it what to do."""
    title, said, mend = told(finding, _)
    yield line(_MARKS[finding.state], (f"{title}: ", "strong"), said)
    if mend:
        yield line((mend, "dim"), indent=8)


def view(findings: Iterable[Finding], _: Words) -> Iterator[Line]:
    """Everything that was looked at, and whether all is well."""
    worst: set[State] = set()
    for finding in findings:
        worst.add(finding.state)
        yield from one(finding, _)
    yield BLANK
    if "bad" in worst:
        yield line((_("Something must be mended: see the lines marked x."), "bad"))
    elif "warn" in worst:
        yield line(_("Echo is well; the lines marked ! are worth a look."))
    else:
        yield line((_("Echo is well."), "good"))
