"""What a well-formed header may say: values that llama.cpp bears.

llama.cpp asserts much of what a header says, and a failed assertion ends the process. Found by changing one
field of a whole model at a time (`tests/support/mutated_fields.py`); sources: `llama-model.cpp`,
`llama-hparams.h` and `llama-vocab.cpp` of llama.cpp as llama-cpp-python 0.3.36 brings it, and the format's
description, https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

Scalar = int | float | bool | str
"""A metadata value that is kept; arrays are kept only when short and numeric."""

_MAX_LAYERS: Final = 512
_MAX_EXPERTS: Final = 1_024
_MAX_WIDTH: Final = 1 << 24
_MAX_HEADS: Final = 1 << 16
_MAX_ALIGNMENT: Final = 1 << 16
_ROPE_SCALINGS: Final = frozenset({"none", "linear", "yarn", "longrope"})
_TOKENIZERS: Final = frozenset({"llama", "gpt2", "hybriddna", "whitespace", "t5", "rwkv", "plamo2", "gemma4"})
"""Tokenizers that text can be made with; `bert` is for embeddings, `none` for nothing."""

_NO_TOKEN: Final = (-1, 0xFFFFFFFF)
"""Stand for "none" in files written by older converters."""


def architecture_is_sound(metadata: Mapping[str, Scalar]) -> bool:
    """Whether the numbers of the model's shape fit together."""
    name = metadata.get("general.architecture")
    if not isinstance(name, str) or not name.isascii() or not 0 < len(name) < 64:
        return False
    shape = {key.removeprefix(f"{name}."): v for key, v in metadata.items() if key.startswith(f"{name}.")}
    return (
        _is_count(shape.get("block_count"), _MAX_LAYERS)
        and _is_count(shape.get("embedding_length"), _MAX_WIDTH)
        and _is_count(shape.get("context_length"), _MAX_WIDTH)
        and _is_count(shape.get("attention.head_count", 1), _MAX_HEADS)
        and shape.get("rope.scaling.type", "none") in _ROPE_SCALINGS
        and _experts_are_sound(shape)
        and all(math.isfinite(value) for value in shape.values() if isinstance(value, float))
        and all(_is_epsilon(value) for key, value in shape.items() if key.endswith("epsilon"))
    )


def vocabulary_is_sound(metadata: Mapping[str, Scalar], lengths: Mapping[str, int]) -> bool:
    """Whether the tokenizer is one for text, and its lists and special tokens fit its tokens."""
    if metadata.get("tokenizer.ggml.model", "llama") not in _TOKENIZERS:
        return False
    n_vocab = lengths.get("tokenizer.ggml.tokens", 0)
    if any(lengths.get(f"tokenizer.ggml.{key}", n_vocab) != n_vocab for key in ("scores", "token_type")):
        return False
    special = (
        metadata.get(f"tokenizer.ggml.{key}_token_id") for key in ("bos", "eos", "eot", "unknown", "padding")
    )
    tokens = [token for token in special if isinstance(token, int)]
    return not n_vocab or all(0 <= token < n_vocab or token in _NO_TOKEN for token in tokens)


def alignment_is_sound(value: Scalar) -> bool:
    """Whether tensors may be aligned to so many bytes: a power of two, and a multiple of 8."""
    return isinstance(value, int) and 8 <= value <= _MAX_ALIGNMENT and not value & (value - 1)


def _experts_are_sound(shape: Mapping[str, Scalar]) -> bool:
    count, used = shape.get("expert_count", 0), shape.get("expert_used_count", 0)
    if not isinstance(count, int) or not isinstance(used, int):
        return isinstance(count, int)  # used counts may be a list, one for each layer
    return used == 0 if count == 0 else 0 < used <= count <= _MAX_EXPERTS


def _is_count(value: Scalar | None, limit: int) -> bool:
    return not isinstance(value, bool) and isinstance(value, int) and 0 < value <= limit


def _is_epsilon(value: Scalar) -> bool:
    return isinstance(value, float) and 0 <= value <= 1
