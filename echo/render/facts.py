"""What the user told of themselves and theirs, in lines: what holds, what held. Knows values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from echo.i18n import Words
from echo.nouns import Fact, Known
from echo.render.lines import Line, line
from echo.text import one_line

ME = "me"


def facts(values: Iterable[Known], _: Words, *, all_: bool = False) -> Iterator[Line]:
    """One line a fact, by whom it is about; what another took the place of when all_ are asked."""
    shown = [known for known in values if all_ or known.until is None]
    if not shown:
        yield line(_("You have not told me anything about yourself yet."))
        return
    for subject in dict.fromkeys(known.fact.subject for known in _first_me(shown)):
        yield line((_("you") if subject == ME else one_line(subject), "strong"))
        for known in shown:
            if known.fact.subject == subject:
                yield _line(known, _)


def _first_me(values: list[Known]) -> list[Known]:
    return sorted(values, key=lambda known: known.fact.subject != ME)


def _line(known: Known, _: Words) -> Line:
    parts = [f"{relation(known.fact.relation, _)}: {value(known.fact, _)}"]
    if known.until is not None:
        told = _("until {day}").format(day=f"{known.until:%Y-%m-%d}")
        parts.append(told)
    if known.against:
        parts.append(_("before: {value}").format(value=one_line(known.against)))
    told = f"  {known.since:%Y-%m-%d}  {known.id}"
    return line("  ".join(parts), (told, "dim"), indent=2)


def value(fact: Fact, _: Words) -> str:
    """The value with its time, and with its denial."""
    said = one_line(fact.value)
    if fact.when:
        said = f"{said} ({one_line(fact.when)})"
    return _("not {value}").format(value=said) if fact.negated else said


def relation(name: str, _: Words) -> str:
    """A relation in words."""
    return {
        "name": _("name"), "age": _("age"), "birthday": _("birthday"), "home": _("lives in"),
        "origin": _("comes from"), "work": _("work"), "workplace": _("workplace"),
        "school": _("school"), "family": _("family"), "friend": _("friend"),
        "partner": _("partner"), "pet": _("pet"), "owns": _("owns"), "language": _("language"),
        "likes": _("likes"), "dislikes": _("dislikes"), "favourite": _("favourite"),
        "health": _("health"), "allergy": _("allergy"), "medicine": _("medicine"),
        "plan": _("plan"), "appointment": _("appointment"),
    }.get(name, name)  # fmt: skip
