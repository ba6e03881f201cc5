"""Small dialogs in the window's own look: the question before what cannot be undone, and a plain notice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.gui.theme import Space
from desktop.gui.widgets.text import button, label

WIDTH_PX = 520
LETTERS_A_LINE = 36


class PlainDialog(QDialog):
    """A heading, a few sentences, buttons at the right.

    Args:
        title: The heading.
        what: The sentences.
        buttons: From left to right; the first has the keyboard.
        parent: The window that asks.
    """

    def __init__(
        self, title: str, what: str, buttons: Sequence[QPushButton], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("起案")
        self.setAccessibleName(title)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        self.column.setSpacing(Space.M)
        self.column.addWidget(label(title, "heading", wraps=True))
        self.column.addWidget(label(what, wraps=True))
        self.column.addSpacing(Space.S)
        row = QHBoxLayout()
        row.addStretch(1)
        for made in buttons:
            row.addWidget(made)
        self.column.addLayout(row)
        buttons[0].setDefault(True)
        buttons[0].setFocus()

    def showEvent(self, event: QShowEvent, /) -> None:
        """As high as its sentences need: Qt does not ask a dialog's labels for that."""
        width = max(WIDTH_PX, self.fontMetrics().horizontalAdvance("国") * LETTERS_A_LINE)
        self.setFixedSize(width, self.column.totalHeightForWidth(width))
        super().showEvent(event)


class ConfirmDialog(PlainDialog):
    """Names what will be gone; the safe answer has the keyboard.

    Args:
        parent: The screen that asks.
        title: The question.
        what: What will be gone, and whether it is kept anywhere.
        action: What the button of no return says.
    """

    def __init__(self, parent: QWidget, *, title: str, what: str, action: str) -> None:
        self.no: QPushButton = button("やめる")
        self.yes: QPushButton = button(action, "stop")
        super().__init__(title, what, (self.no, self.yes), parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.no.clicked.connect(self.reject)
        self.yes.clicked.connect(self.accept)


def confirm(
    parent: QWidget, *, title: str, what: str, action: str, on_yes: Callable[[], None]
) -> ConfirmDialog:
    """Ask; `on_yes` runs when the person says yes."""
    dialog = ConfirmDialog(parent, title=title, what=what, action=action)
    dialog.accepted.connect(on_yes)
    dialog.open()
    return dialog
