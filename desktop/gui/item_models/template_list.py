"""Templates as rows: what a search or a category shows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from prompts.library import TemplateCard

Index = QModelIndex | QPersistentModelIndex
CARD_ROLE = int(Qt.ItemDataRole.UserRole) + 1
IS_SERVED_ROLE = CARD_ROLE + 1
IS_FAVOURITE_ROLE = CARD_ROLE + 2


class TemplateListModel(QAbstractListModel):
    """A list of templates.

    Args:
        is_demo: Whether the demonstration model is in use, which serves only some of them.
        parent: Qt's owner.
    """

    def __init__(self, *, is_demo: bool = False, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cards: list[TemplateCard] = []
        self._is_demo = is_demo

    def show(self, cards: Sequence[TemplateCard]) -> None:
        """Show these templates."""
        self.beginResetModel()
        self._cards = list(cards)
        self.endResetModel()

    def card_at(self, row: int) -> TemplateCard:
        """The card of a row."""
        return self._cards[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of templates."""
        return 0 if parent.isValid() else len(self._cards)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Title, tooltip and the roles above."""
        if not index.isValid() or index.row() >= len(self._cards):
            return None
        card = self._cards[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return card.title
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{card.title}。{card.description}"
            case _ if role == CARD_ROLE:
                return card
            case _ if role == IS_SERVED_ROLE:
                return card.demo_model or not self._is_demo
            case _ if role == IS_FAVOURITE_ROLE:
                return card.is_favourite
        return None
