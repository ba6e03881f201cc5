"""The look and the keyboard of every table of the window."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from desktop.gui.theme import Theme
from desktop.gui.widgets.text import measured

ROW_PX = 32


def table_of(
    model: QAbstractItemModel,
    theme: Theme,
    *,
    name: str,
    widths: Mapping[int, int],
    stretched: int,
    is_multiple: bool = False,
) -> QTableView:
    """A table whose rows are chosen as a whole; Tab leaves it.

    Args:
        model: What it shows.
        theme: The look.
        name: What a screen reader says.
        widths: Widths by column, px at the usual text size.
        stretched: The column that takes the rest.
        is_multiple: Whether more than one row can be chosen.
    """
    view = QAbstractItemView
    table = QTableView()
    table.setModel(model)
    table.setAccessibleName(name)
    table.setSelectionBehavior(view.SelectionBehavior.SelectRows)
    table.setSelectionMode(
        view.SelectionMode.ExtendedSelection if is_multiple else view.SelectionMode.SingleSelection
    )
    table.setEditTriggers(view.EditTrigger.NoEditTriggers)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.verticalHeader().hide()
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)

    def put() -> None:
        table.verticalHeader().setDefaultSectionSize(theme.px(ROW_PX))
        for column, width in widths.items():
            table.setColumnWidth(column, theme.px(width))

    measured(table, theme, put)
    return table
