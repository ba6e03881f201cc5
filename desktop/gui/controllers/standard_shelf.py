"""The shelf 庁内標準, kept current while the window is open."""

from __future__ import annotations

import datetime
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.gui.controllers.jobs import Job, Listener, start_detached
from desktop.gui.controllers.parts import RefreshShelf
from prompts.sharing import ShelfRefresh

INTERVAL_MS: Final = 10 * 60 * 1000


class StandardShelf(QObject):
    """Looks at the shared folder now and every ten minutes, off the window's thread.

    Signals:
        shown: (words, is_reachable) what to say about the shelf; empty where IT set none.
        changed: The library holds other templates now.

    Args:
        refresh: Brings the shelf to what the folder holds; may block for half a minute.
        parent: Qt's owner.
    """

    shown = Signal(str, bool)
    changed = Signal()

    def __init__(self, refresh: RefreshShelf, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._refresh = refresh
        self._job: Job | None = None
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Look now, and again every ten minutes."""
        self._timer.start()
        self.look()

    def look(self) -> None:
        """Look at the folder, unless a look still waits for it."""
        if self._job is not None:
            return
        refresh = self._refresh
        # Not a pool's thread: those are waited for at the end, and a share that is down can hang.
        self._job = start_detached(lambda _job: refresh(), Listener(self._take, self._fail), name="shelf")

    def stop(self) -> None:
        """No more looks; one that hangs is not waited for."""
        self._timer.stop()
        if self._job is not None:
            self._job.drop()

    def _take(self, outcome: ShelfRefresh | None) -> None:
        self._job = None
        if outcome is None:
            self.shown.emit("", True)
            return
        self.shown.emit(shelf_words(outcome), outcome.is_reachable)
        if outcome.is_changed:
            self.changed.emit()

    def _fail(self, _error: Exception) -> None:
        """The library could not be written just now: the copy from before stays, the next look tries again."""
        self._job = None
        self.shown.emit("庁内標準：更新できませんでした。前回の内容を使います。", False)


def shelf_words(outcome: ShelfRefresh) -> str:
    """Where the shelf stands, in one line."""
    at = _moment(outcome.last_contact)
    if not outcome.is_reachable:
        return f"庁内標準：届きません（最終確認 {at or '記録なし'}）"
    left_out = f"　取り込めないファイル {len(outcome.rejected)}" if outcome.rejected else ""
    return f"庁内標準：最終確認 {at}{left_out}"


def _moment(iso: str) -> str:
    if not iso:
        return ""
    at = datetime.datetime.fromisoformat(iso).astimezone()
    return f"{at.month}月{at.day}日 {at:%H:%M}"
