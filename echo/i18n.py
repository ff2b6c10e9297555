"""Korean and English words for everything a person reads. Knows catalogues, never what is said.

English sentences are the message ids; values travel beside them and are put in after
translation. `_` is an argument wherever words are needed, never a global.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Mapping
from pathlib import Path

from echo.nouns import Lang

Words = Callable[[str], str]

DOMAIN = "echo"
LOCALE = Path(__file__).parent / "locale"


def msgid(text: str) -> str:
    """Mark a sentence for the catalogue where it is written but not yet said."""
    return text


def catalogue(lang: Lang) -> Words:
    """The words of one language; what has no translation stays English."""
    if lang == "en":
        return msgid
    found = gettext.translation(DOMAIN, LOCALE, languages=[lang], fallback=True)

    def words(text: str) -> str:
        return found.gettext(text) if text else ""  # gettext("") answers the catalogue's header

    return words


def choose(flag: str | None, config_lang: str, env: Mapping[str, str]) -> Lang:
    """The language to speak: the flag, then the setting unless it is "auto", then the locale.

    Of LC_ALL, LC_MESSAGES and LANG the first that is set decides, as POSIX has it; whatever does
    not start with ko is English.
    """
    for asked in (flag, config_lang):
        if asked in ("ko", "en"):
            return "ko" if asked == "ko" else "en"
    named = (env.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "ko" if next((name for name in named if name), "").lower().startswith("ko") else "en"
