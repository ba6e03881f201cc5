"""A second start of the program, told to the open window."""

from __future__ import annotations

from PySide6.QtCore import QFileSystemWatcher, QObject, Signal

from desktop.drafting.handover import Handover


class Arrivals(QObject):
    """Watches the handover folder.

    Signals:
        arrived: (paths) to be previewed; none where the program was just started again.
    """

    arrived = Signal(object)

    def __init__(self, handover: Handover, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._handover = handover
        self._watcher = QFileSystemWatcher([str(handover.folder)], self)
        self._watcher.directoryChanged.connect(lambda _: self.look())

    def look(self) -> None:
        """Take what was left."""
        paths = self._handover.take()
        if paths is not None:
            self.arrived.emit(paths)
