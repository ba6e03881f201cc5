"""Model files whose header is well formed and whose content is not: one field or tensor changed at a time.

Flipped bits (`mutated_models`) mostly break the form of a header. These keep the form, so that what is
checked is the meaning: counts, sizes, kinds, names, and values that the arithmetic of a model cannot bear.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import gguf
import numpy as np

UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY, UINT64 = 4, 5, 6, 7, 8, 9, 10
_FORMATS = {UINT32: "<I", INT32: "<i", FLOAT32: "<f", BOOL: "<?", UINT64: "<Q"}

_NUMBERS = (0, 1, 2, 3, 5, 7, 63, 255, 4097, 65_536, 1 << 23, (1 << 31) - 1, (1 << 32) - 1)
_FLOATS = (math.nan, math.inf, -math.inf, -1.0, 0.0, 1e-38, 3e38, -3e38)
_TEXTS = ("", "x", "llama", "\x00", "あ" * 5000, "{% for", "{{ 1 // 0 }}", "{{ 'a' * 10**6 }}")
_ARCHITECTURES = (
    *("bert", "mamba", "mamba2", "rwkv6", "rwkv7", "t5", "t5encoder", "clip", "gpt2", "falcon", "phi3"),
    *("gemma", "gemma2", "gemma3", "gemma3n", "gemma4", "qwen2", "qwen2moe", "qwen3", "qwen35", "lfm2"),
    *("granite", "mistral3", "deepseek2", "llama4", "grok", "command-r", "olmo2", "nemotron", "jamba"),
    *("wavtokenizer-dec", "gemma-embedding", "minicpm3", "plamo2", "falcon-h1", "llama-embed", "dream"),
)
_TOKENIZERS = ("llama", "gpt2", "bert", "t5", "rwkv", "plamo2", "none", "no_vocab", "gemma4", "hybriddna")
_PRE_TOKENIZERS = ("default", "llama-bpe", "qwen2", "gpt-4o", "falcon", "deepseek-llm", "made-up")

# Keys that llama.cpp reads where a file brings them, with what they may wrongly hold.
_FOREIGN: dict[str, tuple[object, ...]] = {
    "llama.attention.key_length": _NUMBERS,
    "llama.attention.value_length": _NUMBERS,
    "llama.attention.layer_norm_epsilon": _FLOATS,
    "llama.attention.sliding_window": _NUMBERS,
    "llama.attention.scale": _FLOATS,
    "llama.attention.causal": (False, True),
    "llama.attention.max_alibi_bias": _FLOATS,
    "llama.attention.clamp_kqv": _FLOATS,
    "llama.embedding_scale": _FLOATS,
    "llama.residual_scale": _FLOATS,
    "llama.logit_scale": _FLOATS,
    "llama.expert_count": _NUMBERS,
    "llama.expert_used_count": _NUMBERS,
    "llama.expert_feed_forward_length": _NUMBERS,
    "llama.leading_dense_block_count": _NUMBERS,
    "llama.pooling_type": _NUMBERS,
    "llama.rope.scaling.type": ("linear", "yarn", "longrope", "none", "made-up"),
    "llama.rope.scaling.factor": _FLOATS,
    "llama.rope.scaling.original_context_length": _NUMBERS,
    "llama.rope.freq_base_swa": _FLOATS,
    "llama.use_parallel_residual": (True,),
    "tokenizer.ggml.token_type_count": _NUMBERS,
    "tokenizer.ggml.padding_token_id": _NUMBERS,
    "tokenizer.ggml.seperator_token_id": _NUMBERS,
    "tokenizer.ggml.mask_token_id": _NUMBERS,
    "tokenizer.ggml.fim_pre_token_id": _NUMBERS,
    "tokenizer.ggml.prefix_token_id": _NUMBERS,
    "tokenizer.ggml.remove_extra_whitespaces": (True,),
    "tokenizer.ggml.merges": (),
    "split.count": _NUMBERS,
    "split.no": _NUMBERS,
    "general.alignment": (*_NUMBERS, 64, 4096),
    "general.type": ("adapter", "mmproj", "imatrix", ""),
}


@dataclass(frozen=True)
class Parts:
    """A model file in pieces.

    Attributes:
        fields: Key with its whole entry, in order.
        tensors: Name with its whole entry, in order.
        weights: Everything behind the header.
    """

    fields: tuple[tuple[str, bytes], ...]
    tensors: tuple[tuple[str, bytes], ...]
    weights: bytes

    def joined(self) -> bytes:
        """The file again."""
        head = b"GGUF" + struct.pack("<IQQ", 3, len(self.tensors), len(self.fields))
        head += b"".join(raw for _, raw in self.fields) + b"".join(raw for _, raw in self.tensors)
        return head + b"\x00" * (-len(head) % 32) + self.weights

    def with_field(self, key: str, raw: bytes | None) -> Parts:
        """One entry replaced, added, or (None) left out."""
        kept = [(name, raw if name == key else old) for name, old in self.fields]
        if raw is not None and all(name != key for name, _ in self.fields):
            kept.append((key, raw))
        return replace(self, fields=tuple((name, old) for name, old in kept if old is not None))

    def with_tensor(self, name: str, raw: bytes | None) -> Parts:
        """One tensor's entry replaced or (None) left out."""
        kept = [(other, raw if other == name else old) for other, old in self.tensors]
        return replace(self, tensors=tuple((other, old) for other, old in kept if old is not None))


@cache
def mutations(path: Path) -> tuple[tuple[str, Parts], ...]:
    """Every mutation of the model at `path`: what was done, and the file in pieces."""
    parts = _parts(path)
    assert parts.joined() == path.read_bytes()
    return tuple(_mutations(parts))


def _parts(path: Path) -> Parts:
    reader = gguf.GGUFReader(path)
    fields = tuple(
        (name, b"".join(np.asarray(part).tobytes() for part in field.parts))
        for name, field in reader.fields.items()
        if not name.startswith("GGUF.")
    )
    tensors = tuple(
        (tensor.name, b"".join(np.asarray(part).tobytes() for part in tensor.field.parts))
        for tensor in reader.tensors
    )
    return Parts(fields, tensors, path.read_bytes()[reader.data_offset :])


def _mutations(parts: Parts) -> Iterator[tuple[str, Parts]]:
    for key, raw in parts.fields:
        yield f"{key} left out", parts.with_field(key, None)
        for value in _instead_of(key, raw):
            yield f"{key} = {value!r:.40}", parts.with_field(key, _entry(key, value))
    for key, values in _FOREIGN.items():
        for value in values:
            yield f"{key} = {value!r:.40}", parts.with_field(key, _entry(key, value))
        yield f"{key} as a list", parts.with_field(key, _list(key, [1, 2, 3]))
    for name, raw in parts.tensors:
        yield f"{name} left out", parts.with_tensor(name, None)
        for label, changed in _tensor_entries(name, raw):
            yield f"{name} {label}", parts.with_tensor(name, changed)


def _instead_of(key: str, raw: bytes) -> tuple[object, ...]:
    kind = struct.unpack_from("<I", raw, 8 + len(key.encode()))[0]
    if key == "general.architecture":
        return (*_TEXTS, *_ARCHITECTURES)
    if key == "tokenizer.ggml.model":
        return (*_TEXTS, *_TOKENIZERS, 7)
    if key == "tokenizer.ggml.pre":
        return (*_TEXTS, *_PRE_TOKENIZERS, 7)
    if kind == STRING:
        return (*_TEXTS, 7)
    if kind == FLOAT32:
        return (*_FLOATS, 1, "text")
    if kind == BOOL:
        return (True, False, 7, "text")
    if kind == ARRAY:
        return (7, "text")
    return (*_NUMBERS, -1, 1.5, "text", True)


def _entry(key: str, value: object) -> bytes:
    """One `key: value` of a header; the kind follows from the value."""
    name = key.encode()
    head = struct.pack("<Q", len(name)) + name
    if isinstance(value, str):
        return head + struct.pack("<IQ", STRING, len(value.encode())) + value.encode()
    if isinstance(value, bool):
        return head + struct.pack("<I?", BOOL, value)
    if isinstance(value, float):
        return head + struct.pack("<If", FLOAT32, value)
    assert isinstance(value, int)
    return head + (struct.pack("<Ii", INT32, value) if value < 0 else struct.pack("<II", UINT32, value))


def _list(key: str, values: list[int]) -> bytes:
    name = key.encode()
    return (
        struct.pack("<Q", len(name))
        + name
        + struct.pack("<IIQ", ARRAY, INT32, len(values))
        + struct.pack(f"<{len(values)}i", *values)
    )


def _tensor_entries(name: str, raw: bytes) -> Iterator[tuple[str, bytes]]:
    at = 8 + len(name.encode())
    (n_dims,) = struct.unpack_from("<I", raw, at)
    dims = struct.unpack_from(f"<{n_dims}Q", raw, at + 4)
    kind, offset = struct.unpack_from("<IQ", raw, at + 4 + 8 * n_dims)

    def entry(dims: tuple[int, ...], kind: int, offset: int, name: str = name) -> bytes:
        text = name.encode()
        head = struct.pack("<Q", len(text)) + text + struct.pack("<I", len(dims))
        return head + struct.pack(f"<{len(dims)}Q", *dims) + struct.pack("<IQ", kind, offset)

    yield "renamed", entry(dims, kind, offset, "made.up")
    yield "transposed", entry(dims[::-1], kind, offset)
    yield "smaller", entry((32, *dims[1:]), kind, offset)
    yield "with one row", entry((*dims[:1], *(1 for _ in dims[1:])), kind, offset)
    yield "with four dimensions", entry((*dims, 1, 1, 1)[:4], kind, offset)
    yield "with a huge dimension", entry((dims[0], 1 << 62), kind, offset)
    yield "whose product overflows", entry((1 << 33, 1 << 33), kind, offset)
    yield "with a negative dimension", entry(((1 << 64) - 32, *dims[1:]), kind, offset)
    yield "behind the file", entry(dims, kind, 1 << 40)
    yield "at the end of all offsets", entry(dims, kind, (1 << 64) - 32)
    for other in (0, 1, 2, 8, 12, 24, 30, 36, 39, 1000):
        if other != kind:
            yield f"of type {other}", entry(dims, other, offset)
