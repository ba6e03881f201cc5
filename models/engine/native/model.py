"""A model: its weights and its vocabulary."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

from models.engine.amx import amx_refused
from models.engine.native.library import ggml_base, lib, log_counts, start_backend, system_info


class _BufferOverride(ctypes.Structure):
    """`llama_model_tensor_buft_override` of <llama.h>: which tensors (a regular expression) lie where."""

    _fields_ = (("pattern", ctypes.c_char_p), ("buffer_type", ctypes.c_void_p))


def _mapped_layers(count: int) -> ctypes.Array[_BufferOverride]:
    """Overrides by which the first layers stay as the file has them."""
    overrides = (_BufferOverride * 2)()  # an empty one ends the list
    if count:
        pattern = rf"^blk\.({'|'.join(map(str, range(count)))})\."
        overrides[0] = _BufferOverride(pattern.encode(), ggml_base().ggml_backend_cpu_buffer_type())
    return overrides


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
        params = lib.llama_model_default_params()
        self.is_on_gpu = gpu is not None and n_gpu_layers != 0
        devices = (ctypes.c_void_p * 2)(gpu if self.is_on_gpu else None, None)  # the last ends the list
        params.devices = ctypes.cast(devices, ctypes.c_void_p)
        params.n_gpu_layers = (n_gpu_layers if n_gpu_layers >= 0 else 999) if self.is_on_gpu else 0
        params.load_mode = lib.LLAMA_LOAD_MODE_MMAP
        params.use_extra_bufts = is_repacked
        overrides = _mapped_layers(n_mapped_layers)
        params.tensor_buft_overrides = ctypes.cast(overrides, ctypes.c_void_p)
        before = log_counts["no_memory"]
        with amx_refused(is_built_in="AMX_INT8 = 1" in system_info()):
            self.pointer = lib.llama_model_load_from_file(os.fsencode(path), params)
        if not self.pointer and log_counts["no_memory"] > before:
            raise MemoryError("llama.cpp could not get memory for the model")
        if not self.pointer:
            raise OSError("llama.cpp refused the model")
        self._vocab = lib.llama_model_get_vocab(self.pointer)
        self._piece_buffer = ctypes.create_string_buffer(256)

    def close(self) -> None:
        """Free the weights; contexts must be closed before."""
        if self.pointer:
            lib.llama_model_free(self.pointer)
            self.pointer = None

    @property
    def n_ctx_train(self) -> int:
        """Context the model was trained for, tokens."""
        return int(lib.llama_model_n_ctx_train(self.pointer))

    @property
    def n_vocab(self) -> int:
        """Size of the vocabulary, tokens."""
        return int(lib.llama_vocab_n_tokens(self._vocab))

    @property
    def n_params(self) -> int:
        """Number of parameters."""
        return int(lib.llama_model_n_params(self.pointer))

    @property
    def can_generate(self) -> bool:
        """Whether it is a decoder that writes token after token."""
        return bool(
            lib.llama_model_has_decoder(self.pointer)
            and not lib.llama_model_has_encoder(self.pointer)
            and not lib.llama_model_is_diffusion(self.pointer)
            and self.n_vocab > 0
        )

    @property
    def can_rewind(self) -> bool:
        """Whether single tokens can be forgotten again; recurrent models keep one state for all."""
        return not (lib.llama_model_is_recurrent(self.pointer) or lib.llama_model_is_hybrid(self.pointer))

    @property
    def bos(self) -> int:
        """Token that begins a text, -1 when the vocabulary has none."""
        return int(lib.llama_vocab_bos(self._vocab))

    @property
    def adds_bos(self) -> bool:
        """Whether the model expects its beginning token before every prompt."""
        return bool(lib.llama_vocab_get_add_bos(self._vocab)) and self.bos >= 0

    def token_text(self, token: int) -> str:
        """The vocabulary's own spelling of a token, such as `<|end|>`; empty for -1."""
        if token < 0:
            return ""
        text: bytes = lib.llama_vocab_get_text(self._vocab, token)
        return text.decode("utf-8", "replace")

    @property
    def bos_text(self) -> str:
        """Spelling of the beginning token."""
        return self.token_text(self.bos)

    @property
    def eos_text(self) -> str:
        """Spelling of the end token."""
        return self.token_text(int(lib.llama_vocab_eos(self._vocab)))

    def chat_template(self) -> str | None:
        """The template the file brings, or None."""
        text: bytes | None = lib.llama_model_chat_template(self.pointer, None)
        return text.decode("utf-8", "replace") if text else None

    def is_end(self, token: int) -> bool:
        """Whether the token ends a generation."""
        return bool(lib.llama_vocab_is_eog(self._vocab, token))

    def is_control(self, token: int) -> bool:
        """Whether the token steers the model and has no text of its own."""
        return bool(lib.llama_vocab_is_control(self._vocab, token))

    def tokenize(self, text: str, *, parse_special: bool) -> list[int]:
        """Tokens of `text`; control tokens are only recognised where `parse_special` says so."""
        # Lone surrogates cannot be encoded; they become the replacement character.
        encoded = text.encode("utf-8", "replace")
        capacity = len(encoded) + 8
        buffer = (lib.llama_token * capacity)()
        count = lib.llama_tokenize(self._vocab, encoded, len(encoded), buffer, capacity, False, parse_special)
        if count < 0:  # more tokens than bytes: byte fall-back with prefixes
            capacity = -count
            buffer = (lib.llama_token * capacity)()
            count = lib.llama_tokenize(
                self._vocab, encoded, len(encoded), buffer, capacity, False, parse_special
            )
        return list(buffer[:count])

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for; nothing for control tokens. May end within a character."""
        size = lib.llama_token_to_piece(
            self._vocab, token, self._piece_buffer, len(self._piece_buffer), 0, False
        )
        if size < 0:
            self._piece_buffer = ctypes.create_string_buffer(-size)
            size = lib.llama_token_to_piece(self._vocab, token, self._piece_buffer, -size, 0, False)
        return self._piece_buffer.raw[:size]
