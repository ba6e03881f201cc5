"""Models with random weights: right for speed, memory and token counts, wrong for meaning."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np

from models.demo import demo_model_path

_BLOCK_TYPES = {
    "F16": gguf.GGMLQuantizationType.F16,
    "Q8_0": gguf.GGMLQuantizationType.Q8_0,
    "Q4_0": gguf.GGMLQuantizationType.Q4_0,
}


@dataclass(frozen=True)
class Shape:
    """The size of a model."""

    d: int = 128
    layers: int = 2
    heads: int = 4
    kv_heads: int = 2
    ff: int = 256
    n_ctx: int = 8192
    quantization: str = "F16"


SHAPE_1_5B = Shape(d=1536, layers=28, heads=12, kv_heads=2, ff=8960, n_ctx=32768, quantization="Q4_0")
"""Qwen2.5-1.5B's: 0.87 GB with a vocabulary of 152k tokens."""


@dataclass(frozen=True)
class Vocabulary:
    """A tokenizer as GGUF fields."""

    model: str
    tokens: list[bytes]
    types: list[int]
    scores: list[float] | None
    merges: list[str] | None
    bos: int
    end: int
    template: str


def demo_vocabulary() -> Vocabulary:
    """The real tokenizer of the demonstration model: 4,448 tokens, with its chat template."""
    fields = gguf.GGUFReader(demo_model_path()).fields
    tokens = fields["tokenizer.ggml.tokens"]
    return Vocabulary(
        model="llama",
        tokens=[bytes(tokens.parts[index]) for index in tokens.data],
        types=[int(v) for v in fields["tokenizer.ggml.token_type"].contents()],
        scores=[float(v) for v in fields["tokenizer.ggml.scores"].contents()],
        merges=None,
        bos=int(fields["tokenizer.ggml.bos_token_id"].contents()),
        end=int(fields["tokenizer.ggml.eos_token_id"].contents()),
        template=str(fields["tokenizer.chat_template"].contents()),
    )


def wide_vocabulary(size: int = 151_936) -> Vocabulary:
    """The demonstration model's tokenizer filled up with unused tokens to the width of a large one."""
    base = demo_vocabulary()
    unused = size - len(base.tokens)
    return Vocabulary(
        model=base.model,
        tokens=base.tokens + [b"<filler%d>" % number for number in range(unused)],
        types=base.types + [5] * unused,
        scores=(base.scores or []) + [-30000.0] * unused,
        merges=None,
        bos=base.bos,
        end=base.end,
        template=base.template,
    )


def write_random_gguf(
    path: Path,
    shape: Shape | None = None,
    *,
    vocabulary: Vocabulary | None = None,
    template: str | None = "",
    seed: int = 0,
    name: str = "random",
    add_bos: bool = False,
) -> Path:
    """Write a llama-shaped model with random weights.

    Args:
        path: The file to write.
        shape: Its size; by default a model of 1.6 MB with a context of 8,192 tokens.
        vocabulary: Its tokenizer; by default the demonstration model's.
        template: Its chat template; empty for the vocabulary's own, None for none at all.
        seed: Seed of the weights.
        name: `general.name`.
        add_bos: Whether it expects its beginning token.
    """
    shape, vocabulary = shape or Shape(), vocabulary or demo_vocabulary()
    writer = gguf.GGUFWriter(path, "llama")
    _write_fields(writer, shape, vocabulary)
    writer.add_name(name)
    writer.add_add_bos_token(add_bos)
    chosen = vocabulary.template if template == "" else template
    if chosen is not None:
        writer.add_chat_template(chosen)
    _write_tensors(writer, shape, n_vocab=len(vocabulary.tokens), seed=seed)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _write_fields(writer: gguf.GGUFWriter, shape: Shape, vocabulary: Vocabulary) -> None:
    writer.add_context_length(shape.n_ctx)
    writer.add_embedding_length(shape.d)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.ff)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(shape.d // shape.heads)
    writer.add_rope_freq_base(10_000.0)
    writer.add_vocab_size(len(vocabulary.tokens))
    writer.add_tokenizer_model(vocabulary.model)
    writer.add_tokenizer_pre("default")
    writer.add_token_list(vocabulary.tokens)
    writer.add_token_types(vocabulary.types)
    if vocabulary.scores is not None:
        writer.add_token_scores(vocabulary.scores)
    if vocabulary.merges is not None:
        writer.add_token_merges(vocabulary.merges)
    writer.add_bos_token_id(vocabulary.bos)
    writer.add_eos_token_id(vocabulary.end)
    writer.add_eot_token_id(vocabulary.end)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)


def _write_tensors(writer: gguf.GGUFWriter, shape: Shape, *, n_vocab: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    kv = shape.d // shape.heads * shape.kv_heads

    def matrix(name: str, rows: int, columns: int) -> None:
        kind = _BLOCK_TYPES[shape.quantization]
        writer.add_tensor(name, _weights(random, rows, columns, kind), raw_dtype=kind)

    def ones(name: str) -> None:
        writer.add_tensor(name, np.ones(shape.d, np.float32))

    matrix("token_embd.weight", n_vocab, shape.d)
    ones("output_norm.weight")
    for layer in range(shape.layers):
        block = f"blk.{layer}."
        ones(block + "attn_norm.weight")
        ones(block + "ffn_norm.weight")
        matrix(block + "attn_q.weight", shape.d, shape.d)
        matrix(block + "attn_k.weight", kv, shape.d)
        matrix(block + "attn_v.weight", kv, shape.d)
        matrix(block + "attn_output.weight", shape.d, shape.d)
        matrix(block + "ffn_gate.weight", shape.ff, shape.d)
        matrix(block + "ffn_up.weight", shape.ff, shape.d)
        matrix(block + "ffn_down.weight", shape.d, shape.ff)


def _weights(
    random: np.random.Generator, rows: int, columns: int, kind: gguf.GGMLQuantizationType
) -> np.ndarray:
    """Random weights of the given type, made as blocks: a scale and random numbers."""
    if kind == gguf.GGMLQuantizationType.F16:
        return (random.standard_normal((rows, columns), np.float32) * 0.05).astype(np.float16)
    block, block_bytes = gguf.GGML_QUANT_SIZES[kind]
    blocks = random.integers(0, 256, (rows, columns // block, block_bytes), np.uint8)
    # The scale that gives a spread of about 0.05: quants reach 8 (Q4_0) or 127 (Q8_0).
    scale = np.float16(0.05 / (4.6 if kind == gguf.GGMLQuantizationType.Q4_0 else 74))
    blocks[:, :, :2] = np.frombuffer(scale.tobytes(), np.uint8)
    return blocks.reshape(rows, -1)
