"""Below the draft: chips for the usual changes, and a place to write another one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from desktop.gui.controllers.follow_ups import FollowUp
from desktop.gui.theme import Space, Theme
from desktop.gui.widgets.flow_layout import FlowLayout
from desktop.gui.widgets.text import button, measured

HEIGHT_PX = 58


class FollowUpBox(QWidget):
    """Asks for a change of the draft.

    Signals:
        fixed_asked: (request) one of the program's own.
        typed_asked: The written one; it is masked and reviewed first.
        typed: (text) what is being written.

    Args:
        theme: The look.
        follow_ups: What the chips ask.
    """

    fixed_asked = Signal(str)
    typed_asked = Signal()
    typed = Signal(str)

    def __init__(self, theme: Theme, follow_ups: Sequence[FollowUp]) -> None:
        super().__init__()
        self._is_open = False
        self.chips: list[QPushButton] = []
        flow = FlowLayout(spacing=Space.S)
        for follow_up in follow_ups:
            chip = self._chip(flow, follow_up.label)
            chip.clicked.connect(lambda _=False, r=follow_up.request: self.fixed_asked.emit(r))
        self._chip(flow, "聞き方を変える").clicked.connect(self._write)
        self.edit = QPlainTextEdit()
        self.edit.setTabChangesFocus(True)
        measured(self.edit, theme, lambda: self.edit.setFixedHeight(theme.px(HEIGHT_PX)))
        self.edit.setPlaceholderText("ほかの直し方を書く（例: 持ち物を箇条書きにしてください）")
        self.edit.setAccessibleName("直し方")
        self.edit.textChanged.connect(self._changed)
        self.ask_button = button("頼む", name="書いた直し方を、マスキングを確かめてから頼む")
        self.ask_button.setToolTip("書いた文は、マスキングを確かめてから渡します（Ctrl+Enter）")
        self.ask_button.clicked.connect(self.typed_asked)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self.edit, 1)
        row.addWidget(self.ask_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addLayout(flow)
        column.addLayout(row)

    @property
    def text(self) -> str:
        """What was written."""
        return self.edit.toPlainText()

    def set_text(self, text: str) -> None:
        """Put a text in."""
        self.edit.setPlainText(text)

    def set_open(self, is_open: bool) -> None:
        """Whether something can be asked now."""
        self._is_open = is_open
        for chip in self.chips:
            chip.setEnabled(is_open)
        self.edit.setEnabled(is_open)
        self.ask_button.setEnabled(is_open and bool(self.text.strip()))

    def press(self) -> bool:
        """Ctrl+Enter while it is written in: ask. False when the keyboard is elsewhere."""
        if self.edit.hasFocus() and self.ask_button.isEnabled():
            self.ask_button.click()
            return True
        return False

    def _chip(self, flow: FlowLayout, words: str) -> QPushButton:
        chip = button(words, "chip")
        self.chips.append(chip)
        flow.addWidget(chip)
        return chip

    def _write(self) -> None:
        self.edit.setFocus()

    def _changed(self) -> None:
        self.set_open(self._is_open)
        self.typed.emit(self.text)
