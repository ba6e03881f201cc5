"""The table field: a small grid that takes what is copied in Excel."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QTableView

from desktop.gui.item_models.grid_model import GridModel
from desktop.gui.theme import IconName, Space, Theme
from desktop.gui.widgets.fields.base import FieldEditor
from desktop.gui.widgets.text import button, label, measured, wear_icon
from prompts.template import Field


class PasteTable(QTableView):
    """A table view into which a copied range can be pasted."""

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        """Ctrl+V pastes cells, Delete empties them."""
        model = self.model()
        if not isinstance(model, GridModel):
            super().keyPressEvent(event)
        elif event.matches(QKeySequence.StandardKey.Paste):
            at = self.currentIndex()
            clipboard = QGuiApplication.clipboard().text()
            model.paste(max(0, at.row()), max(0, at.column()), clipboard)
        elif event.matches(QKeySequence.StandardKey.Delete):
            for index in self.selectedIndexes():
                model.setData(index, "")
        else:
            super().keyPressEvent(event)


class GridField(FieldEditor):
    """A table; its value is tab-separated lines, the headings first."""

    def __init__(self, field: Field, theme: Theme) -> None:
        super().__init__(field, theme)
        self.model = GridModel(self)
        self.table = PasteTable()
        self.table.setModel(self.model)
        self.table.setTabKeyNavigation(True)
        self.table.horizontalHeader().setStretchLastSection(True)
        measured(self.table, theme, self._measure)
        for signal in (
            self.model.dataChanged,
            self.model.modelReset,
            self.model.rowsInserted,
            self.model.columnsInserted,
        ):
            signal.connect(self._touched)
        self._set_edit(self.table)
        row = QHBoxLayout()
        row.setSpacing(Space.XS)
        for text, icon_name, slot in (
            ("行を足す", IconName.PLUS, self.model.add_row),
            ("列を足す", IconName.PLUS, self.model.add_column),
        ):
            more = button(text, "plain", name=f"{field.label}に{text}")
            wear_icon(more, theme, icon_name, tone="green")
            more.clicked.connect(slot)
            row.addWidget(more)
        row.addWidget(label("Excelの表は、コピーして Ctrl+V で貼り付けられます。", "caption"))
        row.addStretch(1)
        self.column.insertLayout(self.column.indexOf(self.table) + 1, row)

    def _measure(self) -> None:
        self.table.horizontalHeader().setDefaultSectionSize(self.theme.px(150))
        self.table.verticalHeader().setDefaultSectionSize(self.theme.px(28))
        self.table.setFixedHeight(self.theme.px(28 * 5 + 12))

    def value(self) -> str:
        """Tab-separated lines."""
        return self.model.text

    def _put(self, value: str) -> None:
        self.model.set_text(value)
