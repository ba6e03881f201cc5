"""Home: the way to a task in seconds. Search, what was left open, what is used most, all categories."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.drafting.errors import UnsentUnreadableError
from desktop.drafting.records.unsent import UnsentDraft
from desktop.gui.controllers.free_writing import free_template
from desktop.gui.controllers.parts import Parts
from desktop.gui.item_models.template_list import TemplateListModel
from desktop.gui.messages import message_for
from desktop.gui.theme import IconName, Space, Theme, icon
from desktop.gui.widgets.flow_layout import FlowLayout
from desktop.gui.widgets.screen import Screen
from desktop.gui.widgets.template_row import TemplateRow
from desktop.gui.widgets.text import button, icon_button, label, measured, set_tone, wear_icon
from desktop.gui.widgets.tile import Tile
from prompts.library import TemplateCard
from prompts.template import Category

CATEGORY_ICONS = dict(
    zip(
        Category,
        (
            IconName.IDEAS,
            IconName.DRAFTING,
            IconName.SUMMARY,
            IconName.MAIL,
            IconName.MEETING,
            IconName.PUBLICITY,
            IconName.SPREADSHEET,
            IconName.TRANSLATION,
            IconName.REVIEW,
            IconName.RESIDENTS,
        ),
        strict=True,
    )
)
SEARCH_DELAY_MS = 120
TILES = 8
UNSENT_SHOWN = 4


class SearchLine(QLineEdit):
    """The search field; the arrow down goes into the results.

    Signals:
        down_pressed: Arrow down or Return.
    """

    down_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        """Arrow down leaves the field."""
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.down_pressed.emit()
            return
        super().keyPressEvent(event)


class HomeScreen(Screen):
    """The first screen.

    Signals:
        template_chosen: (template id).
        unsent_chosen: (draft id) take it up again.
        unsent_discarded: (draft id).
        templates_asked, history_asked, rules_asked, settings_asked: The buttons at the top right.
    """

    template_chosen = Signal(str)
    unsent_chosen = Signal(str)
    unsent_discarded = Signal(str)
    templates_asked = Signal()
    history_asked = Signal()
    rules_asked = Signal()
    settings_asked = Signal()
    help_text = (
        "やりたいことを検索するか、用途のタイルから選びます。\n\n"
        "Ctrl+F　検索\nAlt+1〜8　よく使うひな形\nCtrl+N　自由に書く\nF6　検索・ひな形・用途のあいだを移る"
    )

    def __init__(self, theme: Theme, parts: Parts) -> None:
        super().__init__(theme, title="ホーム")
        self._parts = parts
        self._tiles: list[Tile] = []
        self._shown_category: Category | None = None
        self.back_button.hide()
        self.title_label.hide()
        self._build_header()
        self.results = TemplateListModel(is_demo=parts.model.is_demo, parent=self)
        self.result_view = self._build_results()
        self.pages = QStackedWidget()
        self.pages.addWidget(self._build_front())
        self.pages.addWidget(self._result_page)
        self.body.addWidget(self.pages)
        self._search_timer = QTimer(self, singleShot=True, interval=SEARCH_DELAY_MS)
        self._search_timer.timeout.connect(self._search)
        for number in range(1, TILES + 1):
            shortcut = QShortcut(f"Alt+{number}", self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda n=number: self._press_tile(n - 1))
        self.refresh()

    # --- what the window calls ----------------------------------------------------------------

    def refresh(self) -> None:
        """Show the newest templates, favourites and unsent drafts."""
        recovery = self._parts.unsent.recover()
        self._fill_unsent(recovery.drafts)
        if recovery.set_aside:
            notice = message_for(UnsentUnreadableError(recovery.set_aside[0]))
            self.banner.say(notice.title, notice.what, tone="amber")
        self._fill_tiles()
        self._fill_categories()

    def show_shelf_state(self, words: str, is_reachable: bool) -> None:
        """Where the shelf 庁内標準 stands."""
        self._shelf_state.setText(words)
        set_tone(self._shelf_state, role="caption" if is_reachable else "problem")

    def entered(self) -> None:
        """Home again: everything newest, the cursor in the search."""
        self.refresh()
        self.search.setFocus()

    def focus_search(self) -> None:
        """Ctrl+F."""
        self.search.setFocus()
        self.search.selectAll()

    def go_back(self) -> None:
        """From results to the front; on the front there is no way back."""
        if self.pages.currentIndex() == 1:
            self.search.clear()
            self._show_front()
            self.search.setFocus()

    def panes(self) -> Sequence[QWidget]:
        """Search, then results or tiles and categories."""
        if self.pages.currentIndex() == 1:
            return (self.search, self.result_view)
        first_tile = [tile for tile in self._tiles if tile.isVisible()][:1]
        return (self.search, *first_tile, *self._category_tiles[:1])

    # --- building -----------------------------------------------------------------------------

    def _build_header(self) -> None:
        self.search = SearchLine()
        self.search.setProperty("role", "search")
        self.search.setPlaceholderText("やりたいことで探す（例: 案内文、議事録、やさしい日本語）")
        self.search.setAccessibleName("ひな形を探す")
        self.search.setClearButtonEnabled(True)
        self.search.setAcceptDrops(False)  # a file dropped here is for the window
        measured(self.search, self.theme, lambda: self.search.setMaximumWidth(self.theme.px(620)))
        self._search_action = self.search.addAction(
            icon(IconName.SEARCH, self.theme.tokens.quiet), QLineEdit.ActionPosition.LeadingPosition
        )
        self.search.textChanged.connect(lambda _: self._search_timer.start())
        self.search.down_pressed.connect(self._enter_results)
        row = self.header_row
        while row.count():
            row.takeAt(0)
        row.addSpacing(Space.S)
        row.addWidget(label("起案", "brand"))
        row.addSpacing(Space.L)
        row.addWidget(self.search, 100)  # all the room there is, up to its own width
        row.addStretch(1)
        for text, name, signal in (
            ("ひな形の管理", IconName.DRAFTING, self.templates_asked),
            ("履歴", IconName.HISTORY, self.history_asked),
            ("利用ルール", IconName.RULES, self.rules_asked),
            ("設定", IconName.SETTINGS, self.settings_asked),
        ):
            made = button(text, "back")
            wear_icon(made, self.theme, name)
            made.clicked.connect(signal)
            row.addWidget(made)

    def _build_front(self) -> QWidget:
        page = QWidget()
        page.setProperty("role", "ground")
        column = QVBoxLayout(page)
        column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        column.setSpacing(Space.M)
        self._unsent_box = QWidget()
        unsent_row = QHBoxLayout(self._unsent_box)
        unsent_row.setContentsMargins(0, 0, 0, 0)
        unsent_row.setSpacing(Space.M)
        unsent_row.addWidget(label("つづきから", "section"))
        self._unsent_flow = FlowLayout(spacing=Space.S)
        unsent_row.addLayout(self._unsent_flow, 1)
        column.addWidget(self._unsent_box)
        column.addWidget(label("よく使うひな形", "section"))
        self._tile_grid = QGridLayout()
        self._tile_grid.setSpacing(Space.M)
        column.addLayout(self._tile_grid)
        column.addSpacing(Space.S)
        column.addWidget(label("用途から選ぶ", "section"))
        self._category_grid = QGridLayout()
        self._category_grid.setSpacing(Space.M)
        self._category_tiles: list[Tile] = []
        column.addLayout(self._category_grid)
        column.addSpacing(Space.S)
        column.addLayout(self._build_free_row())
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(page)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return area

    def _build_free_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        self.free_button = button("自由に書く", name="自由に書く（Ctrl+N）")
        wear_icon(self.free_button, self.theme, IconName.WRITE, tone="green")
        self.free_button.clicked.connect(lambda: self.template_chosen.emit(free_template().id))
        row.addWidget(self.free_button)
        row.addWidget(label("合うひな形がないときは、してほしいことを自分の言葉で書けます。", "caption"))
        row.addStretch(1)
        self._shelf_state = label("", "caption")
        row.addWidget(self._shelf_state)
        return row

    def _build_results(self) -> QListView:
        self._result_page = QWidget()
        self._result_page.setProperty("role", "ground")
        column = QVBoxLayout(self._result_page)
        column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        column.setSpacing(Space.M)
        head = QHBoxLayout()
        back = button("ホームへ", "back", name="ホームへ（Esc）")
        wear_icon(back, self.theme, IconName.BACK)
        back.clicked.connect(self.go_back)
        self._result_title = label("", "section")
        head.addWidget(back)
        head.addWidget(self._result_title)
        head.addStretch(1)
        column.addLayout(head)
        view = QListView()
        view.setProperty("role", "bare")
        view.setModel(self.results)
        view.setItemDelegate(TemplateRow(self.theme, view))
        view.setMouseTracking(True)
        view.setUniformItemSizes(True)
        view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        view.setAccessibleName("見つかったひな形")
        view.activated.connect(self._choose)
        view.clicked.connect(self._choose)
        self._nothing = label("", wraps=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        column.addWidget(self._nothing)
        column.addWidget(view, 1)
        return view

    # --- filling ------------------------------------------------------------------------------

    def _fill_unsent(self, entries: Sequence[UnsentDraft]) -> None:
        self._unsent_flow.clear()
        self._unsent_box.setVisible(bool(entries))
        for entry in entries[:UNSENT_SHOWN]:
            self._unsent_flow.addWidget(self._unsent_chip(entry))

    def _unsent_chip(self, entry: UnsentDraft) -> QWidget:
        chip = QWidget()
        row = QHBoxLayout(chip)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        title = str(entry.content.get("title", "書きかけ"))
        hint = str(entry.content.get("hint", ""))
        words = f"{hint or title}　{when(entry.saved_at)}"
        take_up = button(words, "chip", name=f"つづきから {title} {words}")
        take_up.setToolTip(title)
        take_up.clicked.connect(lambda: self.unsent_chosen.emit(entry.draft_id))
        drop = icon_button(self.theme, IconName.CLOSE, f"「{title}」の書きかけを消す")
        drop.clicked.connect(lambda: self.unsent_discarded.emit(entry.draft_id))
        row.addWidget(take_up)
        row.addWidget(drop)
        return chip

    def _fill_tiles(self) -> None:
        for tile in self._tiles:
            tile.hide()
            tile.deleteLater()
        self._tiles = []
        frequent = self._parts.library.frequent(TILES, is_demo=self._parts.model.is_demo)
        for number, card in enumerate(frequent, start=1):
            tile = Tile(
                self.theme,
                card.title,
                about=card.description,
                icon_name=CATEGORY_ICONS[card.category],
                note=f"Alt+{number}",
            )
            tile.clicked.connect(lambda _=False, i=card.id: self.template_chosen.emit(i))
            self._tiles.append(tile)
        self._place_tiles()

    def _fill_categories(self) -> None:
        for tile in self._category_tiles:
            tile.hide()
            tile.deleteLater()
        self._category_tiles = []
        counts = self._parts.library.count_by_category()
        for category in (c for c in Category if c in counts):
            tile = Tile(
                self.theme,
                category.value,
                about="",
                icon_name=CATEGORY_ICONS[category],
                note=f"{counts[category]}件",
            )
            tile.clicked.connect(lambda _=False, c=category: self.show_category(c))
            self._category_tiles.append(tile)
        self._place_tiles()

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        """As many columns as fit."""
        super().resizeEvent(event)
        self._place_tiles()

    def _place_tiles(self) -> None:
        width = max(1, self.width() - 2 * Space.XL)
        for grid, tiles, least in (
            (self._tile_grid, self._tiles, 270),
            (self._category_grid, self._category_tiles, 210),
        ):
            columns = max(1, min(5, width // self.theme.px(least)))
            for column in range(5):
                grid.setColumnStretch(column, 1 if column < columns else 0)
            for index, tile in enumerate(tiles):
                grid.addWidget(tile, index // columns, index % columns)
                tile.show()  # Qt shows it a turn later: until then it would lie on top of others

    # --- searching ----------------------------------------------------------------------------

    def show_category(self, category: Category) -> None:
        """Show the templates of a category."""
        self.search.clear()
        self._search_timer.stop()
        self._shown_category = category
        found = sorted(
            self._parts.library.list(category=category),
            key=lambda card: self._parts.model.is_demo and not card.demo_model,
        )
        self._show_results(found, f"{category.value}　{len(found)}件")
        self.result_view.setFocus()

    def _search(self) -> None:
        query = self.search.text().strip()
        if not query:
            if self._shown_category is None:
                self._show_front()
            return
        self._shown_category = None
        found = self._parts.library.search(query)
        self._show_results(found, f"「{query}」に合うひな形　{len(found)}件")
        self._nothing.setText(
            ""
            if found
            else f"「{query}」に合うひな形は見つかりませんでした。短い言葉に変えるか、用途から選ぶか、「自由に書く」（Ctrl+N）をお使いください。"
        )

    def _show_results(self, cards: Sequence[TemplateCard], title: str) -> None:
        self._result_title.setText(title)
        self._nothing.setText("")
        self.results.show(cards)
        self._nothing.setVisible(not cards)
        if cards:
            self.result_view.setCurrentIndex(self.results.index(0))
        self.pages.setCurrentIndex(1)

    def _show_front(self) -> None:
        self._shown_category = None
        self.pages.setCurrentIndex(0)

    def _enter_results(self) -> None:
        if self._search_timer.isActive():
            self._search_timer.stop()
            self._search()
        if self.pages.currentIndex() == 1 and self.results.rowCount():
            self.result_view.setFocus()

    def _choose(self, index: QModelIndex) -> None:
        self.template_chosen.emit(self.results.card_at(index.row()).id)

    def _press_tile(self, number: int) -> None:
        if self.pages.currentIndex() == 0 and number < len(self._tiles):
            self._tiles[number].click()


def when(moment: datetime.datetime, *, now: datetime.datetime | None = None) -> str:
    """A moment as one says it: 10:42, 昨日 16:05, 11月3日."""
    local = moment.astimezone()
    days = ((now or datetime.datetime.now().astimezone()).date() - local.date()).days
    if days <= 0:
        return f"{local:%H:%M}"
    if days == 1:
        return f"昨日 {local:%H:%M}"
    return f"{local.month}月{local.day}日"
