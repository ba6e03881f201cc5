"""A number that may be left open."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox


class NumberBox(QDoubleSpinBox):
    """A spin box whose lowest place stands for 「not set」; the wheel is left to the page's scrolling.

    Signals:
        number_changed: (float or None).

    Args:
        name: What a screen reader says.
        least: The smallest number.
        most: The largest.
        step: The distance between two numbers.
        value: The number at first; None for 「not set」.
        unset: What stands there instead of a number.
    """

    number_changed = Signal(object)

    def __init__(
        self, name: str, *, least: float, most: float, step: float, value: float | None, unset: str
    ) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setDecimals(2 if step < 1 else 0)
        self.setSingleStep(step)
        self.setRange(least - step, most)
        self.setSpecialValueText(unset)
        self.setValue(self.minimum() if value is None else value)
        self.lineEdit().setTextMargins(8, 0, 8, 0)  # a style sheet's padding does not reach it
        self.valueChanged.connect(lambda _: self.number_changed.emit(self.number))

    @property
    def number(self) -> float | None:
        """The number; None where it is not set."""
        return None if self.value() <= self.minimum() else round(self.value(), 2)

    def wheelEvent(self, event: QWheelEvent, /) -> None:
        """Scroll the page, not the number."""
        event.ignore()
