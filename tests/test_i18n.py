"""Words in two languages: the right one is chosen, and none is missing in Korean."""

from __future__ import annotations

import re

import pytest
from babel.messages.pofile import read_po

from echo.i18n import LOCALE, catalogue, choose
from tools.messages import extracted

KO = LOCALE / "ko" / "LC_MESSAGES"
FIELD = re.compile(r"(?<!\{)\{(\w+)[^{}]*\}(?!\})")


@pytest.mark.parametrize(
    ("flag", "config", "env", "lang"),
    [
        ("en", "ko", {"LANG": "ko_KR.UTF-8"}, "en"),
        (None, "ko", {"LANG": "en_US.UTF-8"}, "ko"),
        (None, "auto", {"LANG": "ko_KR.UTF-8"}, "ko"),
        (None, "auto", {"LC_ALL": "en_US.UTF-8", "LANG": "ko_KR.UTF-8"}, "en"),
        (None, "auto", {"LC_ALL": "", "LC_MESSAGES": "ko", "LANG": "en"}, "ko"),
        (None, "auto", {"LANG": "ja_JP.UTF-8"}, "en"),
        (None, "auto", {}, "en"),
        ("fr", "auto", {"LANG": "ko_KR"}, "ko"),
    ],
)
def test_the_nearest_wish_decides(
    flag: str | None, config: str, env: dict[str, str], lang: str
) -> None:
    """POSIX: the first of LC_ALL, LC_MESSAGES, LANG that is set, even when it says English."""
    assert choose(flag, config, env) == lang


def test_no_words_are_no_words() -> None:
    """gettext answers its own header for an empty string; an error without a hint has one."""
    assert catalogue("ko")("") == ""
    assert catalogue("en")("") == ""


def test_what_is_not_in_the_catalogue_stays_english() -> None:
    assert catalogue("ko")("A sentence of tomorrow.") == "A sentence of tomorrow."


def korean() -> dict[str, str]:
    with (KO / "echo.po").open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, locale="ko") if m.id}


def test_every_sentence_has_its_korean() -> None:
    """`python tools/messages.py` lists what to translate."""
    known = korean()
    assert [m for m in extracted() if not known.get(m)] == []
    assert sorted(set(known) - set(extracted())) == []


def test_every_field_of_a_sentence_is_in_its_korean() -> None:
    """A field that only one language has is a KeyError, or a value never told."""
    wrong = [
        (english, told)
        for english, told in korean().items()
        if not set(FIELD.findall(told)) <= set(FIELD.findall(english))
        or set(FIELD.findall(english)) - set(FIELD.findall(told)) - {"command"}
    ]
    assert wrong == []


def test_the_compiled_catalogue_is_the_written_one() -> None:
    """The .mo is committed: a wheel is built without Babel."""
    words = catalogue("ko")
    assert {english: words(english) for english in korean()} == korean()
