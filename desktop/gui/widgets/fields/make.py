"""Which editor a field type gets."""

from __future__ import annotations

from desktop.gui.controllers.parts import ReadFile
from desktop.gui.theme import Theme
from desktop.gui.widgets.fields.area import AreaField
from desktop.gui.widgets.fields.base import FieldEditor
from desktop.gui.widgets.fields.choices import CheckField, ChoiceField
from desktop.gui.widgets.fields.grid import GridField
from desktop.gui.widgets.fields.line import DateField, NumberField, TextField, TimeField
from prompts.template import Field, FieldType


def make_editor(field: Field, theme: Theme, read_file: ReadFile) -> FieldEditor:
    """The editor of a field."""
    match field.type:
        case FieldType.LONG_TEXT | FieldType.ATTACHMENT:
            return AreaField(field, theme, read_file)
        case FieldType.CHOICE:
            return ChoiceField(field, theme)
        case FieldType.CHECKBOX:
            return CheckField(field, theme)
        case FieldType.TABLE:
            return GridField(field, theme)
        case FieldType.NUMBER:
            return NumberField(field, theme)
        case FieldType.DATE:
            return DateField(field, theme)
        case FieldType.TIME:
            return TimeField(field, theme)
        case FieldType.TEXT:
            return TextField(field, theme)
