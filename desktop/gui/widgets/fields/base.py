"""What all editors of a form have in common: label, help, problem line, value as text."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.gui.messages import value_problem
from desktop.gui.theme import Space, Theme
from desktop.gui.widgets.text import label, set_tone
from prompts.errors import FieldValueError, MissingFieldError, PromptsError
from prompts.template import Field, PersonalInformation, clean_value


class FieldEditor(QWidget):
    """One field of the form.

    Subclasses put their editing widget in with `_set_edit` and implement `value` and `_put`.

    Signals:
        changed: The value is another now.
    """

    changed = Signal()

    def __init__(self, field: Field, theme: Theme) -> None:
        super().__init__()
        self.field = field
        self.theme = theme
        self._edit: QWidget = self
        self._problem = label("", "problem", wraps=True)
        self._problem.hide()
        self._note = label("", "caption")
        self._note.hide()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(Space.XS)
        self.column.addLayout(self._label_row())
        if field.help:
            self.column.addWidget(label(field.help, "caption", wraps=True))

    @property
    def edit(self) -> QWidget:
        """The widget that takes the keyboard."""
        return self._edit

    @property
    def problem_text(self) -> str:
        """What is wrong, as shown; empty when nothing is."""
        return self._problem.text() if not self._problem.isHidden() else ""

    def value(self) -> str:
        """The value as text."""
        raise NotImplementedError

    def set_value(self, value: str) -> None:
        """Put a value in."""
        self._put(value)
        self.clear_problem()

    def validate(self, *, is_final: bool) -> bool:
        """Check the value and show what is wrong.

        Args:
            is_final: Whether the form is being left: only then is an empty required field wrong.
        """
        try:
            cleaned = clean_value(self.field, self.value())
            if is_final and self.field.required and not cleaned:
                raise MissingFieldError(self.field.name, self.field.label)
        except (FieldValueError, MissingFieldError) as error:
            self.show_problem(error)
            return False
        self.clear_problem()
        return True

    def show_problem(self, error: PromptsError) -> None:
        """Say what is wrong, at the field."""
        self.say_problem(value_problem(error))

    def say_problem(self, text: str) -> None:
        """Say in words what is wrong, at the field."""
        self._problem.setText(text)
        self._problem.show()
        self._edit.setAccessibleDescription(text)
        set_tone(self._edit, invalid="true")

    def clear_problem(self) -> None:
        """Nothing is wrong any more."""
        if not self._problem.isHidden():
            self._problem.hide()
            self._edit.setAccessibleDescription(self.field.help)
            set_tone(self._edit, invalid="false")

    def focus_edit(self) -> None:
        """Put the cursor into the field."""
        self._edit.setFocus()

    def _put(self, value: str) -> None:
        raise NotImplementedError

    def _set_edit(self, edit: QWidget, *, row: QHBoxLayout | None = None) -> None:
        self._edit = edit
        needed = "、必須" if self.field.required else ""
        edit.setAccessibleName(f"{self.field.label}{needed}")
        edit.setAccessibleDescription(self.field.help)
        if row is not None:
            self.column.addLayout(row)
        else:
            self.column.addWidget(edit)
        self.column.addWidget(self._note)
        self.column.addWidget(self._problem)

    def _touched(self) -> None:
        self.clear_problem()
        self.changed.emit()

    def _label_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(label(self.field.label, "fieldlabel"))
        if self.field.required:
            row.addWidget(label("必須", "required"))
        if self.field.verbatim:
            exact = label("そのまま使います", "badge")
            exact.setToolTip("この値は文を作るあいだ伏せておき、下書きにそのままの形で戻します。")
            row.addWidget(exact)
        row.addStretch(1)
        return row


PERSONAL_INFORMATION_WORDS = {
    PersonalInformation.ALLOWED: "個人情報: 最小限なら可",
    PersonalInformation.MASKED: "個人情報: マスキングして使う",
    PersonalInformation.FORBIDDEN: "個人情報: 入れない",
}
