"""How fast the model reads and writes, for 「約x秒」 and 「18字/秒」."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], float]


class ReadingPace:
    """Estimates the seconds left from the progress so far."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._first: tuple[float, int] | None = None

    def seconds_left(self, read: int, total: int) -> float | None:
        """Seconds until everything is read; None while nothing can be said."""
        now = self._clock()
        if self._first is None:
            self._first = (now, read)
            return None
        started_at, read_at_start = self._first
        done, elapsed = read - read_at_start, now - started_at
        if done <= 0 or elapsed < 0.3:
            return None
        return (total - read) * elapsed / done


class WritingPace:
    """Characters a second since the first one."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._started_at: float | None = None
        self._characters = 0

    def add(self, characters: int) -> float | None:
        """Count characters; the pace in characters a second, None in the first half second."""
        now = self._clock()
        if self._started_at is None:
            self._started_at = now
        self._characters += characters
        elapsed = now - self._started_at
        return self._characters / elapsed if elapsed >= 0.5 else None
