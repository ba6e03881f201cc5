"""The one question before what cannot be undone."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.gui.theme import Space
from desktop.gui.widgets.text import button, label

WIDTH_PX = 480


class ConfirmDialog(QDialog):
    """Names what will be gone; the safe answer has the keyboard.

    Args:
        parent: The screen that asks.
        title: The question.
        what: What will be gone, and whether it is kept anywhere.
        action: What the button of no return says.
    """

    def __init__(self, parent: QWidget, *, title: str, what: str, action: str) -> None:
        super().__init__(parent)
        self.setWindowTitle("起案")
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(WIDTH_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(label(title, "heading", wraps=True))
        column.addWidget(label(what, wraps=True))
        column.addSpacing(Space.S)
        self.yes: QPushButton = button(action, "stop")
        self.no: QPushButton = button("やめる")
        self.yes.clicked.connect(self.accept)
        self.no.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.no)
        row.addWidget(self.yes)
        column.addLayout(row)
        self.no.setDefault(True)
        self.no.setFocus()


def confirm(
    parent: QWidget, *, title: str, what: str, action: str, on_yes: Callable[[], None]
) -> ConfirmDialog:
    """Ask; `on_yes` runs when the person says yes."""
    dialog = ConfirmDialog(parent, title=title, what=what, action=action)
    dialog.accepted.connect(on_yes)
    dialog.open()
    return dialog
