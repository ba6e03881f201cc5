"""The training loop: time-boxed, with checkpoints, resumable."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.demo.batches import BatchPlan, Ids, make_batches
from models.demo.conversations import ConversationMaker
from models.demo.network import Network, load_torch
from models.demo.optimizer import Optimizer
from models.demo.shape import Shape, Weights
from models.demo.vocabulary import load_vocabulary
from models.demo.words import load_words

Report = Callable[[str], None]


@dataclass(frozen=True)
class TrainingPlan:
    """How long and how hot.

    Attributes:
        seconds: Wall clock of the whole training, earlier parts of a resumed one counted in.
        matrix_rate: Learning rate of Muon.
        table_rate: Learning rate of AdamW.
        warm_up_steps: Steps until full heat.
        decay_from: Share of the time after which the heat falls linearly to nothing.
        save_every_s: Time between checkpoints, seconds.
        threads: CPU threads.
        seed: Of the generator of conversations.
    """

    seconds: float
    matrix_rate: float = 0.02
    table_rate: float = 3e-3
    warm_up_steps: int = 30
    decay_from: float = 0.25
    save_every_s: float = 120.0
    threads: int = 2
    seed: int = 2026

    def heat(self, step: int, elapsed_s: float) -> float:
        """Share of the full learning rate at a step."""
        progress = min(1.0, elapsed_s / self.seconds)
        decay = 1.0 if progress < self.decay_from else (1.0 - progress) / (1.0 - self.decay_from)
        return min(1.0, (step + 1) / self.warm_up_steps) * max(0.02, decay)


class Trainer:
    """Trains one network.

    Args:
        network: What is trained.
        plan: How long and how hot.
        folder: Where checkpoints go.
        report: Told a line of figures now and then.
    """

    def __init__(self, network: Network, plan: TrainingPlan, folder: Path, report: Report) -> None:
        self._torch = load_torch()
        self._torch.set_num_threads(plan.threads)
        self.network, self.plan, self.folder, self._report = network, plan, folder, report
        self._optimizer = Optimizer(
            network.parameters, matrix_rate=plan.matrix_rate, table_rate=plan.table_rate
        )
        self._average = {name: p.detach().clone() for name, p in network.parameters.items()}
        self._step, self._elapsed_s, self._cpu_s, self._tokens = 0, 0.0, 0.0, 0

    @property
    def checkpoint(self) -> Path:
        """The newest checkpoint."""
        return self.folder / "checkpoint.pt"

    def resume(self) -> bool:
        """Take up the newest checkpoint; False when there is none."""
        if not self.checkpoint.exists():
            return False
        kept = self._torch.load(self.checkpoint, weights_only=True)
        with self._torch.no_grad():
            for name, parameter in self.network.parameters.items():
                parameter.copy_(kept["parameters"][name])
        self._average = kept["average"]
        self._optimizer.restore(kept["optimizer"])
        self._step, self._elapsed_s = kept["step"], kept["elapsed_s"]
        self._cpu_s, self._tokens = kept["cpu_s"], kept["tokens"]
        return True

    def run(self) -> Weights:
        """Train until the time is over; returns the averaged weights."""
        batches = self._batches()
        began, cpu_began = time.monotonic() - self._elapsed_s, time.process_time() - self._cpu_s
        saved, losses = time.monotonic(), []
        while self._elapsed_s < self.plan.seconds:
            losses.append(self._learn(*next(batches)))
            self._elapsed_s, self._cpu_s = time.monotonic() - began, time.process_time() - cpu_began
            if self._step % 20 == 0:
                self._tell(losses)
                losses = []
            if time.monotonic() - saved > self.plan.save_every_s:
                self.save()
                saved = time.monotonic()
        self.save()
        return self.network.as_weights(self._average)

    def average(self) -> Weights:
        """The moving average of the weights, which is what is exported."""
        return self.network.as_weights(self._average)

    def save(self) -> None:
        """Write a checkpoint, replacing the one before in one step."""
        self.folder.mkdir(parents=True, exist_ok=True)
        kept = {
            "parameters": {name: p.detach() for name, p in self.network.parameters.items()},
            "average": self._average,
            "optimizer": self._optimizer.state(),
            "step": self._step,
            "elapsed_s": self._elapsed_s,
            "cpu_s": self._cpu_s,
            "tokens": self._tokens,
        }
        new = self.checkpoint.with_suffix(".new")
        self._torch.save(kept, new)
        new.replace(self.checkpoint)

    def _batches(self) -> Iterator[tuple[Ids, Ids]]:
        rng = random.Random(self.plan.seed + self._step)
        maker = ConversationMaker(rng, load_words())
        return make_batches(load_vocabulary(), maker, BatchPlan())

    def _learn(self, ids: Ids, targets: Ids) -> float:
        torch = self._torch
        loss: Any = self.network.loss(torch.from_numpy(ids), torch.from_numpy(targets))
        loss.backward()
        self._optimizer.step(self.plan.heat(self._step, self._elapsed_s))
        with torch.no_grad():
            share = 1 - min(0.99, 1 - 1 / (self._step + 2))
            for name, parameter in self.network.parameters.items():
                self._average[name].lerp_(parameter, share)
        self._step += 1
        self._tokens += int(ids.size)
        return float(loss.item())

    def _tell(self, losses: list[float]) -> None:
        heat = self.plan.heat(self._step, self._elapsed_s)
        self._report(
            f"step {self._step} loss {sum(losses) / len(losses):.4f} wall {self._elapsed_s:.0f} s "
            f"cpu {self._cpu_s:.0f} s tokens {self._tokens / 1e6:.2f} M heat {heat:.2f}"
        )


def begin(shape: Shape, weights: Weights, plan: TrainingPlan, *, folder: Path, report: Report) -> Trainer:
    """A trainer at the beginning."""
    return Trainer(Network(shape, weights), plan, folder, report)
