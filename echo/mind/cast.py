"""Who may speak in a turn and how. Values only; knows no model and no store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from echo.brains.protocol import Brain
from echo.errors import BrainError
from echo.nouns import Voice

LATE = "late"  # a thought past its budget
BUSY = "busy"  # a brain that has not come back from an earlier turn


@dataclass(frozen=True, slots=True)
class Manner:
    """How one voice speaks. budget_s: seconds it may take; seed -1: a new one each request."""

    max_tokens: int = 256
    temperature: float = 0.7
    budget_s: float = 120.0
    seed: int = -1


@dataclass(frozen=True, slots=True)
class Cast:
    """The brains that are awake, their manners, and why the others are not."""

    brains: Mapping[Voice, Brain]
    manners: Mapping[Voice, Manner]
    absent: Mapping[Voice, str] = field(default_factory=dict)

    def manner(self, voice: Voice) -> Manner:
        """How this voice speaks; plain defaults when nothing was said about it."""
        return self.manners.get(voice, Manner())

    def speakers(self) -> tuple[Voice, ...]:
        """Who may give the answer, first choice first: if self cannot, another voice does."""
        order: tuple[Voice, ...] = ("self", "creation", "emotion")
        return tuple(voice for voice in order if voice in self.brains)

    def main(self) -> Brain:
        """The brain that will give the answer. Raises BrainError when none is awake."""
        for voice in self.speakers():
            return self.brains[voice]
        raise BrainError(
            "No brain is awake: {reasons}.",
            "Your words are kept. `fillin config show` says which model each voice uses.",
            reasons="; ".join(dict.fromkeys(self.absent.values())) or "none is configured",
        )
