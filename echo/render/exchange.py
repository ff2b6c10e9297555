"""Why Echo said what it said: one exchange, laid open. Knows values, no brain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from echo.i18n import Words
from echo.nouns import Exchange, Reading, Thought, Timings, Voice
from echo.render.dates import moment
from echo.render.lines import Line, line
from echo.render.memory import hit_lines, said
from echo.text import one_line


def view(value: Exchange, _: Words, user: str, voices: Mapping[Voice, str]) -> Iterator[Line]:
    """The words, how they felt, what was remembered, who thought what, what has no source."""
    yield line((moment(value.words.at, _), "dim"))
    yield line(said(value.words, _, user))
    yield line(said(value.reply, _, user))
    if value.reply.status == "interrupted":
        yield line((_("The answer was stopped before its end."), "warn"))
    yield from _felt(value.reading, _)
    yield from _remembered(value, _, user)
    yield from _voices(value, _, voices)
    yield from _ungrounded(value.ungrounded, _)
    yield line((_timings(value.timings, _), "dim"))


def _felt(reading: Reading | None, _: Words) -> Iterator[Line]:
    if reading is None:
        return
    yield line((_("How your words felt"), "strong"))
    told = _("{feeling}, valence {valence}, arousal {arousal}, need: {need}").format(
        feeling=feelings(_)[reading.feeling],
        valence=f"{reading.valence:+.2f}",
        arousal=f"{reading.arousal:.2f}",
        need=needs(_)[reading.need],
    )
    by = _("read by the emotion brain") if reading.source == "brain" else _("read without a brain")
    yield line(told, (f" ({by})", "dim"), indent=2)


def _remembered(value: Exchange, _: Words, user: str) -> Iterator[Line]:
    yield line((_("What Echo remembered"), "strong"))
    if not value.recalls:
        yield line((_("nothing"), "dim"), indent=2)
    for number, hit in enumerate(value.recalls, start=1):
        for item in hit_lines(hit, _, user, number=number):
            yield Line(item.spans, item.indent + 2)


def _voices(value: Exchange, _: Words, voices: Mapping[Voice, str]) -> Iterator[Line]:
    yield line((_("Who thought ({mode})").format(mode=value.mode), "strong"))
    for thought in value.thoughts:
        yield from _thought(thought, _, voices.get(thought.voice, ""))
    if not value.thoughts:
        yield line((_("only self"), "dim"), indent=2)


def _thought(thought: Thought, _: Words, model: str) -> Iterator[Line]:
    name = voice_names(_)[thought.voice]
    if thought.left_out:
        told = _("left out: {reason}").format(reason=left_out(thought.left_out, _))
        yield line(f"{name}: ", (told, "warn"), indent=2)
        return
    cost = _("{tokens} tokens, {seconds} s").format(
        tokens=thought.tokens, seconds=f"{thought.seconds:.1f}"
    )
    tail = f" ({model}, {cost})" if model else f" ({cost})"
    yield line(f"{name}: {one_line(thought.text)}", (tail, "dim"), indent=2)


def _ungrounded(claims: tuple[str, ...], _: Words) -> Iterator[Line]:
    if claims:
        yield line((_("Said as if remembered, but found nowhere"), "strong"))
    for claim in claims:
        yield line((one_line(claim), "warn"), indent=2)


def _timings(value: Timings, _: Words) -> str:
    return _(
        "First word after {first} s, all after {total} s. "
        "Prompt {prompt} tokens, {evaluated} of them new; answer {reply}."
    ).format(
        first=f"{value.first_word_s:.2f}",
        total=f"{value.total_s:.2f}",
        prompt=value.prompt_tokens,
        evaluated=value.evaluated_tokens,
        reply=value.reply_tokens,
    )


def left_out(reason: str, _: Words) -> str:
    """Why a voice was left out; what is not a word of ours stays as it is."""
    known = {
        "late": _("it took too long"),
        "busy": _("still busy with an earlier thought"),
        "absent": _("no brain is set for it"),
    }
    return known.get(reason, reason)


def voice_names(_: Words) -> dict[Voice, str]:
    """The three voices."""
    return {"emotion": _("emotion"), "self": _("self"), "creation": _("creation")}


def feelings(_: Words) -> dict[str, str]:
    """The feelings a reading may name."""
    return {
        "joy": _("joy"), "sadness": _("sadness"), "anger": _("anger"), "anxiety": _("anxiety"),
        "love": _("love"), "fatigue": _("fatigue"), "loneliness": _("loneliness"),
        "calm": _("calm"), "surprise": _("surprise"), "none": _("no strong feeling"),
    }  # fmt: skip


def needs(_: Words) -> dict[str, str]:
    """What the words may wish for."""
    return {
        "comfort": _("comfort"), "advice": _("advice"), "celebration": _("celebration"),
        "company": _("company"), "information": _("information"), "space": _("space"),
    }  # fmt: skip
