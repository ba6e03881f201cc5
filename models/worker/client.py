"""The blocking client of a worker process, for the terminal and for tests.

The window uses `desktop.gui.clients`, which speaks the same frames over a QProcess.
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final

from models.errors import ProtocolError, WorkerCrashedError, WorkerTimeoutError
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
from models.worker.silence import ALIVE, SilenceWatch

START_TIMEOUT_MS: Final = 120_000
KILL_AFTER_MS: Final = 2_000
_READ_BYTES: Final = 65536


class BlockingClient:
    """Calls a worker and waits. Starts the process at the first call and again after a crash.

    Args:
        worker: `masking` or `engine`.
        command: Another command line, for tests that bring their own worker.
        silence: How long it may be silent while it reads or writes.
    """

    def __init__(
        self, worker: str, *, command: Sequence[str] | None = None, silence: SilenceWatch | None = None
    ) -> None:
        self._worker = worker
        self._command = list(command or worker_command(worker))
        self._process: subprocess.Popen[bytes] | None = None
        self._pump: threading.Thread | None = None
        self._frames: queue.Queue[Frame | ProtocolError | None] = queue.Queue()
        self._ids = itertools.count(1)
        self._silence = silence or SilenceWatch()
        self.restarts = 0

    def __enter__(self) -> BlockingClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Process id while the worker runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def call(
        self,
        op: str,
        params: Json | None = None,
        *,
        on_event: Callable[[Event], None] | None = None,
        is_cancelled: Callable[[], bool] | None = None,
        timeout_ms: int | None = None,
    ) -> Json:
        """One request, one result.

        Args:
            op: The handler's name.
            params: Its parameters.
            on_event: Called with every event on the way.
            is_cancelled: Asked several times a second; True sends a cancel.
            timeout_ms: Longest wait for the result; None waits for ever.

        Raises:
            ModelsError: Whatever the worker answered, as its own class.
            WorkerCrashedError: The process ended meanwhile; the next call starts a new one.
            WorkerTimeoutError: No result in time, none after a cancel, or no sign of life while reading
                or writing; the process was killed.
        """
        process = self._running()
        request = Request(str(next(self._ids)), op, params or {})
        self._write(process, request)
        self._silence.listen([op])
        deadline = None if timeout_ms is None else time.monotonic() + timeout_ms / 1000
        cancel_deadline: float | None = None
        while True:
            now = time.monotonic()
            if is_cancelled is not None and cancel_deadline is None and is_cancelled():
                self._write(process, Cancel(request.id))
                cancel_deadline = now + KILL_AFTER_MS / 1000
            for limit in (deadline, cancel_deadline):
                if limit is not None and now > limit:
                    self._kill()
                    raise WorkerTimeoutError(self._worker, timeout_ms or KILL_AFTER_MS)
            if self._silence.is_hung(now):
                self._kill()
                raise WorkerTimeoutError(self._worker, round(self._silence.silent_s * 1000))
            try:
                frame = self._frames.get(timeout=0.05)
            except queue.Empty:
                continue
            self._silence.listen([op])
            if frame is None or isinstance(frame, ProtocolError):
                self._kill()
                raise frame or WorkerCrashedError(self._worker, process.wait())
            if isinstance(frame, Event) and frame.id == request.id and on_event is not None:
                if frame.name != ALIVE:
                    on_event(frame)
            elif isinstance(frame, Result) and frame.id == request.id:
                return frame.payload
            elif isinstance(frame, Failure) and frame.id == request.id:
                raise frame.to_error()

    def close(self) -> None:
        """Close the pipe, which ends the worker; kill it when it does not go."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        try:
            process.wait(KILL_AFTER_MS / 1000)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._close_stdout(process)

    def _close_stdout(self, process: subprocess.Popen[bytes]) -> None:
        """Close the pipe after its reader is done with it.

        Closed under the reader, the file descriptor may be that of the next worker's pipe before the
        reader looks again, and it would take that worker's first answer away.
        """
        if self._pump is not None:
            self._pump.join(KILL_AFTER_MS / 1000)
        if process.stdout:
            process.stdout.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        if self._process is not None:
            self.restarts += 1
            self._kill()
        process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=worker_environment(),
            bufsize=0,
        )
        self._process = process
        self._frames = queue.Queue()
        self._pump = threading.Thread(target=_pump, args=(process, self._frames), daemon=True)
        self._pump.start()
        try:
            first = self._frames.get(timeout=START_TIMEOUT_MS / 1000)
        except queue.Empty:
            self._kill()
            raise WorkerTimeoutError(self._worker, START_TIMEOUT_MS) from None
        if not isinstance(first, Ready):
            self._kill()
            raise WorkerCrashedError(self._worker, process.wait())
        return process

    def _write(self, process: subprocess.Popen[bytes], frame: Frame) -> None:
        data = encode(frame)
        try:
            if process.stdin is None:
                raise BrokenPipeError
            view = memoryview(data)
            while view:
                view = view[process.stdin.write(view) :]
        except (BrokenPipeError, ValueError):
            self._kill()
            raise WorkerCrashedError(self._worker, process.wait()) from None

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            if process.stdin:
                process.stdin.close()
            self._close_stdout(process)


def _pump(process: subprocess.Popen[bytes], frames: queue.Queue[Frame | ProtocolError | None]) -> None:
    """Carry frames from the child's stdout into the queue; None marks the end."""
    reader = FrameReader()
    try:
        while process.stdout is not None and (chunk := process.stdout.read(_READ_BYTES)):
            for frame in reader.feed(chunk):
                frames.put(frame)
    except ProtocolError as error:
        frames.put(error)
    except (OSError, ValueError):
        pass  # the pipe was closed under us: the end, like any other
    finally:
        frames.put(None)
