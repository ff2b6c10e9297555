"""Is there memory for the models, and did the last launch take what was foreseen? Loads none."""

from __future__ import annotations

import os
from collections.abc import Iterator

from echo.brains.native import backend
from echo.errors import BrainError
from echo.fit.actual import kept
from echo.fit.gate import check
from echo.fit.machine import here
from echo.fit.plan import plan
from echo.fit.values import RAM, Plan, Row
from echo.fit.wanted import loads
from echo.i18n import msgid
from echo.keeping.house import Patient
from echo.render.health import Finding, State
from echo.render.models import size

OFF = 0.05  # a prediction further off than this is worth a look


def fits(patient: Patient) -> Iterator[Finding]:
    """Room for the models as they are set; those that cannot be read are told of elsewhere."""
    title = msgid("room for models")
    try:
        machine = here(os.environ, offloads=backend().offloads)
    except BrainError:
        return  # machine.llama has said so
    checked = check(loads(patient.home.root, patient.config), machine, force=True)
    sound = [load for load in checked.loads if load.path in checked.models]
    if not sound:
        return
    found = plan(sound, checked.models, machine, ask=False)
    yield _room(title, found)
    yield from _predicted(title, patient)


def _room(title: str, found: Plan) -> Finding:
    row = _worst(found)
    said = {
        "fits": msgid("{need} needed in {device}, {free} free"),
        "tight": msgid("{need} needed in {device}, {free} free: it fits, but barely"),
        "over": msgid("{need} needed in {device}, {free} free: it does not fit"),
        "unknown": msgid("{need} needed in {device}; how much is free is not known"),
    }[row.state]
    states: dict[str, State] = {"tight": "warn", "over": "bad"}
    mend = msgid("`fillin models fit` tells what helps.") if row.state in states else ""
    name = "RAM" if row.device.name == RAM else f"GPU {row.device.name.removeprefix('gpu')}"
    params = {"need": size(row.need), "device": name, "free": size(row.device.free or 0)}
    return Finding("fit", title, states.get(row.state, "good"), said, mend, params)


def _worst(found: Plan) -> Row:
    rows = [row for row in found.rows if row.sizes.total]
    return next((row for row in rows if row.state == found.state), rows[0])


def _predicted(title: str, patient: Patient) -> Iterator[Finding]:
    """Only where the last launch took more than was foreseen, or less."""
    for each in kept(patient.home.state):
        if abs(each.ratio - 1) > OFF:
            yield Finding(
                "predicted", title, "warn",
                msgid("{model}: {percent} % of what the last launch took was foreseen"),
                msgid("`fillin models fit --actual` shows it part by part."),
                {"model": each.model, "percent": round(100 * each.ratio)},
            )  # fmt: skip
