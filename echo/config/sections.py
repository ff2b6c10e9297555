"""Every setting, what it means and may be, as frozen values. Knows no file and no environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal, get_type_hints

from echo.config.rules import Kind, Place, Rule, checked, kind_of, unknown
from echo.i18n import msgid
from echo.nouns import Mode, Voice

Origin = Literal["default", "file", "environment", "flag"]


@dataclass(frozen=True, slots=True)
class EchoSection:
    """[echo]: whose home this is."""

    format: Annotated[int, Rule(msgid("version of this file's format"), 1, 1)] = 1
    user: Annotated[str, Rule(msgid("who talks when nobody says otherwise"), check="user")] = "me"
    lang: Annotated[
        Literal["auto", "ko", "en"],
        Rule(
            msgid("language of the program: auto (as the system), ko or en"),
            choices=("auto", "ko", "en"),
        ),
    ] = "auto"
    timezone: Annotated[
        str,
        Rule(
            msgid('time zone your days begin in, such as "Asia/Seoul"; empty asks the system'),
            check="timezone",
        ),
    ] = ""


@dataclass(frozen=True, slots=True)
class ChatSection:
    """[chat]: how a chat begins."""

    mode: Annotated[
        Mode,
        Rule(
            msgid("full: three voices answer as one; auto: a router picks; solo: self alone"),
            choices=("full", "auto", "solo"),
        ),
    ] = "full"
    resume: Annotated[bool, Rule(msgid("go on with the last chat instead of a new one"))] = True


@dataclass(frozen=True, slots=True)
class BrainsSection:
    """[brains]: what concerns all three voices."""

    force: Annotated[
        bool, Rule(msgid("load models even when they seem too large for the memory there is"))
    ] = False


@dataclass(frozen=True, slots=True)
class BrainSection:
    """[brains.emotion], [brains.self], [brains.creation]: one voice and the model it speaks with.

    context and max_tokens count tokens, budget_s seconds; gpu_layers -1 is all of them; threads 0
    lets Echo choose; seed -1 is a new one each time.
    """

    model: Annotated[
        str, Rule(msgid("GGUF file, from this folder or from the root"), check="path")
    ] = "models/echo-seed.gguf"
    context: Annotated[
        int, Rule(msgid("tokens it can hold in mind, in steps of 256"), 256, 2**20, 256)
    ] = 4096
    gpu_layers: Annotated[int, Rule(msgid("layers on the GPU; -1 is all"), -1, 10_000)] = -1
    threads: Annotated[int, Rule(msgid("CPU threads; 0 lets Echo choose"), 0, 1024)] = 0
    batch: Annotated[int, Rule(msgid("tokens read in one step"), 32, 8192)] = 512
    cache: Annotated[
        Literal["f16", "q8_0", "q4_0"],
        Rule(
            msgid("how what it holds in mind is stored; q8_0 takes half of f16, q4_0 a quarter"),
            choices=("f16", "q8_0", "q4_0"),
        ),
    ] = "f16"
    lora: Annotated[
        str, Rule(msgid("LoRA in GGUF form to speak with; empty: none"), check="line")
    ] = ""
    lora_scale: Annotated[float, Rule(msgid("how strongly the LoRA works"), -10, 10)] = 1.0
    temperature: Annotated[
        float, Rule(msgid("0 always says the likeliest word; higher is freer"), 0, 2)
    ] = 0.3
    max_tokens: Annotated[int, Rule(msgid("longest answer, in tokens"), 1, 2**20)] = 512
    budget_s: Annotated[
        float, Rule(msgid("seconds it may take before it is left out"), 0.1, 86_400)
    ] = 120.0
    seed: Annotated[
        int, Rule(msgid("fixes the dice; -1 throws anew each time"), -1, 2**32 - 1)
    ] = -1


@dataclass(frozen=True, slots=True)
class RecallSection:
    """[recall]: how much memory comes back in one turn."""

    limit: Annotated[int, Rule(msgid("remembered turns brought into one reply"), 0, 100)] = 6
    tokens: Annotated[int, Rule(msgid("room for them in the prompt, in tokens"), 0, 2**20)] = 700
    grounded: Annotated[
        Literal["mark", "strict"],
        Rule(
            msgid(
                "claims of memory that nothing told supports: mark them for /why, or (strict) hold"
                " the answer back and ask self once more without them"
            ),
            choices=("mark", "strict"),
        ),
    ] = "mark"


@dataclass(frozen=True, slots=True)
class MemorySection:
    """[memory]: how memory is kept."""

    part_lines: Annotated[
        int, Rule(msgid("lines of a journal part before the next one begins"), 10, 10_000_000)
    ] = 5000


@dataclass(frozen=True, slots=True)
class BackupSection:
    """[backup]: where `fillin backup create` puts its files, for whose key, how many stay."""

    to: Annotated[
        str,
        Rule(
            msgid("folder or URL that backups go to; empty: it must be named each time"),
            check="line",
        ),
    ] = ""
    recipient: Annotated[
        str,
        Rule(
            msgid("age or SSH public key to encrypt for, or a file of them; empty: not encrypted"),
            check="line",
        ),
    ] = ""
    days: Annotated[int, Rule(msgid("days after which the last backup counts as old"), 1, 3650)] = 7
    keep: Annotated[
        int, Rule(msgid("backups to keep in one place, older ones are removed; 0: all"), 0, 10_000)
    ] = 0


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting of one home, and where each value came from (dotted key -> layer)."""

    echo: EchoSection = EchoSection()
    chat: ChatSection = ChatSection()
    brains: BrainsSection = BrainsSection()
    emotion: BrainSection = BrainSection(temperature=0.0, max_tokens=64, budget_s=6.0)
    self_: BrainSection = BrainSection()
    creation: BrainSection = BrainSection(max_tokens=160, budget_s=8.0)
    recall: RecallSection = RecallSection()
    memory: MemorySection = MemorySection()
    backup: BackupSection = BackupSection()
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
        config, origins = self, dict(self.origins)
        for key, value in flatten(values):
            place = (places or {}).get(key, Place(key))
            if key not in KEYS:
                raise unknown(key, KEYS, place)
            config = config._with(key, checked(key, value, KEYS[key], kind(key), place))
            origins[key] = origin
        return replace(config, origins=origins)

    def _with(self, key: str, value: object) -> Config:
        # replace() cannot be typed over a name that is data; checked() has proved the type.
        section, _, name = key.rpartition(".")
        inner: dict[str, Any] = {name: value}
        attribute = SECTIONS[section]
        outer: dict[str, Any] = {attribute: replace(getattr(self, attribute), **inner)}
        return replace(self, **outer)


SECTIONS: Mapping[str, str] = {
    "echo": "echo",
    "chat": "chat",
    "brains": "brains",
    "brains.emotion": "emotion",
    "brains.self": "self_",
    "brains.creation": "creation",
    "recall": "recall",
    "memory": "memory",
    "backup": "backup",
}
DEFAULT = Config()


def _keys() -> Iterator[tuple[str, Rule]]:
    for section, attribute in SECTIONS.items():
        hints = get_type_hints(type(getattr(DEFAULT, attribute)), include_extras=True)
        for name, hint in hints.items():
            yield f"{section}.{name}", hint.__metadata__[0]


KEYS: Mapping[str, Rule] = dict(_keys())


def kind(key: str) -> Kind:
    """What the value of a setting is."""
    return kind_of(DEFAULT.get(key))


def flatten(values: Mapping[str, object], under: str = "") -> Iterator[tuple[str, object]]:
    """Dotted keys and their values; an empty table that no setting knows stands for itself."""
    for name, value in values.items():
        key = f"{under}{name}"
        if isinstance(value, Mapping) and (value or _is_table(key)):
            yield from flatten(value, f"{key}.")
        else:
            yield key, value


def _is_table(key: str) -> bool:
    return any(f"{section}.".startswith(f"{key}.") for section in SECTIONS)
