"""Settings: four layers, one sentence for each mistake, a file that can be written and read."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from echo.config import (
    DEFAULT,
    KEYS,
    Config,
    is_user,
    kind,
    load,
    read_env,
    read_file,
    set_value,
    template,
    zone,
)
from echo.errors import ConfigError
from echo.home import Home
from echo.i18n import catalogue

CHECKOUT = Path(__file__).parents[1]
ZONES = sorted(available_timezones())


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    return path


def said(path: Path) -> str:
    """The one sentence a file earns."""
    with pytest.raises(ConfigError) as caught:
        load(Home(path.parent), {})
    assert caught.value.exit_code == 2
    assert caught.value.hint
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence.removeprefix(str(path))


# ── layers ───────────────────────────────────────────────────────────────────────────────────


def test_each_layer_wins_over_the_one_before(tmp_path: Path) -> None:
    """And the config remembers which layer spoke, for `config show`."""
    write(tmp_path, '[echo]\nuser = "file"\nlang = "ko"\n[chat]\nmode = "solo"\n')
    env = {"FILLIN_USER": "env", "FILLIN_MODE": "auto"}
    config = load(Home(tmp_path), env, {"echo.user": "flag", "chat.mode": None})
    assert (config.echo.user, config.echo.lang, config.chat.mode) == ("flag", "ko", "auto")
    keys = ("echo.user", "echo.lang", "chat.mode", "recall.limit")
    assert [config.origin(k) for k in keys] == ["flag", "file", "environment", "default"]


def test_no_file_is_all_defaults(tmp_path: Path) -> None:
    assert load(Home(tmp_path), {}) == DEFAULT


def test_voices_differ_where_their_work_does() -> None:
    """Emotion reads greedily and shortly; the others are freer."""
    emotion, creation = DEFAULT.brain("emotion"), DEFAULT.brain("creation")
    assert (emotion.temperature, emotion.max_tokens, emotion.budget_s) == (0.0, 64, 6.0)
    assert (creation.temperature, creation.max_tokens, creation.budget_s) == (0.3, 160, 8.0)
    assert DEFAULT.brain("self").budget_s == 120.0


def test_variables_reach_every_setting() -> None:
    """A pod is set up with variables alone."""
    values, places = read_env({f"FILLIN_{k.replace('.', '_').upper()}": "1" for k in KEYS})
    assert set(values) == set(KEYS)
    values, places = read_env({"FILLIN_BRAINS_SELF_MODEL": "/m/big.gguf", "FILLIN_HOME": "/x"})
    assert values == {"brains.self.model": "/m/big.gguf"}
    assert places["brains.self.model"].name == "FILLIN_BRAINS_SELF_MODEL"


def test_an_empty_variable_is_none_and_a_wrong_one_is_named() -> None:
    assert read_env({"FILLIN_USER": "", "FILLIN_RECALL_LIMIT": ""}) == ({}, {})
    with pytest.raises(ConfigError, match=r'^FILLIN_RECALL_LIMIT: recall.limit must be .* "ten"'):
        load(Home(Path("/nonexistent")), {"FILLIN_RECALL_LIMIT": "ten"})
    with pytest.raises(ConfigError, match=r"^--user: echo.user cannot be"):
        load(Home(Path("/nonexistent")), {}, {"echo.user": "../me"})


# ── one sentence each ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            '[echo]\nusr = "kim"',
            ", line 2: echo.usr is not a setting; perhaps echo.user was meant.",
        ),
        ("[chat]\n\nlimit = 3", ", line 3: chat.limit is not a setting; perhaps recall.limit "),
        ("[kitchen]\nsink = 1", ", line 2: kitchen.sink is not a setting."),
        ("[kitchen]", ", line 1: kitchen is not a setting."),
        ("echo = 3", ", line 1: echo is a section; its settings stand under [echo]."),
        ('[recall]\nlimit = "six"', ', line 2: recall.limit must be a whole number, not "six".'),
        ("[recall]\nlimit = true", ", line 2: recall.limit must be a whole number, not true."),
        ("[recall]\nlimit = 6.0", ", line 2: recall.limit must be a whole number, not 6.0."),
        ("[recall]\nlimit = 6000", ", line 2: recall.limit must be between 0 and 100, not 6000."),
        ("[chat]\nresume = 1", ", line 2: chat.resume must be true or false, not 1."),
        ("[echo]\nuser = 1", ", line 2: echo.user must be text in quotes, not 1."),
        ("[echo]\nuser = {a = 1}", ", line 2: echo.user.a is not a setting; perhaps echo.user "),
        ('[chat]\nmode = "loud"', ", line 2: chat.mode must be one of full, auto, solo, not "),
        (
            '[brains.self]\ncontext = 1000',
            ", line 2: brains.self.context must be a multiple of 256, not 1000.",
        ),
        (
            '[brains.self]\ntemperature = nan',
            ", line 2: brains.self.temperature must be between 0 and 2, not nan.",
        ),
        (
            '[brains]\nself = {temperature = "hot"}',
            ', line 2: brains.self.temperature must be a number, not "hot".',
        ),
        ("[brains]\nself.seed = 1.5", ", line 2: brains.self.seed must be a whole number"),
        ('[echo]\ntimezone = "Mars"', ', line 2: echo.timezone "Mars" is not a time zone '),
        ('[echo]\nuser = "day0315"', ', line 2: echo.user cannot be "day0315": a name is '),
        ('[brains.self]\nmodel = ""', ', line 2: brains.self.model must name a file, not "".'),
        ("[echo]\nuser = \n", ", line 2: this is not TOML (Invalid value)."),
        ("[echo]\nuser = 'a'\nuser = 'b'\n", ", line 3: this is not TOML (Cannot overwrite"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    """File, line and key: the person must not have to look for it."""
    assert said(write(tmp_path, text)).startswith(sentence)


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes('[echo]\nuser = "김"\n'.encode("cp949"))
    assert said(tmp_path / "config.toml") == ", line 2: this is not UTF-8 text."


PIECES = st.sampled_from(
    ["[echo]", "[[echo]]", "[brains.self]", "user", "lang", "seed", ".", "=", "\n", '"', "'", "{",
     "}", "[", "]", ",", "#", "1", "9" * 5000, "true", "nan", "1979-05-27", "한", "\\u0000", " "]
)  # fmt: skip


def refusal(act: Callable[[], object]) -> str:
    """What is said, "" when nothing is."""
    try:
        act()
    except ConfigError as exc:
        return str(exc)
    return ""


@settings(deadline=None)  # two cores may be busy
@given(st.lists(PIECES, max_size=14).map("".join) | st.text() | st.just("a=" + "[" * 5000))
def test_no_file_is_a_traceback(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever stands in config.toml, it is settings or one sentence that names the file."""
    path = write(tmp_path_factory.getbasetemp(), text.encode("utf-8", "replace").decode())
    for act in (lambda: load(Home(path.parent), {}), lambda: set_value(path, "echo.lang", "ko")):
        said = refusal(act)
        assert not said or said.startswith(str(path))


def test_a_bom_is_forgiven(tmp_path: Path) -> None:
    """Notepad writes one."""
    (tmp_path / "config.toml").write_bytes(b'\xef\xbb\xbf[echo]\nuser = "kim"\n')
    assert load(Home(tmp_path), {}).echo.user == "kim"


@pytest.mark.parametrize("name", ["me", "다연", "kim_2", "dayeon", "a-b"])
def test_names_people_have(name: str) -> None:
    assert is_user(name)


@pytest.mark.parametrize(
    "name", ["", "echo", "Echo", "day0315", "daylast", "..", "a/b", "-x", "a b", "x" * 41, "a\n"]
)
def test_names_that_would_break_something(name: str) -> None:
    """Echo's own speaker name, the day folders of memory/, paths, options, lines."""
    assert not is_user(name)


# ── writing ──────────────────────────────────────────────────────────────────────────────────


def any_value(key: str) -> st.SearchStrategy[Any]:
    rule = KEYS[key]
    if rule.choices:
        return st.sampled_from(rule.choices)
    if rule.check:
        names = st.from_regex(r"[a-zA-Z가-힣][\w-]{0,20}", fullmatch=True).filter(is_user)
        paths = st.text(min_size=1).filter(lambda t: t.isprintable() and t.strip())
        lines = st.text().filter(str.isprintable)
        zones = st.sampled_from(ZONES)
        return {"user": names, "timezone": zones, "path": paths, "line": lines}[rule.check]
    if kind(key) == "boolean":
        return st.booleans()
    if kind(key) == "whole":
        low, high = int(rule.low) // rule.step, int(rule.high) // rule.step
        return st.integers(-(-int(rule.low) // rule.step) if rule.step > 1 else low, high).map(
            lambda n: n * rule.step
        )
    return st.floats(rule.low, rule.high)


CONFIGS = st.fixed_dictionaries({}, optional={key: any_value(key) for key in KEYS}).map(
    lambda values: DEFAULT.apply(values, "file")
)


def read_back(config: Config, folder: Path) -> Config:
    values, places = read_file(write(folder, template(config)))
    return DEFAULT.apply(values, "file", places)


@settings(deadline=None)  # two cores may be busy
@given(CONFIGS)
def test_any_config_survives_being_written(
    tmp_path_factory: pytest.TempPathFactory, config: Config
) -> None:
    """init, and whoever edits by hand, rely on what is written meaning what it says."""
    folder = tmp_path_factory.getbasetemp()
    back = read_back(config, folder)
    assert [back.get(key) for key in KEYS] == [config.get(key) for key in KEYS]


@settings(deadline=None)  # two cores may be busy
@given(CONFIGS, st.sampled_from(sorted(KEYS)), st.data())
def test_any_setting_can_be_set_and_its_neighbours_stay(
    tmp_path_factory: pytest.TempPathFactory, config: Config, key: str, data: st.DataObject
) -> None:
    path = write(tmp_path_factory.getbasetemp(), template(config))
    value = data.draw(any_value(key))
    typed = str(value).lower() if isinstance(value, bool) else str(value)
    set_value(path, key, typed)
    back = load(Home(path.parent), {})
    expected = DEFAULT.apply({key: value}, "file").get(key)
    assert {k: back.get(k) for k in KEYS} == {**{k: config.get(k) for k in KEYS}, key: expected}


def test_set_keeps_comments_order_and_mode(tmp_path: Path) -> None:
    """The file belongs to its owner; we change one value in it."""
    path = write(tmp_path, '# mine\n[echo]\nuser = "me"  # that is me\n\n# later\n[recall]\n')
    path.chmod(0o600)
    set_value(path, "echo.user", "kim")
    set_value(path, "brains.self.seed", "7")
    text = path.read_text("utf-8")
    assert text.startswith('# mine\n[echo]\nuser = "kim"  # that is me\n\n# later\n[recall]\n')
    assert load(Home(tmp_path), {}).self_.seed == 7
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_set_refuses_what_may_not_be_and_leaves_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "[recall]\nlimit = 3\n")
    for key, value in (("recall.limit", "many"), ("recall.limitt", "3"), ("chat.mode", "x")):
        with pytest.raises(ConfigError, match=r"^config set: "):
            set_value(path, key, value)
    assert path.read_text() == "[recall]\nlimit = 3\n"


def test_set_mends_a_wrong_value(tmp_path: Path) -> None:
    """The way out of a sentence about one key is to set that key."""
    path = write(tmp_path, '[recall]\nlimit = "three"\n')
    set_value(path, "recall.limit", "3")
    assert load(Home(tmp_path), {}).recall.limit == 3


def test_the_checkout_is_a_home_with_the_same_text_init_writes() -> None:
    """One template: what a clone shows is what `fillin init` makes."""
    assert (CHECKOUT / "config.toml").read_text("utf-8") == template()


def test_every_setting_stands_under_its_meaning_and_default() -> None:
    lines = template().splitlines()
    keys = [i for i, line in enumerate(lines) if line[:1].isalpha()]
    assert len(keys) == len(KEYS)
    assert all(lines[i - 1].startswith("# ") and "(default: " in lines[i - 1] for i in keys)


def test_a_korean_home_explains_itself_in_korean() -> None:
    text = template(DEFAULT, catalogue("ko"))
    assert "(기본값: " in text
    assert "(default: " not in text


# ── time ─────────────────────────────────────────────────────────────────────────────────────


def test_zone_is_the_setting_else_the_system() -> None:
    """Seoul's day must not break at nine on a pod that runs on UTC."""
    from datetime import datetime

    seoul = zone(DEFAULT.apply({"echo.timezone": "Asia/Seoul"}, "flag"))
    assert datetime(2026, 1, 1, tzinfo=seoul).utcoffset() == timedelta(hours=9)
    assert datetime(2026, 1, 1, tzinfo=zone(DEFAULT)).utcoffset() is not None
