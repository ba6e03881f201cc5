"""Prompt lookup: guess the next tokens from what stands in the prompt already.

A proofread or rewritten text repeats most of its source. Where the last few tokens stand in the
prompt, the tokens behind that place are offered to the model in one step; it keeps those that it would
have written itself, so the text never changes. A step with guesses costs more than one without, so
both are measured while writing, and guessing stops where it does not pay.

Method: https://github.com/apoorvumang/prompt-lookup-decoding; the strict match of three to five tokens
was measured to pay more often than the usual two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_LONGEST: Final = 5
_SHORTEST: Final = 3
_TRIALS: Final = 6
_MIN_GAIN: Final = 1.05
_PAUSE_STEPS: Final = 64


class NgramIndex:
    """Where each run of tokens was seen last."""

    def __init__(self) -> None:
        self._tokens: list[int] = []
        self._last: dict[tuple[int, ...], int] = {}

    def extend(self, tokens: Sequence[int]) -> None:
        """Add tokens behind those known."""
        for token in tokens:
            end = len(self._tokens)
            # The run ending before this token is continued by it.
            for size in range(_SHORTEST, _LONGEST + 1):
                if end >= size:
                    self._last[tuple(self._tokens[end - size : end])] = end
            self._tokens.append(token)

    def guess(self, count: int) -> list[int]:
        """Up to `count` tokens that followed the longest known run at the end; empty without one."""
        end = len(self._tokens)
        for size in range(_LONGEST, _SHORTEST - 1, -1):
            if end > size:
                place = self._last.get(tuple(self._tokens[end - size :]))
                if place is not None:
                    return self._tokens[place : place + count]
        return []


@dataclass
class GuessMeter:
    """Measures whether guessing pays, and says when to guess.

    A plain step writes one token. A guessing step writes one and those guesses that were right.
    The gain is the ratio of their tokens per second.
    """

    plain_s: float = 0.0
    plain_steps: int = 0
    guess_s: float = 0.0
    guess_tokens: int = 0
    guess_steps: int = 0
    _pause: int = 0

    def add_plain(self, seconds: float) -> None:
        """A step without guesses took so long."""
        self.plain_s += seconds
        self.plain_steps += 1
        self._pause = max(0, self._pause - 1)

    def add_guess(self, seconds: float, written: int) -> None:
        """A step with guesses took so long and wrote so many tokens."""
        self.guess_s += seconds
        self.guess_tokens += written
        self.guess_steps += 1
        if self.guess_steps >= _TRIALS and self.gain < _MIN_GAIN:
            # Measured anew later: the next paragraph may be a copy again.
            self._pause = _PAUSE_STEPS
            self.guess_s, self.guess_tokens, self.guess_steps = 0.0, 0, 0

    @property
    def gain(self) -> float:
        """Tokens per second with guesses over those without; 1 as long as nothing is known."""
        if not self.plain_steps or not self.guess_tokens:
            return 1.0
        return (self.guess_tokens / self.guess_s) / (self.plain_steps / self.plain_s)

    @property
    def should_guess(self) -> bool:
        """Whether the next step may guess; the first few never do, to have something to compare."""
        return self._pause == 0 and self.plain_steps >= _SHORTEST
