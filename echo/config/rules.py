"""What one setting may be, and the one sentence that is said when it is not.

Knows rules and places where values were written; no setting by name, no file.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from echo.errors import ConfigError
from echo.i18n import msgid

Kind = Literal["whole", "number", "boolean", "text"]

_USER = re.compile(r"[^\W_][\w-]{0,39}")
_DAY_FOLDER = re.compile(r"day(\d.*|last)")  # memory/day0315 is a folder of day files
_RESERVED = frozenset({"echo", "models", "manifest"})
_TYPES: Mapping[Kind, tuple[type, ...]] = {
    "whole": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "text": (str,),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """What one setting means and may be. low/high: bounds, both included; step: a divisor."""

    doc: str
    low: float = -math.inf
    high: float = math.inf
    step: int = 1
    choices: tuple[str, ...] = ()
    check: Literal["", "user", "timezone", "path", "line"] = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value was written: a file and a line (1 is the first), or a variable, or a flag."""

    name: str
    line: int = 0


# Said of a file and a line, and of a variable, a flag or a command's argument.
_SAYS: Mapping[str, tuple[str, str]] = {
    "unknown": (
        msgid("{place}, line {line}: {key} is not a setting."),
        msgid("{place}: {key} is not a setting."),
    ),
    "near": (
        msgid("{place}, line {line}: {key} is not a setting; perhaps {near} was meant."),
        msgid("{place}: {key} is not a setting; perhaps {near} was meant."),
    ),
    "section": (
        msgid("{place}, line {line}: {key} is a section; its settings stand under [{key}]."),
        msgid("{place}: {key} is a section, not a setting."),
    ),
    "whole": (
        msgid("{place}, line {line}: {key} must be a whole number, not {value}."),
        msgid("{place}: {key} must be a whole number, not {value}."),
    ),
    "number": (
        msgid("{place}, line {line}: {key} must be a number, not {value}."),
        msgid("{place}: {key} must be a number, not {value}."),
    ),
    "boolean": (
        msgid("{place}, line {line}: {key} must be true or false, not {value}."),
        msgid("{place}: {key} must be true or false, not {value}."),
    ),
    "text": (
        msgid("{place}, line {line}: {key} must be text in quotes, not {value}."),
        msgid("{place}: {key} must be text, not {value}."),
    ),
    "choices": (
        msgid("{place}, line {line}: {key} must be one of {choices}, not {value}."),
        msgid("{place}: {key} must be one of {choices}, not {value}."),
    ),
    "range": (
        msgid("{place}, line {line}: {key} must be between {low} and {high}, not {value}."),
        msgid("{place}: {key} must be between {low} and {high}, not {value}."),
    ),
    "step": (
        msgid("{place}, line {line}: {key} must be a multiple of {step}, not {value}."),
        msgid("{place}: {key} must be a multiple of {step}, not {value}."),
    ),
    "user": (
        msgid("{place}, line {line}: {key} cannot be {value}: a name is up to 40 letters, digits, "
              "hyphens or underscores, and not one that Echo needs."),
        msgid("{place}: {key} cannot be {value}: a name is up to 40 letters, digits, hyphens or "
              "underscores, and not one that Echo needs."),
    ),
    "timezone": (
        msgid("{place}, line {line}: {key} {value} is not a time zone this system knows."),
        msgid("{place}: {key} {value} is not a time zone this system knows."),
    ),
    "path": (
        msgid("{place}, line {line}: {key} must name a file, not {value}."),
        msgid("{place}: {key} must name a file, not {value}."),
    ),
    "line": (
        msgid("{place}, line {line}: {key} must be one line of plain text, not {value}."),
        msgid("{place}: {key} must be one line of plain text, not {value}."),
    ),
}  # fmt: skip
_HINTS: Mapping[str, str] = {
    "unknown": msgid("`fillin config show` lists every setting."),
    "near": msgid("`fillin config show` lists every setting."),
    "timezone": msgid('Write a name such as "Asia/Seoul" or "Europe/Berlin", or "" to ask the '
                      "system."),
}  # fmt: skip


def wrong(what: str, key: str, value: object, place: Place, **more: object) -> ConfigError:
    """The error for a value that may not be; `what` names the sentence."""
    message = _SAYS[what][0 if place.line else 1]
    hint = _HINTS.get(what) or msgid("Correct it; `fillin config show` tells what is in force.")
    return ConfigError(
        message, hint, place=place.name, line=place.line, key=key, value=_shown(value), **more
    )


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "{…}" if isinstance(value, dict) else "[…]"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def unknown(key: str, known: Collection[str], place: Place) -> ConfigError:
    """The error for a key that is no setting, with the nearest one that is."""
    if any(k.startswith(f"{key}.") for k in known):
        return wrong("section", key, "", place)
    from difflib import get_close_matches

    near = get_close_matches(key, known, n=1)
    if not near:  # the right name in the wrong table
        names = {k.rpartition(".")[2]: k for k in reversed(tuple(known))}
        tail = get_close_matches(key.rpartition(".")[2], names, n=1)
        near = [names[name] for name in tail]
    if near:
        return wrong("near", key, "", place, near=near[0])
    return wrong("unknown", key, "", place)


def kind_of(value: object) -> Kind:
    """What a value like this default is."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "whole"
    return "number" if isinstance(value, float) else "text"


def checked(key: str, value: object, rule: Rule, kind: Kind, place: Place) -> object:
    """The value a setting takes, or ConfigError."""
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        raise wrong(kind, key, value, place)
    if isinstance(value, str):
        value = unicodedata.normalize("NFC", value)
        _check_text(key, value, rule, place)
    elif isinstance(value, int | float) and kind in ("whole", "number"):
        _check_number(key, value, rule, place)
        return float(value) if kind == "number" else value
    return value


def _check_text(key: str, value: str, rule: Rule, place: Place) -> None:
    if rule.choices and value not in rule.choices:
        raise wrong("choices", key, value, place, choices=", ".join(rule.choices))
    right = True
    if rule.check == "user":
        right = is_user(value)
    elif rule.check == "timezone":
        right = not value or zone_exists(value)
    elif rule.check == "path":
        right = bool(value.strip()) and value.isprintable()
    elif rule.check == "line":
        right = value.isprintable()
    if not right:
        raise wrong(rule.check, key, value, place)


def _check_number(key: str, value: float, rule: Rule, place: Place) -> None:
    if not rule.low <= value <= rule.high:  # not a number fails this too
        raise wrong("range", key, value, place, low=rule.low, high=rule.high)
    if rule.step > 1 and value % rule.step:
        raise wrong("step", key, value, place, step=rule.step)


def is_user(name: str) -> bool:
    """May a user be called this? It becomes a folder beside the day folders of memory/."""
    return (
        _USER.fullmatch(name) is not None
        and name.lower() not in _RESERVED
        and not _DAY_FOLDER.fullmatch(name.lower())
    )


def zone_exists(name: str) -> bool:
    """Does this system know the time zone?"""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # unknown, not a key at all, a folder
        return False
    return True
