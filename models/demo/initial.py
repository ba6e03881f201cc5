"""A beginning that already looks up: previous-token heads and induction heads, written by hand.

Layer 0, heads 0 and 1 attend to the token before (a rotary phase of one step) and write its
embedding into the second half of the stream. Layers 1 and 2, heads 0 and 1 look for a place whose
*previous* token equals the present one and copy what stands there: the induction circuit of Olsson
et al. 2022 (arXiv:2209.11895), in closed form. Ordinary initialisation needs some 10^6 tokens to
find it.
"""

from __future__ import annotations

import numpy as np

from models.demo.shape import Array, Shape, Weights, interleave

_CONSTANT = 0.5
_SHARPNESS = 5.5
_PHASES = 12
_MATCH = 5.5 * 8
_LOW_FREQUENCY = 0.0055
_COPY = 1.5


def initial_weights(shape: Shape, *, seed: int = 0) -> Weights:
    """The weights before training, in llama.cpp's layout.

    Dimension 0 of the stream is a constant, 1 to width/2 - 1 hold the token, the rest the token
    before it.
    """
    rng = np.random.default_rng(seed)
    weights = {name: _random(rng, size, shape, name) for name, size in shape.tensors.items()}
    weights["token_embd.weight"] = _embedding(rng, shape)
    if shape.layers >= 1:
        _previous_token_heads(weights, shape)
    for layer in range(1, min(3, shape.layers)):
        _induction_heads(weights, shape, rng, layer)
    for name in weights:
        if name.endswith(("attn_q.weight", "attn_k.weight")):
            weights[name] = interleave(weights[name], shape.heads)
    return weights


def rotary_steps(shape: Shape) -> Array:
    """Angle per position of each rotary pair, shape (head_size / 2,)."""
    half = shape.head_size // 2
    return (shape.rope_base ** (-np.arange(half) * 2.0 / shape.head_size)).astype(np.float32)


def _random(rng: np.random.Generator, size: tuple[int, ...], shape: Shape, name: str) -> Array:
    if len(size) == 1:
        return np.ones(size, np.float32)
    scale = 0.4 * 0.5 / np.sqrt(size[1])
    if name.endswith(("attn_output.weight", "ffn_down.weight")):
        scale /= np.sqrt(2 * shape.layers)
    matrix: Array = (rng.standard_normal(size) * scale).astype(np.float32)
    return matrix


def _embedding(rng: np.random.Generator, shape: Shape) -> Array:
    half = shape.width // 2
    table = np.zeros((shape.rows, shape.width), np.float32)
    table[:, 1:half] = rng.standard_normal((shape.rows, half - 1)) / np.sqrt(half)
    table[:, half:] = rng.standard_normal((shape.rows, shape.width - half)) * 0.02
    table[:, 0] = _CONSTANT
    return table


def _previous_token_heads(weights: dict[str, Array], shape: Shape) -> None:
    query, key, value, output = (
        weights[f"blk.0.{n}.weight"] for n in ("attn_q", "attn_k", "attn_v", "attn_output")
    )
    size, half, steps = shape.head_size, shape.head_size // 2, rotary_steps(shape)
    # After RMSNorm the stream has the norm sqrt(width); before it, about sqrt(1 + constant^2).
    gain = np.sqrt(shape.width) / np.sqrt(1.0 + _CONSTANT**2)
    for head in range(2):
        rows = slice(head * size, (head + 1) * size)
        query[rows] *= 0.1
        key[rows] *= 0.1
        for pair in range(min(_PHASES, half)):
            # The key is turned on by one step: cos((i - j) * step - step) is largest at i - j = 1.
            query[head * size + pair, 0] = _SHARPNESS / (_CONSTANT * gain)
            key[head * size + pair, 0] = _SHARPNESS * np.cos(steps[pair]) / (_CONSTANT * gain)
            key[head * size + half + pair, 0] = _SHARPNESS * np.sin(steps[pair]) / (_CONSTANT * gain)
        _carry(
            value,
            output,
            rows=range(head * size, (head + 1) * size),
            shift=shape.width // 2,
            gain=1 / gain,
            copy=1.0,
        )


def _induction_heads(weights: dict[str, Array], shape: Shape, rng: np.random.Generator, layer: int) -> None:
    query, key, value, output = (
        weights[f"blk.{layer}.{n}.weight"] for n in ("attn_q", "attn_k", "attn_v", "attn_output")
    )
    size, half, content = shape.head_size, shape.head_size // 2, shape.width // 2
    gain = np.sqrt(shape.width) / np.sqrt(2.0 + _CONSTANT**2)
    slow = [pair for pair in range(half) if rotary_steps(shape)[pair] < _LOW_FREQUENCY]
    for head in range(2):
        rows = slice(head * size, (head + 1) * size)
        query[rows] *= 0.1
        key[rows] *= 0.1
        basis = np.linalg.qr(rng.standard_normal((content, 2 * len(slow))))[0].T.astype(np.float32)
        for direction, row in zip(basis, [*slow, *(half + pair for pair in slow)], strict=True):
            query[head * size + row, :content] = direction * _MATCH / gain
            key[head * size + row, content:] = direction * _MATCH / gain / 4
        query[rows, 0] = 0
        key[rows, 0] = 0
        _carry(value, output, rows=range(head * size, (head + 1) * size), shift=0, gain=1 / gain, copy=_COPY)


def _carry(value: Array, output: Array, *, rows: range, shift: int, gain: float, copy: float) -> None:
    """A head reads token dimensions `rows` and writes them to the same place, moved by `shift`."""
    for row in rows:
        source = row or 1
        value[row, :] = 0
        output[:, row] = 0
        value[row, source] = gain
        output[(row + shift) if shift else source, row] = copy
