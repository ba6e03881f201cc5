"""How a find looks in the list beside the text."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop.gui.item_models.find_list import FIND_ROLE, FindRow
from desktop.gui.theme import Space, Theme
from desktop.gui.theme.tokens import BODY_PX, CAPTION_PX

Index = QModelIndex | QPersistentModelIndex


class FindRowDelegate(QStyledItemDelegate):
    """Paints a heading, or a find: label, value, number of mentions, whether it is masked."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """One line for a heading, two for a find."""
        row = index.data(FIND_ROLE)
        is_find = isinstance(row, FindRow) and bool(row.items)
        lines = self._theme.px(CAPTION_PX) + (self._theme.px(BODY_PX) + Space.L if is_find else 0)
        return QSize(120, lines + (Space.M if is_find else Space.L + Space.XS))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a row."""
        row = index.data(FIND_ROLE)
        if not isinstance(row, FindRow):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect: QRect = option.rect
        if row.items:
            is_current = bool(option.state & QStyle.StateFlag.State_Selected)
            self._paint_find(painter, rect, row, is_current=is_current)
        else:
            tokens = self._theme.tokens
            painter.setFont(self._theme.font(CAPTION_PX, bold=True))
            painter.setPen(QColor(tokens.quiet))
            place = rect.adjusted(Space.S, Space.S, -Space.S, 0)
            painter.drawText(place, Qt.AlignmentFlag.AlignBottom, row.heading)
        painter.restore()

    def _paint_find(self, painter: QPainter, rect: QRect, row: FindRow, *, is_current: bool) -> None:
        tokens = self._theme.tokens
        colors = tokens.kinds[row.group]
        frame = rect.adjusted(1, 1, -1, -1)
        if is_current:
            painter.setPen(QPen(QColor(tokens.green), 1))
            painter.setBrush(QColor(tokens.green_tint))
            painter.drawRoundedRect(frame, 5, 5)
        inner = frame.adjusted(Space.S, Space.XS, -Space.S, -Space.XS)
        caption = self._theme.font(CAPTION_PX)
        metrics = QFontMetrics(caption)
        painter.setFont(caption)
        painter.setPen(QColor(colors.line if row.masked_count else tokens.quiet))
        notes = f"{len(row.items)}か所" if len(row.items) > 1 else ""
        if row.is_stop:
            notes = "使えません"
        elif row.masked_count == 0:
            notes = f"{notes} {'指摘のみ' if row.is_hint else 'そのまま'}".strip()
        elif row.masked_count < len(row.items):
            notes = f"{row.masked_count}／{len(row.items)}か所を伏せる"
        top = QRect(inner.left(), inner.top(), inner.width(), metrics.height())
        painter.drawText(top, Qt.AlignmentFlag.AlignLeft, row.label + ("？" if row.is_doubtful else ""))
        painter.setPen(QColor(tokens.vermilion if row.is_stop else tokens.quiet))
        painter.drawText(top, Qt.AlignmentFlag.AlignRight, notes)
        font = self._theme.font(BODY_PX)
        font.setStrikeOut(row.masked_count == 0 and not row.is_hint)
        painter.setFont(font)
        painter.setPen(QColor(tokens.ink if row.masked_count or row.is_hint else tokens.quiet))
        below = QFontMetrics(font)
        words = below.elidedText(row.value, Qt.TextElideMode.ElideRight, inner.width())
        place = QRect(inner.left(), inner.bottom() - below.height() + 1, inner.width(), below.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft, words)
