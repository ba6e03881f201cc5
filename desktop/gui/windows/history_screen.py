"""History: masked drafts. Found again, read, put into the bin."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelection, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import (
    QLineEdit,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop.drafting.errors import DraftingError
from desktop.gui.controllers.parts import Parts
from desktop.gui.item_models.history_list import HistoryModel
from desktop.gui.messages import message_for
from desktop.gui.theme import IconName, Space, Theme, icon
from desktop.gui.widgets.paper import Paper
from desktop.gui.widgets.screen import Screen
from desktop.gui.widgets.table import table_of
from desktop.gui.widgets.text import button, label, measured, wear_icon

SEARCH_DELAY_MS = 150


class HistoryScreen(Screen):
    """All drafts of this person, with placeholders in place of personal information.

    Signals:
        template_asked: (template id) a new draft with the same template.
    """

    template_asked = Signal(str)
    help_text = (
        "これまでの下書きです。個人情報は伏せたままで保存されています。\n\n"
        "Ctrl+F　検索\nDelete　ごみ箱に入れる\nF6　検索・一覧・本文のあいだを移る\nEsc　ホームに戻る"
    )

    def __init__(self, theme: Theme, parts: Parts) -> None:
        super().__init__(theme, title="履歴", back="ホーム")
        self._parts = parts
        self.search = QLineEdit()
        self.search.setProperty("role", "search")
        self.search.setPlaceholderText("ひな形の名前や本文の言葉で探す")
        self.search.setAccessibleName("履歴を探す")
        self.search.setClearButtonEnabled(True)
        measured(self.search, theme, lambda: self.search.setFixedWidth(theme.px(420)))
        self.search.addAction(
            icon(IconName.SEARCH, theme.tokens.quiet), QLineEdit.ActionPosition.LeadingPosition
        )
        self.header_row.insertSpacing(2, Space.L)
        self.header_row.insertWidget(3, self.search)
        self.model = HistoryModel(self)
        self.table = self._build_table()
        self.paper = Paper(theme)
        self.paper.setReadOnly(True)
        self.paper.setAccessibleName("下書き（伏せ字のまま）")
        self._build_body()
        self._timer = QTimer(self, singleShot=True, interval=SEARCH_DELAY_MS)
        self._timer.timeout.connect(self.refresh)
        self.search.textChanged.connect(lambda _: self._timer.start())
        delete = QShortcut(Qt.Key.Key_Delete, self.table)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._discard)

    def refresh(self) -> None:
        """Search again."""
        try:
            drafts = self._parts.archive.search(self.search.text())
        except DraftingError as error:
            self._say(error)
            return
        self.model.show(drafts)
        has_query = bool(self.search.text().strip())
        self._nothing.setText(
            "その言葉を含む下書きはありません。"
            if has_query
            else "まだ下書きはありません。ここには、作った下書きが個人情報を伏せたまま残ります。"
        )
        self._nothing.setVisible(not drafts)
        self._panes.setVisible(bool(drafts))
        if drafts:
            self.table.selectRow(0)
        else:
            self.paper.show_final("", (), can_edit=False)
        self._update()

    def entered(self) -> None:
        """Newest first, the keyboard in the list."""
        self.banner.clear()
        self.refresh()
        (self.table if self.model.rowCount() else self.search).setFocus()

    def focus_search(self) -> None:
        """Ctrl+F."""
        self.search.setFocus()
        self.search.selectAll()

    def panes(self) -> Sequence[QWidget]:
        """Search, list, text."""
        return (self.search, self.table, self.paper)

    def _build_table(self) -> QTableView:
        table = table_of(
            self.model, self.theme, name="下書きの一覧", widths={0: 168, 1: 190, 3: 108}, stretched=2
        )
        table.selectionModel().selectionChanged.connect(self._show_selected)
        return table

    def _build_body(self) -> None:
        column = QVBoxLayout()
        column.setContentsMargins(Space.XL, Space.M, Space.XL, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(
            label(
                "個人情報は伏せたまま保存しています。元の値は、この端末のどこにも平文では残りません。",
                "caption",
            )
        )
        self._nothing = label("", wraps=True)
        column.addWidget(self._nothing)
        self._panes = QSplitter(Qt.Orientation.Vertical)
        self._panes.setHandleWidth(Space.M)
        self._panes.setChildrenCollapsible(False)
        self._panes.addWidget(self.table)
        self._panes.addWidget(self.paper)
        self._panes.setSizes([220, 340])
        column.addWidget(self._panes, 1)
        self._again = button("同じひな形で新しく作る")
        wear_icon(self._again, self.theme, IconName.WRITE, tone="green")
        self._again.clicked.connect(self._ask_template)
        self._bin = button("ごみ箱に入れる", name="ごみ箱に入れる（Delete）")
        wear_icon(self._bin, self.theme, IconName.TRASH)
        self._bin.clicked.connect(self._discard)
        self.footer_row.insertWidget(0, self._again)
        self.footer_row.insertWidget(1, self._bin)
        self.primary.hide()
        self.footer.show()
        self.body.addLayout(column, 1)
        column.addStretch(0)

    def _say(self, error: DraftingError) -> None:
        notice = message_for(error)
        self.banner.say(notice.title, notice.what)

    def _selected(self) -> QModelIndex | None:
        rows = self.table.selectionModel().selectedRows()
        return rows[0] if rows else None

    def _show_selected(self, _now: QItemSelection, _before: QItemSelection) -> None:
        index = self._selected()
        if index is not None:
            try:
                draft = self._parts.archive.get(self.model.row_at(index.row()).id)
            except DraftingError as error:
                self._say(error)
                return
            text = draft.turns[-1].completion if draft.turns else ""
            self.paper.show_final(text or "（下書きはまだありません）", (), can_edit=False)
        self._update()

    def _update(self) -> None:
        has_one = self._selected() is not None
        self._again.setEnabled(has_one)
        self._bin.setEnabled(has_one)

    def _ask_template(self) -> None:
        index = self._selected()
        if index is not None:
            self.template_asked.emit(self.model.row_at(index.row()).template_id)

    def _discard(self) -> None:
        index = self._selected()
        if index is None:
            return
        draft = self.model.row_at(index.row())
        try:
            self._parts.archive.discard(draft.id)
        except DraftingError as error:
            self._say(error)
            return
        self.refresh()
        self.banner.say(
            "ごみ箱に入れました。",
            f"「{draft.template_title}」の下書きです。",
            tone="green",
            action="元に戻す",
            on_action=lambda: self._put_back(draft.id),
        )

    def _put_back(self, draft_id: str) -> None:
        try:
            self._parts.archive.put_back(draft_id)
        except DraftingError as error:
            self._say(error)
        self.refresh()
