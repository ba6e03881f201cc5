"""What a person has to look at before the draft counts as confirmed: finds of the checks, checklist."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from desktop.drafting.checks import CheckReport
from desktop.gui.theme import Space, Theme
from desktop.gui.widgets.text import button, empty, label, rule


@dataclass(frozen=True)
class Concern:
    """One thing to look at.

    Attributes:
        words: What it is, one or two lines.
        place: Which marked stretch of the paper it is about, or None.
    """

    words: str
    place: int | None = None


class WrappingCheck(QWidget):
    """A check box whose words wrap.

    Signals:
        toggled: (is checked).
    """

    toggled = Signal(bool)

    def __init__(self, words: str, *, is_checked: bool) -> None:
        super().__init__()
        self.box = QCheckBox()
        self.box.setAccessibleName(words)
        self.box.setChecked(is_checked)
        self.box.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.box.setStyleSheet("spacing: 0px;")
        self.box.toggled.connect(self.toggled)
        text = label(words, wraps=True)
        text.setBuddy(self.box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, Space.XS, 0, Space.XS)
        row.setSpacing(Space.S)
        row.addWidget(self.box, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(text, 1)

    def mousePressEvent(self, event: QMouseEvent, /) -> None:
        """A click on the words counts as one on the box."""
        if self.box.isEnabled():
            self.box.toggle()
        event.accept()


class CheckPanel(QFrame):
    """The list at the right of the draft.

    Signals:
        place_chosen: (number) go to a marked stretch.
        ticked: (index, is done) a line of the checklist.
    """

    place_chosen = Signal(int)
    ticked = Signal(int, bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("role", "card")
        self.boxes: list[WrappingCheck] = []
        self._title = label("確認すること", "section")
        self._page = QWidget()
        self._page.setProperty("role", "paper")
        self._column = QVBoxLayout(self._page)
        self._column.setContentsMargins(Space.L, 0, Space.M, Space.L)
        self._column.setSpacing(Space.XS)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, Space.L, 1, 1)
        outer.setSpacing(Space.S)
        head = QVBoxLayout()
        head.setContentsMargins(Space.L, 0, Space.L, 0)
        head.addWidget(self._title)
        outer.addLayout(head)
        outer.addWidget(area, 1)

    def show_nothing(self, words: str) -> None:
        """Nothing to check yet."""
        self._clear()
        self._title.setText("確認すること")
        self._column.addWidget(label(words, "caption", wraps=True))
        self._column.addStretch(1)

    def show_concerns(
        self,
        concerns: Sequence[Concern],
        *,
        checklist: Sequence[str],
        ticked: set[int],
        cautions: Sequence[str],
        is_open: bool,
    ) -> None:
        """Show what was found and the checklist.

        Args:
            concerns: What the checks found.
            checklist: The template's lines.
            ticked: Which of them are ticked.
            cautions: The template's cautions.
            is_open: Whether lines may still be ticked.
        """
        self._clear()
        self._title.setText(f"確認すること　{len(concerns)}件" if concerns else "確認すること")
        if not concerns:
            words = "機械の点検では、資料に無い数字や名前は見つかりませんでした。正しさは人が確かめます。"
            self._column.addWidget(label(words, "caption", wraps=True))
        for concern in concerns:
            self._column.addWidget(self._concern(concern))
        if checklist:
            self._column.addSpacing(Space.S)
            self._column.addWidget(rule())
            self._column.addSpacing(Space.S)
            self._column.addWidget(label("人が確かめる", "fieldlabel"))
            for index, words in enumerate(checklist):
                box = WrappingCheck(words, is_checked=index in ticked)
                box.box.setEnabled(is_open)
                box.toggled.connect(lambda on, i=index: self.ticked.emit(i, on))
                self.boxes.append(box)
                self._column.addWidget(box)
        for caution in cautions:
            self._column.addWidget(label(f"※{caution}", "caption", wraps=True))
        self._column.addStretch(1)

    def _concern(self, concern: Concern) -> QWidget:
        if concern.place is None:
            return label(f"・{concern.words}", wraps=True)
        made = button(concern.words, "concern", name=f"{concern.words}。その場所へ")
        made.setToolTip("下書きのその場所へ")
        place = concern.place
        made.clicked.connect(lambda: self.place_chosen.emit(place))
        return made

    def _clear(self) -> None:
        self.boxes = []
        empty(self._column)


def concerns_of(report: CheckReport, value_of: Callable[[str], str]) -> list[Concern]:
    """The lines of the panel for a report.

    Args:
        report: What the checks found.
        value_of: Gives the value behind a placeholder as written, or an empty text.
    """
    concerns = [
        Concern(f"「{found.text}」　資料に無い", place) for place, found in enumerate(report.unsupported)
    ]
    first = len(report.unsupported)
    concerns += [
        Concern("同じ文が繰り返されています", first + number) for number in range(len(report.repetitions))
    ]
    for placeholder in report.missing_placeholders:
        value = value_of(placeholder)
        name = placeholder.strip("<>")
        shown = f"「{value}」（{name}）" if value else name
        concerns.append(Concern(f"{shown}が下書きに使われていません"))
    concerns += [
        Concern(f"{placeholder} は、もとの値がない記号です。直してください")
        for placeholder in report.unknown_placeholders
    ]
    concerns += [Concern(f"{mark}は読めませんでした。下書きに入っていません") for mark in report.unread_parts]
    concerns += [Concern(f"{mark}の要点は途中までです") for mark in report.cut_parts]
    if not report.has_ended:
        concerns.append(Concern("文が途中で終わっています"))
    return concerns
