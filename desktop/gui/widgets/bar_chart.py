"""A plain chart of horizontal bars, painted by Qt: names at the left, values at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.gui.theme import Space, Theme, Tokens
from desktop.gui.theme.tokens import BODY_PX, LIGHT

ROW_PX = 30
BAR_PX = 14
NAME_SHARE = 0.34
PICTURE_PX = 900


@dataclass(frozen=True)
class Bar:
    """One bar. A value below zero is drawn to the left of the line, in the colour of warning.

    Attributes:
        name: What it is about.
        value: Its length.
        words: The value as a person reads it.
    """

    name: str
    value: float
    words: str


class BarChart(QWidget):
    """Bars one below the other; a screen reader hears them as text."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._bars: tuple[Bar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._redraw)

    @property
    def bars(self) -> tuple[Bar, ...]:
        """What it shows."""
        return self._bars

    def show_bars(self, bars: Sequence[Bar], *, name: str) -> None:
        """Show these bars, the first on top."""
        self._bars = tuple(bars)
        self.setAccessibleName(name)
        self.setAccessibleDescription("、".join(f"{bar.name} {bar.words}" for bar in bars))
        self._redraw()

    def sizeHint(self) -> QSize:
        """A row for each bar."""
        return QSize(240, self._theme.px(ROW_PX) * len(self._bars))

    def minimumSizeHint(self) -> QSize:
        """Qt's way to ask the same."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent, /) -> None:
        """Paint the bars."""
        painter = QPainter(self)
        self._paint(painter, self.width(), self._theme.tokens)
        painter.end()

    def png(self) -> bytes:
        """A picture of the chart on white, for a document; empty without bars."""
        if not self._bars:
            return b""
        image = QImage(PICTURE_PX, self.sizeHint().height(), QImage.Format.Format_RGB32)
        image.fill(QColor(LIGHT.paper))
        painter = QPainter(image)
        self._paint(painter, image.width(), LIGHT)
        painter.end()
        content = QByteArray()
        buffer = QBuffer(content)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")  # type: ignore[call-overload]
        return bytes(content.data())

    def _redraw(self) -> None:
        self.updateGeometry()
        self.update()

    def _paint(self, painter: QPainter, width: int, tokens: Tokens) -> None:
        font = self._theme.font(BODY_PX)
        metrics = QFontMetrics(font)
        painter.setFont(font)
        row, bar_height = self._theme.px(ROW_PX), self._theme.px(BAR_PX)
        names = int(width * NAME_SHARE)
        values = max((metrics.horizontalAdvance(bar.words) for bar in self._bars), default=0) + Space.S
        room = max(width - names - values - 2 * Space.M, 1)
        low = min(0.0, *(bar.value for bar in self._bars), 0.0)
        span = max(0.0, *(bar.value for bar in self._bars), 0.0) - low or 1.0
        zero = names + Space.M + round(room * -low / span)
        for number, bar in enumerate(self._bars):
            top = number * row
            painter.setPen(QColor(tokens.ink))
            painter.drawText(
                QRect(0, top, names, row),
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
                metrics.elidedText(bar.name, Qt.TextElideMode.ElideRight, names),
            )
            length = round(room * abs(bar.value) / span)
            left = zero if bar.value >= 0 else zero - length
            color = QColor(tokens.green if bar.value >= 0 else tokens.vermilion)
            painter.fillRect(QRect(left, top + (row - bar_height) // 2, length, bar_height), color)
            end = max(zero, left + length)
            painter.drawText(
                QRect(end + Space.S, top, width - end - Space.S, row),
                Qt.AlignmentFlag.AlignVCenter,
                bar.words,
            )
        painter.setPen(QColor(tokens.edge))
        painter.drawLine(zero, 0, zero, row * len(self._bars))
