"""A worker process seen as signals: JSON lines over the pipes of a QProcess.

The semantics are those of `models.worker.client.BlockingClient`: request ids, cancel by message and
by killing two seconds later, the end of one that hangs, a new process after a crash. A process that ends
so again and again is given up, and the person is told.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from models.errors import (
    CancelledError,
    ModelsError,
    ProtocolError,
    WorkerCrashedError,
    WorkerTimeoutError,
)
from models.worker.launch import worker_command, worker_environment
from models.worker.protocol import (
    Cancel,
    Event,
    Failure,
    Frame,
    FrameReader,
    Json,
    Ready,
    Request,
    Result,
    encode,
)
from models.worker.silence import ALIVE, WATCHED_OPS, SilenceWatch

KILL_AFTER_MS: Final = 2_000
RESTART_AFTER_MS: Final = 250
MAX_CRASHES_IN_A_ROW: Final = 3
MAX_HANGS_IN_A_ROW: Final = 2
LISTEN_EVERY_MS: Final = 1_000


class ProcessState(StrEnum):
    """Where a worker process stands."""

    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    GIVEN_UP = "given_up"


class WorkerClient(QObject):
    """One worker process and the requests sent to it.

    Signals:
        ready: The process reads requests (also after each restart).
        event_received: (request id, name, payload) on the way to a result.
        result_received: (request id, payload).
        failed: (request id, error); a crash fails every request under way.
        crashed: (exit code or None) the process ended by itself.
        state_changed: (ProcessState).

    Args:
        worker: `masking` or `engine`.
        command: Another command line, for tests that bring their own worker.
        silence: How long it may be silent while it reads or writes.
        parent: Qt's owner.
    """

    ready = Signal()
    event_received = Signal(str, str, object)
    result_received = Signal(str, object)
    failed = Signal(str, object)
    crashed = Signal(object)
    state_changed = Signal(object)

    def __init__(
        self,
        worker: str,
        *,
        command: Sequence[str] | None = None,
        silence: SilenceWatch | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.worker = worker
        self._command = list(command or worker_command(worker))
        self._ids = itertools.count(1)
        self._state = ProcessState.STOPPED
        self._reader = FrameReader()
        self._under_way: dict[str, Request] = {}
        self._cancelled: set[str] = set()
        self._crashes = self._hangs = 0
        self._hung_after_ms = 0
        self.end_error: ModelsError = WorkerCrashedError(worker, None)
        self._process: QProcess | None = None
        self._silence = silence or SilenceWatch()
        self._silence_timer = QTimer(self, interval=LISTEN_EVERY_MS)
        self._silence_timer.timeout.connect(self._kill_when_hung)
        self._kill_timer = QTimer(self, singleShot=True, interval=KILL_AFTER_MS)
        self._kill_timer.timeout.connect(self._kill_after_cancel)
        self._restart_timer = QTimer(self, singleShot=True)
        self._restart_timer.timeout.connect(self.start)

    @property
    def state(self) -> ProcessState:
        """Where the process stands."""
        return self._state

    @property
    def pid(self) -> int:
        """Process id; 0 while none runs."""
        return self._process.processId() if self._process is not None else 0

    @property
    def is_busy(self) -> bool:
        """Whether something was asked that is not answered yet."""
        return bool(self._under_way)

    def start(self) -> None:
        """Start the process; harmless while it runs. Starting by hand forgets earlier crashes."""
        if self._process is not None:
            return
        if self._state is ProcessState.GIVEN_UP:
            self._crashes = self._hangs = 0
        process = QProcess(self)
        environment = QProcessEnvironment()
        for name, value in worker_environment().items():
            environment.insert(name, value)
        process.setProcessEnvironment(environment)
        process.setStandardErrorFile(QProcess.nullDevice())
        process.setProgram(self._command[0])
        process.setArguments(self._command[1:])
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._start_failed)
        self._process, self._reader = process, FrameReader()
        self._set_state(ProcessState.STARTING)
        process.start()

    def request(self, op: str, params: Json | None = None) -> str:
        """Send a request, or keep it until the process is ready. Returns its id."""
        request = Request(str(next(self._ids)), op, params or {})
        self._under_way[request.id] = request
        if self._state is ProcessState.READY:
            self._write(request)
        elif self._process is None and not self._restart_timer.isActive():
            self.start()
        return request.id

    def cancel(self, request_id: str) -> None:
        """Ask the worker to stop a request; two seconds later the process is killed and restarted."""
        if request_id not in self._under_way:
            return
        self._cancelled.add(request_id)
        if self._state is ProcessState.READY:
            self._write(Cancel(request_id))
            self._kill_timer.start()
        else:
            self._end(request_id, CancelledError())

    def give_up(self, request_id: str) -> None:
        """Ask the worker to stop a request that nobody waits for; nothing is ended by force."""
        if request_id in self._under_way and self._state is ProcessState.READY:
            self._write(Cancel(request_id))
        elif request_id in self._under_way:
            self._end(request_id, CancelledError())

    def stop(self) -> None:
        """End the process for good: close its pipe, which ends it; kill it when it does not go."""
        self._restart_timer.stop()
        self._kill_timer.stop()
        self._silence_timer.stop()
        process, self._process = self._process, None
        self._under_way.clear()
        if process is not None:
            process.blockSignals(True)
            process.closeWriteChannel()
            if process.state() is not QProcess.ProcessState.NotRunning and not process.waitForFinished(
                KILL_AFTER_MS
            ):
                process.kill()
                process.waitForFinished(KILL_AFTER_MS)
            process.deleteLater()
        self._set_state(ProcessState.STOPPED)

    def _write(self, frame: Frame) -> None:
        try:
            data = encode(frame)
        except ProtocolError as error:
            if isinstance(frame, Request):
                self._end(frame.id, error)
            return
        if self._process is not None:
            self._process.write(data)
            self._listen()

    def _read(self) -> None:
        if self._process is None:
            return
        try:
            frames = self._reader.feed(bytes(self._process.readAllStandardOutput().data()))
        except ProtocolError:
            # Whatever speaks there does not speak our protocol: as good as a crash.
            self._process.kill()
            return
        for frame in frames:
            self._take(frame)
        self._listen()

    def _take(self, frame: Frame) -> None:
        if isinstance(frame, Ready):
            self._set_state(ProcessState.READY)
            for request in tuple(self._under_way.values()):
                self._write(request)
            self.ready.emit()
        elif isinstance(frame, Event) and frame.id in self._under_way:
            if frame.id not in self._cancelled and frame.name != ALIVE:
                self.event_received.emit(frame.id, frame.name, frame.payload)
        elif isinstance(frame, Result) and frame.id in self._under_way:
            is_watched = self._under_way[frame.id].op in WATCHED_OPS
            self._forget(frame.id)
            self._crashes = 0
            self._hangs = 0 if is_watched else self._hangs
            self.result_received.emit(frame.id, frame.payload)
        elif isinstance(frame, Failure) and frame.id in self._under_way:
            self._end(frame.id, frame.to_error())

    def _end(self, request_id: str, error: ModelsError) -> None:
        self._forget(request_id)
        self.failed.emit(request_id, error)

    def _forget(self, request_id: str) -> None:
        self._under_way.pop(request_id, None)
        self._cancelled.discard(request_id)
        if not self._cancelled:
            self._kill_timer.stop()

    def _kill_after_cancel(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _listen(self) -> None:
        """The worker spoke or was spoken to: its silence begins anew."""
        self._silence.listen(request.op for request in self._under_way.values())
        if not self._under_way:
            self._silence_timer.stop()
        elif not self._silence_timer.isActive():
            self._silence_timer.start()

    def _kill_when_hung(self) -> None:
        if self._silence.is_hung(time.monotonic()) and self._process is not None:
            self._hung_after_ms = round(self._silence.silent_s * 1000)
            self._process.kill()

    def _start_failed(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._ended(None)

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        # On POSIX Qt gives the signal's number; written negative, as Python's subprocess does.
        by_signal = status is QProcess.ExitStatus.CrashExit and os.name == "posix"
        self._ended(-code if by_signal else code)

    def _ended(self, exit_code: int | None) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
        was_cancel = bool(self._cancelled)
        self._kill_timer.stop()
        under_way, self._under_way = tuple(self._under_way), {}
        self._listen()
        cancelled, self._cancelled = self._cancelled, set()
        hung_after_ms, self._hung_after_ms = self._hung_after_ms, 0
        self._hangs += bool(hung_after_ms)
        if hung_after_ms:
            self.end_error = WorkerTimeoutError(self.worker, hung_after_ms)
        else:
            self.end_error = WorkerCrashedError(self.worker, exit_code)
        self._crashes = 0 if was_cancel else self._crashes + 1
        gives_up = self._crashes >= MAX_CRASHES_IN_A_ROW or self._hangs >= MAX_HANGS_IN_A_ROW
        if not gives_up:
            self._restart_timer.start(0 if was_cancel else RESTART_AFTER_MS * self._crashes)
        self._set_state(ProcessState.GIVEN_UP if gives_up else ProcessState.STOPPED)
        if not was_cancel:
            self.crashed.emit(exit_code)
        for request_id in under_way:
            self.failed.emit(request_id, CancelledError() if request_id in cancelled else self.end_error)

    def _set_state(self, state: ProcessState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)
