"""The models on this PC as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject

from desktop.drafting.doctor import ModelVerdict
from desktop.drafting.models_here import ModelHere
from desktop.gui.item_models.table_model import TableModel

COLUMNS = ("モデル", "状態", "端末診断", "大きさ", "版", "置き場所")
NOT_MEASURED = "―"


class ModelTableModel(TableModel[ModelHere]):
    """A table of models."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)
        self._in_use = ""
        self._verdicts: Mapping[str, ModelVerdict] = {}

    def show_models(
        self, models: Sequence[ModelHere], *, in_use: str, verdicts: Mapping[str, ModelVerdict]
    ) -> None:
        """Show these models.

        Args:
            models: The rows.
            in_use: The file that writes now, as text.
            verdicts: What the doctor said, by the model's path as text.
        """
        self._in_use, self._verdicts = in_use, verdicts
        self.show(models)

    def row_of(self, path: str) -> int:
        """The row of a model file; -1 when it is not shown."""
        return next((number for number, model in enumerate(self._rows) if str(model.path) == path), -1)

    def state_of(self, row: ModelHere) -> str:
        """Whether it writes now, and whether it will after the next start."""
        if not row.is_allowed:
            return "使えない設定"
        if str(row.path) == self._in_use:
            return "使用中" if row.is_default else "今回だけ使用"
        return "次回から使用" if row.is_default else ""

    def cells(self, row: ModelHere) -> Sequence[str]:
        """See `TableModel.cells`."""
        verdict = self._verdicts.get(str(row.path))
        return (
            row.card.title,
            self.state_of(row),
            verdict.words if verdict else NOT_MEASURED,
            size_words(row.card.size_bytes),
            row.version,
            row.place.value,
        )


def size_words(size_bytes: int) -> str:
    """A file's size as people say it: 4.7 MB, 2.5 GB."""
    if size_bytes >= 10**9:
        return f"{size_bytes / 10**9:.1f} GB"
    return f"{size_bytes / 10**6:.1f} MB"
