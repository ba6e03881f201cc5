"""The engine worker, typed: masked messages in, a completion out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.gui.clients.worker_client import ProcessState, WorkerClient
from models.engine.protocol import GenerationParams, LoadOptions, Message, ModelInfo
from models.errors import CancelledError, ModelsError, ProtocolError, WorkerTimeoutError
from models.worker.protocol import Json, completion_from_json, messages_to_json


class EngineState(StrEnum):
    """Whether something can be written at once."""

    NO_MODEL = "no_model"
    LOADING = "loading"
    READY = "ready"
    RESTING = "resting"
    FAILED = "failed"


class EngineClient(QObject):
    """Loads a model in the engine worker and has completions written.

    After a crash while writing, or when it hung for the first time, the process and the model come
    back by themselves. A model that crashed the process while it was being loaded, or that hangs again,
    is not loaded again until the person says so.

    A model that nobody used for a while is let go, with its process, and loaded again in the background
    as soon as a template is opened; what was kept of the template's fixed text makes that quick.

    Signals:
        progress_received: (call, tokens read, tokens to read).
        chunk_received: (call, text).
        completion_received: (call, Completion).
        tokens_counted: (call, tokens of each prompt).
        failed: (call, error).
        prefix_prepared: (tokens) fixed text is known; 0 where it was given up.
        state_changed: (EngineState).

    Args:
        client: The process.
        idle_release_minutes: Minutes without use after which the model is let go; 0 for never.
        parent: Qt's owner.
    """

    progress_received = Signal(str, int, int)
    chunk_received = Signal(str, str)
    completion_received = Signal(str, object)
    tokens_counted = Signal(str, object)
    failed = Signal(str, object)
    prefix_prepared = Signal(int)
    state_changed = Signal(object)

    def __init__(
        self, client: WorkerClient, *, idle_release_minutes: float = 0, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._client = client
        self._model: tuple[Path, LoadOptions] | None = None
        self._load_call = ""
        self._calls: set[str] = set()
        self._counts: set[str] = set()
        self._to_prepare: tuple[Message, ...] = ()
        self._prepare_call = ""
        self._state = EngineState.NO_MODEL
        self.model_info: ModelInfo | None = None
        self.load_error: ModelsError | None = None
        client.event_received.connect(self._take_event)
        client.result_received.connect(self._take_result)
        client.failed.connect(self._take_failure)
        client.state_changed.connect(self._follow_process)
        self._idle_timer = QTimer(self, singleShot=True, interval=round(idle_release_minutes * 60_000))
        self._idle_timer.timeout.connect(self._let_go)
        client.result_received.connect(self._rest_later)
        client.failed.connect(self._rest_later)

    @property
    def state(self) -> EngineState:
        """Whether something can be written at once."""
        return self._state

    def load(self, path: Path, options: LoadOptions | None = None) -> None:
        """Load a model; the one before is unloaded."""
        self._model = (path, options or LoadOptions())
        self._send_load()

    def prepare(self, messages: Sequence[Message]) -> None:
        """Read fixed text ahead, in the background, as soon as the model is there.

        What was to be read ahead before is given up. A failure is told by the generation that meets
        it, if one does.
        """
        self._give_up_preparing()
        self._to_prepare = tuple(messages)
        self._wake()
        if self._state is EngineState.READY:
            self._send_prepare()

    def generate(self, messages: Sequence[Message], params: GenerationParams) -> str:
        """Have a completion written to masked messages. Returns the call's id."""
        self._give_up_preparing()
        self._wake()
        call = self._client.request(
            "generate", {"messages": messages_to_json(messages), "params": asdict(params)}
        )
        self._calls.add(call)
        return call

    def count(self, prompts: Sequence[Sequence[Message]]) -> str:
        """Have the tokens of prompts counted. Returns the call's id."""
        self._wake()
        rows = [messages_to_json(messages) for messages in prompts]
        call = self._client.request("count_tokens", {"prompts": rows})
        self._counts.add(call)
        return call

    def reload(self) -> None:
        """Load the same model again because a person asked for it, also after it ended the process."""
        if self._model is not None:
            path, options = self._model
            self.load(path, replace(options, is_retry=True))

    def cancel(self, call: str) -> None:
        """Stop a call: at once, and by force after two seconds, which is no crash of the model's."""
        self._forgive()
        self._client.cancel(call)

    def stop(self) -> None:
        """End the process."""
        self._model = None
        self._idle_timer.stop()
        self._client.stop()

    def _send_load(self) -> None:
        if self._model is not None:
            self.load_error = None
            self._set_state(EngineState.LOADING)
            path, options = self._model
            self._load_call = self._client.request("load", {"path": str(path), "options": asdict(options)})

    def _forgive(self) -> None:
        """The process is ended on purpose: the note that it leaves is of no crash of the model's."""
        if self._model is not None:
            path, options = self._model
            self._model = (path, replace(options, is_retry=True))

    def _wake(self) -> None:
        if self._state is EngineState.RESTING:
            self._send_load()

    def _rest_later(self) -> None:
        """The minutes without use begin anew."""
        if self._idle_timer.interval() and self._state is EngineState.READY:
            self._idle_timer.start()

    def _let_go(self) -> None:
        """End the process, which alone frees all of its memory; never while it works."""
        if self._client.is_busy:
            self._idle_timer.start()
        elif self._state is EngineState.READY:
            self._set_state(EngineState.RESTING)
            self._client.stop()

    def _send_prepare(self) -> None:
        if self._to_prepare:
            params = {"messages": messages_to_json(self._to_prepare)}
            self._to_prepare = ()  # once: not again where it ended the process
            self._prepare_call = self._client.request("prepare_prefix", params)

    def _give_up_preparing(self) -> None:
        """What was read so far stays known: the worker goes on from there."""
        self._to_prepare = ()
        call, self._prepare_call = self._prepare_call, ""
        if call:
            self._client.give_up(call)

    def _take_event(self, call: str, name: str, payload: Json) -> None:
        if call not in self._calls:
            return
        if name == "progress":
            self.progress_received.emit(call, int(payload["read"]), int(payload["total"]))
        elif name == "chunk":
            self.chunk_received.emit(call, str(payload["text"]))

    def _take_result(self, call: str, payload: Json) -> None:
        if call == self._load_call:
            self.model_info = ModelInfo(**payload)
            self._set_state(EngineState.READY)
            self._send_prepare()
        elif call == self._prepare_call:
            self._prepare_call = ""
            self.prefix_prepared.emit(int(payload["tokens"]))
        elif call in self._counts:
            self._counts.discard(call)
            self.tokens_counted.emit(call, tuple(int(count) for count in payload["tokens"]))
        elif call in self._calls:
            self._calls.discard(call)
            try:
                completion = completion_from_json(payload)
            except ProtocolError as error:
                self.failed.emit(call, error)
            else:
                self.completion_received.emit(call, completion)

    def _take_failure(self, call: str, error: ModelsError) -> None:
        if call == self._load_call:
            if not isinstance(error, CancelledError):
                self.load_error = error
                self._set_state(EngineState.FAILED)
        elif call in self._calls or call in self._counts:
            self._calls.discard(call)
            self._counts.discard(call)
            self.failed.emit(call, error)

    def _follow_process(self, state: ProcessState) -> None:
        if self._model is None:
            return
        error = self._client.end_error
        if isinstance(error, WorkerTimeoutError):
            self._forgive()
        if state is ProcessState.GIVEN_UP:
            self.load_error = self.load_error or error
            self._set_state(EngineState.FAILED)
        elif state is ProcessState.STOPPED and self._state is EngineState.READY:
            # It ended while it was idle or writing. The load is first in the new process's queue, so
            # that what is asked meanwhile finds the model. A load that crashed is not sent again.
            self._send_load()

    def _set_state(self, state: EngineState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)
