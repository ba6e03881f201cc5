"""History: masked drafts. Found again, read, put into the bin, taken out of it or deleted for good."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelection, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import (
    QButtonGroup,
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
from desktop.gui.widgets.confirm import ConfirmDialog, confirm
from desktop.gui.widgets.paper import Paper
from desktop.gui.widgets.screen import Screen
from desktop.gui.widgets.table import table_of
from desktop.gui.widgets.text import button, label, measured, wear_icon

SEARCH_DELAY_MS = 150


class HistoryScreen(Screen):
    """All drafts of this person, with placeholders in place of personal information.

    Signals:
        template_asked: (template id) a new draft with the same template.
        deletion_asked: Every draft is to be deleted for good; the person was asked.
    """

    template_asked = Signal(str)
    deletion_asked = Signal()
    help_text = (
        "これまでの下書きです。個人情報は伏せたままで保存されています。\n\n"
        "「ごみ箱」に切り替えると、入れた下書きを元に戻すか、完全に消せます。\n\n"
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
        self._build_places()
        self.question: ConfirmDialog | None = None
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
            archive = self._parts.archive
            drafts = archive.binned() if self.is_bin else archive.search(self.search.text())
        except DraftingError as error:
            self._say(error)
            return
        self.model.show(drafts)
        has_query = bool(self.search.text().strip())
        self._nothing.setText(
            "その言葉を含む下書きはありません。"
            if has_query and not self.is_bin
            else "ごみ箱は空です。"
            if self.is_bin
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
        self.list_choice.setChecked(True)
        self.refresh()
        (self.table if self.model.rowCount() else self.search).setFocus()

    @property
    def is_bin(self) -> bool:
        """Whether the bin is shown."""
        return self.bin_choice.isChecked()

    def show_deleted(self, number: int, *, unsent: int) -> None:
        """Everything is gone: say what it was."""
        self.refresh()
        self.banner.say(
            "下書きをすべて消しました。",
            f"履歴とごみ箱の{number:,}件、入力の途中の{unsent:,}件を消しました。消したことは、利用の記録に残りました。",
            tone="green",
        )

    def focus_search(self) -> None:
        """Ctrl+F."""
        if self.is_bin:
            self.list_choice.click()
        self.search.setFocus()
        self.search.selectAll()

    def panes(self) -> Sequence[QWidget]:
        """Search, list, text."""
        return (self.search, self.table, self.paper)

    def _build_places(self) -> None:
        group = QButtonGroup(self)
        self.list_choice, self.bin_choice = button("履歴", "chip"), button("ごみ箱", "chip")
        for choice in (self.list_choice, self.bin_choice):
            choice.setCheckable(True)
            choice.clicked.connect(self._change_place)
            group.addButton(choice)
            self.header_row.addWidget(choice)
        self.list_choice.setChecked(True)

    def _change_place(self) -> None:
        self.banner.clear()
        self.refresh()

    def _build_table(self) -> QTableView:
        table = table_of(
            self.model, self.theme, name="下書きの一覧", widths={0: 168, 1: 190, 3: 132}, stretched=2
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
        self.restore_button = button("元に戻す")
        wear_icon(self.restore_button, self.theme, IconName.UNDO)
        self.restore_button.clicked.connect(self._restore)
        self.purge_button = button("ごみ箱を空にする…", "stop")
        self.purge_button.clicked.connect(self._ask_purge)
        self.delete_all_button = button("下書きをすべて消す…", "plain")
        wear_icon(self.delete_all_button, self.theme, IconName.TRASH, tone="green")
        self.delete_all_button.clicked.connect(self._ask_deletion)
        widgets = (self._again, self._bin, self.restore_button, self.purge_button)
        for place, widget in enumerate(widgets):
            self.footer_row.insertWidget(place, widget)
        self.footer_row.addWidget(self.delete_all_button)
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
        for widget in (self._again, self._bin, self.restore_button):
            widget.setEnabled(has_one)
        of_list: tuple[QWidget, ...] = (self._again, self._bin, self.search, self.delete_all_button)
        for shown in of_list:
            shown.setVisible(not self.is_bin)
        for shown in (self.restore_button, self.purge_button):
            shown.setVisible(self.is_bin)
        self.purge_button.setEnabled(bool(self.model.rowCount()))

    def _ask_template(self) -> None:
        index = self._selected()
        if index is not None:
            self.template_asked.emit(self.model.row_at(index.row()).template_id)

    def _discard(self) -> None:
        index = self._selected()
        if index is None or self.is_bin:
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
            on_action=lambda: self._take_back(draft.id),
        )

    def _restore(self) -> None:
        index = self._selected()
        if index is not None:
            title = self.model.row_at(index.row()).template_title
            if self._put_back(self.model.row_at(index.row()).id):
                self.banner.say("履歴に戻しました。", f"「{title}」の下書きです。", tone="green")

    def _ask_purge(self) -> None:
        number = self.model.rowCount()
        self.question = confirm(
            self,
            title="ごみ箱を空にしますか。",
            what=f"ごみ箱の下書き{number:,}件を完全に消します。元には戻せません。消したことは、利用の記録に残ります。",
            action="完全に消す",
            on_yes=self._purge,
        )

    def _purge(self) -> None:
        try:
            number = self._parts.archive.purge_bin()
        except DraftingError as error:
            self._say(error)
            return
        self.refresh()
        self.banner.say(f"{number:,}件を完全に消しました。", tone="green")

    def _ask_deletion(self) -> None:
        self.question = confirm(
            self,
            title="下書きをすべて消しますか。",
            what="履歴、ごみ箱、「つづきから」の入力の途中を、すべて完全に消します。元には戻せません。"
            "必要な下書きは、先にファイルに保存してください。ひな形、自分の辞書、「役に立ちましたか」の答えは残ります。"
            "消したことは、利用の記録に残ります。",
            action="すべて消す",
            on_yes=self.deletion_asked.emit,
        )

    def _take_back(self, draft_id: str) -> None:
        self._put_back(draft_id)

    def _put_back(self, draft_id: str) -> bool:
        try:
            self._parts.archive.put_back(draft_id)
        except DraftingError as error:
            self._say(error)
            return False
        self.refresh()
        return True
