"""Fields of one line: text, number, date, time."""

from __future__ import annotations

import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy

from desktop.gui.theme import Space, Theme
from desktop.gui.widgets.fields.base import FieldEditor
from desktop.gui.widgets.text import label, measured
from prompts.template import Field
from prompts.template.dates import read_date

WEEKDAYS = "月火水木金土日"
REIWA_OFFSET = 2018
TOO_LONG = "長すぎるため、後ろの部分が入っていません。短くするか、長い文の欄をお使いください。"


def in_both_calendars(date: datetime.date) -> str:
    """A date in 和暦 (from 令和 on) and 西暦, with its weekday."""
    weekday = WEEKDAYS[date.weekday()]
    western = f"{date.year}年{date.month}月{date.day}日（{weekday}）"
    if date < datetime.date(2019, 5, 1):
        return western
    year = date.year - REIWA_OFFSET
    era = "元" if year == 1 else str(year)
    return f"令和{era}年{date.month}月{date.day}日 ＝ {western}"


class LineField(FieldEditor):
    """One line of text."""

    width_px = 0
    hint = ""

    def __init__(self, field: Field, theme: Theme) -> None:
        super().__init__(field, theme)
        self.line = QLineEdit()
        self.line.setPlaceholderText(self.hint or (f"例: {field.example}" if field.example else ""))
        self.line.textChanged.connect(self._touched)
        self.line.editingFinished.connect(self._left)
        # Told before the text changes, and a change clears what was said.
        self.line.inputRejected.connect(
            lambda: self.say_problem(TOO_LONG), Qt.ConnectionType.QueuedConnection
        )
        self.beside = label("", "caption")
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addWidget(self.line)
        if self.width_px:
            measured(self.line, theme, lambda: self.line.setFixedWidth(theme.px(self.width_px)))
            row.addWidget(self.beside, 1)
        self._set_edit(self.line, row=row)

    def value(self) -> str:
        """The line as typed; line breaks that were pasted in become spaces."""
        return " ".join(self.line.text().splitlines())

    def _put(self, value: str) -> None:
        self.line.setText(value)

    def _left(self) -> None:
        if self.line.text().strip():
            self.validate(is_final=False)


class NumberField(LineField):
    """A number; full-width digits and commas are fine."""

    width_px = 200

    def __init__(self, field: Field, theme: Theme) -> None:
        super().__init__(field, theme)
        self.line.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.line.setInputMethodHints(Qt.InputMethodHint.ImhFormattedNumbersOnly)


class DateField(LineField):
    """A date in 和暦 or 西暦, as text; what was understood stands beside it."""

    width_px = 260
    hint = "例: 令和9年1月17日、2027/1/17"

    def _touched(self) -> None:
        date = read_date(self.line.text()) if self.line.text().strip() else None
        self.beside.setText(in_both_calendars(date) if isinstance(date, datetime.date) else "")
        super()._touched()


class TimeField(LineField):
    """A time of day, as text."""

    width_px = 260
    hint = "例: 午前9時30分、13:00"


class TextField(LineField):
    """A line of text as wide as the form."""

    def __init__(self, field: Field, theme: Theme) -> None:
        super().__init__(field, theme)
        self.line.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
