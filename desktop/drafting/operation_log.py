"""The operation log: what IT reads when a terminal misbehaves. Codes, versions, numbers and times; no text.

One file with four older ones beside it (`logs/kian.log`), written by the window alone, which is the only one
on a data folder. A value that is not a plain word or a number is written as `?`, so that no text, no path and
no file name can get in by mistake. A full disk must not disturb the work: a line is lost then.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from desktop.drafting.errors import DraftingError
from models.errors import ModelsError
from prompts.errors import PromptsError

FILE_NAME: Final = "kian.log"
LIMIT_BYTES: Final = 256 * 1024
OLDER_FILES: Final = 4

_PLAIN: Final = re.compile(r"[A-Za-z0-9_.:,+-]{1,400}")
_FIELDS: Final = frozenset(
    {"reason", "worker", "status", "exit_code", "timeout_ms", "needed_bytes", "free_bytes"}
)
"""Fields of errors that are numbers or words of ours in every class that has them."""

_log = logging.getLogger("kian.operation")
_log.addHandler(logging.NullHandler())
_log.setLevel(logging.INFO)


class Happening(StrEnum):
    """What a line tells; the handbook explains each."""

    STARTED = "started"
    ENDED = "ended"
    START_REFUSED = "start_refused"
    POLICY_REFUSED = "policy_refused"
    START_PROBLEM = "start_problem"
    WORKER_READY = "worker_ready"
    WORKER_CRASHED = "worker_crashed"
    FAILED = "failed"
    BUG = "bug"


class _QuietFile(RotatingFileHandler):
    """A log file whose own trouble is nobody's."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Lose the line."""


@contextmanager
def operation_log(folder: Path) -> Iterator[None]:
    """Write what happens into `folder` while the block lasts."""
    handler = _QuietFile(
        folder / FILE_NAME, maxBytes=LIMIT_BYTES, backupCount=OLDER_FILES, encoding="ascii", delay=True
    )
    form = logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S%z")
    handler.setFormatter(form)
    _log.addHandler(handler)
    try:
        yield
    finally:
        _log.removeHandler(handler)
        handler.close()


def note(happening: Happening, *, is_trouble: bool = False, **values: str | int) -> None:
    """Write one line: what happened, and plain words and numbers about it."""
    parts = [happening.value, *(f"{name}={_plain(value)}" for name, value in values.items())]
    _log.log(logging.ERROR if is_trouble else logging.INFO, " ".join(parts))


def note_error(happening: Happening, error: Exception) -> None:
    """Write one line about an error: its code where it is one of ours, its type where it is a bug."""
    if isinstance(error, DraftingError | ModelsError | PromptsError):
        fields = {
            name: value
            for name, value in error.fields().items()
            if name in _FIELDS and isinstance(value, str | int)
        }
        note(happening, is_trouble=True, code=error.code, **fields)
    else:
        note(happening, is_trouble=True, type=type(error).__name__)


def note_bug(report: str) -> None:
    """Write a crash report, which holds types, modules and lines, as one line."""
    places = ",".join(re.sub(r"\s+", ":", line.strip()) for line in report.splitlines())
    note(Happening.BUG, is_trouble=True, at=re.sub(r"[^A-Za-z0-9_.:,-]", "", places)[-400:])


def _plain(value: str | int) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else "?"
