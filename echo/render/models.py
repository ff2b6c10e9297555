"""Models on disk and on a hub, in lines. Knows values, no GGUF and no network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from echo.i18n import Words
from echo.nouns import Voice
from echo.render.health import Finding, one
from echo.render.lines import BLANK, Line, line


@dataclass(frozen=True, slots=True)
class Model:
    """A model on disk. file: its first file, from the models folder where it lies there; bytes,
    parts: of all its files; parameters, context: numbers; voices: who speaks with it; problem:
    one sentence where it cannot be used, and then the rest is empty."""

    file: str
    bytes: int
    parts: int = 1
    arch: str = ""
    name: str = ""
    parameters: int = 0
    quant: str = ""
    context: int = 0
    template: bool = False
    license: str = ""
    source: str = ""
    voices: tuple[Voice, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a hub says of a model. files: name, bytes, digest."""

    repo: str
    page: str
    license: str
    gated: bool
    files: tuple[tuple[str, int, str], ...]


def size(count: int) -> str:
    """Bytes as people say them, in powers of ten."""
    for unit, of in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= of:
            return f"{count / of:.1f} {unit}"
    return f"{count} B"


def number(count: int) -> str:
    """Parameters as people say them: 4.2M, 8.2B."""
    for unit, of in (("B", 1e9), ("M", 1e6)):
        if count >= of:
            return f"{count / of:.1f}{unit}"
    return f"{count / 1e3:.0f}k"


# ── on disk ──────────────────────────────────────────────────────────────────────────────────


def listing(models: Sequence[Model], _: Words, where: str) -> Iterator[Line]:
    """Two lines a model: who speaks with it, what it is."""
    if not models:
        told = _("There is no GGUF file in {path}; `fillin models pull` fetches one.")
        yield line((told.format(path=where), "dim"))
    for model in models:
        voices = ", ".join(model.voices)
        yield line((model.file, "strong"), (f"  {voices}" if voices else "", "good"))
        if model.problem:
            yield line((model.problem, "bad"), indent=4)
            continue
        yield line("  ".join(part for part in _parts(model, _) if part), indent=4)


def unfinished(parts: Sequence[tuple[str, int]], _: Words, where: str) -> Iterator[Line]:
    """What was begun to be fetched, so that nobody wonders where the disk went."""
    if parts:
        told = _("Begun and not whole: {n} files, {size}, in {path}; the same pull goes on, or "
                 "delete them.")  # fmt: skip
        total = size(sum(count for _name, count in parts))
        yield line((told.format(n=len(parts), size=total, path=where), "dim"))


def _parts(model: Model, _: Words) -> Iterator[str]:
    yield f"{model.arch} {number(model.parameters)} {model.quant}".rstrip()
    yield size(model.bytes)
    if model.parts > 1:
        yield _("{n} files").format(n=model.parts)
    yield _("context {n}").format(n=model.context)
    yield _("chat template") if model.template else _("no chat template")
    yield (_("licence {name}").format(name=model.license) if model.license
           else _("no licence named"))  # fmt: skip


# ── on a hub ─────────────────────────────────────────────────────────────────────────────────


def offers(values: Iterable[Offer], need: int, free: int, _: Words) -> Iterator[Line]:
    """What the hub says of each model, what is missing here, and the room on the disk."""
    for offer in values:
        yield line((offer.repo, "strong"), (f"  {offer.page}", "dim"))
        if offer.license:
            yield line(_("licence {name}").format(name=offer.license), indent=4)
        else:
            yield line((_("The hub names no licence for it."), "warn"), indent=4)
        if offer.gated:
            yield line((_("Its makers ask for your consent on its page."), "warn"), indent=4)
        for name, count, digest in offer.files:
            yield line(f"{name}  {size(count)}  ", (digest[:16], "dim"), indent=4)
    told = _("To fetch: {need}; free on the disk: {free}.")
    yield line(told.format(need=size(need), free=size(free)))


def presets(rows: Iterable[tuple[str, int, Sequence[tuple[str, str]]]], _: Words) -> Iterator[Line]:
    """Each preset: its name, its context, and the model of each voice."""
    for name, context, voices in rows:
        yield line((name, "strong"), "  " + _("context {n}").format(n=context))
        for voice, source in voices:
            yield line(f"{voice:<9} {source}", indent=4)
    told = _("These names could not be checked against the hub; `fillin models pull` shows what "
             "the hub says of licence and size before it fetches anything.")  # fmt: skip
    yield line((told, "dim"))


# ── checked ──────────────────────────────────────────────────────────────────────────────────


def checks(models: Iterable[tuple[str, Sequence[Finding]]], _: Words) -> Iterator[Line]:
    """One line a check under each model's name, and whether all is well."""
    bad = 0
    for name, found in models:
        yield line((name, "strong"))
        for finding in found:
            yield from one(finding, _)
        bad += any(finding.state == "bad" for finding in found)
    yield BLANK
    if bad:
        yield line((_("Something is wrong: see the lines marked x."), "bad"))
    else:
        yield line((_("Every check is passed."), "good"))
