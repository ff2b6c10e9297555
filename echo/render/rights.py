"""A user's rights over memory, in lines: turns with their refs, what was forgotten and what still
holds it, findings of a check, a database made anew. Knows values, no store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from echo.i18n import Words
from echo.nouns import Skipped, Turn
from echo.render.errors import sentence
from echo.render.lines import Line, line
from echo.render.memory import said

SHOWN = 10
OLD = ("memory/quarantine-", "before-restore-")  # rebuild's and restore's folders


def turns(values: Iterable[Turn], _: Words, user: str) -> Iterator[Line]:
    """Each turn with its time and its ref."""
    for turn in values:
        clock = f"{turn.at:%Y-%m-%d %H:%M}" if turn.timed else f"{turn.at:%Y-%m-%d}"
        yield line((clock, "strong"), f"  {said(turn, _, user)}", (f"  {turn.ref}", "dim"))


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search of a home found. files: that were read; looked_for: how many pieces, of how
    many; still: (file, how many of them it holds); unread: what could not be looked into.
    """

    files: int
    looked_for: int
    pieces: int
    still: Sequence[tuple[str, int]] = ()
    unread: Sequence[str] = ()


def forgotten(
    counts: tuple[int, int], searched: Searched, held: Sequence[tuple[str, int]], _: Words
) -> Iterator[Line]:
    """counts: turns, replies among them; held: (day file, places in which it says them)."""
    told = _("{n} turns are forgotten, {replies} of them replies.")
    yield line((told.format(n=counts[0], replies=counts[1]), "strong"))
    for name, lines in held[:SHOWN]:
        told = _("{file} still says it in {n} places; boot will not read them again.")
        yield line((told.format(file=name, n=lines), "warn"))
    if held:
        yield line((_("--clean-files empties those lines."), "dim"), indent=2)
    yield from _searched(searched, _)


def _searched(found: Searched, _: Words) -> Iterator[Line]:
    if not found.pieces:  # nothing was said, so there is nothing to look for
        return
    told = _("Searched every byte of {files} files for {looked} of {of} pieces of it.")
    yield line(told.format(files=found.files, looked=found.looked_for, of=found.pieces))
    if not found.looked_for:
        yield line((_("Other turns say the same words, so a search would prove nothing."), "dim"))
    elif not found.still and not found.unread:
        yield line((_("None is left anywhere in this home."), "good"))
    for name, pieces in found.still:
        told = _("{file} still holds {n} of them.")
        yield line((told.format(file=name, n=pieces), "warn"))
    if any(name.startswith(OLD) for name, _n in found.still):
        told = _("Memories that were put aside keep everything; delete them if it must be gone.")
        yield line((told, "dim"), indent=2)
    for name in found.unread[:SHOWN]:
        told = _("{file} could not be read, so nobody knows what it holds.")
        yield line((told.format(file=name), "warn"))


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
