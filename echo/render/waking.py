"""The road from launch to the first reply, in one line. Knows steps, no brain."""

from __future__ import annotations

from collections.abc import Iterable

from echo.i18n import Words
from echo.nouns import Waking
from echo.render.exchange import voice_names
from echo.render.lines import Line, line
from echo.text import one_line, safe


def progress(steps: Iterable[Waking], _: Words) -> str:
    """Where waking stands: "Echo is waking: memory, emotion 100 %, self 40 %". Safe to draw."""
    names = stage_names(_)
    told = ", ".join(
        f"{names.get(s.stage, s.stage)} {'-' if s.error else f'{100 * s.done:.0f}%'}" for s in steps
    )
    return safe(one_line(_("Echo is waking: {steps}").format(steps=told or "...")))


def step(value: Waking, _: Words) -> Line:
    """One finished step, or what went wrong with it."""
    name = stage_names(_).get(value.stage, value.stage)
    if value.error:
        told = _("{name} is left out: {reason}")
        return line((told.format(name=name, reason=one_line(value.error)), "warn"))
    return line((f"{name} {value.note}".rstrip(), "dim"))


def pace(value: Waking, seconds: float, _: Words) -> str:
    """How a replay gets on after so many seconds: files, lines, rate, remaining time."""
    if not (value.lines and value.done and seconds):
        return value.note
    told = _("{files}/{total} files, {lines} lines, {rate}/s, {left} s left")
    return told.format(
        files=value.files,
        total=value.files_total,
        lines=f"{value.lines:,}",
        rate=f"{value.lines / seconds:,.0f}",
        left=f"{seconds * (1 - value.done) / value.done:.0f}",
    )


def stage_names(_: Words) -> dict[str, str]:
    """What is being woken."""
    voices = {str(voice): name for voice, name in voice_names(_).items()}
    return {"memory": _("memory"), "replay": _("day files")} | voices
