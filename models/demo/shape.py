"""The model's shape, and its weights as plain arrays.

`Weights` are numpy arrays under llama.cpp's own tensor names and in its layout, so that export,
initialisation and tests need no torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from models.demo.vocabulary import SIZE

Array: TypeAlias = npt.NDArray[np.float32]
Weights: TypeAlias = Mapping[str, Array]


@dataclass(frozen=True)
class Shape:
    """Hyperparameters of the llama architecture.

    Attributes:
        width: Size of the residual stream.
        layers: Number of blocks.
        heads: Attention heads; every head has its own keys and values.
        inner: Width of the feed-forward part.
        context: Longest sequence, tokens.
        rope_base: Base of the rotary frequencies.
        epsilon: Added in RMSNorm.
        rows: Rows of the embedding (which is tied to the output).
    """

    width: int = 256
    layers: int = 5
    heads: int = 4
    inner: int = 512
    context: int = 2048
    rope_base: float = 100_000.0
    epsilon: float = 1e-5
    rows: int = SIZE

    @property
    def head_size(self) -> int:
        """Width of one head."""
        return self.width // self.heads

    @property
    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Name and shape (rows, columns) of every tensor, in the file's order."""
        square, wide, tall = (self.width, self.width), (self.inner, self.width), (self.width, self.inner)
        shapes: dict[str, tuple[int, ...]] = {"token_embd.weight": (self.rows, self.width)}
        for layer in range(self.layers):
            block = {
                "attn_norm": (self.width,), "attn_q": square, "attn_k": square, "attn_v": square,
                "attn_output": square, "ffn_norm": (self.width,), "ffn_gate": wide, "ffn_up": wide, "ffn_down": tall,
            }  # fmt: skip
            shapes |= {f"blk.{layer}.{name}.weight": size for name, size in block.items()}
        return shapes | {"output_norm.weight": (self.width,)}


def interleave(matrix: Array, heads: int) -> Array:
    """Rows of a Q or K matrix from half-split rotary pairs (i, i + n/2) to llama.cpp's (2i, 2i + 1)."""
    rows, columns = matrix.shape
    halves = matrix.reshape(heads, 2, rows // heads // 2, columns)
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(rows, columns))


def split_halves(matrix: Array, heads: int) -> Array:
    """The way back from `interleave`."""
    rows, columns = matrix.shape
    pairs = matrix.reshape(heads, rows // heads // 2, 2, columns)
    return np.ascontiguousarray(pairs.swapaxes(1, 2).reshape(rows, columns))
