"""A line about work that runs: what it is, how far it is, and a button that stops it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from desktop.gui.theme import IconName, Space, Theme
from desktop.gui.widgets.text import button, label, wear_icon


class BusyRow(QWidget):
    """Hidden while nothing runs.

    Signals:
        stop_requested: The person pressed 「止める」.
    """

    stop_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._words = label("", "caption")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("進み")
        self.stop_button = button("止める", "stop")
        wear_icon(self.stop_button, theme, IconName.STOP, tone="vermilion")
        self.stop_button.clicked.connect(self.stop_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.M)
        row.addWidget(self._words)
        row.addWidget(self._bar, 1)
        row.addWidget(self.stop_button)
        self.hide()

    @property
    def words(self) -> str:
        """What it says."""
        return self._words.text()

    def say(self, words: str) -> None:
        """What runs; how far is not known (yet)."""
        self._words.setText(words)
        self._bar.setRange(0, 0)

    def show_progress(self, words: str, done: int, total: int) -> None:
        """What runs, and how far it is."""
        self._words.setText(words)
        self._bar.setRange(0, max(1, total))
        self._bar.setValue(done)
