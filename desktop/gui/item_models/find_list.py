"""The finds of a review as rows: one for each distinct value, under headings by kind."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.gui.controllers.mask_preview import MaskPreview
from desktop.gui.theme import kind_group
from models.masking.entities import NOUNS, QUASI_IDENTIFIERS, EntityType
from models.masking.review import Origin, Review

Index = QModelIndex | QPersistentModelIndex
FIND_ROLE = int(Qt.ItemDataRole.UserRole) + 1
DOUBTFUL_HEADING = "要確認"
QUASI_HEADING = "組み合わせに注意"


@dataclass(frozen=True)
class FindRow:
    """A heading (`items` empty) or one value with all its mentions.

    Attributes:
        heading: The heading it is or stands under.
        items: Indices of the mentions in the review.
        label: Noun and number of the placeholder, or the noun alone where it is not masked.
        value: The characters.
        group: Its colour group.
        masked_count: How many mentions are masked.
        is_doubtful: Whether it deserves a second look.
        is_stop: Whether it may not be sent at all.
        is_hint: Whether it is only pointed out unless somebody masks it.
    """

    heading: str
    items: tuple[int, ...] = ()
    label: str = ""
    value: str = ""
    group: str = "own"
    masked_count: int = 0
    is_doubtful: bool = False
    is_stop: bool = False
    is_hint: bool = False


def rows_of(review: Review, shown: MaskPreview) -> list[FindRow]:
    """The rows of a review: doubtful finds first, then kind by kind, quasi-identifiers last."""
    rows: dict[tuple[str, str, str], list[int]] = {}
    for index, item in enumerate(review.items):
        person = item.span.person if item.span.entity_type is EntityType.PERSON else ""
        key = (_heading(review, index), item.span.entity_type.value, person or review.value_of(item))
        rows.setdefault(key, []).append(index)
    order = _heading_order(rows)
    made: list[FindRow] = []
    for heading in order:
        own = [(key, items) for key, items in rows.items() if key[0] == heading]
        mentions = sum(len(items) for _, items in own)
        made.append(FindRow(f"{heading}　{mentions}件"))
        made += [_row(review, shown, heading, items) for _, items in own]
    return made


def _heading(review: Review, index: int) -> str:
    item = review.items[index]
    if item.span.is_low_confidence:
        return DOUBTFUL_HEADING
    if item.span.entity_type in QUASI_IDENTIFIERS:
        return QUASI_HEADING
    if item.origin is Origin.VERBATIM:
        return "そのまま使う項目"
    return NOUNS[item.span.entity_type]


def _heading_order(rows: dict[tuple[str, str, str], list[int]]) -> list[str]:
    headings = list(dict.fromkeys(key[0] for key in rows))
    first = [h for h in (NOUNS[EntityType.MY_NUMBER], DOUBTFUL_HEADING) if h in headings]
    last = [h for h in (QUASI_HEADING, "そのまま使う項目") if h in headings]
    known = [noun for noun in NOUNS.values() if noun in headings and noun not in (*first, *last)]
    return [*first, *known, *last]


def _row(review: Review, shown: MaskPreview, heading: str, items: list[int]) -> FindRow:
    chosen = review.items[items[0]]
    label = next((name for i in items if (name := shown.label_of(i))), "")
    longest = max((review.value_of(review.items[i]) for i in items), key=len)
    return FindRow(
        heading,
        tuple(items),
        label or chosen.span.noun or NOUNS[chosen.span.entity_type],
        longest.replace("\n", " "),
        kind_group(chosen.span.entity_type),
        sum(review.items[i].is_masked for i in items),
        chosen.span.is_low_confidence,
        chosen.span.entity_type is EntityType.MY_NUMBER,
        chosen.span.entity_type in QUASI_IDENTIFIERS,
    )


class FindListModel(QAbstractListModel):
    """The rows of `rows_of`; headings cannot be chosen."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[FindRow] = []

    def show(self, review: Review, shown: MaskPreview) -> None:
        """Show a review as it stands. Rows that stay the same keep their place and selection."""
        rows = rows_of(review, shown)
        same_shape = [(r.heading, r.items) for r in rows] == [(r.heading, r.items) for r in self._rows]
        if same_shape:
            self._rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def clear(self) -> None:
        """Show nothing."""
        self.beginResetModel()
        self._rows = []
        self.endResetModel()

    def row_at(self, row: int) -> FindRow:
        """The row of an index."""
        return self._rows[row]

    def row_of_item(self, item: int) -> int | None:
        """The row that holds an item of the review."""
        return next((n for n, row in enumerate(self._rows) if item in row.items), None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of rows, headings included."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text, accessible text and the row itself."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{row.label}　{row.value}" if row.items else row.heading
        if role == Qt.ItemDataRole.AccessibleTextRole:
            if not row.items:
                return row.heading
            state = "伏せる" if row.masked_count else "そのまま"
            return f"{row.label}、{row.value}、{len(row.items)}か所、{state}"
        if role == FIND_ROLE:
            return row
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Finds can be chosen, headings cannot."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        is_find = bool(self._rows[index.row()].items)
        return (
            Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable if is_find else Qt.ItemFlag.NoItemFlags
        )
