"""config.toml -> one frozen Config. Knows what each setting means and may be; not who uses it.

Layers, each over the one before: default < file < environment < flag. `origins` remembers which
layer a value came from. The text of a fresh config.toml is rendered from the same table of
settings, so a comment can never disagree with the default.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

from echo.errors import ConfigError
from echo.home import Home
from echo.i18n import Words, msgid
from echo.nouns import Lang, Mode, Voice

Origin = Literal["default", "file", "environment", "flag"]
Kind = Literal["whole", "number", "boolean", "text"]
T = TypeVar("T")

USER = re.compile(r"[^\W_][\w-]{0,39}")
_DAY_FOLDER = re.compile(r"day(\d.*|last)")  # memory/day0315 is a folder of day files
_RESERVED = frozenset({"echo", "models", "manifest"})


@dataclass(frozen=True, slots=True)
class Rule:
    """What one setting means and may be. low/high: bounds, both included; step: a divisor."""

    doc: str
    low: float = -math.inf
    high: float = math.inf
    step: int = 1
    choices: tuple[str, ...] = ()
    check: Literal["", "user", "timezone", "path"] = ""


def _key(default: T, rule: Rule) -> T:
    return cast(T, field(default=default, metadata={"rule": rule}))


# ── the settings ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class EchoSection:
    """[echo]: whose home this is."""

    format: int = _key(1, Rule(msgid("version of this file's format"), low=1, high=1))
    user: str = _key("me", Rule(msgid("who talks when nobody says otherwise"), check="user"))
    lang: Literal["auto", "ko", "en"] = _key(
        "auto",
        Rule(
            msgid("language of the program; auto follows the system"), choices=("auto", "ko", "en")
        ),
    )
    timezone: str = _key(
        "",
        Rule(
            msgid('time zone where your days begin and end, such as "Asia/Seoul"; empty asks the '
                  "system"),
            check="timezone",
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChatSection:
    """[chat]: how a chat begins."""

    mode: Mode = _key(
        "full",
        Rule(
            msgid("full: three voices answer as one; auto: a router picks; solo: self alone"),
            choices=("full", "auto", "solo"),
        ),
    )
    resume: bool = _key(True, Rule(msgid("go on with the last chat instead of a new one")))


@dataclass(frozen=True, slots=True)
class BrainSection:
    """[brains.emotion], [brains.self], [brains.creation]: one voice and the model it speaks with.

    context and max_tokens count tokens, budget_s seconds; gpu_layers -1 is all of them; threads 0
    lets Echo choose; seed -1 is a new one each time.
    """

    model: str = _key(
        "models/echo-seed.gguf",
        Rule(msgid("GGUF file, from this folder or from the root"), check="path"),
    )
    context: int = _key(
        4096, Rule(msgid("tokens it can hold in mind, in steps of 256"), 256, 2**20, 256)
    )
    gpu_layers: int = _key(-1, Rule(msgid("layers on the GPU; -1 is all that fit"), -1, 10_000))
    threads: int = _key(0, Rule(msgid("CPU threads; 0 lets Echo choose"), 0, 1024))
    batch: int = _key(512, Rule(msgid("tokens read in one step"), 32, 8192))
    temperature: float = _key(
        0.7, Rule(msgid("0 always says the likeliest word; higher is freer"), 0, 2)
    )
    max_tokens: int = _key(512, Rule(msgid("longest answer, in tokens"), 1, 2**20))
    budget_s: float = _key(
        120.0, Rule(msgid("seconds it may take before it is left out"), 0.1, 86_400)
    )
    seed: int = _key(-1, Rule(msgid("fixes the dice; -1 throws anew each time"), -1, 2**32 - 1))


@dataclass(frozen=True, slots=True)
class RecallSection:
    """[recall]: how much memory comes back in one turn."""

    limit: int = _key(6, Rule(msgid("remembered turns brought into one reply"), 0, 100))
    tokens: int = _key(700, Rule(msgid("room for them in the prompt, in tokens"), 0, 2**20))


@dataclass(frozen=True, slots=True)
class MemorySection:
    """[memory]: how memory is kept."""

    part_lines: int = _key(
        5000, Rule(msgid("lines of a journal part before the next one begins"), 10, 10_000_000)
    )


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting of one home, and where each value came from (dotted key -> layer)."""

    echo: EchoSection = EchoSection()
    chat: ChatSection = ChatSection()
    emotion: BrainSection = BrainSection(temperature=0.0, max_tokens=64, budget_s=6.0)
    self_: BrainSection = BrainSection()
    creation: BrainSection = BrainSection(max_tokens=160, budget_s=8.0)
    recall: RecallSection = RecallSection()
    memory: MemorySection = MemorySection()
    origins: Mapping[str, Origin] = field(default_factory=dict)

    def brain(self, voice: Voice) -> BrainSection:
        """The settings of one voice."""
        return {"emotion": self.emotion, "self": self.self_, "creation": self.creation}[voice]

    def get(self, key: str) -> object:
        """The value of a dotted key that exists."""
        section, _, name = key.rpartition(".")
        return getattr(getattr(self, SECTIONS[section]), name)

    def origin(self, key: str) -> Origin:
        """The layer a dotted key's value came from."""
        return self.origins.get(key, "default")

    def apply(
        self,
        values: Mapping[str, object],
        origin: Origin,
        places: Mapping[str, Place] | None = None,
    ) -> Config:
        """This config with one layer over it. values: nested tables, or dotted keys, or both.

        places says where each dotted key was written. Raises ConfigError for a key that does not
        exist or a value it may not have.
        """
        told = places or {}
        changed = self
        for key, value in _flatten(values):
            place = told.get(key, Place(key))
            changed = changed._with(key, _checked(key, value, place))
        names = {key: origin for key, _ in _flatten(values)}
        return replace(changed, origins={**self.origins, **names})

    def _with(self, key: str, value: object) -> Config:
        section, _, name = key.rpartition(".")
        attribute = SECTIONS[section]
        # replace() cannot be typed over a name that is data; _checked has proved the type.
        values: dict[str, Any] = {name: value}
        inner = replace(getattr(self, attribute), **values)
        outer: dict[str, Any] = {attribute: inner}
        return replace(self, **outer)


SECTIONS: Mapping[str, str] = {
    "echo": "echo",
    "chat": "chat",
    "brains.emotion": "emotion",
    "brains.self": "self_",
    "brains.creation": "creation",
    "recall": "recall",
    "memory": "memory",
}
DEFAULT = Config()


def _rules() -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for section, attribute in SECTIONS.items():
        for f in _fields(getattr(DEFAULT, attribute)):
            found[f"{section}.{f.name}"] = f.metadata["rule"]
    return found


def _fields(section: Any) -> tuple[Field[Any], ...]:
    return fields(section)


KEYS: Mapping[str, Rule] = _rules()


def _flatten(values: Mapping[str, object], under: str = "") -> Iterator[tuple[str, object]]:
    """Dotted keys and their values; an empty table that no setting knows stands for itself."""
    for name, value in values.items():
        key = f"{under}{name}"
        if isinstance(value, Mapping) and (value or _is_table(key)):
            yield from _flatten(value, f"{key}.")
        else:
            yield key, value


def _is_table(key: str) -> bool:
    return any(f"{section}.".startswith(f"{key}.") for section in SECTIONS)


# ── what may not be ──────────────────────────────────────────────────────────────────────────


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
}  # fmt: skip
_HINTS: Mapping[str, str] = {
    "unknown": msgid("`fillin config show` lists every setting."),
    "near": msgid("`fillin config show` lists every setting."),
    "timezone": msgid('Write a name such as "Asia/Seoul" or "Europe/Berlin", or "" to ask the '
                      "system."),
}  # fmt: skip


def _wrong(what: str, key: str, value: object, place: Place, **more: object) -> ConfigError:
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


def _checked(key: str, value: object, place: Place) -> object:
    """The value a setting takes, or ConfigError."""
    rule = KEYS.get(key)
    if rule is None:
        raise _unknown(key, place)
    kind = kind_of(key)
    right: tuple[type, ...] = {
        "whole": (int,), "number": (int, float), "boolean": (bool,), "text": (str,),
    }[kind]  # fmt: skip
    if not isinstance(value, right) or (isinstance(value, bool) and kind != "boolean"):
        raise _wrong(kind, key, value, place)
    if isinstance(value, str):
        _check_text(key, rule, value, place)
    elif not isinstance(value, bool) and isinstance(value, int | float):
        _check_number(key, rule, value, place)
        return float(value) if kind == "number" else value
    return value


def _check_text(key: str, rule: Rule, value: str, place: Place) -> None:
    if rule.choices and value not in rule.choices:
        raise _wrong("choices", key, value, place, choices=", ".join(rule.choices))
    right = {"": True, "user": True, "timezone": True, "path": bool(value) and value.isprintable()}
    if rule.check == "user":
        right["user"] = is_user(value)
    elif rule.check == "timezone":
        right["timezone"] = not value or _zone_exists(value)
    if not right[rule.check]:
        raise _wrong(rule.check, key, value, place)


def _check_number(key: str, rule: Rule, value: float, place: Place) -> None:
    if not rule.low <= value <= rule.high:  # not a number fails this too
        raise _wrong("range", key, value, place, low=rule.low, high=rule.high)
    if value % rule.step and kind_of(key) == "whole":
        raise _wrong("step", key, value, place, step=rule.step)


def is_user(name: str) -> bool:
    """May a user be called this? It becomes a folder beside the day folders of memory/."""
    return (
        USER.fullmatch(name) is not None
        and name.lower() not in _RESERVED
        and not _DAY_FOLDER.fullmatch(name.lower())
    )


def _zone_exists(name: str) -> bool:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # unknown, not a key at all, a folder
        return False
    return True


def _unknown(key: str, place: Place) -> ConfigError:
    from difflib import get_close_matches

    near = get_close_matches(key, [*KEYS, *SECTIONS], n=1, cutoff=0.6)
    if not near:
        tail = get_close_matches(key.rpartition(".")[2], [k.rpartition(".")[2] for k in KEYS], n=1)
        near = [k for k in KEYS if tail and k.endswith(f".{tail[0]}")]
    if near:
        return _wrong("near", key, "", place, near=near[0])
    return _wrong("unknown", key, "", place)


def kind_of(key: str) -> Kind:
    """What a value of this setting is."""
    value = DEFAULT.get(key)
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "whole"
    return "number" if isinstance(value, float) else "text"


# ── the layers ───────────────────────────────────────────────────────────────────────────────


def load(home: Home, env: Mapping[str, str], flags: Mapping[str, object] | None = None) -> Config:
    """The config of a home: its file if it has one, the environment, the flags (dotted keys).

    A flag that was not given is None.
    """
    values, places = read_file(home.config) if home.config.exists() else ({}, {})
    config = DEFAULT.apply(values, "file", places)
    values, places = read_env(env)
    config = config.apply(values, "environment", places)
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    flag_places = {key: Place(f"--{key.rpartition('.')[2]}") for key in given}
    return config.apply(given, "flag", flag_places)


def read_file(path: Path) -> tuple[dict[str, object], dict[str, Place]]:
    """The tables of a TOML file, and the place of each dotted key. Raises ConfigError."""
    text = _text(path)
    values = _parse(path, text)
    lines = _lines(text)
    return values, {key: Place(str(path), _line(lines, key)) for key, _ in _flatten(values)}


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as exc:
        raise ConfigError(
            "{place} cannot be read: {reason}.",
            "Check the file's owner and mode.",
            place=path,
            reason=exc.strerror or exc,
        ) from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(
            "{place}, line {line}: this is not UTF-8 text.",
            "Save the file as UTF-8.",
            place=path,
            line=exc.object[: exc.start].count(b"\n") + 1,
        ) from exc


def _parse(path: Path, text: str) -> dict[str, object]:
    import tomli

    try:
        return tomli.loads(text)
    except tomli.TOMLDecodeError as exc:
        raise ConfigError(
            "{place}, line {line}: this is not TOML ({reason}).",
            "Correct that line; text stands in quotes, one setting a line.",
            place=path,
            line=exc.lineno,
            reason=exc.msg,
        ) from exc


_HEADER = re.compile(r"\s*\[+([^\]]+)\]")
_NAME = re.compile(
    r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*="""
)


def _lines(text: str) -> dict[str, int]:
    """The line each dotted key, and each table, is first written on."""
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = f"{_plain(header[1])}."
            found.setdefault(table[:-1], number)
        elif name := _NAME.match(line):
            found.setdefault(table + _plain(name[1]), number)
    return found


def _plain(name: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in name.split("."))


def _line(lines: Mapping[str, int], key: str) -> int:
    """The line of a key, or of the nearest table around it (an inline table's own line)."""
    while key and key not in lines:
        key = key.rpartition(".")[0]
    return lines.get(key, 1)


_SHORT = {"FILLIN_USER": "echo.user", "FILLIN_LANG": "echo.lang", "FILLIN_MODE": "chat.mode"}


def read_env(env: Mapping[str, str]) -> tuple[dict[str, object], dict[str, Place]]:
    """Settings from variables: FILLIN_USER, _LANG, _MODE, and FILLIN_<SECTION>_<KEY>.

    The long name wins over the short one; an empty variable is no variable.
    """
    long = {f"FILLIN_{key.replace('.', '_').upper()}": key for key in KEYS}
    values: dict[str, object] = {}
    places: dict[str, Place] = {}
    for name, key in {**_SHORT, **long}.items():
        if env.get(name):
            places[key] = Place(name)
            values[key] = parse_value(key, env[name])
    return values, places


_BOOLEANS = {"true": True, "yes": True, "on": True, "1": True,
             "false": False, "no": False, "off": False, "0": False}  # fmt: skip


def parse_value(key: str, text: str) -> object:
    """A typed value from what somebody typed; the text itself where it is not of that type."""
    kind = kind_of(key) if key in KEYS else "text"
    if kind == "boolean":
        return _BOOLEANS.get(text.strip().lower(), text)
    if kind == "text":
        return text
    try:
        return int(text) if kind == "whole" else float(text)
    except ValueError:  # _checked names the key and its kind
        return text


# ── writing ──────────────────────────────────────────────────────────────────────────────────


def template(config: Config = DEFAULT, words: Words = msgid) -> str:
    """The text of a config.toml with every setting, each under what it means and its default."""
    out = [
        f"# {words(msgid('Settings of one Echo. `fillin config show` tells what is in force.'))}"
    ]
    for section in SECTIONS:
        out += ["", f"[{section}]"]
        for key in (k for k in KEYS if k.rpartition(".")[0] == section):
            default = words(msgid("default")) + f": {_toml(DEFAULT.get(key))}"
            out.append(f"# {words(KEYS[key].doc)} ({default})")
            out.append(f"{key.rpartition('.')[2]} = {_toml(config.get(key))}")
    return "\n".join(out) + "\n"


def _toml(value: object) -> str:
    """A TOML value on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return repr(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'  # settings hold no control characters: _check_text


def set_value(path: Path, key: str, text: str) -> object:
    """Write one setting into a config.toml, its comments kept; the value as it was understood.

    Raises ConfigError when the setting does not exist, may not be that, or the file is broken.
    """
    value = parse_value(key, text)
    checked = DEFAULT.apply({key: value}, "flag", {key: Place("config set")}).get(key)
    written = _text(path)
    DEFAULT.apply(*_without(path, written, key))
    _replace(path, _edited(written, key, checked))
    return checked


def _without(path: Path, text: str, key: str) -> tuple[dict[str, object], Origin]:
    """What the file says besides the key that is being mended."""
    flat = {k: v for k, v in _flatten(_parse(path, text)) if k != key}
    return flat, "file"


def _edited(text: str, key: str, value: object) -> str:
    import tomlkit

    document = tomlkit.parse(text)
    table: Any = document
    section, _, name = key.rpartition(".")
    for part in section.split("."):
        if part not in table:
            table[part] = tomlkit.table(is_super_table=part == "brains")
        table = table[part]
    table[name] = value
    return tomlkit.dumps(document)


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all, its mode kept."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        fresh.write_text(text, "utf-8")
        fresh.chmod(path.stat().st_mode & 0o777)
        os.replace(fresh, path)
    except OSError as exc:
        raise ConfigError(
            "{place} cannot be written: {reason}.",
            "Check the folder's owner and the room on its disk.",
            place=path,
            reason=exc.strerror or exc,
        ) from exc


# ── time ─────────────────────────────────────────────────────────────────────────────────────


def zone(config: Config) -> tzinfo:
    """The time zone the days of this home are counted in; the system's where none is set."""
    if config.echo.timezone:
        from zoneinfo import ZoneInfo

        return ZoneInfo(config.echo.timezone)
    from tzlocal import get_localzone

    try:
        return get_localzone()
    except (LookupError, ValueError, OSError):  # no zone data on this system: its offset will do
        local = datetime.now().astimezone().tzinfo
        assert local is not None  # noqa: S101 — astimezone always sets one
        return local


def system_timezone() -> str:
    """The system's time zone by name, "" where it has none."""
    from tzlocal import get_localzone_name

    try:
        name = str(get_localzone_name() or "")
    except (LookupError, ValueError, OSError):  # a system that names no zone
        return ""
    return name if _zone_exists(name or ".") else ""


def language_setting(config: Config) -> Lang | Literal["auto"]:
    """The language this home asks for."""
    return config.echo.lang
