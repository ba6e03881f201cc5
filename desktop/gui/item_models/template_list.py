"""Templates as rows: what a search or a category shows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from prompts.template import PromptTemplate

Index = QModelIndex | QPersistentModelIndex
TEMPLATE_ROLE = int(Qt.ItemDataRole.UserRole) + 1
IS_SERVED_ROLE = TEMPLATE_ROLE + 1
IS_FAVOURITE_ROLE = TEMPLATE_ROLE + 2


class TemplateListModel(QAbstractListModel):
    """A list of templates.

    Args:
        is_demo: Whether the demonstration model is in use, which serves only some of them.
        parent: Qt's owner.
    """

    def __init__(self, *, is_demo: bool = False, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._templates: list[PromptTemplate] = []
        self._favourites: frozenset[str] = frozenset()
        self._is_demo = is_demo

    def show(self, templates: Sequence[PromptTemplate], favourites: Sequence[str] = ()) -> None:
        """Show these templates."""
        self.beginResetModel()
        self._templates = list(templates)
        self._favourites = frozenset(favourites)
        self.endResetModel()

    def template_at(self, row: int) -> PromptTemplate:
        """The template of a row."""
        return self._templates[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of templates."""
        return 0 if parent.isValid() else len(self._templates)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Title, tooltip and the roles above."""
        if not index.isValid() or index.row() >= len(self._templates):
            return None
        template = self._templates[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return template.title
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{template.title}。{template.description}"
            case _ if role == TEMPLATE_ROLE:
                return template
            case _ if role == IS_SERVED_ROLE:
                return template.demo_model or not self._is_demo
            case _ if role == IS_FAVOURITE_ROLE:
                return template.id in self._favourites
        return None
