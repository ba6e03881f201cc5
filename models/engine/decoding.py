"""Reading and writing tokens with what was read before kept, and bytes turned into characters."""

from __future__ import annotations

import codecs
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from models.engine.native.context import ABORTED, Context
from models.engine.protocol import IsCancelled, OnChunk, OnProgress
from models.errors import DecodeFailedError

_FIRST_SLICE: Final = 64
_MIN_SLICE: Final = 32
_SLICE_S: Final = 0.7
_SLOW_STEP_S: Final = 2.0
_ASK_EVERY_S: Final = 0.02


class Stopwatch:
    """Laps in milliseconds."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def lap_ms(self) -> int:
        """Milliseconds since the last lap."""
        now = time.monotonic()
        lap, self._start = now - self._start, now
        return round(lap * 1000)


class Conversation:
    """A context and the tokens whose state it holds."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._tokens: list[int] = []
        self._slice = min(_FIRST_SLICE, context.n_batch)
        self._step_s = 0.0

    @property
    def tokens(self) -> Sequence[int]:
        """Tokens whose state the context holds."""
        return self._tokens

    def close(self) -> None:
        """Free the context."""
        self.context.close()

    def read(
        self, prompt: Sequence[int], *, on_progress: OnProgress, is_cancelled: IsCancelled
    ) -> int | None:
        """Read `prompt`, from the first token on that is not in memory already.

        Returns:
            Tokens that needed no reading, or None when stopped.

        Raises:
            DecodeFailedError: llama.cpp gave up.
        """
        kept = self._keep(prompt)
        on_progress(kept, len(prompt))
        self.context.set_abort(_Throttled(is_cancelled))
        while len(self._tokens) < len(prompt):
            at = len(self._tokens)
            piece = prompt[at : at + self._slice]
            is_last = at + len(piece) == len(prompt)
            if is_cancelled() or not self._decode(piece, n_logits=int(is_last)):
                return None
            on_progress(len(self._tokens), len(prompt))
        return kept

    def append(self, tokens: Sequence[int], is_cancelled: IsCancelled) -> bool:
        """Read a token that was written, and guesses behind it; logits of all are kept.

        Returns:
            False when stopped; the tokens then do not count as read.

        Raises:
            DecodeFailedError: llama.cpp gave up.
        """
        if is_cancelled():
            return False
        # On a PC that swaps, one token may take a minute; then llama.cpp's questions are the only signs of life.
        self.context.set_abort(_Throttled(is_cancelled) if self._step_s > _SLOW_STEP_S else None)
        return self._decode(tokens, n_logits=len(tokens))

    def drop(self, count: int) -> None:
        """Forget the last `count` tokens: guesses that were wrong."""
        if count:
            length = len(self._tokens) - count
            if not self.context.truncate(length):
                self._tokens.clear()  # cannot happen with models that `Model.can_rewind`
            del self._tokens[length:]

    def restore(self, load: Callable[[], list[int]]) -> bool:
        """Take a saved state in the place of what is in memory.

        Args:
            load: Loads the state and returns its tokens, an empty list on failure.
        """
        self.context.truncate(0)
        self._tokens = load()
        if not self._tokens:
            self.context.truncate(0)
        return bool(self._tokens)

    def _keep(self, prompt: Sequence[int]) -> int:
        """Cut the memory back to what `prompt` begins with; at least one token is left to read."""
        kept = min(common_prefix(self._tokens, prompt), len(prompt) - 1)
        if kept < len(self._tokens) and not self.context.truncate(kept):
            kept = 0
        del self._tokens[kept:]
        return kept

    def _decode(self, tokens: Sequence[int], *, n_logits: int) -> bool:
        start, at = time.monotonic(), len(self._tokens)
        status = self.context.decode(tokens, at=at, n_logits=n_logits)
        self._step_s = time.monotonic() - start
        if status == 0:
            self._tokens.extend(tokens)
            if len(tokens) == self._slice and n_logits <= 1:
                self._adapt_slice(self._step_s)
            return True
        if not self.context.truncate(at):
            self._tokens.clear()
        if status == ABORTED:
            return False
        raise DecodeFailedError(status=status)

    def _adapt_slice(self, took_s: float) -> None:
        """Slices as long as progress every `_SLICE_S` allows: long ones read faster."""
        if took_s < _SLICE_S / 2:
            self._slice = min(self._slice * 2, self.context.n_batch)
        elif took_s > _SLICE_S * 2:
            self._slice = max(self._slice // 2, min(_MIN_SLICE, self.context.n_batch))


class _Throttled:
    """Asks `is_cancelled` now and then only: llama.cpp calls it at each of hundreds of steps."""

    def __init__(self, is_cancelled: IsCancelled) -> None:
        self._is_cancelled = is_cancelled
        self._next = 0.0

    def __call__(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + _ASK_EVERY_S
        return self._is_cancelled()


@contextmanager
def stopping(context: Context, is_cancelled: IsCancelled) -> Iterator[None]:
    """Within the block a thread asks `is_cancelled`, and ends the decode under way in its middle."""
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(_ASK_EVERY_S):
            if is_cancelled():
                context.abort()
                return

    thread = threading.Thread(target=watch, name="stopping", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


class TextStream:
    """Turns the bytes of tokens into chunks of whole characters."""

    def __init__(self, on_chunk: OnChunk) -> None:
        self._on_chunk = on_chunk
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._chunks: list[str] = []

    def add(self, piece: bytes) -> None:
        """Take the bytes of one token; what is complete goes out at once."""
        chunk = self._decoder.decode(piece)
        if chunk:
            self._chunks.append(chunk)
            self._on_chunk(chunk)

    def close(self) -> str:
        """The whole text. Bytes of a character that was never completed are dropped."""
        return "".join(self._chunks)


def common_prefix(first: Sequence[int], second: Sequence[int]) -> int:
    """How many leading elements two sequences share."""
    length = 0
    for left, right in zip(first, second, strict=False):
        if left != right:
            break
        length += 1
    return length
