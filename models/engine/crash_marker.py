"""A note on disk while llama.cpp works, so that a model that killed the engine is not tried again by itself.

An illegal instruction or the system's out-of-memory killer ends the process without a word. What is
left is this note: the next load of the same file finds it and refuses, until a person asks again.

While a GPU is at work the note is of the GPU instead, for its driver is the likelier cause: the processor then
does the work for a week, whatever the model, and after that (drivers are updated) the GPU is tried again.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

import psutil

from models.errors import ModelQuarantinedError

_SUFFIX: Final = ".working"
_GPU: Final = "gpu"
_GPU_RESTS_S: Final = 7 * 86_400


class CrashMarker:
    """The notes in one folder, one per model file and process."""

    def __init__(self, folder: Path | None) -> None:
        """Use a folder; without one nothing is noted."""
        self._folder = folder
        self._note: Path | None = None

    def working_on(self, model: Path) -> AbstractContextManager[None]:
        """Note that llama.cpp works on `model`; the note goes when the block ends, however it ends."""
        return self._noted(_identity(model))

    def working_on_gpu(self) -> AbstractContextManager[None]:
        """The same while a GPU takes part."""
        return self._noted(_GPU)

    def opening_gpu(self) -> AbstractContextManager[None]:
        """The same while a GPU's driver is opened, a matter of moments: who ends a process then has seen it hang."""
        return self._noted(_GPU, can_be_withdrawn=False)

    @contextmanager
    def _noted(self, identity: str, *, can_be_withdrawn: bool = True) -> Iterator[None]:
        if self._folder is None:
            yield
            return
        own = psutil.Process()
        note = self._folder / f"{identity}-{own.pid}{_SUFFIX}"
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            note.write_text(f"{own.pid} {own.create_time()}", "ascii")
        self._note = note if can_be_withdrawn else None
        try:
            yield
        finally:
            _delete(note)

    def check(self, model: Path) -> None:
        """See that no earlier process died while it worked on `model`.

        Raises:
            ModelQuarantinedError: One did.
        """
        if any(not _is_running(note) for note in self._notes(_identity(model))):
            raise ModelQuarantinedError(file_name=model.name, exit_code=None)

    def forgive(self, model: Path) -> None:
        """Forget the dead: a person asked for the model again, or killed the process on purpose."""
        self._forget(_identity(model))

    def forgive_gpu(self) -> None:
        """Forget the dead: a person wants to know whether the GPU works now."""
        self._forget(_GPU)

    def withdraw(self) -> None:
        """Delete the note of the work under way: whoever ends this process now does so on purpose."""
        if self._note is not None:
            _delete(self._note)

    def lets_gpu_rest(self) -> bool:
        """Whether an earlier process died at work with a GPU, in the last week; older notes are deleted."""
        dead = [note for note in self._notes(_GPU) if not _is_running(note)]
        for note in dead:
            if _age_s(note) > _GPU_RESTS_S:
                _delete(note)
        return any(note.exists() for note in dead)

    def _forget(self, identity: str) -> None:
        for note in self._notes(identity):
            if not _is_running(note):
                _delete(note)

    def _notes(self, identity: str) -> list[Path]:
        if self._folder is None:
            return []
        return list(self._folder.glob(f"{identity}-*{_SUFFIX}"))


def _is_running(note: Path) -> bool:
    """Whether the process that wrote the note still runs (and is not another with its number)."""
    try:
        pid, created = note.read_text("ascii").split()
        return psutil.Process(int(pid)).create_time() == float(created)
    except FileNotFoundError:
        return True  # it ended well just now
    except (OSError, ValueError, psutil.Error):
        return False


def _delete(note: Path) -> None:
    with contextlib.suppress(OSError):
        note.unlink(missing_ok=True)


def _age_s(note: Path) -> float:
    try:
        return time.time() - note.stat().st_mtime
    except OSError:
        return 0.0


def _identity(model: Path) -> str:
    """Digest of what tells this very file from others, without its name."""
    try:
        status = model.stat()
        state = f"{status.st_size}\x00{status.st_mtime_ns}"
    except OSError:
        state = ""
    whole = f"{model.absolute()}\x00{state}"
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:24]
