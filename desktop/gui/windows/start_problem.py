"""What is shown when there can be no window: one sentence and a button."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from desktop.gui.messages import Notice
from desktop.gui.widgets.confirm import PlainDialog
from desktop.gui.widgets.text import button


def problem_dialog(notice: Notice) -> PlainDialog:
    """Says why the program does not start."""
    close = button("閉じる", "primary")
    dialog = PlainDialog(notice.title, notice.what, (close,))
    close.clicked.connect(dialog.accept)
    return dialog


def show_start_problem(notice: Notice) -> None:
    """Say why the program does not start, where there is somebody to read it."""
    if QGuiApplication.platformName() not in ("offscreen", "minimal"):
        problem_dialog(notice).exec()
