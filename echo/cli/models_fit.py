"""`fillin models fit`: what the brains need of memory, and what helps. Parses, asks, renders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from echo.cli import asjson
from echo.cli.door import Door, JsonOption, add, nobody
from echo.i18n import msgid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from echo.fit.actual import Taken
    from echo.fit.values import Machine, Plan, Row, Sizes


def register_models_fit(app: typer.Typer) -> None:
    """The command under `models`."""
    add(app, "fit", fit, msgid("whether the brains fit into memory, and what helps if not"))


def fit(
    door: Door,
    vram: Annotated[
        str | None,
        typer.Option(
            "--vram", metavar="SIZE", help=msgid("plan for GPUs of this size: 48G, 2x24G, 0")
        ),
    ] = None,
    ram: Annotated[
        str | None, typer.Option("--ram", metavar="SIZE", help=msgid("plan for RAM of this size"))
    ] = None,
    actual: Annotated[
        bool, typer.Option("--actual", help=msgid("what the last launch really took"))
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what each brain needs beside what is free; exit 1 when it does not fit."""
    from echo.render import fit as views

    if not door.home.planted:
        raise nobody(door.home)
    if actual:
        from echo.fit.actual import kept

        found = kept(door.home.state)
        if as_json:
            asjson.put({"loads": [_taken(each) for each in found]})
        else:
            door.screen().show(views.taken(found, door.words))
        return
    from echo.fit.model import read_model
    from echo.fit.plan import plan
    from echo.fit.wanted import loads

    wanted = loads(door.home.root, door.config)
    models = {load.path: read_model(load.path) for load in wanted}
    value = plan(wanted, models, _machine(door, vram, ram), ask=True)
    if as_json:
        asjson.put(_plan(value))
    else:
        door.screen().show(views.view(value, door.words))
    if value.state == "over":
        raise typer.Exit(1)


def _machine(door: Door, vram: str | None, ram: str | None) -> Machine:
    from echo.brains.native import backend
    from echo.fit.machine import here, imagined

    real = here(door.env, offloads=backend().offloads)
    return real if vram is None and ram is None else imagined(vram, ram, real)


# ── as JSON ──────────────────────────────────────────────────────────────────────────────────


def _plan(value: Plan) -> dict[str, Any]:
    return {
        "fits": value.state,
        "asked": value.asked,
        "brains": [
            {
                "voices": list(need.load.voices), "file": str(need.load.path),
                "model": need.name, "quant": need.quant, "contexts": list(need.load.contexts),
                "cache": need.load.cache, "gpu_layers": need.load.gpu_layers,
                "needs": _sizes(need.sizes), "bytes": need.total,
                "formula": need.formula, "dry_run": need.dry or None, "reason": need.reason,
            }
            for need in value.needs
        ],
        "devices": [_row(row) for row in value.rows],
        "steps": [
            {
                "change": step.kind, "params": dict(step.params), "frees": dict(step.frees),
                "fits": step.state, "devices": [_row(row) for row in step.rows],
            }
            for step in value.steps
        ],
    }  # fmt: skip


def _row(row: Row) -> dict[str, Any]:
    return {
        "device": row.device.name, "title": row.device.title, "need": row.need,
        "free": row.device.free, "total": row.device.total, "fits": row.state,
    }  # fmt: skip


def _taken(value: Taken) -> dict[str, Any]:
    return {
        "at": value.at, "model": value.model, "voices": list(value.voices),
        "context": value.context, "cache": value.cache, "predicted": _sizes(value.predicted),
        "actual": _sizes(value.actual), "ratio": round(value.ratio, 4),
    }  # fmt: skip


def _sizes(found: Mapping[str, Sizes]) -> dict[str, dict[str, int]]:
    return {
        name: {"weights": size.weights, "cache": size.cache, "compute": size.compute}
        for name, size in found.items()
    }
