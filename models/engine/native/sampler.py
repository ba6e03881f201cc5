"""A sampler: picks the next token."""

from __future__ import annotations

from models.engine.native.context import Context
from models.engine.native.library import lib


class Sampler:
    """A chain that picks the next token. Without temperature it takes the likeliest one."""

    def __init__(self, *, temperature: float, top_k: int, top_p: float, seed: int) -> None:
        params = lib.llama_sampler_chain_default_params()
        params.no_perf = True
        self._chain = lib.llama_sampler_chain_init(params)
        if temperature <= 0:
            self._add(lib.llama_sampler_init_greedy())
            return
        if top_k > 0:
            self._add(lib.llama_sampler_init_top_k(top_k))
        if top_p < 1:
            self._add(lib.llama_sampler_init_top_p(top_p, 1))
        self._add(lib.llama_sampler_init_temp(temperature))
        self._add(lib.llama_sampler_init_dist(seed & 0xFFFFFFFF))

    def _add(self, sampler: object) -> None:
        lib.llama_sampler_chain_add(self._chain, sampler)

    def sample(self, context: Context, index: int = -1) -> int:
        """The next token after position `index` of the last decode's logits (-1 the last)."""
        return int(lib.llama_sampler_sample(self._chain, context.pointer, index))

    def close(self) -> None:
        """Free the chain."""
        if self._chain:
            lib.llama_sampler_free(self._chain)
            self._chain = None
