"""The grid of a table field: text cells, the first row the headings, written as tab-separated lines."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex
MIN_ROWS: Final = 4
MIN_COLUMNS: Final = 3


def rows_of(text: str) -> list[list[str]]:
    """Cells of pasted text: tabs, else Markdown bars, else commas between columns; empty lines go."""
    lines = [line for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip()]
    if any("\t" in line for line in lines):
        return [line.split("\t") for line in lines]
    if lines and all(line.strip().startswith("|") for line in lines):
        cells = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
        return [row for row in cells if not all(set(cell) <= set("-: ") and cell for cell in row)]
    if lines and all("," in line for line in lines):
        return [line.split(",") for line in lines]
    return [[line] for line in lines]


class GridModel(QAbstractTableModel):
    """An editable grid that grows as it is filled."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows = [[""] * MIN_COLUMNS for _ in range(MIN_ROWS)]

    @property
    def text(self) -> str:
        """The filled part as tab-separated lines; empty when nothing is filled."""
        width = max((i + 1 for row in self._rows for i, cell in enumerate(row) if cell.strip()), default=0)
        lines = ["\t".join(cell.strip() for cell in row[:width]) for row in self._rows]
        while lines and not lines[-1].strip():
            lines.pop()
        return "\n".join(lines)

    def set_text(self, text: str) -> None:
        """Fill the grid from tab-separated lines."""
        rows = rows_of(text)
        width = max(MIN_COLUMNS, *(len(row) for row in rows), 0) if rows else MIN_COLUMNS
        self.beginResetModel()
        self._rows = [row + [""] * (width - len(row)) for row in rows]
        while len(self._rows) < MIN_ROWS:
            self._rows.append([""] * width)
        self.endResetModel()

    def paste(self, row: int, column: int, text: str) -> None:
        """Put pasted cells in from a cell on, growing the grid where they pass its edge."""
        cells = rows_of(text)
        if not cells:
            return
        height = max(len(self._rows), row + len(cells))
        width = max(self.columnCount(), column + max(len(line) for line in cells))
        self.beginResetModel()
        self._grow(height, width)
        for i, line in enumerate(cells):
            for j, cell in enumerate(line):
                self._rows[row + i][column + j] = cell.strip()
        self.endResetModel()

    def add_row(self) -> None:
        """One more row at the end."""
        at = len(self._rows)
        self.beginInsertRows(QModelIndex(), at, at)
        self._rows.append([""] * self.columnCount())
        self.endInsertRows()

    def add_column(self) -> None:
        """One more column at the right."""
        at = self.columnCount()
        self.beginInsertColumns(QModelIndex(), at, at)
        for row in self._rows:
            row.append("")
        self.endInsertColumns()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of columns."""
        return 0 if parent.isValid() else len(self._rows[0])

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A cell's text."""
        if index.isValid() and role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._rows[index.row()][index.column()]
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Change a cell."""
        if not index.isValid() or role != Qt.ItemDataRole.EditRole:
            return False
        self._rows[index.row()][index.column()] = str(value)
        self.dataChanged.emit(index, index, [role, Qt.ItemDataRole.DisplayRole])
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every cell can be edited."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """見出し for the first row, then numbers; letters above."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Horizontal:
            return chr(ord("A") + section) if section < 26 else str(section + 1)
        return "見出し" if section == 0 else str(section)

    def _grow(self, height: int, width: int) -> None:
        for row in self._rows:
            row.extend([""] * (width - len(row)))
        while len(self._rows) < height:
            self._rows.append([""] * width)
