"""Writing a completion token by token, with guesses from the prompt where they pay."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from models.engine.decoding import Conversation, TextStream
from models.engine.lookup import GuessMeter, NgramIndex
from models.engine.loops import LoopWatch
from models.engine.protocol import FinishReason, IsCancelled


class Picker(Protocol):
    """Picks the token behind one position of the last step (0 is its first)."""

    def __call__(self, index: int) -> int:
        """The token."""
        ...


@dataclass
class Writer:
    """Writes one completion.

    Attributes:
        conversation: The prompt was read into it.
        pick: Picks the next token.
        is_end: Whether a token ends the completion.
        piece: Bytes of a token.
        stream: Takes the bytes.
        is_cancelled: Asked before each step.
        index: What the prompt holds; None where guessing is not possible.
        meter: Whether guessing pays.
    """

    conversation: Conversation
    pick: Picker
    is_end: Callable[[int], bool]
    piece: Callable[[int], bytes]
    stream: TextStream
    is_cancelled: IsCancelled
    index: NgramIndex | None
    meter: GuessMeter

    def __post_init__(self) -> None:
        self.written: list[int] = []
        self._loops = LoopWatch()

    def run(self, limit: int) -> FinishReason:
        """Write at most `limit` tokens, fewer in an endless loop; they are in `written` afterwards.

        Raises:
            DecodeFailedError: llama.cpp gave up.
        """
        token = self.pick(-1)
        while not self.is_end(token):
            self._take(token)
            if len(self.written) >= limit or self._loops.is_found():
                return FinishReason.LENGTH
            guesses = self._guesses(limit - len(self.written) - 1)
            start = time.perf_counter()
            if not self.conversation.append([token, *guesses], self.is_cancelled):
                return FinishReason.CANCELLED
            token, right = self._check(guesses)
            self._measure(time.perf_counter() - start, guesses, right)
            if self._loops.is_found():
                return FinishReason.LENGTH
        return FinishReason.STOP

    def _take(self, token: int) -> None:
        self.written.append(token)
        self._loops.add(token)
        self.stream.add(self.piece(token))
        if self.index is not None:
            self.index.extend([token])

    def _guesses(self, room: int) -> Sequence[int]:
        count = min(self.meter.guesses, room)
        return self.index.guess(count) if self.index is not None and count > 0 else ()

    def _check(self, guesses: Sequence[int]) -> tuple[int, int]:
        """Keep the guesses that the model would have written; the token behind them, and how many."""
        right = 0
        token = self.pick(0)
        while right < len(guesses) and token == guesses[right] and not self.is_end(token):
            if self._loops.is_found():
                break
            self._take(token)
            right += 1
            token = self.pick(right)
        self.conversation.drop(len(guesses) - right)
        return token, right

    def _measure(self, seconds: float, guesses: Sequence[int], right: int) -> None:
        if guesses:
            self.meter.add_guess(seconds, guessed=len(guesses), right=right)
        else:
            self.meter.add_plain(seconds)
