"""A message in the screen's own place: what happened, what to do, one button."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop.gui.theme import IconName, Space, Theme, icon
from desktop.gui.widgets.text import button, icon_button, label, set_tone

TONE_ICONS = {"vermilion": IconName.WARNING, "amber": IconName.INFO, "green": IconName.CHECK}


class Banner(QFrame):
    """Hidden until something has to be said.

    Signals:
        dismissed: The person closed it.
    """

    dismissed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._action: Callable[[], None] | None = None
        self._tone = "vermilion"
        self.setProperty("role", "banner")
        self._icon = QLabel()
        self._title = label("", "section", wraps=True)
        self._what = label("", wraps=True)
        self._button = button("")
        self._close = icon_button(theme, IconName.CLOSE, "この知らせを閉じる")
        words = QVBoxLayout()
        words.setSpacing(Space.XS)
        words.addWidget(self._title)
        words.addWidget(self._what)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.L, Space.M, Space.M, Space.M)
        row.setSpacing(Space.M)
        row.addWidget(self._icon)
        row.addLayout(words, 1)
        row.addWidget(self._button)
        row.addWidget(self._close)
        self._button.clicked.connect(self._act)
        self._close.clicked.connect(self._dismiss)
        theme.changed.connect(self._draw_icon)
        self.hide()

    @property
    def text(self) -> str:
        """Everything it says now; empty while hidden."""
        return f"{self._title.text()}\n{self._what.text()}" if not self.isHidden() else ""

    @property
    def action_button(self) -> QWidget:
        """The one button."""
        return self._button

    def say(
        self,
        title: str,
        what: str = "",
        *,
        tone: str = "vermilion",
        action: str = "",
        on_action: Callable[[], None] | None = None,
        can_close: bool = True,
    ) -> None:
        """Show a message.

        Args:
            title: What happened.
            what: What it means and what to do.
            tone: `vermilion` (look here), `amber` (notice) or `green` (done).
            action: The button's text; no button when empty.
            on_action: What the button does; the banner closes first.
            can_close: Whether the person may close it.
        """
        self._tone, self._action = tone, on_action
        self._title.setText(title)
        self._what.setText(what)
        self._what.setVisible(bool(what))
        self._button.setText(action)
        self._button.setVisible(bool(action))
        self._button.setAccessibleName(action)
        self._close.setVisible(can_close)
        self.setAccessibleName(f"{title} {what}")
        set_tone(self, tone=tone)
        self._draw_icon()
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def clear(self) -> None:
        """Take the message away."""
        self._action = None
        self.hide()

    def _act(self) -> None:
        action = self._action
        self.clear()
        if action is not None:
            action()

    def _dismiss(self) -> None:
        self.clear()
        self.dismissed.emit()

    def _draw_icon(self) -> None:
        tokens = self._theme.tokens
        side = self._theme.px(20)
        color = str(getattr(tokens, self._tone))
        self._icon.setPixmap(icon(TONE_ICONS[self._tone], color).pixmap(side, side))
