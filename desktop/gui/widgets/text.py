"""Labels and buttons as the theme knows them, each in one line."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.gui.theme import IconName, Space, Theme, icon

ICON_PX = 16


def label(text: str = "", role: str = "", *, wraps: bool = False) -> QLabel:
    """A label of plain text; `role` is one of the style sheet's."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    made.setWordWrap(wraps)
    if role == "badge" and not wraps:
        made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
    if wraps:
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    return made


def button(text: str, role: str = "", *, name: str = "") -> QPushButton:
    """A push button; `name` is what a screen reader says where the text alone is not enough."""
    made = QPushButton(text)
    if role:
        made.setProperty("role", role)
    made.setAccessibleName(name or text)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.setAutoDefault(False)
    return made


def icon_button(theme: Theme, name: IconName, tip: str) -> QToolButton:
    """A button of an icon alone, its words in the tooltip and for the screen reader."""
    made = QToolButton()
    made.setToolTip(tip)
    made.setAccessibleName(tip)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    wear_icon(made, theme, name)
    return made


class _WornIcon(QObject):
    """Keeps a button's icon in the theme's colour; lives and dies with the button."""

    def __init__(
        self, widget: QPushButton | QToolButton, theme: Theme, name: IconName, tone: str, size: int
    ) -> None:
        super().__init__(widget)
        self._widget, self._theme = widget, theme
        self._name, self._tone, self._size = name, tone, size
        self.put()
        theme.changed.connect(self.put)

    def put(self) -> None:
        """Draw the icon anew."""
        tokens = self._theme.tokens
        color = str(getattr(tokens, self._tone))
        self._widget.setIcon(icon(self._name, color, disabled=tokens.edge))
        side = self._theme.px(self._size)
        self._widget.setIconSize(QSize(side, side))


def wear_icon(
    widget: QPushButton | QToolButton,
    theme: Theme,
    name: IconName,
    *,
    tone: str = "ink",
    size: int = ICON_PX,
) -> None:
    """Give a button an icon in the colour `tone` of the tokens, and keep it so when they change."""
    for old in widget.findChildren(_WornIcon):
        old.deleteLater()
    _WornIcon(widget, theme, name, tone, size)


class _Measures(QObject):
    """Gives a widget its measures again when the text has another size; lives and dies with the widget."""

    def __init__(self, widget: QWidget, theme: Theme, put: Callable[[], None]) -> None:
        super().__init__(widget)
        self._theme, self._put, self._size = theme, put, theme.size
        put()
        theme.changed.connect(self._follow)

    def _follow(self) -> None:
        if self._theme.size is not self._size:
            self._size = self._theme.size
            self._put()


def measured(widget: QWidget, theme: Theme, put: Callable[[], None]) -> None:
    """Give a widget measures that grow with the text: `put` sets them, now and at each other size."""
    _Measures(widget, theme, put)


def set_tone(widget: QWidget, **properties: str) -> None:
    """Set style-sheet properties and have the style look at them again."""
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def minutes_box(name: str, *, most: int, unknown: str) -> QSpinBox:
    """A number of minutes; 0 is shown as `unknown`."""
    made = QSpinBox()
    made.setAccessibleName(name)
    made.setRange(0, most)
    made.setSuffix(" 分")
    made.setSpecialValueText(unknown)
    made.lineEdit().setTextMargins(8, 0, 8, 0)  # a style sheet's padding does not reach it
    return made


def empty(column: QLayout) -> None:
    """Take everything out of a layout; its widgets are gone from the screen at once."""
    while column.count():
        item = column.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def rule() -> QFrame:
    """A hairline."""
    made = QFrame()
    made.setProperty("role", "rule")
    return made


def card() -> QFrame:
    """A white sheet with a hairline around it."""
    made = QFrame()
    made.setProperty("role", "card")
    return made


def titled_card(title: str, *, spacing: int = Space.S) -> tuple[QFrame, QVBoxLayout]:
    """A card with a heading, and the column that takes what stands below it."""
    made = card()
    column = QVBoxLayout(made)
    column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
    column.setSpacing(spacing)
    column.addWidget(label(title, "section"))
    return made, column
