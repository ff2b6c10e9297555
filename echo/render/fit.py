"""Does it fit, in lines: what each brain needs, what there is, what helps. Knows values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from echo.errors import FitError
from echo.fit.actual import Taken
from echo.fit.values import RAM, Need, Plan, Row, Sizes, Step
from echo.i18n import Words
from echo.render.exchange import voice_names
from echo.render.lines import BLANK, Line, Style, line
from echo.render.models import size

_STYLES: Mapping[str, Style] = {"fits": "good", "tight": "warn", "over": "bad", "unknown": "warn"}


def view(value: Plan, _: Words) -> Iterator[Line]:
    """A row for each load, a line for each device, the steps that help."""
    rows = [_parts(_voices(need.load.voices, _), need.sizes) for need in value.needs]
    if len(rows) > 1:
        together = sum((all_(need.sizes) for need in value.needs), Sizes())
        rows.append(_parts(_("together"), {RAM: together}))
    head = [_("voices"), _("weights"), _("KV cache"), _("compute"), _("in all")]
    yield from _table(head, rows)
    for need in value.needs:
        yield line((_how(need, _), "dim"), indent=2)
    yield BLANK
    for row in value.rows:
        if row.sizes.total:
            yield from _device(row, _)
    yield from _opinions(value.needs, _)
    if value.steps:
        yield BLANK
        yield line((_("What helps, in this order:"), "strong"))
    for number, step in enumerate(value.steps, start=1):
        told = f"{number}. {what(step, _)}: {moves(step, _)}."
        yield line(told, (f" {after(step.rows, _)}", _STYLES[step.state]))
    if value.state in ("over", "tight") and (not value.steps or value.steps[-1].state == "over"):
        yield line((_("Nothing Echo knows makes these models fit; smaller ones would."), "bad"))


def refusal(value: Plan, _: Words) -> FitError:
    """The error for models that cannot be loaded, with the plan in its hint."""
    worst = next(row for row in value.rows if row.state == "over")
    steps = "; ".join(f"{what(step, _)} ({moves(step, _)})" for step in value.steps)
    params = {
        "need": size(worst.need), "free": size(worst.device.free or 0),
        "place": place(worst, _), "steps": steps,
    }  # fmt: skip
    message = "The models need {need} {place}, and {free} are free there."
    if steps:
        return FitError(
            message,
            "What helps, in this order: {steps}. `fillin models fit` shows more; "
            "`fillin config set brains.force true` loads them all the same.",
            **params,
        )
    return FitError(
        message,
        "Choose smaller models: `fillin models fit` shows what each takes; "
        "`fillin config set brains.force true` loads them all the same.",
        **params,
    )


def taken(values: Sequence[Taken], _: Words) -> Iterator[Line]:
    """What the last launch really took, beside what was predicted."""
    if not values:
        yield line(_("No brain has been loaded here yet."))
        return
    yield from _table(
        [_("voices"), _("predicted"), _("actual"), _("predicted ÷ actual")],
        [
            [
                _voices(each.voices, _),
                size(all_(each.predicted).total),
                size(all_(each.actual).total),
                f"{each.ratio:.3f}",
            ]
            for each in values
        ],
    )
    for each in values:
        for name, told in each.actual.items():
            guess = each.predicted.get(name, Sizes())
            said = _("{device}: weights {weights}, KV cache {cache}, compute {compute}").format(
                device=_device_name(name, _),
                weights=_pair(guess.weights, told.weights),
                cache=_pair(guess.cache, told.cache),
                compute=_pair(guess.compute, told.compute),
            )
            yield line(f"{each.model}: ", (said, "dim"), indent=2)


# ── pieces ───────────────────────────────────────────────────────────────────────────────────


def what(step: Step, _: Words) -> str:
    """What to change, in the words of config.toml where it is a setting."""
    values = dict(step.params)
    if step.kind == "cache":
        return _('cache = "{to}" for every voice').format(**values)
    if step.kind == "context":
        return _("context = {to} at most").format(**values)
    if step.kind == "share":
        return _("one model for all voices, {model}").format(**values)
    if step.kind == "quant":
        return _("{model} as {to} instead of {from}").format(**values)
    voices = values.pop("voices")
    names = _voices(voices if isinstance(voices, tuple) else (), _)
    return _("gpu_layers = {to} of {of} for {voices}").format(voices=names, **values)


def moves(step: Step, _: Words) -> str:
    """The bytes a step frees, and those it takes elsewhere."""
    places = {row.device.name: place(row, _) for row in step.rows}
    told = []
    for name, freed in step.frees.items():
        if freed >= 50_000_000:
            told.append(_("{size} less {place}").format(size=size(freed), place=places[name]))
        elif freed <= -50_000_000:
            told.append(_("{size} more {place}").format(size=size(-freed), place=places[name]))
    return ", ".join(told) or _("{size} less").format(size=size(max(step.frees.values())))


def after(rows: Sequence[Row], _: Words) -> str:
    """How all stands after a step: of the device that stands worst."""
    over = [row for row in rows if row.state == "over"]
    if over:
        short = sum(row.need - (row.device.free or 0) for row in over)
        return _("Then {size} are still missing.").format(size=size(short))
    if any(row.state == "tight" for row in rows):
        return _("Then it fits, but barely.")
    return _("Then it fits with room to spare.")


def place(row: Row, _: Words) -> str:
    """Where a device's memory is, to be put after an amount."""
    if row.device.name == RAM:
        return _("in RAM")
    return _("on GPU {number}").format(number=row.device.name.removeprefix("gpu"))


def _device_name(name: str, _: Words) -> str:
    return _("RAM") if name == RAM else _("GPU {number}").format(number=name.removeprefix("gpu"))


def _device(row: Row, _: Words) -> Iterator[Line]:
    name = _device_name(row.device.name, _)
    if row.device.title not in (name, row.device.name, "RAM"):
        name = f"{name} ({row.device.title})"
    free = row.device.free
    if free is None:
        told = _("{size} are needed; how much is free is not known.").format(size=size(row.need))
        yield line((f"{name}: ", "strong"), (told, "warn"))
        return
    told = _("{need} are needed, {free} are free.").format(need=size(row.need), free=size(free))
    verdict = {
        "fits": _("It fits: {size} are left."),
        "tight": _("It fits, but barely: {size} are left."),
        "over": _("It does not fit: {size} are missing."),
    }[row.state]
    left = size(abs(free - row.need))
    yield line((f"{name}: ", "strong"), f"{told} ", (verdict.format(size=left), _STYLES[row.state]))


def _opinions(needs: Iterable[Need], _: Words) -> Iterator[Line]:
    """Where llama.cpp was asked: both answers, or why it gave none."""
    for need in needs:
        if need.reason:
            told = _("llama.cpp cannot say what {model} needs ({reason}); the formula counts.")
            yield line((told.format(model=need.name, reason=need.reason), "warn"))
    asked = [need for need in needs if need.dry]
    if asked:
        told = _("On this machine llama.cpp itself counts {dry}, the formula {formula}.").format(
            dry=size(sum(need.dry for need in asked)),
            formula=size(sum(need.formula for need in asked)),
        )
        yield line((told, "dim"))


def all_(found: Mapping[str, Sizes]) -> Sizes:
    """Bytes on all devices."""
    return sum(found.values(), Sizes())


def _parts(name: str, found: Mapping[str, Sizes]) -> list[str]:
    whole = all_(found)
    return [name, *map(size, (whole.weights, whole.cache, whole.compute, whole.total))]


def _how(need: Need, _: Words) -> str:
    load = need.load
    where = _("all layers on the GPU")
    if set(need.sizes) == {RAM} or not any(
        need.sizes[name].weights for name in need.sizes if name != RAM
    ):
        where = _("in RAM")
    elif load.gpu_layers >= 0:
        where = _("{n} layers on the GPU").format(n=load.gpu_layers)
    told = _("{voices}: {model} ({quant}), {tokens} tokens, cache {cache}, {where}")
    return told.format(
        voices=_voices(load.voices, _), model=need.name, quant=need.quant,
        tokens=" + ".join(map(str, load.contexts)), cache=load.cache, where=where,
    )  # fmt: skip


def _voices(voices: Sequence[str], _: Words) -> str:
    names = {str(voice): name for voice, name in voice_names(_).items()}
    return ", ".join(names.get(voice, voice) for voice in voices)


def _pair(guess: int, told: int) -> str:
    return f"{size(guess)} / {size(told)}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Line]:
    """The first column left, the others right; Hangul is two columns wide."""
    from rich.cells import cell_len

    widths = [max(cell_len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    for number, row in enumerate((head, *rows)):
        cells = [row[0] + " " * (widths[0] - cell_len(row[0]))]
        for cell, width in zip(row[1:], widths[1:], strict=True):
            cells.append(" " * (width - cell_len(cell)) + cell)
        yield line(("  ".join(cells), "" if number else "strong"))
