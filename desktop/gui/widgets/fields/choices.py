"""Fields where something is picked: choice and checkbox."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QWidget

from desktop.gui.theme import Theme
from desktop.gui.widgets.fields.base import FieldEditor
from desktop.gui.widgets.text import measured
from prompts.template import Field, is_checked

NOTHING = "（選んでください）"


class PickList(QComboBox):
    """A combo box that leaves the wheel to the form's scrolling, and shrinks where there is little room."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumContentsLength(4)

    def wheelEvent(self, event: object, /) -> None:
        """Scroll the form, not the choice."""
        event.ignore()  # type: ignore[attr-defined]


class ChoiceField(FieldEditor):
    """One of the field's options."""

    def __init__(self, field: Field, theme: Theme) -> None:
        super().__init__(field, theme)
        self.box = PickList()
        if not (field.required and field.default):
            self.box.addItem(NOTHING, "")
        for option in field.options:
            self.box.addItem(option, option)
        measured(self.box, theme, lambda: self.box.setMinimumWidth(theme.px(260)))
        row = QHBoxLayout()
        row.addWidget(self.box)
        row.addStretch(1)
        self.box.currentIndexChanged.connect(self._touched)
        self._set_edit(self.box, row=row)

    def value(self) -> str:
        """The option; empty when none is chosen."""
        return str(self.box.currentData() or "")

    def _put(self, value: str) -> None:
        self.box.setCurrentIndex(max(0, self.box.findData(value)))


class CheckField(FieldEditor):
    """A tick. Its text is the field's label."""

    def __init__(self, field: Field, theme: Theme) -> None:
        super().__init__(field, theme)
        self.check = QCheckBox(field.options[0] if field.options else "はい")
        self.check.toggled.connect(self._touched)
        row = QHBoxLayout()
        row.addWidget(self.check)
        row.addStretch(1)
        self._set_edit(self.check, row=row)

    @property
    def box(self) -> QWidget:
        """The box."""
        return self.check

    def value(self) -> str:
        """`はい` or `いいえ`."""
        return "はい" if self.check.isChecked() else "いいえ"

    def _put(self, value: str) -> None:
        options = self.field.options
        self.check.setChecked(is_checked(value) is True or (bool(options) and value == options[0]))
