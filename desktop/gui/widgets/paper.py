"""The document on its paper: streamed into, then corrected by the person, with 「資料に無い」 marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QTextEdit, QWidget

from desktop.gui.theme import Space, Theme
from desktop.gui.theme.tokens import FIELD_PX
from desktop.gui.widgets.offsets import Offsets

CHARACTERS_A_LINE = 42
LINE_HEIGHT = 1.75
ROUNDING_PX = 2


@dataclass(frozen=True)
class Notable:
    """A stretch to look at (code points of the text it was found in)."""

    start: int
    end: int
    tip: str


class Paper(QTextEdit):
    """Plain text on a sheet of 42 characters a line.

    Signals:
        corrected: The person changed the text.
    """

    corrected = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._cursors: list[tuple[QTextCursor, str]] = []
        self.setProperty("role", "paper")
        self.setAcceptRichText(False)
        self.setLineWrapMode(QTextEdit.LineWrapMode.FixedPixelWidth)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # lines wrap
        self.setAccessibleName("下書き")
        self.document().setDocumentMargin(Space.XL)
        self.textChanged.connect(self._changed)
        self._is_ours = False
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def text(self) -> str:
        """The text as it stands."""
        return self.toPlainText()

    def begin(self) -> None:
        """An answer begins: empty, and not to be typed into while it comes."""
        self._is_ours = True
        self.setReadOnly(True)
        self.clear()
        self._cursors = []
        self.setExtraSelections([])
        self._is_ours = False

    def append_text(self, text: str) -> None:
        """Add a piece; the view follows only when it stood at the end."""
        bar = self.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 4
        self._is_ours = True
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text, QTextCharFormat())
        if not self._has_line_height:
            self._set_line_height()
        self._is_ours = False
        if follows:
            bar.setValue(bar.maximum())

    def show_final(self, text: str, notables: Sequence[Notable], *, can_edit: bool = True) -> None:
        """Show the whole text with what is to be looked at; it can be corrected from now on."""
        if self.toPlainText() != text or not self._has_line_height:
            self._is_ours = True
            self.setPlainText(text)
            self._set_line_height()
            self._is_ours = False
            self.document().clearUndoRedoStacks()
        self.setReadOnly(not can_edit)
        self.show_notables(notables)

    def show_notables(self, notables: Sequence[Notable]) -> None:
        """Mark stretches of the text as it stands now."""
        offsets = Offsets(self.toPlainText())
        self._cursors = []
        for notable in notables:
            cursor = QTextCursor(self.document())
            cursor.setPosition(offsets.to_units(notable.start))
            cursor.setPosition(offsets.to_units(notable.end), QTextCursor.MoveMode.KeepAnchor)
            self._cursors.append((cursor, notable.tip))
        self._draw_notables()

    def go_to(self, number: int) -> None:
        """Bring a marked stretch into view and put the cursor there."""
        if 0 <= number < len(self._cursors):
            self.setTextCursor(QTextCursor(self._cursors[number][0]))
            self.ensureCursorVisible()
            self.setFocus()

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        """Keep the sheet at 42 characters, in the middle."""
        super().resizeEvent(event)
        self._center()

    @property
    def _has_line_height(self) -> bool:
        return self.document().firstBlock().blockFormat().lineHeight() > 0

    def _center(self) -> None:
        sheet = QFontMetrics(self._theme.font(FIELD_PX)).horizontalAdvance("国") * CHARACTERS_A_LINE
        sheet += 2 * Space.XL + ROUNDING_PX
        around = 2 * (self.frameWidth() + self.verticalScrollBar().sizeHint().width())
        side = max(0, (self.width() - sheet - around) // 2)
        if self.viewportMargins().left() != side:
            self.setViewportMargins(side, 0, side, 0)
        # Said outright: margins set within a resize leave the lines at the width from before.
        self.setLineWrapColumnOrWidth(min(sheet, self.viewport().width()))

    def _set_line_height(self) -> None:
        form = QTextBlockFormat()
        distance = self._theme.line_distance(FIELD_PX, line_height=LINE_HEIGHT)
        form.setLineHeight(max(0.1, distance), QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value)
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(form)

    def _draw_notables(self) -> None:
        tokens = self._theme.tokens
        selections = []
        for cursor, tip in self._cursors:
            if not cursor.hasSelection():
                continue
            selection = QTextEdit.ExtraSelection()
            selection.cursor = cursor
            form = QTextCharFormat()
            form.setBackground(QColor(tokens.vermilion_tint))
            form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            form.setUnderlineColor(QColor(tokens.vermilion))
            form.setToolTip(tip)
            selection.format = form
            selections.append(selection)
        self.setExtraSelections(selections)

    def _restyle(self) -> None:
        self.setFont(self._theme.font(FIELD_PX))
        self.document().setDefaultFont(self._theme.font(FIELD_PX))
        self._center()
        self._draw_notables()

    def _changed(self) -> None:
        if not self._is_ours:
            self.corrected.emit()
