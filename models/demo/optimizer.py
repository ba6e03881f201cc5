"""Muon for the matrices, AdamW for embedding and norms.

Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/): momentum, made orthogonal by
five Newton-Schulz steps before it is applied.
"""

from __future__ import annotations

from typing import Any

from models.demo.network import load_torch

_STEPS = 5
_COEFFICIENTS = (3.4445, -4.7750, 2.0315)


class Optimizer:
    """Both optimisers under one name.

    Args:
        parameters: By name; two-dimensional ones other than the embedding go to Muon.
        matrix_rate: Learning rate of Muon at full heat.
        table_rate: Learning rate of AdamW at full heat.
        momentum: Muon's.
        decay: Weight decay of the matrices.
    """

    def __init__(
        self,
        parameters: dict[str, Any],
        *,
        matrix_rate: float,
        table_rate: float,
        momentum: float = 0.95,
        decay: float = 0.05,
    ) -> None:
        self._torch = load_torch()
        self._matrices = {n: p for n, p in parameters.items() if p.ndim == 2 and n != "token_embd.weight"}
        self._others = [p for n, p in parameters.items() if n not in self._matrices]
        self._momenta = {n: self._torch.zeros_like(p) for n, p in self._matrices.items()}
        self._adam = self._torch.optim.AdamW(self._others, lr=table_rate, betas=(0.9, 0.95), weight_decay=0.0)
        self._rates = (matrix_rate, table_rate)
        self._momentum, self._decay = momentum, decay

    def step(self, heat: float) -> None:
        """Apply the gradients and clear them. `heat` scales both learning rates."""
        self._torch.nn.utils.clip_grad_norm_(self._others, 1.0)
        for group in self._adam.param_groups:
            group["lr"] = self._rates[1] * heat
        self._adam.step()
        self._adam.zero_grad()
        with self._torch.no_grad():
            self._step_matrices(self._rates[0] * heat)

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"momenta": self._momenta, "adam": self._adam.state_dict()}

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what `state` gave."""
        self._momenta = state["momenta"]
        self._adam.load_state_dict(state["adam"])

    def _step_matrices(self, rate: float) -> None:
        by_size: dict[tuple[int, ...], list[tuple[Any, Any]]] = {}
        for name, matrix in self._matrices.items():
            momentum = self._momenta[name]
            momentum.lerp_(matrix.grad, 1 - self._momentum)
            update = matrix.grad.lerp(momentum, self._momentum)
            is_tall = update.shape[0] > update.shape[1]
            update = update.t() if is_tall else update
            by_size.setdefault(tuple(update.shape), []).append((matrix, update))
            matrix.grad = None
        for group in by_size.values():
            turned = self._orthogonal(self._torch.stack([update for _, update in group]))
            for (matrix, _), update in zip(group, turned, strict=True):
                rows, columns = matrix.shape
                matrix.mul_(1 - rate * self._decay)
                straight = update.t() if rows > columns else update
                matrix.add_(straight, alpha=-rate * max(1.0, rows / columns) ** 0.5)

    def _orthogonal(self, stack: Any) -> Any:
        norms = stack.flatten(1).norm(dim=1).view(-1, 1, 1) + 1e-7
        x = (stack / norms).bfloat16()
        a, b, c = _COEFFICIENTS
        for _ in range(_STEPS):
            square = x @ x.transpose(1, 2)
            x = a * x + (b * square + c * (square @ square)) @ x
        return x.float()
