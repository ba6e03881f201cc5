"""Stored drafts as rows: masked text only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.drafting.records.drafts import StoredDraft

Index = QModelIndex | QPersistentModelIndex
COLUMNS = ("日時", "ひな形", "下書き（伏せ字のまま）", "状態")
STATE_WORDS = {
    "confirmed": "確認済み",
    "checking": "未確認",
    "generating": "作成中に終了",
}


class HistoryModel(QAbstractTableModel):
    """A table of drafts, newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._drafts: tuple[StoredDraft, ...] = ()

    def show(self, drafts: Sequence[StoredDraft]) -> None:
        """Show these drafts."""
        self.beginResetModel()
        self._drafts = tuple(drafts)
        self.endResetModel()

    def draft_at(self, row: int) -> StoredDraft:
        """The draft of a row."""
        return self._drafts[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of drafts."""
        return 0 if parent.isValid() else len(self._drafts)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A cell's text."""
        if not index.isValid() or role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        draft = self._drafts[index.row()]
        at = draft.updated_at.astimezone()
        return (
            f"{at.year}/{at.month}/{at.day} {at:%H:%M}",
            draft.template_title,
            " ".join(draft.preview.split()),
            STATE_WORDS.get(draft.state, "未確認"),
        )[index.column()]

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """The columns' names."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return COLUMNS[section]
        return None
