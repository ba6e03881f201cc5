"""A context: the working memory of one conversation."""

from __future__ import annotations

import ctypes
import math
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from models.engine.native.library import lib
from models.engine.native.model import Model

_SEQUENCE: Final = 0
_FLASH_AUTO: Final = -1
_FLASH_OFF: Final = 0

ABORTED: Final = 2
"""Status of `Context.decode` when the abort callback stopped it."""

KV_TYPES: Final = {"f16": lib.GGML_TYPE_F16, "q8_0": lib.GGML_TYPE_Q8_0, "f32": lib.GGML_TYPE_F32}
"""Number types of the KV cache by the name that `LoadOptions` uses."""

MAX_OUTPUTS: Final = 16
"""Most positions of one decode whose logits are kept: one when writing, more when looking up.

llama.cpp sizes its output buffers by it; left alone they would take n_batch x n_vocab floats."""

_WARM_UP_COUNTS: Final = (64, 32, *range(8, 0, -1))
"""Counts of tokens for which ggml's part for Vulkan has programs of their own: tiles of three sizes, and vectors."""


@cache
def _string_length() -> Any:
    """C's `strlen` as a callback of ggml's: false of an empty string."""
    library = ctypes.CDLL("msvcrt") if sys.platform == "win32" else ctypes.CDLL(None)
    return ctypes.cast(library.strlen, lib.ggml_abort_callback)


class Context:
    """The working memory of one conversation: one sequence of tokens that were read."""

    def __init__(
        self, model: Model, *, n_ctx: int, n_batch: int, n_threads: int, kv_type: str = "f16"
    ) -> None:
        """Allocate the KV cache.

        Raises:
            MemoryError: llama.cpp could not allocate it.
        """
        params = lib.llama_context_default_params()
        params.n_ctx, params.n_batch, params.n_ubatch = n_ctx, n_batch, n_batch
        params.n_seq_max = 1
        params.n_outputs_max = MAX_OUTPUTS
        params.n_threads = params.n_threads_batch = n_threads
        params.type_k = params.type_v = KV_TYPES[kv_type]
        # On a CPU flash attention is up to 2.3 times slower; only a quantised cache needs it.
        needs_flash = kv_type == "q8_0" or model.is_on_gpu
        params.flash_attn_type = _FLASH_AUTO if needs_flash else _FLASH_OFF
        params.no_perf = True
        self.pointer = lib.llama_init_from_model(model.pointer, params)
        if not self.pointer:
            raise MemoryError("llama.cpp could not make a context")
        self._memory = lib.llama_get_memory(self.pointer)
        self._batch = lib.llama_batch_init(n_batch, 0, 1)
        self._is_on_gpu, self._n_vocab = model.is_on_gpu, model.n_vocab
        self._abort_flag = ctypes.create_string_buffer(2)
        self._should_abort: object = None
        self.set_abort(None)
        self.n_batch = n_batch

    def close(self) -> None:
        """Free the KV cache."""
        if self.pointer:
            lib.llama_batch_free(self._batch)
            lib.llama_free(self.pointer)
            self.pointer = None

    @property
    def n_ctx(self) -> int:
        """Context length, tokens."""
        return int(lib.llama_n_ctx(self.pointer))

    def set_abort(self, should_abort: Callable[[], bool] | None) -> None:
        """Have `should_abort` asked between the steps of each decode, or `abort` alone end one.

        llama.cpp asks hundreds of times per decode. That does not matter to a slice of the prompt, but costs
        4 % of the writing speed, or a third of a tiny model's; then C's own `strlen` answers, of a string
        that is empty until `abort` is called.
        """
        callback, data = _string_length(), ctypes.addressof(self._abort_flag)
        if should_abort is not None:
            self._abort_flag[0] = b"\0"
            callback = lib.ggml_abort_callback(lambda _data: should_abort())
        self._should_abort = callback  # ctypes does not keep it
        lib.llama_set_abort_callback(self.pointer, callback, data)

    def abort(self) -> None:
        """End decodes with `ABORTED`, the one under way too, until another question is set; from any thread."""
        self._abort_flag[0] = b"x"

    def decode(self, tokens: Sequence[int], *, at: int, n_logits: int) -> int:
        """Read `tokens` (at most `n_batch`) at positions from `at`; keep logits of the last `n_logits`.

        Returns:
            0 on success, `ABORTED`, or another status of `llama_decode`.

        Raises:
            ValueError: Too many at once; llama.cpp would end the process.
        """
        batch, count = self._batch, len(tokens)
        if not 0 < count <= self.n_batch or n_logits > MAX_OUTPUTS:
            raise ValueError(count)
        batch.n_tokens = count
        for index, token in enumerate(tokens):
            batch.token[index] = token
            batch.pos[index] = at + index
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = _SEQUENCE
            batch.logits[index] = index >= count - n_logits
        status = int(lib.llama_decode(self.pointer, batch))
        if self._is_on_gpu:
            # It only took the order: who measures, reports progress and asks whether to stop must wait.
            lib.llama_synchronize(self.pointer)
        return status

    def warm_up(self) -> bool:
        """Read something of no meaning, so much at once as comes about later, and forget it.

        A GPU's driver compiles its programs when they are first used, other ones for other counts of tokens.
        That takes long enough to be taken for a hang, so it happens here; and a driver that cannot do it shows
        that here.

        Returns:
            False where it failed, or the results are no numbers.
        """
        for count in (self.n_batch, *_WARM_UP_COUNTS):
            if count > self.n_batch:
                continue
            if self.decode([0] * count, at=0, n_logits=1) != 0:
                return False
            if not all(map(math.isfinite, self.logits())):
                return False
            self.truncate(0)
        return True

    def logits(self) -> list[float]:
        """What the last decode says of each token of the vocabulary as the next one."""
        found: list[float] = lib.llama_get_logits_ith(self.pointer, -1)[: self._n_vocab]
        return found

    def truncate(self, length: int) -> bool:
        """Forget everything after the first `length` tokens.

        Returns:
            False where this kind of model cannot (recurrent ones); then everything is forgotten.
        """
        if lib.llama_memory_seq_rm(self._memory, _SEQUENCE, length, -1):
            return True
        lib.llama_memory_clear(self._memory, True)
        return length == 0

    def save(self, path: Path, tokens: Sequence[int]) -> int:
        """Write the sequence's state and its tokens to a file; returns bytes written, 0 on failure."""
        array = (lib.llama_token * len(tokens))(*tokens)
        return int(
            lib.llama_state_seq_save_file(self.pointer, os.fsencode(path), _SEQUENCE, array, len(tokens))
        )

    def restore(self, path: Path) -> list[int]:
        """Read a state written by `save`; returns its tokens, an empty list on failure."""
        capacity = self.n_ctx
        array = (lib.llama_token * capacity)()
        count = ctypes.c_size_t(0)
        done = lib.llama_state_seq_load_file(
            self.pointer, os.fsencode(path), _SEQUENCE, array, capacity, ctypes.byref(count)
        )
        return list(array[: count.value]) if done else []
