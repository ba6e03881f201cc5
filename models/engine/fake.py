"""An engine that writes from a script: for tests, and to try the window without a model.

It keeps the contract of `Engine` to the letter: progress, chunks, stop, refusals.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from models.engine.protocol import (
    Completion,
    FinishReason,
    GenerationParams,
    IsCancelled,
    LoadOptions,
    Message,
    ModelInfo,
    OnChunk,
    OnProgress,
    Role,
    RuntimeInfo,
    Usage,
)
from models.errors import ContextTooLongError, ModelFileMissingError, ModelNotLoadedError, ModelsError

Script = Callable[[Sequence[Message]], str]
"""Makes the completion's text from the messages."""


def echo_last_user(messages: Sequence[Message]) -> str:
    """The last user message, word for word: placeholders come back as they went in."""
    return next((m.text.text for m in reversed(messages) if m.role is Role.USER), "")


@dataclass
class FakeEngine:
    """A scripted engine. One token is one character.

    Attributes:
        script: Makes the answer; by default the last user message is given back.
        n_ctx: Context length it claims.
        chunk_chars: Characters per chunk.
        chunk_delay_s: Pause before each chunk, to test stopping and streaming.
        read_delay_s: Pause before each of the four reading steps.
        errors: Errors raised by the next `generate` calls, first in first out.
        must_exist: Whether `load` demands that the file exists.
        seen: Messages of every `generate` call, oldest first.
        prepared: Messages of every `prepare_prefix` call, oldest first.
    """

    script: Script = echo_last_user
    n_ctx: int = 4096
    chunk_chars: int = 3
    chunk_delay_s: float = 0.0
    read_delay_s: float = 0.0
    errors: list[ModelsError] = field(default_factory=list)
    must_exist: bool = False
    seen: list[tuple[Message, ...]] = field(default_factory=list)
    prepared: list[tuple[Message, ...]] = field(default_factory=list)
    _model: ModelInfo | None = None

    def load(self, path: Path, options: LoadOptions) -> ModelInfo:
        """See `Engine.load`."""
        if self.must_exist and not path.is_file():
            raise ModelFileMissingError(file_name=path.name)
        n_ctx = options.n_ctx or self.n_ctx
        self._model = ModelInfo(
            name="fake",
            architecture="fake",
            n_ctx=n_ctx,
            n_ctx_train=self.n_ctx,
            n_vocab=1,
            size_bytes=0,
            has_chat_template=True,
        )
        return self._model

    def generate(
        self,
        messages: Sequence[Message],
        params: GenerationParams,
        *,
        on_progress: OnProgress,
        on_chunk: OnChunk,
        is_cancelled: IsCancelled,
    ) -> Completion:
        """See `Engine.generate`."""
        model = self._loaded()
        self.seen.append(tuple(messages))
        if self.errors:
            raise self.errors.pop(0)
        n_prompt = self.count_tokens(messages)
        room = model.n_ctx - n_prompt
        if room < params.needed_tokens:
            raise ContextTooLongError(
                prompt_tokens=n_prompt, max_tokens=params.needed_tokens, n_ctx=model.n_ctx
            )
        start = time.monotonic()
        if not self._read(n_prompt, on_progress, is_cancelled):
            usage = Usage(n_prompt, 0, _ms_since(start), 0)
            return Completion("", FinishReason.CANCELLED, usage)
        read_ms, start = _ms_since(start), time.monotonic()
        text = self.script(messages)
        limit = min(params.max_tokens, room)
        written, reason = self._write(text[:limit], on_chunk, is_cancelled)
        if reason is FinishReason.STOP and len(text) > limit:
            reason = FinishReason.LENGTH
        return Completion(written, reason, Usage(n_prompt, len(written), read_ms, _ms_since(start)))

    def prepare_prefix(
        self, messages: Sequence[Message], *, on_progress: OnProgress, is_cancelled: IsCancelled
    ) -> int:
        """See `Engine.prepare_prefix`."""
        total = self.count_tokens(messages)
        self.prepared.append(tuple(messages))
        return total if self._read(total, on_progress, is_cancelled) else 0

    def runtime(self) -> RuntimeInfo:
        """See `Engine.runtime`."""
        return RuntimeInfo(library="fake", cpu_features=())

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """See `Engine.count_tokens`: characters, and one more per message."""
        self._loaded()
        return sum(len(m.text.text) + 1 for m in messages)

    def unload(self) -> None:
        """See `Engine.unload`."""
        self._model = None

    def _loaded(self) -> ModelInfo:
        if self._model is None:
            raise ModelNotLoadedError
        return self._model

    def _read(self, n_prompt: int, on_progress: OnProgress, is_cancelled: IsCancelled) -> bool:
        for step in range(1, 5):
            if self.read_delay_s:
                time.sleep(self.read_delay_s)
            if is_cancelled():
                return False
            on_progress(n_prompt * step // 4, n_prompt)
        return True

    def _write(self, text: str, on_chunk: OnChunk, is_cancelled: IsCancelled) -> tuple[str, FinishReason]:
        written = ""
        for chunk in _pieces(text, self.chunk_chars):
            if self.chunk_delay_s:
                time.sleep(self.chunk_delay_s)
            if is_cancelled():
                return written, FinishReason.CANCELLED
            written += chunk
            on_chunk(chunk)
        return written, FinishReason.STOP


def _pieces(text: str, size: int) -> Iterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


def _ms_since(start: float) -> int:
    return round((time.monotonic() - start) * 1000)
