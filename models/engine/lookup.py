"""Prompt lookup: guess the next tokens from what stands in the prompt already.

A proofread or rewritten text repeats most of its source. Where the last few tokens stand in the
prompt, the tokens behind that place are offered to the model in one step; it keeps those that it would
have written itself, so the text never changes. A step with guesses costs more than one without, so
both are measured while writing, and guessing stops where it does not pay.

Method: https://github.com/apoorvumang/prompt-lookup-decoding; the strict match of three to five tokens
was measured to pay more often than the usual two.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from typing import Final

_SIZES: Final = (5, 4, 3)
_TOKEN_BITS: Final = 24
_MASKS: Final = {size: (1 << _TOKEN_BITS * size) - 1 for size in _SIZES}
# With the token before them four, eight or twelve: llama.cpp multiplies four rows at a time, so four
# tokens cost little more than one, and five as much as eight (1.5 B, Q4_0, one core: 1 147 ms, 2 263,
# 4 149, 5 277, 8 287).
_COUNTS: Final = (3, 7, 11)
_TRIALS: Final = 6
_REMEMBERED_STEPS: Final = 24
_MIN_GAIN: Final = 1.05
_PAUSE_STEPS: Final = 96
_WARM_UP_STEPS: Final = 4


class NgramIndex:
    """Where each run of three to five tokens was seen last."""

    def __init__(self) -> None:
        self._tokens: list[int] = []
        # A run is one whole number: tuples would keep the garbage collector busy while writing.
        self._run = 0
        self._next: dict[int, dict[int, int]] = {size: {} for size in _SIZES}

    def extend(self, tokens: Sequence[int]) -> None:
        """Add tokens behind those known."""
        for token in tokens:
            place = len(self._tokens)
            for size in _SIZES:
                if place >= size:
                    self._next[size][self._run & _MASKS[size]] = place
            self._run = (self._run << _TOKEN_BITS | token) & _MASKS[_SIZES[0]]
            self._tokens.append(token)

    def guess(self, limit: int) -> list[int]:
        """Tokens that followed the longest known run at the end: 3, 7 or 11, at most `limit`, or none."""
        for size in _SIZES:
            place = self._next[size].get(self._run & _MASKS[size])
            if place is not None:
                known = min(limit, len(self._tokens) - place)
                count = max((count for count in _COUNTS if count <= known), default=0)
                return self._tokens[place : place + count]
        return []


class GuessMeter:
    """Measures whether guessing pays, and says how many tokens the next step may guess.

    A plain step writes one token; a guessing step writes one and those guesses that were right. The
    gain is the ratio of their tokens per second. Of each kind of step the shortest of the last ones
    counts: what else a PC does makes steps longer, never shorter.
    """

    def __init__(self) -> None:
        self._seconds: defaultdict[int, deque[float]] = defaultdict(lambda: deque(maxlen=_REMEMBERED_STEPS))
        self._steps: deque[tuple[int, int]] = deque(maxlen=_REMEMBERED_STEPS)  # (guessed, right)
        self._level = 0
        self._pause = 0

    def add_plain(self, seconds: float) -> None:
        """A step without guesses took so long."""
        self._seconds[0].append(seconds)
        self._pause = max(0, self._pause - 1)

    def add_guess(self, seconds: float, *, guessed: int, right: int) -> None:
        """A step with guesses took so long, and so many of them were right."""
        self._seconds[guessed].append(seconds)
        self._steps.append((guessed, right))
        if right == guessed:
            self._level = min(self._level + 1, len(_COUNTS) - 1)
        elif right < guessed // 2:
            self._level = max(self._level - 1, 0)
        if len(self._steps) >= _TRIALS and self.gain < _MIN_GAIN:
            # Measured anew later: the next paragraph may be a copy again.
            self._pause, self._level = _PAUSE_STEPS, 0
            self._steps.clear()

    @property
    def gain(self) -> float:
        """Tokens per second with guesses over those without; 1 as long as nothing is known."""
        if not self._seconds[0] or not self._steps:
            return 1.0
        plain = min(self._seconds[0])
        written = sum(right + 1 for _, right in self._steps)
        return written * plain / sum(min(self._seconds[guessed]) for guessed, _ in self._steps)

    @property
    def guesses(self) -> int:
        """How many tokens the next step may guess; the first steps none, to have a measure."""
        is_measured = len(self._seconds[0]) >= _WARM_UP_STEPS
        return _COUNTS[self._level] if is_measured and self._pause == 0 else 0
