"""Values as words: text snapshots at 80 columns, nothing raw, nothing wrapped where it is piped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO

import pytest

from echo.errors import BrainError, EchoError
from echo.i18n import msgid
from echo.nouns import (
    ECHO,
    Exchange,
    Figure,
    Hit,
    Insight,
    Reading,
    Recollection,
    Replay,
    Skipped,
    Stats,
    Thought,
    Timings,
    Turn,
    Waking,
)
from echo.render.meter import Meter
from echo.render.screen import Screen, wants_color
from echo.render.waking import progress

EVIL = "\x1b]52;c;aGk=\x07\x9b2J\u202e"
AT = datetime(2026, 3, 2, 21, 4, tzinfo=UTC)
CAT = Turn("a1", AT, "me", "고양이 이름은\n모푸야." + EVIL)
ASKED = Turn("a0", AT.replace(minute=3), ECHO, "이름이 뭐야?")
HIT = Hit(
    CAT, 5.3, (("own", 4.2), ("date", 1.4), ("said 3 times", 0.1), ("question", -0.4)), (ASKED,)
)


def shown(draw: Callable[[Screen], None], width: int | None = 80) -> str:
    out = StringIO()
    draw(Screen(out, words=msgid, width=width))
    text = out.getvalue()
    assert not set(text) & set("\x1b\x07\x9b\u202e"), "something untrusted came through"
    return text.replace("\ufffd", "?")


def test_recollection_tells_when_who_and_why() -> None:
    found = Recollection("고양이", True, (HIT,))
    assert shown(lambda s: s.recollection(found, user="me")) == (
        "1. Monday 2 March 2026, 21:04\n"
        "     Echo: 이름이 뭐야?\n"
        "   you: 고양이 이름은 모푸야.?]52;c;aGk=??2J?\n"
        "   because of: its own words 4.20, the date 1.40, said 3 times 0.10, being a"
        "\n   question -0.40\n"
    )


def test_recollection_of_what_was_never_told() -> None:
    """Echo says when it does not know."""
    assert shown(lambda s: s.recollection(Recollection("개", False))) == (
        "Echo has not been told this.\n"
    )


def test_why_lays_one_exchange_open() -> None:
    exchange = Exchange(
        CAT,
        Turn("r", AT, ECHO, "모푸라고 했지.", status="interrupted"),
        "ko",
        "full",
        Reading("calm", 0.1, 0.25, "company", "brain"),
        (Thought("creation", "사진을 청하자", 12, 0.44), Thought("emotion", left_out="late")),
        (HIT,),
        ("2019년",),
        Timings(0.12, 3.4567, 512, 40, 61),
    )
    text = shown(lambda s: s.exchange(exchange, user="me", voices={"creation": "seed"}))
    assert text == (
        "Monday 2 March 2026, 21:04\n"
        "you: 고양이 이름은 모푸야.?]52;c;aGk=??2J?\n"
        "Echo: 모푸라고 했지.\n"
        "The answer was stopped before its end.\n"
        "How your words felt\n"
        "  calm, valence +0.10, arousal 0.25, need: company (read by the emotion brain)\n"
        "What Echo remembered\n"
        "  1. Monday 2 March 2026, 21:04\n"
        "       Echo: 이름이 뭐야?\n"
        "     you: 고양이 이름은 모푸야.?]52;c;aGk=??2J?\n"
        "     because of: its own words 4.20, the date 1.40, said 3 times 0.10, being a"
        "\n     question -0.40\n"
        "Who thought (full)\n"
        "  creation: 사진을 청하자 (seed, 12 tokens, 0.4 s)\n"
        "  emotion: left out: it took too long\n"
        "Said as if remembered, but found nowhere\n"
        "  2019년\n"
        "First word after 0.12 s, all after 3.46 s. Prompt 512 tokens, 40 of them new;\n"
        "answer 61.\n"
    )


def test_insight_draws_its_rhythm_in_ascii() -> None:
    value = Insight(
        "2026-03-02", "2026-03-02", 4, 9, Figure(0.31, 9), Figure(0.4, 9),
        ((9, Figure(-0.62, 2)), (21, Figure(1.0, 7))), (("고양이", 3), ("시험", 2)),
        ((CAT, 0.8),), (), ("시험이 다가온다",), 1, "좋은 하루였어.",
    )  # fmt: skip
    assert shown(lambda s: s.insight(value, user="me")) == (
        "Monday 2 March 2026\n"
        "4 exchanges, 9 lines of yours\n"
        "좋은 하루였어.\n"
        "\n"
        "+0.31  Valence, -1 unpleasant to 1 pleasant (9 lines)\n"
        "+0.40  Arousal, 0 calm to 1 stirred (9 lines)\n"
        "By the hour\n"
        "  09 -0.62 n  2 [  ###|     ]\n"
        "  21 +1.00 n  7 [     |#####]\n"
        "Topics\n"
        "  고양이 3, 시험 2\n"
        "What moved it\n"
        "  +0.80  you: 고양이 이름은 모푸야.?]52;c;aGk=??2J?  Monday 2 March 2026, 21:04\n"
        "To follow up\n"
        "  - 시험이 다가온다\n"
        "Said as if remembered, but found nowhere: 1.\n"
    )


def test_thin_figures_are_dim_and_say_so() -> None:
    """One line is no day: the count is shown, and the tone is quiet where there is colour."""
    value = Insight("2026-03-02", "2026-03-02", 1, 2, Figure(0.9, 2), Figure(0.1, 1))
    out = StringIO()
    Screen(out, words=msgid, width=80, color=True).insight(value)
    assert "\x1b[2m+0.90  Valence, -1 unpleasant to 1 pleasant (2 lines, few)" in out.getvalue()
    assert "(1 line, few)" in out.getvalue()


def test_boot_report_names_what_was_not_read() -> None:
    many = tuple(Skipped(f"day{i}/part1.txt{EVIL}", "it is empty") for i in range(12))
    value = Replay(3, 100, 90, 10, many, ("2026-03-01", "2026-03-02"), 1.26)
    text = shown(lambda s: s.replay(value))
    assert text.startswith(
        "3 files, 100 lines: 90 new, 10 said before.\nDays: 2026-03-01 - 2026-03-02 (2)\n1.3 s\n"
    )
    assert text.endswith("and 2 more\n")
    assert shown(lambda s: s.replay(Replay())) == "Nothing new to read.\n"


def test_stats() -> None:
    value = Stats(120, 100, 20, 7, 3, AT, AT.replace(day=4), 2_340_000)
    assert shown(lambda s: s.stats(value)) == (
        "120 lines remembered, 100 different, 20 repeated.\n"
        "7 exchanges with Echo over 3 days.\n"
        "From Monday 2 March 2026, 21:04 to Wednesday 4 March 2026, 21:04.\n"
        "2.3 MB on disk.\n"
    )


def test_error_is_two_lines_even_when_its_values_are_not() -> None:
    """A file name with a line break, or an escape sequence, cannot make a third."""
    error = BrainError("{file} is no GGUF file.", "Get {file} again.", file="a\nb" + EVIL)
    text = shown(lambda s: s.error(error))
    assert text.count("\n") == 2
    assert text.startswith("a b?]52;c;aGk=??2J? is no GGUF file.\n  Get a b")


def test_error_without_values_may_hold_braces() -> None:
    """Not every sentence is a template."""
    assert shown(lambda s: s.error(EchoError("a { b"))) == "a { b\n"


def test_a_pipe_is_not_wrapped_and_a_terminal_is() -> None:
    """grep wants whole lines; wrapped Hangul keeps to its columns and its indent."""
    hit = Hit(Turn("x", AT, "me", "가나다라마바사아 " * 20), 1.0)
    found = Recollection("q", True, (hit,))
    assert len(shown(lambda s: s.recollection(found), None).splitlines()) == 2
    lines = shown(lambda s: s.recollection(found), 24).splitlines()
    assert len(lines) > 10
    assert all(line.startswith("   ") for line in lines[2:])
    assert all(len(line) + sum("가" <= c <= "힣" for c in line) <= 24 for line in lines)


def test_markup_links_and_emoji_codes_stay_text() -> None:
    """rich's own languages are not spoken here."""
    said = "[bold red]x[/] :smile: [link=http://a]b[/link] https://c"
    assert shown(lambda s: s.notice(said)) == said + "\n"


def test_waking_shows_where_it_stands_and_what_failed() -> None:
    steps = [Waking("memory", 1.0), Waking("emotion", 1.0, error="x"), Waking("self", 0.4)]
    assert progress(steps, msgid) == "Echo is waking: memory 100%, emotion -, self 40%"
    failed = Waking("creation", 1.0, "c.gguf", error="c.gguf is\ncut short." + EVIL)
    text = shown(lambda s: s.waking(failed))
    assert text.startswith("creation is left out: c.gguf is cut short.")
    assert shown(lambda s: s.waking(Waking("self", 0.5))) == ""


@pytest.mark.parametrize(
    ("env", "tty", "color"),
    [
        ({"TERM": "xterm"}, True, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, True, False),
        ({"TERM": "dumb"}, True, False),
        ({"TERM": "xterm"}, False, False),
        ({}, True, False),
    ],
)
def test_colour_only_where_it_is_wanted(env: dict[str, str], tty: bool, color: bool) -> None:
    assert wants_color(Tty(tty), env) is color


class Tty(StringIO):
    """A file that says of itself whether it is a terminal."""

    def __init__(self, tty: bool = True) -> None:
        super().__init__()
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty


def test_meter_draws_at_most_four_times_a_second_and_never_into_a_file() -> None:
    """A progress bar in a log is noise; one that repaints at every line is slow."""
    now = [0.0]
    out = Tty()
    meter = Meter(out, now=lambda: now[0])
    for done in range(100):
        meter.update(done / 100, "day1/part1.txt" + EVIL)
        now[0] += 0.01
    meter.end()
    assert out.getvalue().count("%") == 4
    assert out.getvalue().endswith("\r\x1b[K")
    silent = Tty(tty=False)
    meter = Meter(silent)
    meter.update(0.5)
    meter.end()
    assert silent.getvalue() == ""
