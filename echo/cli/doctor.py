"""`fillin doctor`: the health of a home on one screen. Parses, asks keeping, renders."""

from __future__ import annotations

import sys

import typer

from echo.cli import asjson
from echo.cli.door import Door, JsonOption, add
from echo.i18n import msgid


def register(app: typer.Typer) -> None:
    """The command of this file."""
    add(app, "doctor", doctor, msgid("the health of this home, and what to mend"), reads=False)


def doctor(door: Door, as_json: JsonOption = False) -> None:
    """Look at everything; exit 1 when something must be mended."""
    from echo.keeping.doctor import examine
    from echo.keeping.machine import Terminal
    from echo.render.health import told, view

    terminal = Terminal(sys.stdout.encoding or "", door.env.get("TERM", ""), sys.stdout.isatty())
    findings = list(examine(door.home, terminal, door.env))
    ill = any(finding.state == "bad" for finding in findings)
    if as_json:
        rows = []
        for finding in findings:
            title, said, mend = told(finding, door.words)
            rows.append({"name": finding.name, "state": finding.state, "title": title,
                         "said": said, "mend": mend})  # fmt: skip
        asjson.put({"healthy": not ill, "checks": rows})
    else:
        door.screen().show(view(findings, door.words))
    if ill:
        raise typer.Exit(1)
