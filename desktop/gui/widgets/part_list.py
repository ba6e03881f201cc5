"""「部分ごとの要点」: which part of a long text each point came from. Closed until the person opens it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from desktop.drafting.requests import PartNote
from desktop.gui.controllers.part_words import state_of
from desktop.gui.theme import IconName, Space, Theme
from desktop.gui.widgets.text import button, empty, label, wear_icon


class PartList(QFrame):
    """A heading that opens the list.

    Attributes:
        toggle: The heading.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("role", "card")
        self.toggle = button("", "plain")
        self.toggle.setCheckable(True)
        self.toggle.toggled.connect(self._open)
        self._page = QWidget()
        self._page.setProperty("role", "paper")
        self._column = QVBoxLayout(self._page)
        self._column.setContentsMargins(Space.M, 0, Space.M, Space.M)
        self._column.setSpacing(Space.XS)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self._page)
        self._area.setAccessibleName("部分ごとの要点")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, Space.XS, 1, Space.XS)
        outer.setSpacing(Space.XS)
        outer.addWidget(self.toggle, 0, Qt.AlignmentFlag.AlignLeft)
        outer.addWidget(self._area, 1)
        self._open(False)
        self.hide()

    @property
    def text(self) -> str:
        """All words of the list, for whoever reads it aloud."""
        return "\n".join(line.text() for line in self._page.findChildren(QLabel) if not line.isHidden())

    def show_parts(self, parts: Sequence[PartNote]) -> None:
        """Show parts; nothing is to be seen where there are none."""
        empty(self._column)
        for part in parts:
            self._column.addWidget(label(part.mark, "fieldlabel", wraps=True))
            state = state_of(part)
            if state:
                self._column.addWidget(label(state, "problem", wraps=True))
            if part.points:
                points = label("\n".join(part.points), wraps=True)
                points.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                self._column.addWidget(points)
        self._column.addStretch(1)
        words = f"部分ごとの要点　{len(parts)}"
        self.toggle.setText(words)
        self.toggle.setAccessibleName(words)
        self.setVisible(bool(parts))

    def _open(self, is_open: bool) -> None:
        self._area.setVisible(is_open)
        wear_icon(self.toggle, self._theme, IconName.NEXT if is_open else IconName.FORWARD, tone="green")
