"""What all screens share: a header with the way back, a place for messages, the primary button."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from desktop.gui.theme import IconName, Space, Theme
from desktop.gui.widgets.banner import Banner
from desktop.gui.widgets.text import button, label, measured, set_tone, wear_icon

HEADER_PX = 56


class Screen(QWidget):
    """One screen of the window.

    The header stands above, the primary button bottom right, always at the same place; the body
    is the subclass's own.

    Signals:
        back_requested: Esc or the button at the top left.

    Attributes:
        banner: The message of the moment; a later one takes its place.
        notices: The place for messages, where a subclass puts one that must stay.
        body: Where the subclass puts its content.
        primary: The button that Ctrl+Enter presses; hidden where a screen has none.
    """

    back_requested = Signal()
    help_text = ""

    def __init__(self, theme: Theme, *, title: str, back: str = "戻る", primary: str = "") -> None:
        super().__init__()
        self.theme = theme
        self.setProperty("role", "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(title)
        self.title_label = label(title, "heading")
        self.back_button = button(back, "back", name=f"{back}（Esc）")
        wear_icon(self.back_button, theme, IconName.BACK)
        self.back_button.clicked.connect(self.go_back)
        self.primary = button(primary, "primary")
        self.primary.setToolTip("Ctrl+Enter")
        self.banner = Banner(theme)
        self.header = self._bar("bar")
        measured(self.header, theme, lambda: self.header.setFixedHeight(theme.px(HEADER_PX)))
        self.header_row = QHBoxLayout(self.header)
        # Less on the left: the button back brings space of its own.
        self.header_row.setContentsMargins(Space.L, Space.S, Space.XL, Space.S)
        self.header_row.setSpacing(Space.M)
        self.header_row.addWidget(self.back_button)
        self.header_row.addWidget(self.title_label)
        self.header_row.addStretch(1)
        self.footer = self._bar("footer")
        self.footer_row = QHBoxLayout(self.footer)
        self.footer_row.setContentsMargins(Space.XL, Space.M, Space.XL, Space.M)
        self.footer_row.setSpacing(Space.S)
        self.footer_row.addStretch(1)
        self.footer_row.addWidget(self.primary)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        self.notices = QVBoxLayout()
        self.notices.setContentsMargins(Space.XL, Space.M, Space.XL, 0)
        self.notices.setSpacing(Space.S)
        self.notices.addWidget(self.banner)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addLayout(self.notices)
        column.addLayout(self.body, 1)
        column.addWidget(self.footer)
        self.footer.setVisible(bool(primary))
        # Qt binds redo to Ctrl+Shift+Z on Linux; offices know Ctrl+Y.
        again = QShortcut(QKeySequence("Ctrl+Y"), self)
        again.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        again.activated.connect(self.redo)

    def redo(self) -> None:
        """Ctrl+Y: do again what was taken back in the field with the keyboard."""
        field = QApplication.focusWidget()
        if isinstance(field, (QLineEdit, QPlainTextEdit, QTextEdit)):
            field.redo()

    def panes(self) -> Sequence[QWidget]:
        """What F6 goes through."""
        return ()

    def entered(self) -> None:
        """The screen came to the front: put the focus where the work begins."""

    def go_back(self) -> None:
        """One step back; a screen that has something to close first overrides it."""
        self.back_requested.emit()

    def press_primary(self) -> bool:
        """Press the primary button; False where it cannot be pressed now."""
        if self.primary.isVisible() and self.primary.isEnabled():
            self.primary.click()
            return True
        return False

    def next_pane(self, *, backwards: bool = False) -> None:
        """Move the focus to the next pane (F6)."""
        panes = [pane for pane in self.panes() if pane.isVisible() and pane.isEnabled()]
        if not panes:
            return
        here = [i for i, pane in enumerate(panes) if pane.hasFocus() or pane.isAncestorOf(_focus(pane))]
        step = -1 if backwards else 1
        target = panes[(here[0] + step) % len(panes)] if here else panes[0]
        target.setFocus(Qt.FocusReason.TabFocusReason)

    def tone_primary(self, role: str) -> None:
        """Give the primary button another role of the style sheet."""
        set_tone(self.primary, role=role)

    def _bar(self, role: str) -> QFrame:
        bar = QFrame()
        bar.setProperty("role", role)
        return bar


def _focus(widget: QWidget) -> QWidget:
    """The widget with the focus, or `widget` itself."""
    return widget.window().focusWidget() or widget
