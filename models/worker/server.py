"""The harness of a worker process: one loop, whatever the worker does.

A reader thread takes frames from stdin, so a cancel is heard while a request runs; requests are
answered one at a time in the order of their coming. When stdin closes, the window is gone: what
runs is cancelled and the process ends, so no orphan keeps a model in memory.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from models.errors import CancelledError, ModelsError, ProtocolError
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
from models.worker.silence import ALIVE

_CHUNK_BYTES = 65536
_ALIVE_EVERY_S = 1.0


@dataclass(frozen=True)
class CallContext:
    """What a handler may do while it works."""

    emit: Callable[[str, Json], None]
    is_cancelled: Callable[[], bool]


Handler = Callable[[Json, CallContext], Json]


class WorkerServer:
    """Serves requests from a pipe until it closes.

    Args:
        worker: The worker's name, for `Ready`.
        handlers: What each `op` does.
        source: Where frames come from.
        sink: Where frames go; written by one thread at a time.
        on_stop: Called, from the reader's thread, when a request or the whole process is to end: who waits
            in vain for that will end the process by force.
    """

    def __init__(
        self,
        worker: str,
        handlers: Mapping[str, Handler],
        *,
        source: BinaryIO,
        sink: BinaryIO,
        on_stop: Callable[[], None] | None = None,
    ) -> None:
        self._worker = worker
        self._handlers = handlers
        self._source = source
        self._sink = sink
        self._on_stop = on_stop or (lambda: None)
        self._sink_lock = threading.Lock()
        self._requests: queue.Queue[Request | None] = queue.Queue()
        self._cancelled: set[str] = set()
        self._closed = threading.Event()
        self._last_frame_s = 0.0
        self._working_thread = 0

    def serve(self) -> None:
        """Answer until stdin closes."""
        self._working_thread = threading.get_ident()
        self._send(Ready(self._worker, os.getpid()))
        threading.Thread(target=self._read, name="frames", daemon=True).start()
        while (request := self._requests.get()) is not None:
            self._send(self._answer(request))
            self._cancelled.discard(request.id)

    def _read(self) -> None:
        reader = FrameReader()
        try:
            while chunk := os.read(self._source.fileno(), _CHUNK_BYTES):
                for frame in reader.feed(chunk):
                    if isinstance(frame, Request):
                        self._requests.put(frame)
                    elif isinstance(frame, Cancel):
                        self._cancelled.add(frame.id)
                        self._on_stop()
        except (ProtocolError, OSError):
            # A broken pipe end: there is nobody left to answer. The client sees the exit.
            pass
        finally:
            self._closed.set()
            self._on_stop()
            self._requests.put(None)

    def _answer(self, request: Request) -> Frame:
        context = CallContext(
            emit=lambda name, payload: self._send(Event(request.id, name, payload)),
            is_cancelled=lambda: self._is_cancelled(request.id),
        )
        handler = self._handlers.get(request.op)
        try:
            if handler is None:
                raise ProtocolError("unknown_op")
            if context.is_cancelled():
                raise CancelledError
            return Result(request.id, handler(request.params, context))
        except ModelsError as error:
            return Failure(request.id, error.code, error.fields())
        except MemoryError:
            return Failure(request.id, "not_enough_memory", {"needed_bytes": 0, "free_bytes": 0})
        except Exception as error:  # noqa: BLE001 - the worker's loop is where bugs are caught
            fields: Json = {"worker": self._worker, "exception_type": type(error).__name__}
            return Failure(request.id, "worker_bug", fields)

    def _is_cancelled(self, request_id: str) -> bool:
        """Whether to stop. If the thread that does the work asks, it is alive: told after a second of silence."""
        is_at_work = threading.get_ident() == self._working_thread
        if is_at_work and time.monotonic() - self._last_frame_s > _ALIVE_EVERY_S:
            self._send(Event(request_id, ALIVE, {}))
        return request_id in self._cancelled or self._closed.is_set()

    def _send(self, frame: Frame) -> None:
        self._last_frame_s = time.monotonic()
        try:
            with self._sink_lock:
                self._sink.write(encode(frame))
                self._sink.flush()
        except (BrokenPipeError, ValueError):
            self._closed.set()


def claim_stdin() -> BinaryIO:
    """Keep stdin for the protocol: libraries that look at the standard input see an empty one.

    On Windows a pipe that one thread reads blocks every other thread that as much as asks for its type,
    and C runtimes do that when they are loaded: importing numpy would wait for the next request, for ever.
    """
    private = os.dup(sys.stdin.fileno())
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, sys.stdin.fileno())
    os.close(nothing)
    if sys.platform == "win32":
        import ctypes
        import msvcrt

        # dup2 leaves the system's own idea of the standard input alone (STD_INPUT_HANDLE is -10).
        ctypes.windll.kernel32.SetStdHandle(-10, ctypes.c_void_p(msvcrt.get_osfhandle(sys.stdin.fileno())))
    return os.fdopen(private, "rb", buffering=0)


def claim_stdout() -> BinaryIO:
    """Keep stdout for the protocol: what libraries print from now on goes to stderr.

    llama.cpp and others print with C's stdio, so the file descriptor itself is moved.
    """
    private = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return os.fdopen(private, "wb", buffering=0)
