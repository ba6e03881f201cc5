"""The llama architecture in numpy, as an independent opinion on weights and files."""

import numpy as np


def logits(shape, weights, ids):
    """Logits after each token, float64 (length, rows); `weights` in llama.cpp's layout."""
    stream = weights["token_embd.weight"][ids].astype(np.float64)
    for layer in range(shape.layers):
        block = {name: weights[f"blk.{layer}.{name}.weight"] for name in _NAMES}
        stream = stream + _attend(shape, block, norm(shape, stream, block["attn_norm"]))[0]
        inner = norm(shape, stream, block["ffn_norm"])
        gate = inner @ block["ffn_gate"].T
        stream = stream + (gate / (1 + np.exp(-gate)) * (inner @ block["ffn_up"].T)) @ block["ffn_down"].T
    return norm(shape, stream, weights["output_norm.weight"]) @ weights["token_embd.weight"].T


def attention(shape, weights, ids, layer):
    """Attention of one layer on its input, (heads, length, length)."""
    stream = weights["token_embd.weight"][ids].astype(np.float64)
    for below in range(layer + 1):
        block = {name: weights[f"blk.{below}.{name}.weight"] for name in _NAMES}
        out, seen = _attend(shape, block, norm(shape, stream, block["attn_norm"]))
        stream = stream + out
    return seen


def norm(shape, stream, weight):
    return stream / np.sqrt((stream**2).mean(-1, keepdims=True) + shape.epsilon) * weight


_NAMES = (
    "attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm", "ffn_gate", "ffn_up", "ffn_down",
)  # fmt: skip


def _attend(shape, block, stream):
    length = len(stream)
    heads = [_heads(shape, stream @ block[name].T) for name in ("attn_q", "attn_k", "attn_v")]
    query, key = (_turn(shape, part) for part in heads[:2])
    scores = query @ key.swapaxes(1, 2) / np.sqrt(shape.head_size)
    scores = np.where(np.tril(np.ones((length, length), bool)), scores, -np.inf)
    seen = np.exp(scores - scores.max(-1, keepdims=True))
    seen /= seen.sum(-1, keepdims=True)
    joined = (seen @ heads[2]).swapaxes(0, 1).reshape(length, -1)
    return joined @ block["attn_output"].T, seen


def _heads(shape, mixed):
    return mixed.reshape(len(mixed), shape.heads, shape.head_size).swapaxes(0, 1)


def _turn(shape, part):
    """Rotary positions on neighbouring pairs, llama.cpp's order for this architecture."""
    steps = shape.rope_base ** (-np.arange(shape.head_size // 2) * 2 / shape.head_size)
    angles = np.outer(np.arange(part.shape[1]), steps)
    first, second = part[..., 0::2], part[..., 1::2]
    turned = np.empty_like(part)
    turned[..., 0::2] = first * np.cos(angles) - second * np.sin(angles)
    turned[..., 1::2] = first * np.sin(angles) + second * np.cos(angles)
    return turned
