"""Tiles of Home: a large button with an icon, a name and a line of explanation."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout

from desktop.gui.theme import IconName, Space, Theme, icon
from desktop.gui.theme.tokens import CAPTION_PX
from desktop.gui.widgets.text import label, measured


class Tile(QPushButton):
    """One tile.

    Args:
        theme: The look.
        title: Its name.
        about: One or two lines below it.
        icon_name: Its icon.
        note: A short word at the right of the title (a count, a shortcut).
    """

    def __init__(self, theme: Theme, title: str, *, about: str, icon_name: IconName, note: str = "") -> None:
        super().__init__()
        self._theme, self._icon_name, self._about_text = theme, icon_name, about
        self.setProperty("role", "tile")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{title}。{about}" if about else title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._icon = QLabel()
        measured(self, theme, lambda: self._icon.setFixedSize(theme.px(20), theme.px(20)))
        top = QHBoxLayout()
        top.setSpacing(Space.S)
        top.addWidget(self._icon)
        top.addWidget(label(title, "section"), 1)
        if note:
            top.addWidget(label(note, "caption"))
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.M, Space.M, Space.M)
        column.setSpacing(Space.XS)
        column.addLayout(top)
        self._about: QLabel | None = None
        if about:
            self._about = label("", "caption", wraps=True)
            self._about.setAlignment(Qt.AlignmentFlag.AlignTop)
            column.addWidget(self._about, 1)
        for part in self.findChildren(QLabel):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        if not about:
            self.setProperty("kind", "small")
        theme.changed.connect(self._draw_icon)
        self._draw_icon()

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        """Shorten the explanation to two lines, with an ellipsis."""
        super().resizeEvent(event)
        if self._about is not None:
            width = self.width() - Space.L - Space.M - 4
            metrics = QFontMetrics(self._theme.font(CAPTION_PX))
            self._about.setText(two_lines(self._about_text, metrics, width))

    def _draw_icon(self) -> None:
        side = self._theme.px(20)
        self._icon.setPixmap(icon(self._icon_name, self._theme.tokens.green).pixmap(side, side))


def two_lines(text: str, metrics: QFontMetrics, width: int) -> str:
    """The text, cut with an ellipsis where it would need a third line of `width` pixels."""
    if metrics.horizontalAdvance(text) <= width:
        return text
    cut = len(text)
    while cut and metrics.horizontalAdvance(text[:cut]) > width:
        cut -= 1
    return text[:cut] + metrics.elidedText(text[cut:], Qt.TextElideMode.ElideRight, width - 8)
