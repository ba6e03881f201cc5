"""Templates as a table: what the screen for managing them shows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from prompts.library import Shelf, TemplateCard

Index = QModelIndex | QPersistentModelIndex
COLUMNS = ("題名", "用途", "棚", "承認", "版")
SHELF_WORDS = {
    Shelf.STANDARD: "庁内標準",
    Shelf.SECTION: "課",
    Shelf.PERSONAL: "個人",
    Shelf.BUILT_IN: "付属",
}


class LibraryTableModel(QAbstractTableModel):
    """A table of templates."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cards: tuple[TemplateCard, ...] = ()

    def show(self, cards: Sequence[TemplateCard]) -> None:
        """Show these templates."""
        self.beginResetModel()
        self._cards = tuple(cards)
        self.endResetModel()

    def card_at(self, row: int) -> TemplateCard:
        """The card of a row."""
        return self._cards[row]

    def row_of(self, template_id: str) -> int:
        """The row of a template; -1 when it is not shown."""
        return next((row for row, card in enumerate(self._cards) if card.id == template_id), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of templates."""
        return 0 if parent.isValid() else len(self._cards)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A cell's text."""
        if not index.isValid() or role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        card = self._cards[index.row()]
        star = "★ " if card.is_favourite else ""
        status = "" if card.shelf is Shelf.BUILT_IN else card.status.value
        return (
            f"{star}{card.title}",
            card.category.value,
            SHELF_WORDS[card.shelf],
            status,
            card.version,
        )[index.column()]

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """The columns' names."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return COLUMNS[section]
        return None
