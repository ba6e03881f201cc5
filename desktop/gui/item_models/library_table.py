"""Templates as a table: what the screen for managing them shows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from desktop.gui.item_models.table_model import TableModel
from prompts.library import Shelf, TemplateCard

COLUMNS = ("題名", "用途", "棚", "承認", "版")
SHELF_WORDS = {
    Shelf.STANDARD: "庁内標準",
    Shelf.SECTION: "課",
    Shelf.PERSONAL: "個人",
    Shelf.BUILT_IN: "付属",
}


class LibraryTableModel(TableModel[TemplateCard]):
    """A table of templates."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)

    def row_of(self, template_id: str) -> int:
        """The row of a template; -1 when it is not shown."""
        return next((number for number, card in enumerate(self._rows) if card.id == template_id), -1)

    def cells(self, row: TemplateCard) -> Sequence[str]:
        """See `TableModel.cells`."""
        star = "★ " if row.is_favourite else ""
        status = "" if row.shelf is Shelf.BUILT_IN else row.status.value
        return (f"{star}{row.title}", row.category.value, SHELF_WORDS[row.shelf], status, row.version)
