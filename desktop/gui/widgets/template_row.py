"""How a template looks in a list: title, what it does, and what one should know before."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop.gui.item_models.template_list import CARD_ROLE, IS_FAVOURITE_ROLE, IS_SERVED_ROLE
from desktop.gui.theme import Space, Theme
from desktop.gui.theme.tokens import BODY_PX, CAPTION_PX, FIELD_PX, RADIUS_PX
from prompts.library import TemplateCard


class TemplateRow(QStyledItemDelegate):
    """Paints one row of a `TemplateListModel`."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Two lines and their margins."""
        return QSize(200, self._theme.px(FIELD_PX) + self._theme.px(BODY_PX) + 2 * Space.L + Space.L)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the row."""
        card = index.data(CARD_ROLE)
        if not isinstance(card, TemplateCard):
            return
        tokens = self._theme.tokens
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = option.rect.adjusted(2, 2, -2, -Space.XS)
        state = option.state
        is_current = bool(state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver))
        has_focus = bool(state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(QPen(QColor(tokens.green if is_current else tokens.line), 2 if has_focus else 1))
        painter.setBrush(QColor(tokens.green_tint if is_current else tokens.paper))
        painter.drawRoundedRect(frame, RADIUS_PX, RADIUS_PX)
        inner = frame.adjusted(Space.L, Space.M, -Space.L, -Space.M)
        right = self._paint_notes(painter, inner, card, index)
        title_font = self._theme.font(FIELD_PX, bold=True)
        painter.setFont(title_font)
        painter.setPen(QColor(tokens.ink))
        metrics = QFontMetrics(title_font)
        star = "★ " if index.data(IS_FAVOURITE_ROLE) else ""
        width = right - inner.left() - Space.L
        painter.drawText(
            QRect(inner.left(), inner.top(), width, metrics.height()),
            Qt.AlignmentFlag.AlignVCenter,
            metrics.elidedText(star + card.title, Qt.TextElideMode.ElideRight, width),
        )
        font = self._theme.font(BODY_PX)
        painter.setFont(font)
        painter.setPen(QColor(tokens.quiet))
        below = QFontMetrics(font)
        painter.drawText(
            QRect(inner.left(), inner.bottom() - below.height() + 1, width, below.height()),
            Qt.AlignmentFlag.AlignVCenter,
            below.elidedText(card.description, Qt.TextElideMode.ElideRight, width),
        )
        painter.restore()

    def _paint_notes(
        self,
        painter: QPainter,
        inner: QRect,
        card: TemplateCard,
        index: QModelIndex | QPersistentModelIndex,
    ) -> int:
        """Category and limits at the right; returns where they begin."""
        tokens = self._theme.tokens
        font = self._theme.font(CAPTION_PX)
        metrics = QFontMetrics(font)
        painter.setFont(font)
        lines = [(card.category.value, tokens.quiet)]
        if not index.data(IS_SERVED_ROLE):
            lines.append(("見本モデルでは作れません", tokens.amber))
        width = max(metrics.horizontalAdvance(text) for text, _ in lines)
        left = inner.right() - width
        for row, (text, color) in enumerate(lines):
            painter.setPen(QColor(color))
            top = inner.top() if row == 0 else inner.bottom() - metrics.height() + 1
            painter.drawText(QRect(left, top, width, metrics.height()), Qt.AlignmentFlag.AlignRight, text)
        return left
