"""An error as two lines: what happened, and what to do. Knows no cause beyond the error itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from echo.errors import EchoError
from echo.i18n import Words
from echo.render.lines import Line, line
from echo.text import one_line


def view(error: EchoError, _: Words) -> Iterator[Line]:
    """The message, and the hint when there is one."""
    params = {
        name: _(v) if name == "reason" and isinstance(v, str) else v
        for name, v in error.params.items()
    }  # a reason may be a sentence of ours
    yield line((sentence(_(error.message), params), "bad"))
    if error.hint:
        yield line(sentence(_(error.hint), params), indent=2)


def sentence(template: str, params: Mapping[str, object]) -> str:
    """One sentence with its values put in; each value kept on the line."""
    if not params:
        return template
    return template.format(**{name: _flat(value) for name, value in params.items()})


def _flat(value: object) -> object:
    return one_line(value) if isinstance(value, str) else value
