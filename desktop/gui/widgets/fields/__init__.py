"""Form fields: one editor per field type, all with one face (`FieldEditor`)."""

from desktop.gui.widgets.fields.base import FieldEditor
from desktop.gui.widgets.fields.make import make_editor

__all__ = ["FieldEditor", "make_editor"]
