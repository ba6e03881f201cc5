"""When a worker that says nothing counts as hung: shared by both clients, without a clock of its own.

A worker that reads or writes gives a sign of life at least once a second (`WorkerServer` sends one when
the engine asks whether it was cancelled). How long may pass without one depends on the PC: one that
swaps is slow without being hung. So the longest silence that was none is the measure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

WATCHED_OPS: Final = frozenset({"generate", "prepare_prefix"})
"""Ops whose handlers give signs of life while they work; loading and finding names do not."""

ALIVE: Final = "alive"
"""Name of the event that is a sign of life and nothing else."""

FLOOR_S: Final = 30.0
"""The shortest patience, seconds; measured gaps on a quiet PC are about one."""
_CEILING_S: Final = 300.0
_FACTOR: Final = 10.0
_LONGEST_STEP_S: Final = 2.0  # a PC that slept, or a window that was busy itself, says nothing of the worker


class SilenceWatch:
    """How long one worker process is silent, and may be.

    Args:
        floor_s: The shortest patience, seconds.
    """

    def __init__(self, *, floor_s: float = FLOOR_S) -> None:
        self._floor_s = floor_s
        self._longest_s = self._silent_s = 0.0
        self._last_s: float | None = None
        self._is_owed = False

    @property
    def silent_s(self) -> float:
        """How long it has been silent, seconds."""
        return self._silent_s

    @property
    def limit_s(self) -> float:
        """Silence beyond which it counts as hung, seconds."""
        return max(self._floor_s, min(self._longest_s * _FACTOR, _CEILING_S))

    def listen(self, ops: Iterable[str]) -> None:
        """Something was sent to the worker or came from it.

        Args:
            ops: What it still has to answer, the one it works on first.
        """
        if self._is_owed:
            self._longest_s = max(self._longest_s, self._silent_s)
        self._silent_s = 0.0
        self._is_owed = next(iter(ops), "") in WATCHED_OPS

    def is_hung(self, now_s: float) -> bool:
        """Whether it has been silent for too long. To be asked once a second or more often.

        Args:
            now_s: Time of a steady clock, seconds.
        """
        if self._last_s is not None:
            self._silent_s += min(now_s - self._last_s, _LONGEST_STEP_S)
        self._last_s = now_s
        return self._is_owed and self._silent_s > self.limit_s
