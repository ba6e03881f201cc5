"""How fast the model reads and writes, for 「約x秒」 and 「18字/秒」."""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Callable

from models.engine.protocol import Usage
from models.engine.speed import speed_of

Clock = Callable[[], float]
LOOKED_BACK_AT = 8
LEAST_TOKENS = 8


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


class DraftPace:
    """How long a draft takes on this PC, from the ones written since the program was started."""

    def __init__(self) -> None:
        self._usages: deque[Usage] = deque(maxlen=LOOKED_BACK_AT)
        self._drafts: deque[tuple[Usage, int]] = deque(maxlen=LOOKED_BACK_AT)

    def add(self, usage: Usage, *, is_draft: bool = True, characters: int = 0) -> None:
        """Count a completion that came to its end; one of a few tokens says nothing.

        Args:
            usage: What it cost.
            is_draft: Whether it was a draft, not the points of a part of a long text.
            characters: Characters in its form.
        """
        if usage.completion_tokens >= LEAST_TOKENS:
            self._usages.append(usage)
            if is_draft:
                self._drafts.append((usage, characters))

    def seconds(self, characters: int = 0) -> float | None:
        """Seconds a draft takes; None while none was written.

        Args:
            characters: Characters in the form; what is more than usual takes longer to read.
        """
        if not self._drafts:
            return None
        read = statistics.median(u.prompt_tokens - u.reused_tokens for u, _ in self._drafts)
        written = statistics.median(u.completion_tokens for u, _ in self._drafts)
        usual = statistics.median(typed for _, typed in self._drafts)
        more = max(0.0, characters - usual) * self._tokens_per_character() if usual else 0.0
        return self.seconds_for(read + more, written)

    def _tokens_per_character(self) -> float:
        shares = [(u.prompt_tokens - u.reused_tokens) / typed for u, typed in self._drafts if typed]
        return min(1.0, statistics.median(shares))

    def seconds_for(self, read: float, written: float) -> float | None:
        """Seconds that so many tokens to read and to write take; None while nothing was measured."""
        if not self._usages:
            return None
        speeds = [speed_of(u) for u in self._usages]
        reading_tps = statistics.median(s.reading_tps for s in speeds)
        writing_tps = statistics.median(s.writing_tps for s in speeds)
        reading_s = read / reading_tps if reading_tps > 0 else 0.0
        return reading_s + written / writing_tps


def about(seconds: float) -> str:
    """A length of time as one estimates it: 約3秒, 約40秒, 約2分."""
    if seconds < 10:
        return f"約{max(1, round(seconds))}秒"
    if seconds < 90:
        return f"約{round(seconds / 5) * 5}秒"
    return f"約{round(seconds / 60)}分"
