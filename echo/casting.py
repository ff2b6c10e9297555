"""The three voices: settings become brains that are awake, or the reason why one is not.

Asks first whether there is memory for all (echo/fit), loads the models one after the other, those
that share a file once, and notes what they took. Knows brains and who speaks; no memory, no chat.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from echo.brains.protocol import Brain
from echo.config import BrainSection, Config
from echo.errors import BrainError
from echo.fit.actual import keep, taken
from echo.fit.gate import Checked, check
from echo.fit.machine import here
from echo.fit.wanted import groups, loads
from echo.home import Home
from echo.i18n import Words
from echo.mind import prompts
from echo.mind.cast import Cast, Manner
from echo.nouns import VOICES, Identity, Voice, Waking
from echo.render.errors import sentence
from echo.render.fit import refusal

Progress = Callable[[Waking], None]

# in a context that several share: those who think at the same time side by side (chorus.py)
SEATS: tuple[Voice, ...] = ("emotion", "creation", "self")


def load_cast(
    home: Home, config: Config, progress: Progress, *, stop: Callable[[], bool], words: Words
) -> Cast:
    """Load the three voices' models, one after the other; remember why one could not be."""
    brains: dict[Voice, Brain] = {}
    absent: dict[Voice, str] = {}
    checked = _fitting(home, config)
    if "self" in checked.refused:
        raise refusal(checked.refused["self"], words)
    for voices in groups(config):
        try:
            if voices[0] in checked.refused:
                raise refusal(checked.refused[voices[0]], words)
            seated = sorted(voices, key=SEATS.index)
            brains |= _load(home, config, seated, progress, stop)
        except BrainError as exc:
            failure = exc
            for voice in voices:
                absent[voice] = sentence(words(exc.message), exc.params)
                progress(Waking(voice, 1.0, config.brain(voice).model, error=absent[voice]))
    if not brains:
        raise failure
    _note(home, checked, brains)
    return Cast(brains, {voice: _manner(config.brain(voice)) for voice in VOICES}, absent)


def warm(home: Home, cast: Cast, identity: Identity, stop: Callable[[], bool]) -> None:
    """Self has its identity evaluated, or takes it from disk, before anybody says a word."""
    from echo.brains.kept import Kept
    from echo.brains.llama import LlamaBrain

    brain = cast.brains.get("self")
    if isinstance(brain, LlamaBrain):
        with suppress(BrainError):  # it will say so when it is asked to speak
            brain.warm((prompts.system(identity.text),), Kept(home.state), stop)


def _fitting(home: Home, config: Config) -> Checked:
    """Whether there is memory for the models, asked before any is loaded."""
    from echo.brains.native import backend

    machine = here(os.environ, offloads=backend().offloads)
    return check(loads(home.root, config), machine, force=config.brains.force)


def _note(home: Home, checked: Checked, brains: Mapping[Voice, Brain]) -> None:
    """What the models really took, for `fillin models fit --actual`."""
    from echo.brains.llama import LlamaBrain

    at = datetime.now().astimezone()
    found = []
    for load in checked.loads:
        brain = brains.get(load.voices[0])
        if isinstance(brain, LlamaBrain) and load.path in checked.models:
            found.append(taken(load, checked.models[load.path], brain.said, checked.machine, at))
    keep(home.state, found)


def _load(
    home: Home,
    config: Config,
    voices: Sequence[Voice],
    progress: Progress,
    stop: Callable[[], bool],
) -> dict[Voice, Brain]:
    from echo.brains.kept import Kept
    from echo.brains.loading import BrainSpec, load_together

    sections = [config.brain(voice) for voice in voices]
    path = home.root / sections[0].model  # an absolute path in the config stays absolute

    def step(done: float) -> bool:
        for voice in voices:
            progress(Waking(voice, done, path.name))
        return not stop()

    specs = [
        BrainSpec(
            context=section.context,
            gpu_layers=section.gpu_layers,
            threads=section.threads,
            batch=section.batch,
            cache=section.cache,
            lora=home.root / section.lora if section.lora else None,
            scale=section.lora_scale,
        )
        for section in sections
    ]
    loaded = load_together(specs, path, progress=step, kept=Kept(home.state))
    return dict(zip(voices, loaded, strict=True))


def _manner(section: BrainSection) -> Manner:
    return Manner(section.max_tokens, section.temperature, section.budget_s, section.seed)
