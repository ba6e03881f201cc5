"""llama.cpp's C functions as three small classes: model, context, sampler.

With `llama.py` the only door to `llama_cpp`. The high-level `Llama` class is not used: it keeps a
scores array of n_batch x n_vocab floats and cannot stop while it reads; these functions need neither.
"""

from __future__ import annotations

import ctypes
import math
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from llama_cpp import _ctypes_extensions, _ggml
from llama_cpp import llama_cpp as _untyped

from models.engine.amx import amx_refused
from models.engine.variants import load_best_variant

_lib: Any = _untyped  # the bindings carry no usable types
_SEQUENCE: Final = 0
_FLASH_AUTO: Final = -1
_FLASH_OFF: Final = 0

ABORTED: Final = 2
"""Status of `Context.decode` when the abort callback stopped it."""

KV_TYPES: Final = {"f16": _lib.GGML_TYPE_F16, "q8_0": _lib.GGML_TYPE_Q8_0, "f32": _lib.GGML_TYPE_F32}
"""Number types of the KV cache by the name that `LoadOptions` uses."""

_NO_MEMORY: Final = (b"failed to allocate", b"unable to allocate", b"Cannot allocate memory", b"bad_alloc")

log_counts: Counter[int | str] = Counter()
"""How many lines llama.cpp logged, by its own level (3 is error), and how many told of missing memory. The
lines are not kept: they may hold paths with a user's name, and stdout and stderr belong to the protocol."""


@_lib.llama_log_callback  # type: ignore[untyped-decorator]
def _count_line(level: int, text: bytes, _user_data: object) -> None:
    log_counts[level] += 1
    log_counts["no_memory"] += any(words in text for words in _NO_MEMORY)


_started: list[bool] = []


def start_backend() -> None:
    """Silence llama.cpp and start it, once per process.

    Raises:
        ProcessorTooOldError: This build cannot run on this processor.
    """
    if not _started:
        os.environ["GGML_NO_BACKTRACE"] = "1"  # it starts gdb where there is one
        _lib.llama_log_set(_count_line, ctypes.c_void_p(0))
        load_best_variant()
        _lib.llama_backend_init()
        _started.append(True)


def library_version() -> str:
    """The version of llama.cpp that is loaded; saved states are not shared between versions."""
    version: bytes = _lib.llama_version()
    return version.decode("ascii", "replace")


def system_info() -> str:
    """llama.cpp's own line on the CPU features this build uses on this PC."""
    start_backend()
    line: bytes = _lib.llama_print_system_info()
    return line.decode("ascii", "replace")


def cpu_features() -> tuple[str, ...]:
    """Instruction sets that this build of llama.cpp uses on this PC, such as `AVX2`."""
    pairs = (part.split("=") for part in system_info().replace("CPU :", "").split("|") if "=" in part)
    return tuple(name.strip() for name, value in pairs if value.strip() == "1")


@cache
def ggml_base() -> Any:
    """The base library of ggml, which knows devices and the kinds of memory."""
    base: Any = _ctypes_extensions.load_shared_library("ggml-base", _ggml.libggml_base_path)
    base.ggml_backend_cpu_buffer_type.restype = ctypes.c_void_p
    return base


class _BufferOverride(ctypes.Structure):
    """`llama_model_tensor_buft_override` of <llama.h>: which tensors (a regular expression) lie where."""

    _fields_ = (("pattern", ctypes.c_char_p), ("buffer_type", ctypes.c_void_p))


def _mapped_layers(count: int) -> ctypes.Array[_BufferOverride]:
    """Overrides by which the first layers stay as the file has them."""
    pattern = rf"^blk\.({'|'.join(map(str, range(count)))})\."
    ending = _BufferOverride(None, None)
    if not count:
        return (_BufferOverride * 1)(ending)
    mapped = _BufferOverride(pattern.encode(), ggml_base().ggml_backend_cpu_buffer_type())
    return (_BufferOverride * 2)(mapped, ending)


class Model:
    """Weights mapped into memory, with their vocabulary."""

    def __init__(
        self,
        path: Path,
        *,
        gpu: int | None = None,
        n_gpu_layers: int = 0,
        is_repacked: bool = True,
        n_mapped_layers: int = 0,
    ) -> None:
        """Load the file, mapped into memory.

        Args:
            path: The GGUF file.
            gpu: ggml's handle of the GPU to use. Left alone llama.cpp takes all there are, also those that
                share the PC's memory, and lends them work even where no layer lies on them.
            n_gpu_layers: Layers put on it; negative for all.
            is_repacked: Whether weights may be copied into the layout this CPU likes.
            n_mapped_layers: First layers that are not copied all the same.

        Raises:
            OSError: llama.cpp refused the file.
            MemoryError: It could not get the memory.
        """
        start_backend()
        params = _lib.llama_model_default_params()
        self.is_on_gpu = gpu is not None and n_gpu_layers != 0
        devices = (ctypes.c_void_p * 2)(gpu if self.is_on_gpu else None, None)  # the last ends the list
        params.devices = ctypes.cast(devices, ctypes.c_void_p)
        params.n_gpu_layers = (n_gpu_layers if n_gpu_layers >= 0 else 999) if self.is_on_gpu else 0
        params.load_mode = _lib.LLAMA_LOAD_MODE_MMAP
        params.use_extra_bufts = is_repacked
        overrides = _mapped_layers(n_mapped_layers)
        params.tensor_buft_overrides = ctypes.cast(overrides, ctypes.c_void_p)
        before = log_counts["no_memory"]
        with amx_refused(is_built_in="AMX_INT8 = 1" in system_info()):
            self.pointer = _lib.llama_model_load_from_file(os.fsencode(path), params)
        if not self.pointer and log_counts["no_memory"] > before:
            raise MemoryError("llama.cpp could not get memory for the model")
        if not self.pointer:
            raise OSError("llama.cpp refused the model")
        self._vocab = _lib.llama_model_get_vocab(self.pointer)
        self._piece_buffer = ctypes.create_string_buffer(256)

    def close(self) -> None:
        """Free the weights; contexts must be closed before."""
        if self.pointer:
            _lib.llama_model_free(self.pointer)
            self.pointer = None

    @property
    def n_ctx_train(self) -> int:
        """Context the model was trained for, tokens."""
        return int(_lib.llama_model_n_ctx_train(self.pointer))

    @property
    def n_vocab(self) -> int:
        """Size of the vocabulary, tokens."""
        return int(_lib.llama_vocab_n_tokens(self._vocab))

    @property
    def n_params(self) -> int:
        """Number of parameters."""
        return int(_lib.llama_model_n_params(self.pointer))

    @property
    def can_generate(self) -> bool:
        """Whether it is a decoder that writes token after token."""
        return bool(
            _lib.llama_model_has_decoder(self.pointer)
            and not _lib.llama_model_has_encoder(self.pointer)
            and not _lib.llama_model_is_diffusion(self.pointer)
            and self.n_vocab > 0
        )

    @property
    def can_rewind(self) -> bool:
        """Whether single tokens can be forgotten again; recurrent models keep one state for all."""
        return not (_lib.llama_model_is_recurrent(self.pointer) or _lib.llama_model_is_hybrid(self.pointer))

    @property
    def bos(self) -> int:
        """Token that begins a text, -1 when the vocabulary has none."""
        return int(_lib.llama_vocab_bos(self._vocab))

    @property
    def adds_bos(self) -> bool:
        """Whether the model expects its beginning token before every prompt."""
        return bool(_lib.llama_vocab_get_add_bos(self._vocab)) and self.bos >= 0

    def token_text(self, token: int) -> str:
        """The vocabulary's own spelling of a token, such as `<|end|>`; empty for -1."""
        if token < 0:
            return ""
        text: bytes = _lib.llama_vocab_get_text(self._vocab, token)
        return text.decode("utf-8", "replace")

    @property
    def bos_text(self) -> str:
        """Spelling of the beginning token."""
        return self.token_text(self.bos)

    @property
    def eos_text(self) -> str:
        """Spelling of the end token."""
        return self.token_text(int(_lib.llama_vocab_eos(self._vocab)))

    def chat_template(self) -> str | None:
        """The template the file brings, or None."""
        text: bytes | None = _lib.llama_model_chat_template(self.pointer, None)
        return text.decode("utf-8", "replace") if text else None

    def is_end(self, token: int) -> bool:
        """Whether the token ends a generation."""
        return bool(_lib.llama_vocab_is_eog(self._vocab, token))

    def is_control(self, token: int) -> bool:
        """Whether the token steers the model and has no text of its own."""
        return bool(_lib.llama_vocab_is_control(self._vocab, token))

    def tokenize(self, text: str, *, parse_special: bool) -> list[int]:
        """Tokens of `text`; control tokens are only recognised where `parse_special` says so."""
        # Lone surrogates cannot be encoded; they become the replacement character.
        encoded = text.encode("utf-8", "replace")
        capacity = len(encoded) + 8
        buffer = (_lib.llama_token * capacity)()
        count = _lib.llama_tokenize(
            self._vocab, encoded, len(encoded), buffer, capacity, False, parse_special
        )
        if count < 0:  # more tokens than bytes: byte fall-back with prefixes
            capacity = -count
            buffer = (_lib.llama_token * capacity)()
            count = _lib.llama_tokenize(
                self._vocab, encoded, len(encoded), buffer, capacity, False, parse_special
            )
        return list(buffer[:count])

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for; nothing for control tokens. May end within a character."""
        size = _lib.llama_token_to_piece(
            self._vocab, token, self._piece_buffer, len(self._piece_buffer), 0, False
        )
        if size < 0:
            self._piece_buffer = ctypes.create_string_buffer(-size)
            size = _lib.llama_token_to_piece(self._vocab, token, self._piece_buffer, -size, 0, False)
        return self._piece_buffer.raw[:size]


_WARM_UP_COUNTS: Final = (64, 32, *range(8, 0, -1))
"""Counts of tokens for which ggml's part for Vulkan has programs of their own: tiles of three sizes, and vectors."""


@cache
def _string_length() -> Any:
    """C's `strlen` as a callback of ggml's: false of an empty string."""
    library = ctypes.CDLL("msvcrt") if sys.platform == "win32" else ctypes.CDLL(None)
    return ctypes.cast(library.strlen, _lib.ggml_abort_callback)


class Context:
    """The working memory of one conversation: one sequence of tokens that were read."""

    def __init__(
        self, model: Model, *, n_ctx: int, n_batch: int, n_threads: int, kv_type: str = "f16"
    ) -> None:
        """Allocate the KV cache.

        Raises:
            MemoryError: llama.cpp could not allocate it.
        """
        params = _lib.llama_context_default_params()
        params.n_ctx, params.n_batch, params.n_ubatch = n_ctx, n_batch, n_batch
        params.n_seq_max = 1
        params.n_outputs_max = MAX_OUTPUTS
        params.n_threads = params.n_threads_batch = n_threads
        params.type_k = params.type_v = KV_TYPES[kv_type]
        # On a CPU flash attention is up to 2.3 times slower; only a quantised cache needs it.
        needs_flash = kv_type == "q8_0" or model.is_on_gpu
        params.flash_attn_type = _FLASH_AUTO if needs_flash else _FLASH_OFF
        params.no_perf = True
        self.pointer = _lib.llama_init_from_model(model.pointer, params)
        if not self.pointer:
            raise MemoryError("llama.cpp could not make a context")
        self._memory = _lib.llama_get_memory(self.pointer)
        self._batch = _lib.llama_batch_init(n_batch, 0, 1)
        self._is_on_gpu, self._n_vocab = model.is_on_gpu, model.n_vocab
        self._abort_flag = ctypes.create_string_buffer(2)
        self._should_abort: object = None
        self.set_abort(None)
        self.n_batch = n_batch

    def close(self) -> None:
        """Free the KV cache."""
        if self.pointer:
            _lib.llama_batch_free(self._batch)
            _lib.llama_free(self.pointer)
            self.pointer = None

    @property
    def n_ctx(self) -> int:
        """Context length, tokens."""
        return int(_lib.llama_n_ctx(self.pointer))

    def set_abort(self, should_abort: Callable[[], bool] | None) -> None:
        """Have `should_abort` asked between the steps of each decode, or `abort` alone end one.

        llama.cpp asks hundreds of times per decode. That does not matter to a slice of the prompt, but costs
        4 % of the writing speed, or a third of a tiny model's; then C's own `strlen` answers, of a string
        that is empty until `abort` is called.
        """
        callback, data = _string_length(), ctypes.addressof(self._abort_flag)
        if should_abort is not None:
            self._abort_flag[0] = b"\0"
            callback = _lib.ggml_abort_callback(lambda _data: should_abort())
        self._should_abort = callback  # ctypes does not keep it
        _lib.llama_set_abort_callback(self.pointer, callback, data)

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
        status = int(_lib.llama_decode(self.pointer, batch))
        if self._is_on_gpu:
            # It only took the order: who measures, reports progress and asks whether to stop must wait.
            _lib.llama_synchronize(self.pointer)
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
        found: list[float] = _lib.llama_get_logits_ith(self.pointer, -1)[: self._n_vocab]
        return found

    def truncate(self, length: int) -> bool:
        """Forget everything after the first `length` tokens.

        Returns:
            False where this kind of model cannot (recurrent ones); then everything is forgotten.
        """
        if _lib.llama_memory_seq_rm(self._memory, _SEQUENCE, length, -1):
            return True
        _lib.llama_memory_clear(self._memory, True)
        return length == 0

    def save(self, path: Path, tokens: Sequence[int]) -> int:
        """Write the sequence's state and its tokens to a file; returns bytes written, 0 on failure."""
        array = (_lib.llama_token * len(tokens))(*tokens)
        return int(
            _lib.llama_state_seq_save_file(self.pointer, os.fsencode(path), _SEQUENCE, array, len(tokens))
        )

    def restore(self, path: Path) -> list[int]:
        """Read a state written by `save`; returns its tokens, an empty list on failure."""
        capacity = self.n_ctx
        array = (_lib.llama_token * capacity)()
        count = ctypes.c_size_t(0)
        done = _lib.llama_state_seq_load_file(
            self.pointer, os.fsencode(path), _SEQUENCE, array, capacity, ctypes.byref(count)
        )
        return list(array[: count.value]) if done else []


MAX_OUTPUTS: Final = 16
"""Most positions of one decode whose logits are kept: one when writing, more when looking up.

llama.cpp sizes its output buffers by it; left alone they would take n_batch x n_vocab floats."""


class Sampler:
    """A chain that picks the next token. Without temperature it takes the likeliest one."""

    def __init__(self, *, temperature: float, top_k: int, top_p: float, seed: int) -> None:
        params = _lib.llama_sampler_chain_default_params()
        params.no_perf = True
        self._chain = _lib.llama_sampler_chain_init(params)
        if temperature <= 0:
            self._add(_lib.llama_sampler_init_greedy())
            return
        if top_k > 0:
            self._add(_lib.llama_sampler_init_top_k(top_k))
        if top_p < 1:
            self._add(_lib.llama_sampler_init_top_p(top_p, 1))
        self._add(_lib.llama_sampler_init_temp(temperature))
        self._add(_lib.llama_sampler_init_dist(seed & 0xFFFFFFFF))

    def _add(self, sampler: object) -> None:
        _lib.llama_sampler_chain_add(self._chain, sampler)

    def sample(self, context: Context, index: int = -1) -> int:
        """The next token after position `index` of the last decode's logits (-1 the last)."""
        return int(_lib.llama_sampler_sample(self._chain, context.pointer, index))

    def close(self) -> None:
        """Free the chain."""
        if self._chain:
            _lib.llama_sampler_free(self._chain)
            self._chain = None
