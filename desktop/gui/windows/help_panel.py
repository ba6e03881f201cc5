"""F1: what this screen is for and which keys work here, at the right edge of the window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.gui.theme import IconName, Space, Theme
from desktop.gui.widgets.screen import Screen
from desktop.gui.widgets.text import icon_button, label

WIDTH_PX = 380


class HelpPanel(QFrame):
    """Lies over the window; F1 or Esc closes it."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._theme, self._over = theme, window
        self.setProperty("role", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("この画面の使い方")
        self._title = label("", "heading")
        self._text = label("", wraps=True)
        close = icon_button(theme, IconName.CLOSE, "使い方を閉じる（Esc）")
        close.clicked.connect(self.hide)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.L, Space.L, Space.XL)
        column.setSpacing(Space.M)
        column.addLayout(head)
        column.addWidget(self._text)
        column.addWidget(
            label("どの画面でも: Ctrl+F 検索　Ctrl+N 自由に書く　F1 この案内", "caption", wraps=True)
        )
        column.addStretch(1)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text()

    def toggle(self, screen: Screen) -> None:
        """Show the help of a screen, or close it."""
        if self.isVisible():
            self.hide()
            return
        self._title.setText(f"{screen.accessibleName()}の使い方")
        self._text.setText(screen.help_text)
        width = self._theme.px(WIDTH_PX)
        self.setGeometry(self._over.width() - width - Space.L, Space.L, width, 0)
        self.adjustSize()
        self.resize(width, max(self.heightForWidth(width), self.sizeHint().height()))
        self.show()
        self.raise_()
