"""What one draft asks of the engine, one call at a time: answers of calls that were dropped are not heard."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from desktop.drafting.requests import CountCall, EngineCall
from desktop.gui.clients.engine_client import EngineClient
from desktop.gui.controllers.pace import ReadingPace, WritingPace
from models.engine.protocol import Completion, FinishReason, Usage
from models.errors import CancelledError, ModelsError


class EngineTalk(QObject):
    """The call under way.

    Signals:
        progressed: (read, total, seconds left or None) while a prompt is read.
        chunk_received: (text) more of the completion.
        pace_measured: (characters a second).
        completed: (Completion).
        counted: (tokens of each prompt).
        failed: (error).
    """

    progressed = Signal(int, int, object)
    chunk_received = Signal(str)
    pace_measured = Signal(float)
    completed = Signal(object)
    counted = Signal(object)
    failed = Signal(object)

    def __init__(self, engine: EngineClient, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._call_id = ""
        self._written: list[str] = []
        self._reading, self._writing = ReadingPace(), WritingPace()
        engine.progress_received.connect(self._take_progress)
        engine.chunk_received.connect(self._take_chunk)
        engine.completion_received.connect(self._take_completion)
        engine.tokens_counted.connect(self._take_counts)
        engine.failed.connect(self._take_failure)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is waited for."""
        return bool(self._call_id)

    def ask(self, call: EngineCall) -> None:
        """Send a call; what of the one before still comes is not heard."""
        self._written = []
        self._reading, self._writing = ReadingPace(), WritingPace()
        if isinstance(call, CountCall):
            self._call_id = self._engine.count(call.prompts)
        else:
            self._call_id = self._engine.generate(call.messages, call.params)

    def stop(self) -> None:
        """Stop the call; what was written so far comes as its completion."""
        if self._call_id:
            self._engine.cancel(self._call_id)

    def drop(self) -> None:
        """Stop the call and hear no more of it."""
        call_id, self._call_id = self._call_id, ""
        if call_id:
            self._engine.cancel(call_id)

    def _take_progress(self, call_id: str, read: int, total: int) -> None:
        if call_id == self._call_id:
            self.progressed.emit(read, total, self._reading.seconds_left(read, total))

    def _take_chunk(self, call_id: str, text: str) -> None:
        if call_id != self._call_id:
            return
        self._written.append(text)
        self.chunk_received.emit(text)
        pace = self._writing.add(len(text))
        if pace is not None:
            self.pace_measured.emit(pace)

    def _take_completion(self, call_id: str, completion: Completion) -> None:
        if call_id == self._call_id:
            self._call_id = ""
            self.completed.emit(completion)

    def _take_counts(self, call_id: str, tokens: Sequence[int]) -> None:
        if call_id == self._call_id:
            self._call_id = ""
            self.counted.emit(tokens)

    def _take_failure(self, call_id: str, error: ModelsError) -> None:
        if call_id != self._call_id:
            return
        self._call_id = ""
        if isinstance(error, CancelledError):
            # Stopped by force: what came before counts, as with a stop in good order.
            written = "".join(self._written)
            self.completed.emit(Completion(written, FinishReason.CANCELLED, Usage(0, 0, 0, 0)))
        else:
            self.failed.emit(error)
