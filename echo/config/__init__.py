"""config.toml -> one frozen Config. Knows what each setting means and may be; not who uses it.

Layers, each over the one before: default < file < environment < flag. `origins` remembers which
layer a value came from. The text of a fresh config.toml is rendered from the same table of
settings, so a comment can never disagree with a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo

from echo.config.files import parse_value, read_env, read_file, set_value, template
from echo.config.rules import Place, is_user, zone_exists
from echo.config.sections import (
    DEFAULT,
    KEYS,
    SECTIONS,
    BackupSection,
    BrainSection,
    ChatSection,
    Config,
    EchoSection,
    MemorySection,
    Origin,
    RecallSection,
    kind,
)
from echo.errors import HomeError
from echo.home import Home

__all__ = [
    "DEFAULT",
    "KEYS",
    "SECTIONS",
    "BackupSection",
    "BrainSection",
    "ChatSection",
    "Config",
    "EchoSection",
    "MemorySection",
    "Origin",
    "Place",
    "RecallSection",
    "is_user",
    "kind",
    "load",
    "parse_value",
    "read_env",
    "read_file",
    "set_value",
    "system_timezone",
    "template",
    "zone",
    "zone_exists",
]


def load(home: Home, env: Mapping[str, str], flags: Mapping[str, object] | None = None) -> Config:
    """The config of a home: its file if it has one, the environment, the flags (dotted keys).

    A flag that was not given is None.
    """
    values, places = read_file(home.config) if _has_file(home) else ({}, {})
    config = DEFAULT.apply(values, "file", places)
    values, places = read_env(env)
    config = config.apply(values, "environment", places)
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    flag_places = {key: Place(f"--{key.rpartition('.')[2]}") for key in given}
    return config.apply(given, "flag", flag_places)


def _has_file(home: Home) -> bool:
    try:
        return home.config.exists()
    except PermissionError as exc:
        raise HomeError(
            "The folder {path} belongs to somebody else.",
            "Run Echo as its owner, or name another folder with --home.",
            path=home.root,
        ) from exc


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
    return name if zone_exists(name or ".") else ""
