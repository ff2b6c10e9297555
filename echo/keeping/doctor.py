"""The health of one home, looked at without changing anything. Knows every check, no terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from echo.config import DEFAULT, load
from echo.errors import EchoError
from echo.home import Home
from echo.i18n import msgid
from echo.keeping import house, machine
from echo.keeping.fitting import fits
from echo.keeping.house import Patient
from echo.render.health import Finding

Check = Callable[[Patient], Iterator[Finding]]
_ANYWHERE: tuple[Check, ...] = (machine.python, machine.llama, machine.sqlite, machine.terminal)
_AT_HOME: tuple[Check, ...] = (
    house.disk, house.privacy, house.memory, house.models, fits, house.timezone, house.backup,
)  # fmt: skip


def examine(home: Home, terminal: machine.Terminal, env: Mapping[str, str]) -> Iterator[Finding]:
    """One finding after the other, the machine first."""
    wrong: EchoError | None = None
    config = DEFAULT
    try:
        config = load(home, env)
    except EchoError as exc:
        wrong = exc
    patient = Patient(home, config, terminal)
    for check in _ANYWHERE:
        yield from check(patient)
    title = msgid("home")
    if not home.planted:
        yield Finding(
            "home", title, "bad", msgid("no Echo lives in {path}"),
            msgid("`fillin init {path}` makes a home for one."), {"path": home.root},
        )  # fmt: skip
        return
    yield Finding("home", title, "good", "{path}", params={"path": home.root})
    yield _config(home, wrong)
    for check in _AT_HOME:
        yield from check(patient)


def _config(home: Home, wrong: EchoError | None) -> Finding:
    title = msgid("settings")
    if wrong is None:
        return Finding("config", title, "good", "config.toml")
    return Finding("config", title, "bad", wrong.message, wrong.hint, wrong.params)
