"""「役に立ちましたか」: one tap after a draft is confirmed, and the minutes it took for who knows them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.gui.theme import Space
from desktop.gui.widgets.text import button, label, minutes_box

MOST_MINUTES = 600


class EffectBox(QWidget):
    """Asks once; may be left alone.

    Signals:
        answered: (has helped, minutes or None).
    """

    answered = Signal(bool, object)

    def __init__(self) -> None:
        super().__init__()
        self._question = label("役に立ちましたか", "fieldlabel")
        self.minutes = minutes_box("かかった時間", most=MOST_MINUTES, unknown="―")
        self.yes = button("はい", "chip", name="役に立ちました")
        self.no = button("いいえ", "chip", name="役に立ちませんでした")
        self.yes.clicked.connect(lambda: self._answer(True))
        self.no.clicked.connect(lambda: self._answer(False))
        self._time = label("かかった時間（任意）", "caption")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        for widget in (self._question, self._time, self.minutes, self.yes, self.no):
            row.addWidget(widget)
        row.addStretch(1)

    def ask(self) -> None:
        """Ask about a new draft."""
        self._question.setText("役に立ちましたか")
        self.minutes.setValue(0)
        for widget in (self._time, self.minutes, self.yes, self.no):
            widget.show()
        self.show()

    def thank(self) -> None:
        """The answer is kept."""
        self._question.setText("記録しました。ありがとうございます。")
        for widget in (self._time, self.minutes, self.yes, self.no):
            widget.hide()

    def _answer(self, has_helped: bool) -> None:
        self.answered.emit(has_helped, self.minutes.value() or None)
