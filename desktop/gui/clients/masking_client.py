"""The masking worker, typed: text in, spans out."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from desktop.gui.clients.worker_client import ProcessState, WorkerClient
from models.errors import CancelledError, ModelsError, ProtocolError
from models.worker.protocol import Json, span_from_json


class MaskingState(StrEnum):
    """Whether text can be analyzed at once."""

    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


class MaskingClient(QObject):
    """Asks the masking worker and turns its answers into spans.

    Signals:
        partial_received: (call, spans) the quick layers' finds; the slow ones are still at work.
        finds_received: (call, spans, seconds) the whole answer.
        failed: (call, error).
        state_changed: (MaskingState).

    Args:
        client: The process.
        settings: As `models.worker.masking.settings_from_json` reads them.
        parent: Qt's owner.
    """

    partial_received = Signal(str, object)
    finds_received = Signal(str, object, float)
    failed = Signal(str, object)
    state_changed = Signal(object)

    def __init__(
        self, client: WorkerClient, *, settings: Json | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._client = client
        self._settings = settings or {}
        self._load_call = ""
        self._calls: set[str] = set()
        self._state = MaskingState.LOADING
        self.load_error: ModelsError | None = None
        client.ready.connect(self.load)
        client.event_received.connect(self._take_event)
        client.result_received.connect(self._take_result)
        client.failed.connect(self._take_failure)
        client.state_changed.connect(self._follow_process)

    @property
    def state(self) -> MaskingState:
        """Whether text can be analyzed at once."""
        return self._state

    def use_settings(self, settings: Json) -> None:
        """Analyze with other settings from now on."""
        self._settings = settings
        if self._state is MaskingState.READY:
            self.load()  # takes seconds: now, while nobody waits

    def start(self) -> None:
        """Start the process; dictionaries and language model are loaded in the background."""
        self._client.start()

    def load(self) -> None:
        """Load dictionaries and language model."""
        self._set_state(MaskingState.LOADING)
        self._load_call = self._client.request("load", {"settings": self._settings})

    def analyze(self, text: str) -> str:
        """Ask for the finds in a text. Returns the call's id."""
        call = self._client.request("analyze", {"text": text, "settings": self._settings, "fast_first": True})
        self._calls.add(call)
        return call

    def cancel(self, call: str) -> None:
        """Stop a call."""
        self._client.cancel(call)

    def stop(self) -> None:
        """End the process."""
        self._client.stop()

    def _take_event(self, call: str, name: str, payload: Json) -> None:
        if call in self._calls and name == "partial":
            try:
                spans = tuple(span_from_json(row) for row in payload["spans"])
            except (ProtocolError, KeyError):
                return  # a hint only: what counts is the result
            self.partial_received.emit(call, spans)

    def _take_result(self, call: str, payload: Json) -> None:
        if call == self._load_call:
            self.load_error = None
            self._set_state(MaskingState.READY)
        elif call in self._calls:
            self._calls.discard(call)
            try:
                spans = tuple(span_from_json(row) for row in payload["spans"])
                seconds = float(payload["seconds"])
            except ProtocolError as error:
                self.failed.emit(call, error)
            except (KeyError, TypeError, ValueError):
                self.failed.emit(call, ProtocolError("spans"))
            else:
                self.finds_received.emit(call, spans, seconds)

    def _take_failure(self, call: str, error: ModelsError) -> None:
        if call == self._load_call and not isinstance(error, CancelledError):
            self.load_error = error
            self._set_state(MaskingState.FAILED)
        elif call in self._calls:
            self._calls.discard(call)
            self.failed.emit(call, error)

    def _follow_process(self, state: ProcessState) -> None:
        if state is ProcessState.GIVEN_UP:
            self._set_state(MaskingState.FAILED)
        elif state is not ProcessState.READY:
            self._set_state(MaskingState.LOADING)

    def _set_state(self, state: MaskingState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)
