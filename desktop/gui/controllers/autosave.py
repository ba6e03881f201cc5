"""Autosave: what is typed is on disk, encrypted, within a second, and the typing never waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QRunnable, QThreadPool, QTimer, Signal

from desktop.drafting.records.unsent import UnsentStore
from desktop.gui.controllers.parts import Content

DELAY_MS: Final = 300
"""From the first change to the save. The timer is not pushed back by further changes, so that
somebody who types without a pause is saved too."""


class _SaveJob(QRunnable):
    """One save, off the window's thread."""

    def __init__(self, save: Callable[[], None], outcome: Autosave) -> None:
        super().__init__()
        self._save, self._outcome = save, outcome

    def run(self) -> None:
        """Save; tell how it went."""
        try:
            self._save()
        except Exception as error:  # noqa: BLE001 - the pool's thread is where bugs are caught
            self._outcome.failed.emit(error)
        else:
            self._outcome.saved.emit()


class Autosave(QObject):
    """Saves one draft's content whenever it changed.

    Signals:
        saved: The newest content is on disk.
        failed: (error) it is not; the person must be told.

    Args:
        unsent: Where it goes.
        parent: Qt's owner.
    """

    saved = Signal()
    failed = Signal(object)

    def __init__(self, unsent: UnsentStore, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._unsent = unsent
        self._draft_id = ""
        self._content: Callable[[], Content] | None = None
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self._save)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self.last_saved_at: float | None = None
        self.saved.connect(self._note_time)

    @property
    def is_pending(self) -> bool:
        """Whether a change waits for its save."""
        return self._timer.isActive()

    def follow(self, draft_id: str, content: Callable[[], Content]) -> None:
        """Save this draft from now on; what waited of the one before is saved first."""
        self.flush()
        self._draft_id, self._content = draft_id, content

    def touch(self) -> None:
        """Something changed."""
        if self._content is not None and not self._timer.isActive():
            self._timer.start()

    def flush(self) -> None:
        """Save now what waits, and wait until it is on disk."""
        if self._timer.isActive():
            self._timer.stop()
            self._save()
        self._pool.waitForDone(5_000)

    def forget(self) -> None:
        """Stop following, and remove what was saved of the draft."""
        self._timer.stop()
        self._pool.waitForDone(5_000)
        draft_id, self._draft_id, self._content = self._draft_id, "", None
        if draft_id:
            self._unsent.delete(draft_id)

    def _save(self) -> None:
        if self._content is None:
            return
        draft_id, content = self._draft_id, self._content()
        self._pool.start(_SaveJob(lambda: self._unsent.save(draft_id, content), self))

    def _note_time(self) -> None:
        self.last_saved_at = time.monotonic()
