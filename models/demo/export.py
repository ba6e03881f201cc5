"""Weights to GGUF: numpy arrays in, a file that llama.cpp runs out. Q8_0 through the gguf package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gguf
import numpy as np

from models.demo.shape import Array, Shape, Weights
from models.demo.vocabulary import (
    BOS,
    CHAT_TEMPLATE,
    END,
    FIRST_BYTE,
    FIRST_CHARACTER,
    PAD,
    UNK,
    Vocabulary,
)

NAME = "kian-demo"
_ARCHITECTURE = "llama"


def write_gguf(
    path: Path, *, shape: Shape, weights: Weights, vocabulary: Vocabulary, is_q8: bool = True
) -> None:
    """Write a model file, replacing one that is there in one step.

    Args:
        path: The file.
        shape: Hyperparameters.
        weights: Arrays under llama.cpp's names.
        vocabulary: Tokens.
        is_q8: Matrices as Q8_0 (blocks of 32 with one scale); otherwise all float32.

    Raises:
        ValueError: A tensor is missing or has another shape.
    """
    for name, size in shape.tensors.items():
        if name not in weights or weights[name].shape != size:
            raise ValueError(f"tensor {name} is not of shape {size}")
    new = path.with_suffix(".new")
    writer: Any = gguf.GGUFWriter(str(new), _ARCHITECTURE)
    _write_hyperparameters(writer, shape, is_q8=is_q8)
    _write_vocabulary(writer, vocabulary, shape.rows)
    for name in shape.tensors:
        array = np.ascontiguousarray(weights[name], np.float32)
        if is_q8 and array.ndim == 2:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(name, gguf.quants.quantize(array, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    new.replace(path)


def read_weights(path: Path) -> Weights:
    """The weights of a model file as float32, to train on from."""
    reader: Any = gguf.GGUFReader(str(path))
    weights: dict[str, Array] = {}
    for tensor in reader.tensors:
        size = tuple(reversed([int(n) for n in tensor.shape]))
        array = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        weights[tensor.name] = np.array(array, np.float32).reshape(size)
    return weights


def _write_hyperparameters(writer: Any, shape: Shape, *, is_q8: bool) -> None:
    writer.add_name(NAME)
    writer.add_license("Apache-2.0")
    writer.add_description("動作確認用の見本モデル。実務には使えません。")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    writer.add_rope_dimension_count(shape.head_size)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_vocab_size(shape.rows)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0 if is_q8 else gguf.LlamaFileType.ALL_F32)


def _write_vocabulary(writer: Any, vocabulary: Vocabulary, rows: int) -> None:
    kinds = gguf.TokenType
    tokens, scores, types = [], [], []
    for index in range(rows):
        tokens.append(vocabulary.token(index))
        if index < FIRST_BYTE:
            kind, score = (kinds.UNKNOWN if index == UNK else kinds.CONTROL), 0.0
        elif index < FIRST_CHARACTER:
            kind, score = kinds.BYTE, 0.0
        elif index < vocabulary.first_phrase:
            kind, score = kinds.NORMAL, -10_000.0
        elif index < vocabulary.first_phrase + len(vocabulary.phrases):
            kind, score = kinds.USER_DEFINED, 0.0
        else:
            kind, score = kinds.UNUSED, -20_000.0
        scores.append(score)
        types.append(int(kind))
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_scores(scores)
    writer.add_token_types(types)
    writer.add_bos_token_id(BOS)
    writer.add_eos_token_id(END)
    writer.add_eot_token_id(END)
    writer.add_unk_token_id(UNK)
    writer.add_pad_token_id(PAD)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(CHAT_TEMPLATE)
