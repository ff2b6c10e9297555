"""config.toml and the environment as layers; a fresh config.toml; one setting written.

Knows files and text; not what a setting is for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from echo.config.rules import Place
from echo.config.sections import DEFAULT, KEYS, SECTIONS, Config, flatten, kind
from echo.errors import ConfigError
from echo.i18n import Words, msgid

Layer = tuple[dict[str, object], dict[str, Place]]  # values, and where each dotted key stands

# ── reading ──────────────────────────────────────────────────────────────────────────────────


def read_file(path: Path) -> Layer:
    """The tables of a TOML file, and the place of each dotted key. Raises ConfigError."""
    text = _text(path)
    values = _parse(path, text)
    lines = _lines(text)
    return values, {key: Place(str(path), _line(lines, key)) for key, _ in flatten(values)}


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
    except (ValueError, RecursionError) as exc:  # a number of 5,000 digits, a thousand brackets
        raise ConfigError(
            "{place}, line {line}: this is not TOML ({reason}).",
            "Correct that line; text stands in quotes, one setting a line.",
            place=path,
            line=getattr(exc, "lineno", 1),
            reason=getattr(exc, "msg", "") or exc,
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


def read_env(env: Mapping[str, str]) -> Layer:
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
    typed = kind(key) if key in KEYS else "text"
    if typed == "boolean":
        return _BOOLEANS.get(text.strip().lower(), text)
    if typed == "text":
        return text
    try:
        return int(text) if typed == "whole" else float(text)
    except ValueError:  # the rules name the key and its kind
        return text


# ── writing ──────────────────────────────────────────────────────────────────────────────────


def template(config: Config = DEFAULT, words: Words = msgid) -> str:
    """The text of a config.toml with every setting, each under what it means and its default."""
    head = words(msgid("Settings of one Echo. `fillin config show` tells what is in force."))
    out = [f"# {head}"]
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
    return f'"{escaped}"'  # no setting may hold control characters


def set_value(path: Path, key: str, text: str) -> object:
    """Write one setting into a config.toml, its comments kept; the value as it was understood.

    Raises ConfigError when the setting does not exist, may not be that, or the file is broken.
    """
    place = Place("config set")
    value = DEFAULT.apply({key: parse_value(key, text)}, "flag", {key: place}).get(key)
    values, places = read_file(path)
    others = {k: v for k, v in flatten(values) if k != key}  # the wrong value may be this one
    DEFAULT.apply(others, "file", places)
    try:
        edited = _edited(_text(path), key, value)
    except (ValueError, TypeError) as exc:  # tomlkit: a section written as something else
        raise ConfigError(
            "{place} cannot be written: {reason}.",
            "Set {key} in the file itself.",
            place=path,
            reason=exc,
            key=key,
        ) from exc
    _replace(path, edited)
    return value


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
        fresh.replace(path)
    except OSError as exc:
        raise ConfigError(
            "{place} cannot be written: {reason}.",
            "Check the folder's owner and the room on its disk.",
            place=path,
            reason=exc.strerror or exc,
        ) from exc
