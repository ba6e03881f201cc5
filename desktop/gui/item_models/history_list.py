"""Stored drafts as rows: masked text only."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from desktop.drafting.records.drafts import StoredDraft
from desktop.gui.item_models.table_model import TableModel

COLUMNS = ("日時", "ひな形", "下書き（伏せ字のまま）", "状態")
STATE_WORDS = {
    "confirmed": "確認済み",
    "checking": "未確認",
    "generating": "作成中に終了",
}


class HistoryModel(TableModel[StoredDraft]):
    """A table of drafts, newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)

    def cells(self, row: StoredDraft) -> Sequence[str]:
        """See `TableModel.cells`."""
        at = row.updated_at.astimezone()
        return (
            f"{at.year}/{at.month}/{at.day} {at:%H:%M}",
            row.template_title,
            " ".join(row.preview.split()),
            STATE_WORDS.get(row.state, "未確認"),
        )
