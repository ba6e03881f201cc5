"""Whether an input method is composing: while it is, no shortcut of ours may fire."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication


class ImeWatch(QObject):
    """Watches the application's input-method events.

    Return and Ctrl+Return belong to the input method while it shows a preedit string; some input
    methods pass the key on all the same.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_composing = False
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    @property
    def is_composing(self) -> bool:
        """Whether characters are being composed."""
        return self._is_composing

    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        """Looks only; never keeps an event."""
        kind = event.type()
        if kind == QEvent.Type.InputMethod and isinstance(event, QInputMethodEvent):
            self._is_composing = bool(event.preeditString())
        elif kind in (QEvent.Type.FocusOut, QEvent.Type.WindowDeactivate):
            self._is_composing = False
        return False
