"""The templates: all shelves, what can be done with each, and the way in and out by file."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QMenu,
    QPushButton,
    QScrollArea,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop.gui.controllers.parts import Parts
from desktop.gui.item_models.library_table import SHELF_WORDS, LibraryTableModel
from desktop.gui.messages import message_for
from desktop.gui.theme import IconName, Space, Theme, icon
from desktop.gui.widgets.hint import Hint
from desktop.gui.widgets.screen import Screen
from desktop.gui.widgets.table import table_of
from desktop.gui.widgets.text import button, card, label, measured, wear_icon
from prompts.errors import PromptsError
from prompts.library import Shelf, TemplateCard

SEARCH_DELAY_MS = 150
SHOWN = 2_000
ROOMY_PX = 1040
ROOMY_COLUMNS = (1, 3, 4)
SHELVES_PX, DETAIL_PX, DETAIL_MOST_PX = 132, 300, 360
IMPORT_FILTER = (
    "ひな形 (*.prompt.md *.kianpack *.json *.csv *.xlsx *.prompty *.md *.txt *.zip);;すべてのファイル (*)"
)
EVERYTHING, FAVOURITES, BIN = "すべて", "よく使う", "ごみ箱"
PLACES: tuple[tuple[str, Shelf | None], ...] = (
    (EVERYTHING, None),
    (FAVOURITES, None),
    (SHELF_WORDS[Shelf.PERSONAL], Shelf.PERSONAL),
    (SHELF_WORDS[Shelf.SECTION], Shelf.SECTION),
    (SHELF_WORDS[Shelf.STANDARD], Shelf.STANDARD),
    (SHELF_WORDS[Shelf.BUILT_IN], Shelf.BUILT_IN),
    (BIN, None),
)


class LibraryScreen(Screen):
    """All templates with everything that can be done with them.

    Signals:
        use_asked: (template id) begin a draft.
        edit_asked: (template id) open it in the form builder.
        new_asked: An empty template in the form builder.
        history_asked: (template id) its revisions and approval.
        import_asked: (paths) preview what these files bring.
        export_asked: (template ids) write these to a file.
    """

    use_asked = Signal(str)
    edit_asked = Signal(str)
    new_asked = Signal()
    history_asked = Signal(str)
    import_asked = Signal(object)
    export_asked = Signal(object)
    help_text = (
        "ひな形の一覧です。付属と庁内標準のひな形は直接は変えられないので、複製してから直します。\n\n"
        "ファイルをこの画面に落とすと、取り込む前の確認が出ます。\n\n"
        "Ctrl+F　検索\nEnter　編集する（変えられないものは複製）\nDelete　ごみ箱に入れる\n"
        "F6　棚・一覧・操作のあいだを移る\nEsc　ホームに戻る"
    )

    def __init__(self, theme: Theme, parts: Parts) -> None:
        super().__init__(theme, title="ひな形の管理", back="ホーム", primary="新しいひな形を作る")
        self._parts = parts
        self.primary.clicked.connect(self.new_asked)
        self._build_search()
        self.places = self._build_places()
        self.model = LibraryTableModel(self)
        self.most_shown = SHOWN
        self.table = self._build_table()
        self._build_body()
        self._build_footer()
        self._timer = QTimer(self, singleShot=True, interval=SEARCH_DELAY_MS)
        self._timer.timeout.connect(self.refresh)
        self.search.textChanged.connect(lambda _: self._timer.start())
        self.places.setCurrentRow(0)
        self.places.currentRowChanged.connect(lambda _: self.refresh())

    # --- what the window calls ----------------------------------------------------------------

    def refresh(self) -> None:
        """Show the shelf and the search anew; the selection stays where it can."""
        chosen = [card.id for card in self.chosen_cards()]
        try:
            cards = self._cards()
        except PromptsError as error:
            self._say(error)
            return
        is_cut = len(cards) > self.most_shown
        self.model.show(cards[: self.most_shown])
        self._nothing.setVisible(is_cut or not cards)
        if is_cut:
            self._nothing.setText(
                f"先頭の{self.most_shown:,}件を表示しています。検索の言葉を入れると、残りのひな形も見つかります。"
            )
        elif self.place == BIN:
            self._nothing.setText("ごみ箱は空です。")
        else:
            self._nothing.setText("ここにはまだひな形がありません。検索の言葉も確かめてください。")
        self.select(chosen[0] if chosen else "")

    def select(self, template_id: str) -> None:
        """Put the cursor on a template; on the first where it is not shown."""
        row = max(0, self.model.row_of(template_id))
        if self.model.rowCount():
            # Not selectRow: that one adds to the selection while Ctrl or Shift is held down.
            flags = QItemSelectionModel.SelectionFlag
            index = self.model.index(row, 0)
            self.table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self._update()

    def show_template(self, template_id: str) -> None:
        """Put the cursor on a template, leaving search and shelf where they would hide it."""
        if self.model.row_of(template_id) < 0:
            self.search.clear()
            self._timer.stop()
            self.places.setCurrentRow(0)
            self.refresh()
        self.select(template_id)

    def entered(self) -> None:
        """Everything newest, the keyboard in the list."""
        self.places.doItemsLayout()  # the style came after the shelves: their rows have its height now
        self.refresh()
        (self.table if self.model.rowCount() else self.search).setFocus()

    def focus_search(self) -> None:
        """Ctrl+F."""
        self.search.setFocus()
        self.search.selectAll()

    def panes(self) -> Sequence[QWidget]:
        """Shelves, list, actions."""
        return (self.places, self.table, self.edit_button, self.import_button)

    def show_shelf_state(self, words: str, *, is_reachable: bool) -> None:
        """Where the shelf 庁内標準 stands: last contact, or that it cannot be reached."""
        self._shelf_state.setText(words)
        self._shelf_state.setProperty("role", "caption" if is_reachable else "problem")
        self._shelf_state.style().polish(self._shelf_state)

    @property
    def place(self) -> str:
        """The shelf in front, in words."""
        return PLACES[max(0, self.places.currentRow())][0]

    def chosen_cards(self) -> list[TemplateCard]:
        """The selected templates, from top to bottom."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self.model.row_at(row) for row in rows]

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        """Where the window is narrow, the title counts; the rest of a template stands at the right."""
        super().resizeEvent(event)
        for column in ROOMY_COLUMNS:
            self.table.setColumnHidden(column, self.width() < self.theme.px(ROOMY_PX))

    # --- building -----------------------------------------------------------------------------

    def _build_search(self) -> None:
        self.search = QLineEdit()
        self.search.setProperty("role", "search")
        self.search.setPlaceholderText("題名や内容の言葉で探す")
        self.search.setAccessibleName("ひな形を探す")
        self.search.setClearButtonEnabled(True)
        self.search.setAcceptDrops(False)  # a file dropped here is for the window
        measured(self.search, self.theme, lambda: self.search.setFixedWidth(self.theme.px(420)))
        self.search.addAction(
            icon(IconName.SEARCH, self.theme.tokens.quiet), QLineEdit.ActionPosition.LeadingPosition
        )
        self.header_row.insertSpacing(2, Space.L)
        self.header_row.insertWidget(3, self.search)
        self._shelf_state = label("", "caption")
        self.header_row.addWidget(self._shelf_state)

    def _build_places(self) -> QListWidget:
        places = QListWidget()
        places.setAccessibleName("棚")
        places.addItems([words for words, _ in PLACES])
        measured(places, self.theme, lambda: places.setFixedWidth(self.theme.px(SHELVES_PX)))
        return places

    def _build_table(self) -> QTableView:
        table = table_of(
            self.model,
            self.theme,
            name="ひな形の一覧",
            widths={1: 144, 2: 80, 3: 92, 4: 50},
            stretched=0,
            is_multiple=True,
        )
        table.selectionModel().selectionChanged.connect(self._selection_changed)
        table.activated.connect(lambda _: self._edit())
        delete = QShortcut(Qt.Key.Key_Delete, table)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._discard)
        return table

    def _build_body(self) -> None:
        self._nothing = label("", wraps=True)
        middle = QVBoxLayout()
        middle.setSpacing(Space.S)
        middle.addWidget(self._nothing)
        middle.addWidget(self.table, 1)
        row = QHBoxLayout()
        row.setContentsMargins(Space.XL, Space.M, Space.XL, Space.M)
        row.setSpacing(Space.M)
        row.addWidget(self.places)
        row.addLayout(middle, 1)
        row.addWidget(self._build_detail())
        self.body.addLayout(row, 1)

    def _build_detail(self) -> QWidget:
        sheet = card()
        measured(
            sheet, self.theme, lambda: sheet.setFixedWidth(min(self.theme.px(DETAIL_PX), DETAIL_MOST_PX))
        )
        column = QVBoxLayout(sheet)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.S)
        self._title = label("", "section", wraps=True)
        self._about = label("", wraps=True)
        self._facts = label("", "caption", wraps=True)
        page = QWidget()
        page.setProperty("role", "paper")
        about = QVBoxLayout(page)
        about.setContentsMargins(0, 0, 0, 0)
        about.setSpacing(Space.S)
        for words in (self._title, self._about, self._facts):
            about.addWidget(words)
        about.addStretch(1)
        area = QScrollArea()  # where the window is low, the words scroll and the buttons stay whole
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(page)
        column.addWidget(area, 1)
        self.use_button = self._action("このひな形で書く", IconName.WRITE, self._use)
        self.edit_button = self._action("編集する", IconName.DRAFTING, self._edit)
        self.copy_button = self._action("複製する", IconName.COPY, self._duplicate)
        self.star_button = self._action("よく使うに入れる", IconName.STAR, self._toggle_star)
        self.history_button = self._action("版と承認", IconName.HISTORY, self._show_history)
        self.bin_button = self._action("ごみ箱に入れる", IconName.TRASH, self._discard)
        self.back_from_bin = self._action("元に戻す", IconName.UNDO, self._put_back)
        for made in self._actions():
            column.addWidget(made)
        return sheet

    def _actions(self) -> tuple[QPushButton, ...]:
        return (
            self.use_button,
            self.edit_button,
            self.copy_button,
            self.star_button,
            self.history_button,
            self.bin_button,
            self.back_from_bin,
        )

    def _action(self, words: str, name: IconName, slot: Callable[[], object]) -> QPushButton:
        made = button(words)
        wear_icon(made, self.theme, name)
        made.clicked.connect(lambda _=False: slot())
        return made

    def _build_footer(self) -> None:
        self.import_button = button("取り込む")
        wear_icon(self.import_button, self.theme, IconName.PLUS)
        menu = QMenu(self.import_button)
        menu.addAction("ファイルを選ぶ…", self.choose_files)
        menu.addAction("フォルダーを選ぶ…", self.choose_folder)
        self.import_button.setMenu(menu)
        self.export_button = button("選んだひな形を書き出す")
        wear_icon(self.export_button, self.theme, IconName.SAVE)
        self.export_button.clicked.connect(self._export)
        hint = Hint("ファイルをここに落としても取り込めます。")
        for place, widget in enumerate((self.import_button, self.export_button, hint)):
            self.footer_row.insertWidget(place, widget)

    # --- filling ------------------------------------------------------------------------------

    def _cards(self) -> Sequence[TemplateCard]:
        library, words = self._parts.library, self.search.text().strip()
        shelf = PLACES[max(0, self.places.currentRow())][1]
        if self.place == BIN:
            return library.bin()
        if words:
            found: Sequence[TemplateCard] = library.search(words, limit=self.most_shown + 1)
            if self.place == FAVOURITES:
                return [c for c in found if c.is_favourite]
            return [c for c in found if shelf is None or c.shelf is shelf]
        if self.place == FAVOURITES:
            return library.favourites()
        return library.list(shelf=shelf, limit=self.most_shown + 1)

    def _selection_changed(self, _now: QItemSelection, _before: QItemSelection) -> None:
        self._update()

    def _update(self) -> None:
        chosen = self.chosen_cards()
        is_one, is_bin = len(chosen) == 1, self.place == BIN
        can_change = is_one and not chosen[0].is_read_only
        self._title.setText(chosen[0].title if is_one else f"{len(chosen)}件を選んでいます" if chosen else "")
        self._about.setText(chosen[0].description if is_one else "")
        self._facts.setText(_facts(chosen[0]) if is_one else "")
        for made in self._actions():
            made.setEnabled(is_one)
            made.setVisible(not is_bin)
        self.back_from_bin.setVisible(is_bin)
        self.bin_button.setEnabled(can_change)
        self.bin_button.setToolTip("" if can_change else "付属と庁内標準のひな形は消せません。")
        self.edit_button.setText("編集する" if can_change or not is_one else "複製して編集する")
        is_star = is_one and chosen[0].is_favourite
        self.star_button.setText("よく使うから外す" if is_star else "よく使うに入れる")
        self.export_button.setEnabled(bool(chosen) and not is_bin and self._parts.policy.export_enabled)
        if not self._parts.policy.export_enabled:
            self.export_button.setToolTip("管理者により固定: 書き出しは許可されていません")

    def _say(self, error: Exception) -> None:
        notice = message_for(error)
        self.banner.say(notice.title, notice.what)

    # --- doing --------------------------------------------------------------------------------

    def choose_files(self) -> None:
        """Ask for files to import."""
        dialog = QFileDialog(self, "取り込むファイルを選ぶ")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilter(IMPORT_FILTER)
        self._ask(dialog)

    def choose_folder(self) -> None:
        """Ask for a folder to import."""
        dialog = QFileDialog(self, "取り込むフォルダーを選ぶ")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        self._ask(dialog)

    def _ask(self, dialog: QFileDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.import_asked.emit([Path(n) for n in names]))
        dialog.open()

    def _one(self) -> TemplateCard | None:
        chosen = self.chosen_cards()
        return chosen[0] if len(chosen) == 1 else None

    def _use(self) -> None:
        if found := self._one():
            self.use_asked.emit(found.id)

    def _edit(self) -> None:
        found = self._one()
        if found is None or self.place == BIN:
            return
        if not found.is_read_only:
            self.edit_asked.emit(found.id)
        elif copy := self._duplicate():
            self.edit_asked.emit(copy.id)

    def _show_history(self) -> None:
        if found := self._one():
            self.history_asked.emit(found.id)

    def _export(self) -> None:
        self.export_asked.emit([found.id for found in self.chosen_cards()])

    def _duplicate(self) -> TemplateCard | None:
        found = self._one()
        if found is None:
            return None
        try:
            copy = self._parts.library.duplicate(found.id)
        except PromptsError as error:
            self._say(error)
            return None
        self.refresh()
        self.select(copy.id)
        self.banner.say("複製しました。", f"「{copy.title}」を個人の棚に置きました。", tone="green")
        return copy

    def _toggle_star(self) -> None:
        if found := self._one():
            self._change(lambda: self._parts.library.set_favourite(found.id, not found.is_favourite))

    def _discard(self) -> None:
        found = self._one()
        if found is None or found.is_read_only or self.place == BIN:
            return
        if self._change(lambda: self._parts.library.delete(found.id)):
            self.banner.say(
                "ごみ箱に入れました。",
                f"「{found.title}」です。版の記録も残っています。",
                tone="green",
                action="元に戻す",
                on_action=lambda: self._restore(found.id),
            )

    def _put_back(self) -> None:
        if found := self._one():
            self._restore(found.id)

    def _restore(self, template_id: str) -> None:
        if self._change(lambda: self._parts.library.restore(template_id)):
            self.select(template_id)

    def _change(self, step: Callable[[], object]) -> bool:
        self.banner.clear()
        try:
            step()
        except PromptsError as error:
            self._say(error)
            return False
        self.refresh()
        return True


def moment(iso: str) -> str:
    """An ISO time as a day and a time of this place; empty stays empty."""
    if not iso:
        return ""
    at = datetime.datetime.fromisoformat(iso).astimezone()
    return f"{at.year}/{at.month}/{at.day} {at:%H:%M}"


def _facts(found: TemplateCard) -> str:
    lines = [
        f"棚: {SHELF_WORDS[found.shelf]}　版: {found.version}",
        f"正確性の水準: {found.accuracy.value}　機密性: {found.confidentiality}まで",
        f"使った回数: {found.use_count}",
        f"保存: {moment(found.saved_at)}",
    ]
    if found.tags:
        lines.append(f"言葉: {'、'.join(found.tags)}")
    if found.deleted_at:
        lines.append(f"ごみ箱に入れた日時: {moment(found.deleted_at)}")
    return "\n".join(lines)
