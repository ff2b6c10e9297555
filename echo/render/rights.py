"""A user's rights over memory, in lines: turns with their refs, what was forgotten and what still
holds it, findings of a check, a database made anew. Knows values, no store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from echo.i18n import Words
from echo.nouns import Skipped, Turn
from echo.render.errors import sentence
from echo.render.lines import Line, line
from echo.render.memory import said

SHOWN = 10


def turns(values: Iterable[Turn], _: Words, user: str) -> Iterator[Line]:
    """Each turn with its time and its ref."""
    for turn in values:
        clock = f"{turn.at:%Y-%m-%d %H:%M}" if turn.timed else f"{turn.at:%Y-%m-%d}"
        yield line((clock, "strong"), f"  {said(turn, _, user)}", (f"  {turn.ref}", "dim"))


def forgotten(
    counts: tuple[int, int],
    searched: tuple[int, int, int],
    still: Sequence[tuple[str, int]],
    held: Sequence[tuple[str, int]],
    _: Words,
) -> Iterator[Line]:
    """counts: turns, replies among them; searched: files, pieces looked for, of how many."""
    told = _("{n} turns are forgotten, {replies} of them replies.")
    yield line((told.format(n=counts[0], replies=counts[1]), "strong"))
    for name, lines in held[:SHOWN]:
        told = _("{file} still says it in {n} places; boot will not read them again.")
        yield line((told.format(file=name, n=lines), "warn"))
    if held:
        yield line((_("--clean-files empties those lines."), "dim"), indent=2)
    files, looked, of = searched
    told = _("Searched every byte of {files} files for {looked} of {of} pieces of it.")
    yield line(told.format(files=files, looked=looked, of=of))
    if looked and not still:
        yield line((_("None is left anywhere in this home."), "good"))
    if not looked:
        yield line((_("Other turns say the same words, so a search would prove nothing."), "dim"))
    for name, pieces in still:
        told = _("{file} still holds {n} of them.")
        yield line((told.format(file=name, n=pieces), "warn"))


def findings(
    counts: Mapping[str, int],
    found: Sequence[tuple[str, str, str, Mapping[str, object]]],
    _: Words,
) -> Iterator[Line]:
    """One line a finding, and under it what to do. found: where, what, next, params."""
    told = "  ".join(f"{name} {n}" for name, n in counts.items())
    if not found:
        yield line((_("Database, index and journal say the same."), "good"))
    for where, what, step, params in found:
        told_ = _("{where}: {what}").format(where=where, what=sentence(_(what), params))
        yield line((told_, "bad"), f"  {sentence(_(step), params)}")
    if told:
        yield line((told, "dim"))


def rebuilt(
    counts: Mapping[str, int],
    put_aside: str,
    skipped: Sequence[Skipped],
    _: Words,
    *,
    same: bool,
) -> Iterator[Line]:
    """What the new database holds, and where the old one is."""
    told = _("Memory is made anew: {turns} turns, {exchanges} exchanges, {acts} acts.")
    yield line(
        told.format(
            turns=counts.get("occurrences", 0), exchanges=counts.get("exchanges", 0),
            acts=counts.get("acts", 0),
        )
    )  # fmt: skip
    if same:
        yield line((_("It says just what the old one said."), "good"))
    if put_aside:
        told = _("The old one is kept in {path}.")
        yield line((told.format(path=put_aside), "warn"))
    for skip in skipped[:SHOWN]:
        told = _("Not read: {file}: {reason}").format(file=skip.file, reason=_(skip.reason))
        yield line((told, "warn"))
