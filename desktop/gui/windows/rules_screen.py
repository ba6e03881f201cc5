"""利用ルール: the municipality's rules of use, shown at the first run and at each change."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument, QTextFormat
from PySide6.QtWidgets import QHBoxLayout, QTextBrowser, QWidget

from desktop.gui.theme import Space, Theme
from desktop.gui.theme.tokens import FIELD_PX
from desktop.gui.widgets.screen import Screen
from desktop.gui.widgets.text import measured

SHEET_PX = 820


def digest_of(guideline: str) -> str:
    """What the person agreed to, in short: another text needs another reading."""
    return hashlib.sha256(guideline.encode("utf-8", "replace")).hexdigest()


class RulesScreen(Screen):
    """The text, and 「読みました」 as long as it was not read.

    Signals:
        agreed: The person read it.
    """

    agreed = Signal()
    help_text = "庁内の利用ルールです。内容が変わると、次の起動のときにもう一度表示されます。"

    def __init__(self, theme: Theme, guideline: str) -> None:
        super().__init__(theme, title="利用ルール", back="ホーム", primary="読みました")
        self._guideline = guideline
        self.primary.setText("読みました　Ctrl+Enter")
        self.primary.clicked.connect(self.agreed)
        self.text = QTextBrowser()
        self.text.setOpenLinks(False)
        self.text.setAccessibleName("利用ルール")
        self.text.setProperty("role", "paper")
        measured(self.text, theme, lambda: self.text.setMaximumWidth(theme.px(SHEET_PX)))
        self.text.document().setDocumentMargin(Space.XL)
        row = QHBoxLayout()
        row.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        row.addStretch(1)
        row.addWidget(self.text, 100)
        row.addStretch(1)
        self.body.addLayout(row)
        theme.changed.connect(self._restyle)
        self._restyle()

    def ask(self, *, is_read: bool) -> None:
        """Show it for reading, or for looking it up again."""
        self.footer.setVisible(not is_read)
        self.back_button.setVisible(is_read)

    def entered(self) -> None:
        """The keyboard in the text, for scrolling."""
        self.text.setFocus()

    def go_back(self) -> None:
        """Back is possible once it was read."""
        if self.back_button.isVisibleTo(self):
            super().go_back()

    def panes(self) -> Sequence[QWidget]:
        """Text and button."""
        return (self.text, self.primary)

    def _restyle(self) -> None:
        self.text.document().setDefaultFont(self.theme.font(FIELD_PX))
        self.text.setMarkdown(self._guideline)
        _set_in_japanese(self.text.document(), self.theme.line_distance(FIELD_PX, line_height=1.7))


def _set_in_japanese(document: QTextDocument, distance: float) -> None:
    """Room between lines and above headings: Markdown's own look is too tight for Japanese."""
    cursor = QTextCursor(document)
    block = document.begin()
    while block.isValid():
        form = block.blockFormat()
        level = form.headingLevel()
        if distance:
            form.setLineHeight(distance, QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value)
        form.setTopMargin(Space.L if level > 1 else 0)
        form.setBottomMargin(Space.S if level == 1 else 0)
        cursor.setPosition(block.position())
        cursor.setBlockFormat(form)
        if level:
            cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
            letters = QTextCharFormat()
            letters.setProperty(QTextFormat.Property.FontSizeAdjustment, 1 if level == 1 else 0)
            cursor.mergeCharFormat(letters)
        block = block.next()
