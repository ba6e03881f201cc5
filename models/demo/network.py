"""The network in torch, for training only. The one door to torch.

torch is no dependency of the program: it is imported when training starts, and typed as Any so that
the checks pass without it. Matrices are multiplied in bfloat16, the residual stream and the weights
are float32.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from models.demo.shape import Array, Shape, Weights, interleave, split_halves

IGNORED = -100
"""Target of a place where nothing is to be learnt."""

_GRID = 256
"""Places to learn are filled up to a multiple of this: oneDNN keeps compiled code for every shape."""

_ROTATED = ("attn_q.weight", "attn_k.weight")


def load_torch() -> Any:
    """The torch module.

    Raises:
        ImportError: It is not installed (`pip install --group demo`).
    """
    return importlib.import_module("torch")


class Network:
    """A small llama with its parameters under llama.cpp's names.

    Args:
        shape: Hyperparameters.
        weights: Beginning, in llama.cpp's layout.
    """

    def __init__(self, shape: Shape, weights: Weights) -> None:
        self.shape = shape
        self._torch = load_torch()
        self.parameters = {name: self._parameter(name, array) for name, array in weights.items()}
        self._cos, self._sin = self._rotary_tables()
        whole = self._torch.full((shape.context, shape.context), -self._torch.inf)
        self._mask = whole.triu(1).bfloat16()

    def loss(self, ids: Any, targets: Any) -> Any:
        """Mean cross entropy, nats per token.

        Args:
            ids: Tokens, int64 (rows, length).
            targets: The token to come after each, `IGNORED` where none is learnt; same shape.
        """
        torch = self._torch
        flat = targets.reshape(-1)
        chosen = (flat != IGNORED).nonzero()[:, 0]
        filling = chosen.new_zeros(-len(chosen) % _GRID)
        wanted = torch.cat((flat[chosen], filling + IGNORED))
        hidden = self.hidden(ids).reshape(-1, self.shape.width)[torch.cat((chosen, filling))]
        logits = hidden @ self._low("token_embd.weight").t()
        return torch.nn.functional.cross_entropy(logits.float(), wanted, ignore_index=IGNORED)

    def hidden(self, ids: Any) -> Any:
        """The last stream after its norm, bfloat16 (rows, length, width)."""
        functional = self._torch.nn.functional
        stream = functional.embedding(ids, self.parameters["token_embd.weight"])
        for layer in range(self.shape.layers):
            stream = stream + self._attention(stream, f"blk.{layer}.")
            stream = stream + self._feed_forward(stream, f"blk.{layer}.")
        return self._norm(stream, "output_norm.weight")

    def weights(self) -> Weights:
        """The parameters in llama.cpp's layout."""
        return self.as_weights(self.parameters)

    def as_weights(self, tensors: dict[str, Any]) -> Weights:
        """Tensors named and laid out like the parameters (a moving average, say), for export."""
        return {name: self._array(name, tensor) for name, tensor in tensors.items()}

    # --- parts ----------------------------------------------------------------------------------

    def _norm(self, stream: Any, name: str) -> Any:
        shape = self.shape
        functional = self._torch.nn.functional
        return functional.rms_norm(stream, (shape.width,), self.parameters[name], shape.epsilon).bfloat16()

    def _low(self, *names: str) -> Any:
        matrices = [self.parameters[name] for name in names]
        return (matrices[0] if len(matrices) == 1 else self._torch.cat(matrices)).bfloat16()

    def _attention(self, stream: Any, block: str) -> Any:
        """Plain attention: on a CPU its gradient is cheaper than that of torch's fused one."""
        torch, heads, size = self._torch, self.shape.heads, self.shape.head_size
        rows, length = stream.shape[:2]
        names = (block + "attn_q.weight", block + "attn_k.weight", block + "attn_v.weight")
        mixed = self._norm(stream, block + "attn_norm.weight") @ self._low(*names).t()
        mixed = mixed.view(rows, length, 3 * heads, size)
        turned = self._turn(mixed[:, :, : 2 * heads]).transpose(1, 2)
        value = mixed[:, :, 2 * heads :].transpose(1, 2)
        query, key, value = (
            part.reshape(rows * heads, length, size) for part in (turned[:, :heads], turned[:, heads:], value)
        )
        scores = torch.baddbmm(self._mask[:length, :length], query, key.transpose(1, 2), alpha=size**-0.5)
        seen = torch.bmm(torch.softmax(scores, -1), value).view(rows, heads, length, size)
        return seen.transpose(1, 2).reshape(rows, length, -1) @ self._low(block + "attn_output.weight").t()

    def _feed_forward(self, stream: Any, block: str) -> Any:
        both = (
            self._norm(stream, block + "ffn_norm.weight")
            @ self._low(block + "ffn_gate.weight", block + "ffn_up.weight").t()
        )
        gate, up = both.chunk(2, -1)
        return (self._torch.nn.functional.silu(gate) * up) @ self._low(block + "ffn_down.weight").t()

    def _turn(self, mixed: Any) -> Any:
        half, length = self.shape.head_size // 2, mixed.shape[1]
        cos, sin = self._cos[:length, None], self._sin[:length, None]
        return self._torch.addcmul(mixed * cos, mixed.roll(half, -1), sin)

    def _rotary_tables(self) -> tuple[Any, Any]:
        """Cosine and sine per place for both halves of a head; the first half's sine is negative."""
        torch, shape = self._torch, self.shape
        steps = shape.rope_base ** (-torch.arange(0, shape.head_size, 2).float() / shape.head_size)
        angles = torch.outer(torch.arange(shape.context).float(), steps)
        cos, sin = angles.cos(), angles.sin()
        return torch.cat((cos, cos), -1).bfloat16(), torch.cat((-sin, sin), -1).bfloat16()

    def _parameter(self, name: str, array: Array) -> Any:
        own = split_halves(array, self.shape.heads) if name.endswith(_ROTATED) else array
        return self._torch.tensor(np.array(own, np.float32), requires_grad=True)

    def _array(self, name: str, tensor: Any) -> Array:
        own: Array = tensor.detach().float().numpy()
        return interleave(own, self.shape.heads) if name.endswith(_ROTATED) else own
