"""Long work off the window's thread: progress, an end, and a way to stop it."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from desktop.gui.clients.masking_client import MaskingClient
from models.errors import CancelledError
from models.masking.entities import QUASI_IDENTIFIERS, Span

Find = tuple[int, int, str]
Reply = queue.Queue[Sequence[Span] | Exception]

CLOSE_WAIT_MS: Final = 5_000
KEPT_JOBS: Final = 8
_POLL_S: Final = 0.05
_SHOWN_EVERY: Final = 25


@dataclass(frozen=True)
class Listener:
    """Who is told about a job, always in the window's thread.

    Attributes:
        done: (result).
        failed: (error) also when the person stopped it: then an error that says so.
        progressed: (stage, done, total).
    """

    done: Callable[[Any], None]
    failed: Callable[[Exception], None]
    progressed: Callable[[str, int, int], None] = lambda _stage, _done, _total: None


class Job(QObject):
    """One piece of work in the pool."""

    _progressed = Signal(str, int, int)
    _done = Signal(object)
    _failed = Signal(object)

    def __init__(
        self, work: Callable[[Job], object], listener: Listener, *, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._work, self._listener = work, listener
        self._stop = threading.Event()
        self._is_dropped = False
        self._progressed.connect(self._tell_progress)
        self._done.connect(self._tell_done)
        self._failed.connect(self._tell_failure)

    @property
    def is_cancelled(self) -> bool:
        """Whether it is to stop."""
        return self._stop.is_set()

    def cancel(self) -> None:
        """Stop soon; nothing half-done is left."""
        self._stop.set()

    def drop(self) -> None:
        """Stop soon, and tell nobody about it any more."""
        self._is_dropped = True
        self._stop.set()

    def telling(self, stage: str) -> Callable[[int, int], None]:
        """A progress callback of this stage, for the work."""

        def tell(done: int, total: int) -> None:
            if total <= _SHOWN_EVERY or done % _SHOWN_EVERY == 0 or done == total:
                self._progressed.emit(stage, done, total)

        return tell

    def tell(self, stage: str, done: int, total: int) -> None:
        """Tell progress of work that paces its telling itself. Numbers up to 2^31."""
        self._progressed.emit(stage, done, total)

    def work(self) -> None:
        """Do it. Called in the pool's thread."""
        try:
            result = self._work(self)
        except Exception as error:  # noqa: BLE001 - the pool's thread is where bugs are caught
            self._failed.emit(error)
        else:
            self._done.emit(result)

    def _tell_progress(self, stage: str, done: int, total: int) -> None:
        if not self.is_cancelled:
            self._listener.progressed(stage, done, total)

    def _tell_done(self, result: object) -> None:
        if not self._is_dropped:
            self._listener.done(result)

    def _tell_failure(self, error: Exception) -> None:
        if not self._is_dropped:
            self._listener.failed(error)


class _Runner(QRunnable):
    def __init__(self, job: Job) -> None:
        super().__init__()
        self._job = job

    def run(self) -> None:
        """Do the job."""
        self._job.work()


class JobPool(QObject):
    """Runs jobs one after the other."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._jobs: list[Job] = []

    def start(self, work: Callable[[Job], object], listener: Listener) -> Job:
        """Begin with it as soon as those before are done."""
        job = Job(work, listener, parent=self)
        self._jobs = [*self._jobs[-KEPT_JOBS:], job]
        self._pool.start(_Runner(job))
        return job

    def close(self) -> None:
        """Stop everything and wait for it."""
        for job in self._jobs:
            job.drop()
        self._pool.waitForDone(CLOSE_WAIT_MS)


def start_detached(
    work: Callable[[Job], object], listener: Listener, *, name: str, parent: QObject | None = None
) -> Job:
    """Begin in a thread of its own that nobody waits for at the end: for folders that can hang."""
    job = Job(work, listener, parent=parent)
    threading.Thread(target=_work, args=(job,), name=name, daemon=True).start()
    return job


def _work(job: Job) -> None:
    with contextlib.suppress(RuntimeError):  # the window, and the job with it, went away meanwhile
        job.work()


class MaskingFinder(QObject):
    """Lets work in another thread ask the window's own masking process.

    A second process would load the language model once more: seconds, and memory that an office
    terminal does not have.
    """

    _asked = Signal(str, object)

    def __init__(self, masking: MaskingClient, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._masking = masking
        self._replies: dict[str, Reply] = {}
        self._asked.connect(self._ask)
        masking.finds_received.connect(self._take)
        masking.failed.connect(self._fail)

    def finder(self, job: Job, *, with_quasi: bool = False) -> Callable[[str], list[Find]]:
        """A finder for one job; to be called in the job's thread, never in the window's.

        Args:
            job: Whose cancelling ends the wait.
            with_quasi: Also what points to a person only together with other hints (an age, a
                sex). In a template's fixed words it is about nobody; in a draft it is.
        """

        def find(text: str) -> list[Find]:
            reply: Reply = queue.Queue(1)
            self._asked.emit(text, reply)
            while True:
                if job.is_cancelled:
                    raise CancelledError
                try:
                    outcome = reply.get(timeout=_POLL_S)
                except queue.Empty:
                    continue
                if isinstance(outcome, Exception):
                    raise outcome
                return [
                    (span.start, span.end, span.entity_type.value)
                    for span in outcome
                    if with_quasi or span.entity_type not in QUASI_IDENTIFIERS
                ]

        return find

    def _ask(self, text: str, reply: Reply) -> None:
        self._replies[self._masking.analyze(text)] = reply

    def _take(self, call: str, spans: Sequence[Span], _seconds: float) -> None:
        reply = self._replies.pop(call, None)
        if reply is not None:
            reply.put(spans)

    def _fail(self, call: str, error: Exception) -> None:
        reply = self._replies.pop(call, None)
        if reply is not None:
            reply.put(error)
