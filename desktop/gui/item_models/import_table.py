"""What an import would do, as a table: what cannot come in first, then what has to be decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject

from desktop.gui.item_models.table_model import TableModel
from prompts.sharing import Decision, ImportPlan, PersonalFind, PlannedEntry, Rejected

COLUMNS = ("結果", "ひな形", "どうするか")
DECISION_WORDS = {
    Decision.SKIP: "取り込まない",
    Decision.REPLACE: "置き換える",
    Decision.COPY: "別のひな形にする",
}


class Outcome(StrEnum):
    """What happens to an entry; the value is what a person reads."""

    REJECTED = "取り込めない"
    CONFLICT = "食い違い"
    NEW = "新規"
    UPDATED = "新しい版"
    UNCHANGED = "変更なし"


@dataclass(frozen=True)
class ImportRow:
    """One line: an entry that can come in, or one that cannot."""

    outcome: Outcome
    entry: PlannedEntry | None = None
    rejected: Rejected | None = None
    finds: tuple[PersonalFind, ...] = ()

    @property
    def path(self) -> str:
        """Where it comes from."""
        if self.entry is not None:
            return self.entry.path
        return self.rejected.path if self.rejected is not None else ""


def rows_of(plan: ImportPlan) -> tuple[ImportRow, ...]:
    """The lines of a plan in the order in which a person should look at them."""
    finds: dict[tuple[str, str], list[PersonalFind]] = {}
    for find in plan.personal_information:
        finds.setdefault((find.path, find.template_id), []).append(find)
    parts = (
        (Outcome.CONFLICT, plan.conflicts),
        (Outcome.NEW, plan.new),
        (Outcome.UPDATED, plan.updated),
        (Outcome.UNCHANGED, plan.unchanged),
    )
    rows = [ImportRow(Outcome.REJECTED, rejected=refused) for refused in plan.rejected]
    for outcome, entries in parts:
        rows += [
            ImportRow(outcome, entry, finds=tuple(finds.get((entry.path, entry.template.id), ())))
            for entry in entries
        ]
    return tuple(rows)


class ImportTableModel(TableModel[ImportRow]):
    """A table of `ImportRow`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)
        self._decisions: dict[str, Decision] = {}

    @property
    def decisions(self) -> Mapping[str, Decision]:
        """What the person decided, by path."""
        return self._decisions

    def show_plan(self, rows: Sequence[ImportRow], decisions: dict[str, Decision]) -> None:
        """Show these lines with what was decided about them."""
        self._decisions = decisions
        self.show(rows)

    def decide(self, row: int, decision: Decision) -> None:
        """Take over a decision about a conflict."""
        self._decisions[self._rows[row].path] = decision
        index = self.index(row, 2)
        self.dataChanged.emit(index, index)

    def cells(self, row: ImportRow) -> Sequence[str]:
        """See `TableModel.cells`."""
        personal = "　個人情報？" if row.finds else ""
        return (
            row.outcome.value + personal,
            row.entry.template.title if row.entry else row.path,
            self._deed(row),
        )

    def _deed(self, row: ImportRow) -> str:
        match row.outcome:
            case Outcome.NEW | Outcome.UPDATED:
                return "取り込む"
            case Outcome.CONFLICT:
                return DECISION_WORDS[self._decisions.get(row.path, Decision.SKIP)]
            case _:
                return "―"
