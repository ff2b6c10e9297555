"""Which token comes next: llama.cpp's samplers, and a grammar, for one request.

Knows no message, no template and no protocol.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

from echo.brains.context import Context
from echo.errors import BrainError

TOP_K, MIN_P = 40, 0.05
OTHER = 0x5BD1E995


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to choose a token. temperature 0: the likeliest; grammar: GBNF, "" for none."""

    temperature: float
    top_p: float
    seed: int
    grammar: str = ""


class Sampler:
    """Chains of llama.cpp's samplers for one request.

    A grammar that is asked about every token of the vocabulary costs milliseconds a token, and
    nearly always agrees with what was chosen without it: so the choice is made first and the
    grammar asked about that one token; only where it objects, it goes before the choice.
    """

    def __init__(self, context: Context, how: Sampling) -> None:
        self.lib = context.lib
        self.context = context
        self._chains: list[Any] = []
        self._free = self._chain(how, None)
        self._bound: Any = None
        self._grammar: Any = None
        if how.grammar:
            self._grammar = self._checked(self.lib.llama_sampler_init_grammar(
                context.weights.vocab, how.grammar.encode(), b"root"))  # fmt: skip
            self._bound = self._chain(how, self._grammar)  # frees the grammar, too

    def _chain(self, how: Sampling, first: Any) -> Any:
        lib = self.lib
        chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        self._chains.append(chain)
        samplers = [] if first is None else [first]
        if how.temperature <= 0:
            samplers.append(lib.llama_sampler_init_greedy())
        else:
            samplers += [
                lib.llama_sampler_init_top_k(TOP_K),
                lib.llama_sampler_init_top_p(how.top_p, 1),
                lib.llama_sampler_init_min_p(MIN_P, 1),
                lib.llama_sampler_init_temp(how.temperature),
                # llama.cpp takes 0xFFFFFFFF for "any seed": the top bit is left out; dice of its
                # own behind a grammar: the first ones fell on what it refused
                lib.llama_sampler_init_dist((how.seed ^ (OTHER if first else 0)) & 0x7FFFFFFF),
            ]
        for sampler in samplers:
            lib.llama_sampler_chain_add(chain, sampler)
        return chain

    def _checked(self, grammar: Any) -> Any:
        if not grammar:  # NULL
            self.close()
            raise BrainError("A grammar cannot be read by this model.")
        return grammar

    def sample(self, at: int = -1) -> int:
        """The next token, from the logits at that place of the last decode's batch (-1: the last);
        the grammar has taken note of it."""
        token = int(self.lib.llama_sampler_sample(self._free, self.context.handle, at))
        if self._grammar is None:
            return token
        if self._allowed(token):
            self.lib.llama_sampler_accept(self._grammar, token)
            return token
        return int(self.lib.llama_sampler_sample(self._bound, self.context.handle, at))

    def _allowed(self, token: int) -> bool:
        one = self.lib.llama_token_data(token, 1.0, 0.0)
        array = self.lib.llama_token_data_array(ctypes.pointer(one), 1, -1, False)
        self.lib.llama_sampler_apply(self._grammar, ctypes.byref(array))
        return bool(one.logit == 1.0)  # else minus infinity

    def close(self) -> None:
        """Free the chains and the grammar."""
        while self._chains:
            self.lib.llama_sampler_free(self._chains.pop())
