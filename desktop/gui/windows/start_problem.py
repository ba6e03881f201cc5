"""What is shown when there can be no window: one sentence and a button."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox

from desktop.gui.messages import Notice


def show_start_problem(notice: Notice) -> None:
    """Say why the program does not start, where there is somebody to read it."""
    if QGuiApplication.platformName() in ("offscreen", "minimal"):
        return
    box = QMessageBox(QMessageBox.Icon.Warning, "起案", notice.title, QMessageBox.StandardButton.Close)
    box.setInformativeText(notice.what)
    box.exec()
