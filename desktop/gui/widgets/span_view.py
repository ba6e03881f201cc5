"""A text with finds marked in it: tinted, underlined and labelled, smooth at 20,000 characters.

Only what is on the screen is painted, from the document's own layout; nothing is rebuilt when a find
changes. A find is never told by colour alone: it has a label, and its line is solid (masked), dashed
(masked, to be looked at again) or a hollow frame with a stroke through it (left visible).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QTextEdit, QWidget

from desktop.gui.theme import Theme
from desktop.gui.theme.tokens import FIELD_PX, LABEL_PX
from desktop.gui.widgets.offsets import Offsets

TOP_MARGIN_PX = 18
EDGE_PX = 56


@dataclass(frozen=True)
class Mark:
    """One marked stretch of the text shown (offsets in code points).

    Attributes:
        item: Which item of the review it is.
        label: What stands above it.
        group: Its colour group.
        is_masked: Whether it is masked; otherwise it is shown struck, in a hollow frame.
        is_doubtful: Whether it deserves a second look.
    """

    item: int
    start: int
    end: int
    label: str
    group: str
    is_masked: bool = True
    is_doubtful: bool = False


class SpanView(QTextEdit):
    """Shows a text and its marks; takes no text.

    Signals:
        item_chosen: (item) by a click or the keyboard.
        item_opened: (item) by a double click.
        key_typed: (QKeyEvent) a key that the text itself does not need.
        selection_made: (has selection).
        menu_asked: (global position).
    """

    item_chosen = Signal(int)
    item_opened = Signal(int)
    key_typed = Signal(object)
    selection_made = Signal(bool)
    menu_asked = Signal(QPoint)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._marks: tuple[Mark, ...] = ()
        self._starts: list[int] = []
        self._units: list[tuple[int, int]] = []
        self._offsets = Offsets("")
        self._current = -1
        self.setProperty("role", "pane")
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setAcceptRichText(False)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setLineWrapMode(QTextEdit.LineWrapMode.WidgetWidth)
        self.document().setDocumentMargin(TOP_MARGIN_PX)
        self.selectionChanged.connect(lambda: self.selection_made.emit(self.textCursor().hasSelection()))
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks shown."""
        return self._marks

    @property
    def current(self) -> int:
        """The chosen item, or -1."""
        return self._current

    def show_text(self, text: str, marks: Sequence[Mark]) -> None:
        """Show a text and its marks. What is the same as before stays in place, scroll included."""
        old = self.toPlainText()
        if text != old:
            self._replace(old, text)
            if not old:
                self.moveCursor(QTextCursor.MoveOperation.Start)
        self._offsets = Offsets(text)
        self.show_marks(marks)

    def show_marks(self, marks: Sequence[Mark]) -> None:
        """Show other marks in the same text."""
        self._marks = tuple(sorted(marks, key=lambda mark: mark.start))
        self._units = [
            (self._offsets.to_units(mark.start), self._offsets.to_units(mark.end)) for mark in self._marks
        ]
        self._starts = [start for start, _ in self._units]
        self.viewport().update()

    def choose(self, item: int, *, scrolls: bool = True) -> None:
        """Put the frame around an item and bring it into view."""
        self._current = item
        index = next((i for i, mark in enumerate(self._marks) if mark.item == item), None)
        if index is not None and scrolls:
            cursor = QTextCursor(self.document())
            cursor.setPosition(self._units[index][0])
            self.setTextCursor(cursor)
            self._bring_into_view()
        self.viewport().update()

    def selected_range(self) -> tuple[int, int] | None:
        """The selection in code points, or None."""
        cursor = self.textCursor()
        if not cursor.hasSelection():
            return None
        return (
            self._offsets.to_points(cursor.selectionStart()),
            self._offsets.to_points(cursor.selectionEnd()),
        )

    def mark_at(self, point: QPoint) -> int | None:
        """Index of the mark under a point of the viewport."""
        for index, rect in self._visible_rects():
            if rect.adjusted(-1, -self._theme.px(LABEL_PX) - 2, 1, 3).contains(QPointF(point)):
                return index
        return None

    # --- Qt -----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent, /) -> None:
        """Marks first, the text over them."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        label_font = self._theme.font(LABEL_PX)
        painter.setFont(label_font)
        metrics = QFontMetricsF(label_font)
        rects = list(self._visible_rects())
        labelled: set[int] = set()
        for number, (index, rect) in enumerate(rects):
            self._paint_mark(painter, self._marks[index], rect)
            if index in labelled:
                continue
            labelled.add(index)
            following = rects[number + 1][1] if number + 1 < len(rects) else None
            room = self._label_room(rect, following)
            self._paint_label(painter, metrics, self._marks[index], rect=rect, room=room)
        painter.end()
        super().paintEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent, /) -> None:
        """A click without a selection chooses a mark."""
        super().mouseReleaseEvent(event)
        if event.button() is Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            index = self.mark_at(event.position().toPoint())
            if index is not None:
                self.item_chosen.emit(self._marks[index].item)

    def mouseDoubleClickEvent(self, event: QMouseEvent, /) -> None:
        """A double click on a mark changes it; elsewhere it selects a word."""
        index = self.mark_at(event.position().toPoint())
        if index is None:
            super().mouseDoubleClickEvent(event)
        else:
            self.item_opened.emit(self._marks[index].item)

    def contextMenuEvent(self, event: QContextMenuEvent, /) -> None:
        """The review's own menu."""
        index = self.mark_at(event.pos())
        if index is not None:
            self.item_chosen.emit(self._marks[index].item)
        self.menu_asked.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        """Keys of the review go to it; arrows, selection and copying stay."""
        event.ignore()
        self.key_typed.emit(event)
        if not event.isAccepted():
            super().keyPressEvent(event)

    # --- inside -------------------------------------------------------------------------------

    def _bring_into_view(self) -> None:
        """Scroll the cursor's line a third down, if it stands at an edge or outside."""
        rect = self.cursorRect()
        height = self.viewport().height()
        if rect.top() < EDGE_PX or rect.bottom() > height - EDGE_PX:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + rect.top() - height // 3)

    def _replace(self, old: str, new: str) -> None:
        """Replace only the part that differs, so that the rest keeps its layout."""
        shorter = min(len(old), len(new))
        head = next((i for i in range(shorter) if old[i] != new[i]), shorter)
        rest = shorter - head
        tail = next((i for i in range(rest) if old[-1 - i] != new[-1 - i]), rest)
        before = Offsets(old)
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        cursor.setPosition(before.to_units(head))
        cursor.setPosition(before.to_units(len(old) - tail), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(new[head : len(new) - tail])
        if not old:
            self._set_line_height(cursor)
        cursor.endEditBlock()

    def _set_line_height(self, cursor: QTextCursor) -> None:
        form = QTextBlockFormat()
        # Room for one label between lines.
        distance = QFontMetricsF(self._theme.font(LABEL_PX)).height() + 5
        form.setLineHeight(distance, QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value)
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(form)

    def _restyle(self) -> None:
        self.document().setDefaultFont(self._theme.font(FIELD_PX))
        self.setFont(self._theme.font(FIELD_PX))
        self.viewport().update()

    def _visible_rects(self) -> Iterator[tuple[int, QRectF]]:
        """(index of a mark, rectangle in the viewport) of all marks on the screen, line by line."""
        if not self._marks:
            return
        top = self.cursorForPosition(QPoint(0, 0)).block()
        height = self.viewport().height()
        block = top.previous() if top.previous().isValid() else top
        while block.isValid():
            origin = self._origin(block)
            if origin.y() > height:
                return
            yield from self._rects_in(block, origin)
            block = block.next()

    def _origin(self, block: QTextBlock) -> QPointF:
        place = block.layout().position()
        return QPointF(
            place.x() - self.horizontalScrollBar().value(), place.y() - self.verticalScrollBar().value()
        )

    def _rects_in(self, block: QTextBlock, origin: QPointF) -> Iterator[tuple[int, QRectF]]:
        begin, end = block.position(), block.position() + block.length()
        first = max(0, bisect_right(self._starts, begin) - 1)
        layout = block.layout()
        ascent_only = QFontMetricsF(self.document().defaultFont()).height()
        for index in range(first, len(self._units)):
            a, b = self._units[index]
            if a >= end:
                return
            if b <= begin:
                continue
            for number in range(layout.lineCount()):
                line = layout.lineAt(number)
                s = max(a - begin, line.textStart())
                e = min(b - begin, line.textStart() + line.textLength())
                if s >= e:
                    continue
                left, right = _x_of(line, s), _x_of(line, e)
                y = origin.y() + line.y() + (line.ascent() + line.descent() - ascent_only) / 2
                rect = QRectF(origin.x() + left, y, right - left, ascent_only)
                if rect.bottom() > -20:
                    yield index, rect

    def _paint_mark(self, painter: QPainter, mark: Mark, rect: QRectF) -> None:
        tokens = self._theme.tokens
        colors = tokens.kinds[mark.group]
        line = QColor(colors.line)
        box = rect.adjusted(0.5, -0.5, -0.5, 2.5)
        if mark.is_masked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colors.tint))
            painter.drawRoundedRect(box, 3, 3)
            pen = QPen(line, 2)
            if mark.is_doubtful:
                pen.setDashPattern([2, 1.5])
            painter.setPen(pen)
            painter.drawLine(box.bottomLeft() + QPointF(1, 0), box.bottomRight() - QPointF(1, 0))
        else:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            pen = QPen(QColor(tokens.quiet), 1)
            pen.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.drawRoundedRect(box, 3, 3)
        if mark.item == self._current:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.ink), 2))
            painter.drawRoundedRect(box.adjusted(-1, -1, 1, 1), 4, 4)

    def _label_room(self, rect: QRectF, following: QRectF | None) -> float:
        edge = self.viewport().width() - 4.0
        if following is not None and abs(following.y() - rect.y()) < 2:
            edge = following.left() - 3
        return max(rect.width(), edge - rect.left())

    def _paint_label(
        self, painter: QPainter, metrics: QFontMetricsF, mark: Mark, *, rect: QRectF, room: float
    ) -> None:
        tokens = self._theme.tokens
        words = mark.label if mark.is_masked else f"{mark.label}→そのまま"
        if mark.is_doubtful and mark.is_masked:
            words += "？"
        if metrics.horizontalAdvance(words) > room:
            words = mark.label
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room)
        painter.setPen(QColor(tokens.kinds[mark.group].line if mark.is_masked else tokens.quiet))
        painter.drawText(QPointF(rect.left(), rect.top() - metrics.descent() - 1.5), words)


def _x_of(line: object, position: int) -> float:
    """Where a character begins in its line, pixels."""
    x = line.cursorToX(position)  # type: ignore[attr-defined]
    return float(x[0] if isinstance(x, tuple) else x)
