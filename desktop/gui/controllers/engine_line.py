"""The window's own engine process, asked from another thread and waited for: what the doctor measures with."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from desktop.gui.clients.worker_client import WorkerClient
from desktop.gui.controllers.jobs import Job
from models.errors import CancelledError, ModelsError
from models.worker.protocol import Json

_POLL_S: Final = 0.05
Reply = queue.Queue[Json | ModelsError]


class EngineLine(QObject):
    """Lets a job ask the engine process.

    A second process would load the model once more, which an office terminal has no memory for.

    Args:
        process: The engine's process.
        wake: Has the model loaded again where it was let go while nobody used it.
        parent: Qt's owner.
    """

    _asked = Signal(str, object, object)
    _given_up = Signal(object)

    def __init__(
        self, process: WorkerClient, *, wake: Callable[[], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._process = process
        self.wake = wake
        self._replies: dict[str, Reply] = {}
        self._asked.connect(self._ask)
        self._given_up.connect(self._give_up)
        process.result_received.connect(self._take)
        process.failed.connect(self._take)

    @property
    def pid(self) -> int:
        """Process id; 0 while none runs."""
        return self._process.pid

    def caller(self, job: Job) -> JobCaller:
        """What asks for one job; its cancelling ends the wait."""
        return JobCaller(self, job)

    def ask(self, op: str, params: Json, job: Job) -> Json:
        """One request, one result. To be called in the job's thread, never in the window's.

        Raises:
            ModelsError: What the worker answered.
            CancelledError: The job was stopped.
        """
        reply: Reply = queue.Queue(1)
        self._asked.emit(op, params, reply)
        while True:
            if job.is_cancelled:
                self._given_up.emit(reply)
                raise CancelledError
            try:
                answer = reply.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if isinstance(answer, ModelsError):
                raise answer
            return answer

    def _ask(self, op: str, params: Json, reply: Reply) -> None:
        self._replies[self._process.request(op, params)] = reply

    def _give_up(self, reply: Reply) -> None:
        for call in [call for call, waiting in self._replies.items() if waiting is reply]:
            self._process.give_up(call)

    def _take(self, call: str, answer: Json | ModelsError) -> None:
        reply = self._replies.pop(call, None)
        if reply is not None:
            reply.put(answer)


class JobCaller:
    """A `desktop.drafting.doctor.Caller` for one job."""

    def __init__(self, line: EngineLine, job: Job) -> None:
        self._line, self._job = line, job

    def call(self, op: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """See `Caller.call`."""
        return self._line.ask(op, params or {}, self._job)
