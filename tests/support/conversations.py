"""Short ways to write conversations and to run them, for tests of engines."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.engine.protocol import Completion, Engine, GenerationParams, Message, Role
from models.masking.text import seal


def user(text: str) -> Message:
    return Message(Role.USER, seal(text))


def system(text: str) -> Message:
    return Message(Role.SYSTEM, seal(text))


def assistant(text: str) -> Message:
    return Message(Role.ASSISTANT, seal(text))


@dataclass
class Recorder:
    """Runs a generation and keeps what was reported; stops it where told to."""

    stop_at_progress: int | None = None
    stop_at_chunk: int | None = None
    progress: list[tuple[int, int]] = field(default_factory=list)
    chunks: list[str] = field(default_factory=list)
    is_stopped: bool = False

    def run(self, engine: Engine, *messages: Message, **params: float) -> Completion:
        return engine.generate(
            messages,
            GenerationParams(**params),  # type: ignore[arg-type]
            on_progress=self._on_progress,
            on_chunk=self._on_chunk,
            is_cancelled=lambda: self.is_stopped,
        )

    def _on_progress(self, done: int, total: int) -> None:
        self.progress.append((done, total))
        if self.stop_at_progress is not None and done >= self.stop_at_progress:
            self.is_stopped = True

    def _on_chunk(self, chunk: str) -> None:
        self.chunks.append(chunk)
        if self.stop_at_chunk is not None and len(self.chunks) >= self.stop_at_chunk:
            self.is_stopped = True
