"""What of a turn fits into the prompt of one brain, counted in that brain's own tokens.

Pure but for the counting. Knows how a prompt is drawn, not what is done with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from echo.brains.protocol import Brain
from echo.mind import budget, prompts
from echo.nouns import Hit, Message, Recollection

REPLY_SHARE = 3  # a reply never claims more than this part of the context


@dataclass(frozen=True, slots=True)
class Fitting:
    """One brain's room. reply_tokens: what its answer may need behind the prompt."""

    brain: Brain
    identity: str
    reply_tokens: int

    @property
    def room(self) -> int:
        """Tokens for a prompt: the context less the reply that must fit behind it."""
        return self.brain.context - min(self.reply_tokens, self.brain.context // REPLY_SHARE)

    def told(
        self, recollection: Recollection, tokens: int, drawn: Callable[[Recollection], str]
    ) -> Recollection:
        """The part of a recollection that is worth `tokens` of the prompt."""

        def size(hits: Sequence[Hit]) -> int:
            text = drawn(replace(recollection, hits=tuple(hits)))
            return self.brain.count((Message("user", text),))

        return budget.worth_telling(recollection, tokens, size)

    def words(self, words: str, drawn: Callable[[str], str]) -> str:
        """The words, cut in the middle where they alone would fill the context."""

        def fits(text: str) -> bool:
            prompt = prompts.self_prompt(self.identity, (), drawn(text))
            return self.brain.count(prompt) <= budget.FULL * self.room

        return budget.clip(words, fits)

    def history(self, history: Sequence[Message], text: str) -> tuple[Message, ...]:
        """The history that may stand before this newest message."""

        def size(kept: Sequence[Message]) -> int:
            return self.brain.count(prompts.self_prompt(self.identity, kept, text))

        return budget.trim(history, size, self.room)
