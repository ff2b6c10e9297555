"""A chain of llama.cpp's samplers for one request.

Knows no message, no template and no protocol.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from echo.brains.context import Context
from echo.errors import BrainError

TOP_K, MIN_P = 40, 0.05


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to choose a token. temperature 0: the likeliest; grammar: GBNF, "" for none."""

    temperature: float
    top_p: float
    seed: int
    grammar: str = ""


class Sampler:
    """A chain of llama.cpp's samplers for one request; the grammar's state lives in it."""

    def __init__(self, context: Context, how: Sampling) -> None:
        lib = self.lib = context.lib
        self.context = context
        self.chain: Any = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        if how.grammar:
            self._add(lib.llama_sampler_init_grammar(
                context.weights.vocab, how.grammar.encode(), b"root"))  # fmt: skip
        if how.temperature <= 0:
            self._add(lib.llama_sampler_init_greedy())
            return
        self._add(lib.llama_sampler_init_top_k(TOP_K))
        self._add(lib.llama_sampler_init_top_p(how.top_p, 1))
        self._add(lib.llama_sampler_init_min_p(MIN_P, 1))
        self._add(lib.llama_sampler_init_temp(how.temperature))
        # llama.cpp takes 0xFFFFFFFF for "any seed": the top bit is left out
        self._add(lib.llama_sampler_init_dist(how.seed & 0x7FFFFFFF))

    def _add(self, sampler: Any) -> None:
        if not sampler:  # NULL
            self.close()
            raise BrainError("A grammar cannot be read by this model.")
        self.lib.llama_sampler_chain_add(self.chain, sampler)

    def sample(self, at: int = -1) -> int:
        """The next token, from the logits at that place of the last decode's batch (-1: the last);
        the chain has taken note of it."""
        return int(self.lib.llama_sampler_sample(self.chain, self.context.handle, at))

    def close(self) -> None:
        """Free the chain and its grammar."""
        if self.chain is not None:
            self.lib.llama_sampler_free(self.chain)
        self.chain = None
