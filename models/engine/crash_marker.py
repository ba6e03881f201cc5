"""A note on disk while llama.cpp works, so that a model that killed the engine is not tried again by itself.

An illegal instruction or the system's out-of-memory killer ends the process without a word. What is
left is this note: the next load of the same file finds it and refuses, until a person asks again.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil

from models.errors import ModelQuarantinedError

_SUFFIX: Final = ".working"


class CrashMarker:
    """The notes in one folder, one per model file and process."""

    def __init__(self, folder: Path | None) -> None:
        """Use a folder; without one nothing is noted."""
        self._folder = folder

    @contextmanager
    def working_on(self, model: Path) -> Iterator[None]:
        """Note that llama.cpp works on `model`; the note goes when the block ends, however it ends."""
        if self._folder is None:
            yield
            return
        own = psutil.Process()
        note = self._folder / f"{_identity(model)}-{own.pid}{_SUFFIX}"
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            note.write_text(f"{own.pid} {own.create_time()}", "ascii")
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                note.unlink(missing_ok=True)

    def check(self, model: Path) -> None:
        """See that no earlier process died while it worked on `model`.

        Raises:
            ModelQuarantinedError: One did.
        """
        if any(not _is_running(note) for note in self._notes(model)):
            raise ModelQuarantinedError(file_name=model.name, exit_code=None)

    def forgive(self, model: Path) -> None:
        """Forget the dead: a person asked for the model again, or killed the process on purpose."""
        for note in self._notes(model):
            if not _is_running(note):
                with contextlib.suppress(OSError):
                    note.unlink(missing_ok=True)

    def _notes(self, model: Path) -> list[Path]:
        if self._folder is None:
            return []
        return list(self._folder.glob(f"{_identity(model)}-*{_SUFFIX}"))


def _is_running(note: Path) -> bool:
    """Whether the process that wrote the note still runs (and is not another with its number)."""
    try:
        pid, created = note.read_text("ascii").split()
        return psutil.Process(int(pid)).create_time() == float(created)
    except FileNotFoundError:
        return True  # it ended well just now
    except (OSError, ValueError, psutil.Error):
        return False


def _identity(model: Path) -> str:
    """Digest of what tells this very file from others, without its name."""
    try:
        status = model.stat()
        state = f"{status.st_size}\x00{status.st_mtime_ns}"
    except OSError:
        state = ""
    whole = f"{model.absolute()}\x00{state}"
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:24]
