"""The mask review: left what was typed with every find marked, right what the model will see."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QListView, QMenu, QProgressBar, QSplitter, QVBoxLayout, QWidget

from desktop.gui.controllers.draft_controller import DraftController
from desktop.gui.controllers.mask_preview import MaskPreview, preview
from desktop.gui.item_models.find_list import FindListModel
from desktop.gui.theme import IconName, Space, Theme, kind_group
from desktop.gui.widgets.find_row import FindRowDelegate
from desktop.gui.widgets.flow_layout import FlowLayout
from desktop.gui.widgets.screen import Screen
from desktop.gui.widgets.span_view import Mark, SpanView
from desktop.gui.widgets.text import button, label, set_tone, wear_icon
from models.masking.entities import NOUNS, QUASI_IDENTIFIERS, EntityType
from models.masking.review import Origin, Review, ReviewItem
from prompts.template import PersonalInformation

KINDS_TO_CHOOSE = tuple(kind for kind in EntityType if kind is not EntityType.VERBATIM)
QUASI_TOGETHER = 3
ACTION_WORDS = {
    "toggle": ("そのままにする  Space", "そのまま"),
    "mask": ("伏せる  Space", "伏せる"),
    "all": ("同じものすべて  A", "すべて"),
    "kind": ("種類を変える  K", "種類"),
    "select": ("選んだ文字を伏せる  +", "選択を伏せる"),
}
ROOMY_PX = 1040
LIST_PX = 236
LIST_MOST_PX = 290


class ReviewScreen(Screen):
    """Shows a `Review` and takes the person's decisions.

    Signals:
        confirmed: 「マスキングを確認した」.
        decided: A decision changed the review.
        always_asked: (word, kind) mask it from now on, too.
        never_asked: (word) leave it from now on, too.
    """

    confirmed = Signal()
    decided = Signal()
    always_asked = Signal(str, object)
    never_asked = Signal(str)
    help_text = (
        "左が入力した文、右がモデルに渡る文です。伏せる場所が正しいか確かめ、"
        "「確認した」を押すとモデルに渡ります。押すまで、何も渡りません。\n\n"
        "N / Shift+N　次／前の箇所\nSpace　伏せる・そのままにする\nA　同じものすべてに適用\n"
        "K　種類を変える\n+　選んだ文字を伏せる\nCtrl+Z / Ctrl+Y　元に戻す／やり直す\n"
        "F6　一覧・原文・渡る文のあいだを移る\nCtrl+Enter　確認した\nEsc　入力に戻る"
    )

    def __init__(self, theme: Theme, controller: DraftController) -> None:
        super().__init__(theme, title="マスキングの確認", back="入力", primary="確認した")
        self._controller = controller
        self._review: Review | None = None
        self._shown = MaskPreview("", ())
        self._current = -1
        self._is_final = False
        self.primary.setText("確認した　Ctrl+Enter")
        self.primary.setAccessibleName("マスキングを確認した")
        self.primary.clicked.connect(self._confirm)
        self._summary = label("", "section")
        self.header_row.insertSpacing(2, Space.M)
        self.header_row.insertWidget(3, self._summary)
        self._build_history_buttons()
        self._progress = QProgressBar()
        self._progress.setRange(0, 0)
        self._progress.setTextVisible(False)
        self._waiting = label("", "caption")
        self._chips = FlowLayout(spacing=Space.S)
        self.finds = FindListModel(self)
        self.find_view = self._build_list()
        self.source_view = SpanView(theme)
        self.source_view.setAccessibleName("原文")
        self.masked_view = SpanView(theme)
        self.masked_view.setAccessibleName("モデルに渡る文")
        self._connect_views()
        self._build_body()
        self._build_actions()
        for keys, slot in (
            (QKeySequence.StandardKey.Undo, self.undo),
            (QKeySequence.StandardKey.Redo, self.redo),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(slot)

    # --- what the window calls ----------------------------------------------------------------

    def show_waiting(self, text: str) -> None:
        """The finds are being looked for."""
        self._review, self._current, self._is_final = None, -1, False
        self._chips.clear()
        self.source_view.show_text(text, ())
        self.masked_view.show_text("", ())
        self._summary.setText("個人情報を探しています…")
        self._say_waiting("文の中の個人情報を探しています。見つかるまで、何も渡しません。")
        self.banner.clear()
        self._update_actions()

    def show_review(self, review: Review, *, is_final: bool) -> None:
        """Show finds; they can be decided about once they are final."""
        is_first = self._review is None
        self._review, self._is_final = review, is_final
        if is_final:
            self._waiting.hide()
            self._progress.hide()
        else:
            self._say_waiting("氏名などをさらに詳しく探しています…")
        self._refresh()
        if is_final:
            self._say_what_to_mind()
        if is_first or is_final:
            self._choose_first()
            self.source_view.setFocus()

    def entered(self) -> None:
        """The keyboard into the original."""
        self.source_view.setFocus()

    def panes(self) -> Sequence[QWidget]:
        """List, original, what the model sees."""
        return (self.find_view, self.source_view, self.masked_view)

    # --- decisions ----------------------------------------------------------------------------

    def toggle(self, *, all_mentions: bool = False) -> None:
        """Mask or un-mask the chosen find."""
        review = self._decidable()
        if review is None:
            return
        if not review.toggle(self._current, all_mentions=all_mentions):
            self._say_must_stay(review)
            return
        self._decided()

    def change_kind(self, kind: EntityType) -> None:
        """Say what the chosen find really is, at every mention."""
        review = self._decidable()
        if review is not None:
            review.change_kind(self._current, kind, all_mentions=True)
            self._decided()

    def mask_selection(self, kind: EntityType) -> None:
        """Mask the selected characters, and the same characters elsewhere."""
        selected = self.source_view.selected_range()
        if self._review is None or not self._is_final or selected is None:
            return
        count = self._review.mask_selection(*selected, kind, all_mentions=True)
        start = selected[0]
        self._decided()
        if count:
            item = self._review.item_at(start)
            self.choose(item if item is not None else self._current)

    def undo(self) -> None:
        """Take the last decision back."""
        if self._review is not None and self._review.can_undo:
            self._review.undo()
            self._decided()

    def redo(self) -> None:
        """Decide again what was taken back."""
        if self._review is not None and self._review.can_redo:
            self._review.redo()
            self._decided()

    def choose(self, item: int) -> None:
        """Go to a find."""
        self._current = item
        self.source_view.choose(item)
        self.masked_view.choose(item)
        row = self.finds.row_of_item(item)
        if row is not None:
            index = self.finds.index(row)
            self.find_view.selectionModel().setCurrentIndex(
                index, QItemSelectionModel.SelectionFlag.ClearAndSelect
            )
            self.find_view.scrollTo(index)
        self._update_actions()

    def choose_next(self, *, backwards: bool = False) -> None:
        """Go to the next find in the text, round the end."""
        if self._review is None or not self._review.items:
            return
        step = -1 if backwards else 1
        count = len(self._review.items)
        around = [(self._current + step * n) % count for n in range(1, count + 1)]
        personal = [n for n in around if self._review.items[n].origin is not Origin.VERBATIM]
        self.choose((personal or around)[0])

    # --- building -----------------------------------------------------------------------------

    def _build_history_buttons(self) -> None:
        self._undo_button = button("元に戻す", "plain", name="元に戻す（Ctrl+Z）")
        self._redo_button = button("やり直す", "plain", name="やり直す（Ctrl+Y）")
        wear_icon(self._undo_button, self.theme, IconName.UNDO, tone="green")
        wear_icon(self._redo_button, self.theme, IconName.REDO, tone="green")
        self._undo_button.clicked.connect(self.undo)
        self._redo_button.clicked.connect(self.redo)
        self.header_row.addWidget(self._undo_button)
        self.header_row.addWidget(self._redo_button)

    def _build_list(self) -> QListView:
        view = QListView()
        view.setModel(self.finds)
        view.setItemDelegate(FindRowDelegate(self.theme, view))
        view.setAccessibleName("見つかった個人情報")
        view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        view.setFixedWidth(min(self.theme.px(LIST_PX), LIST_MOST_PX))
        view.clicked.connect(self._choose_row)
        view.selectionModel().currentChanged.connect(self._choose_row)
        view.installEventFilter(self)
        return view

    def _connect_views(self) -> None:
        for view in (self.source_view, self.masked_view):
            view.item_chosen.connect(self.choose)
            view.item_opened.connect(self._open_item)
            view.key_typed.connect(self._take_key)
            view.menu_asked.connect(self._show_menu)
        self.source_view.selection_made.connect(lambda _: self._update_actions())

    def _build_body(self) -> None:
        column = QVBoxLayout()
        column.setContentsMargins(Space.XL, Space.M, Space.XL, Space.M)
        column.setSpacing(Space.S)
        waiting = QHBoxLayout()
        waiting.addWidget(self._waiting)
        waiting.addWidget(self._progress, 1)
        column.addLayout(waiting)
        column.addLayout(self._chips)
        panes = QSplitter(Qt.Orientation.Horizontal)
        panes.setHandleWidth(Space.M)
        panes.setChildrenCollapsible(False)
        for title, view in (("原文", self.source_view), ("モデルに渡る文", self.masked_view)):
            pane = QWidget()
            pane_column = QVBoxLayout(pane)
            pane_column.setContentsMargins(0, 0, 0, 0)
            pane_column.setSpacing(Space.XS)
            pane_column.addWidget(label(title, "fieldlabel"))
            pane_column.addWidget(view, 1)
            panes.addWidget(pane)
        panes.setSizes([500, 500])
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        finds = QVBoxLayout()
        finds.setSpacing(Space.XS)
        finds.addWidget(label("見つかったもの", "fieldlabel"))
        finds.addWidget(self.find_view, 1)
        self._from_now_on = button("この語は今後も…", "plain")
        self._from_now_on.clicked.connect(self._keep_word)
        finds.addWidget(self._from_now_on)
        row.addLayout(finds)
        row.addWidget(panes, 1)
        column.addLayout(row, 1)
        self.body.addLayout(column)

    def _build_actions(self) -> None:
        self._buttons = {name: button(ACTION_WORDS[name][0]) for name in ("toggle", "all", "kind", "select")}
        for name, made in self._buttons.items():
            made.setAccessibleName(ACTION_WORDS[name][0])
            made.setToolTip(ACTION_WORDS[name][0])
        self._buttons["toggle"].clicked.connect(lambda: self.toggle())
        self._buttons["all"].clicked.connect(lambda: self.toggle(all_mentions=True))
        self._buttons["kind"].clicked.connect(lambda: self._pop_kinds(self._buttons["kind"]))
        self._buttons["select"].clicked.connect(lambda: self._pop_kinds(self._buttons["select"]))
        self._steps = (button("前へ", "plain", name="前の箇所（Shift+N）"), button("次へ  N", "plain"))
        wear_icon(self._steps[0], self.theme, IconName.PREVIOUS, tone="green")
        wear_icon(self._steps[1], self.theme, IconName.NEXT, tone="green")
        self._steps[0].clicked.connect(lambda: self.choose_next(backwards=True))
        self._steps[1].clicked.connect(lambda: self.choose_next())
        for place, widget in enumerate((*self._steps, *self._buttons.values())):
            self.footer_row.insertWidget(place, widget)

    # --- showing ------------------------------------------------------------------------------

    def _refresh(self) -> None:
        review = self._review
        if review is None:
            return
        self._shown = preview(review, self._controller.session.vault)
        labels = {
            span.item: f"{span.placeholder.noun}{span.placeholder.number}" for span in self._shown.spans
        }
        self.source_view.show_text(
            review.text, [_mark(review, i, labels.get(i, "")) for i in range(len(review.items))]
        )
        self.masked_view.show_text(
            self._shown.text,
            [
                Mark(s.item, s.start, s.end, "", kind_group(review.items[s.item].span.entity_type))
                for s in self._shown.spans
            ],
        )
        self.finds.show(review, self._shown)
        self._show_counts(review)
        if 0 <= self._current < len(review.items):
            self.choose(self._current)
        self._update_actions()

    def _show_counts(self, review: Review) -> None:
        total = sum(review.counts.get(kind, 0) for kind in EntityType if kind is not EntityType.VERBATIM)
        persons = review.person_count
        words = f"見つかった個人情報　{total}件・{persons}人" if total else "個人情報は見つかりませんでした"
        self._summary.setText(words)
        self._chips.clear()
        if review.my_number_count:
            self._add_chip(f"個人番号　{review.my_number_count}", "vermilion")
        if review.low_confidence_count:
            self._add_chip(f"要確認　{review.low_confidence_count}", "vermilion")
        for kind, count in sorted(review.counts.items(), key=lambda pair: list(EntityType).index(pair[0])):
            if kind not in (EntityType.VERBATIM, EntityType.MY_NUMBER):
                self._add_chip(f"{NOUNS[kind]}　{count}", "")
        left = sum(not item.is_masked for item in review.items)
        if left:
            self._add_chip(f"そのまま渡す　{left}", "amber")

    def _add_chip(self, words: str, tone: str) -> None:
        chip = label(words, "badge")
        if tone:
            set_tone(chip, tone=tone)
        self._chips.addWidget(chip)

    def _say_what_to_mind(self) -> None:
        review = self._review
        if review is None:
            return
        self.banner.clear()
        kinds = {i.span.entity_type for i in review.items if i.span.entity_type in QUASI_IDENTIFIERS}
        found = any(i.origin is Origin.FOUND for i in review.items)
        rule = self._controller.template.personal_information
        if review.my_number_count:
            self.banner.say(
                "個人番号（マイナンバー）が含まれています。先へは進めません。",
                "番号法により、個人番号は伏せてもモデルに渡しません。入力に戻って、個人番号を消してください。",
                action="入力に戻る",
                on_action=self.go_back,
                can_close=False,
            )
        elif rule is PersonalInformation.FORBIDDEN and found and review.counts:
            self.banner.say(
                "このひな形では、個人情報を使いません。",
                "見つかったものが個人情報であれば、入力に戻って消してください。",
                tone="amber",
                action="入力に戻る",
                on_action=self.go_back,
            )
        elif len(kinds) >= QUASI_TOGETHER:
            words = "・".join(NOUNS[kind] for kind in EntityType if kind in kinds)
            self.banner.say(
                "組み合わせると、だれのことか分かるおそれがあります。",
                f"{words}がそろっています。一覧の下の「組み合わせに注意」を見て、要らないものは伏せてください。",
                tone="amber",
            )

    def _say_must_stay(self, review: Review) -> None:
        kind = review.items[self._current].span.entity_type
        if kind is EntityType.MY_NUMBER:
            what = "個人番号は、そのままでも伏せてもモデルに渡せません。入力に戻って消してください。"
        else:
            what = "伏せ字と同じ形の文字は、取り違えを防ぐため必ず伏せます。下書きでは元の形に戻ります。"
        self.banner.say("ここは、そのままにできません。", what, tone="amber")

    def _say_waiting(self, words: str) -> None:
        self._waiting.setText(words)
        self._waiting.show()
        self._progress.show()

    def _update_actions(self) -> None:
        review = self._review
        item = review.items[self._current] if review and 0 <= self._current < len(review.items) else None
        can = self._is_final and item is not None
        self._name_actions("mask" if item is not None and not item.is_masked else "toggle")
        for name in ("toggle", "all", "kind"):
            self._buttons[name].setEnabled(can)
        self._from_now_on.setEnabled(can and item is not None and self._may_keep_word(item))
        self._from_now_on.setText(
            "この語は今後も伏せない" if item is not None and not item.is_masked else "この語は今後も伏せる"
        )
        self._buttons["select"].setEnabled(self._is_final and self.source_view.selected_range() is not None)
        for step in self._steps:
            step.setEnabled(bool(review and review.items))
        self._undo_button.setEnabled(bool(review and review.can_undo))
        self._redo_button.setEnabled(bool(review and review.can_redo))
        is_stopped = bool(review and review.my_number_count)
        self.primary.setEnabled(self._is_final and not is_stopped)

    # --- inside -------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        """Shorter words on the buttons where the window is narrow."""
        super().resizeEvent(event)
        self._update_actions()

    def _name_actions(self, toggle: str) -> None:
        is_narrow = self.width() < self.theme.px(ROOMY_PX)
        for name, made in self._buttons.items():
            made.setText(ACTION_WORDS[toggle if name == "toggle" else name][int(is_narrow)])
        self.primary.setText("確認した" if is_narrow else "確認した　Ctrl+Enter")

    def _keep_word(self) -> None:
        """「この語は今後も」: what was decided about the chosen word holds for later drafts."""
        review = self._decidable()
        if review is None:
            return
        item = review.items[self._current]
        word = review.value_of(item).strip()
        if item.is_masked:
            self.always_asked.emit(word, item.span.entity_type)
            what = "これからは、この語を見つけるたびに伏せます。"
        else:
            self.never_asked.emit(word)
            what = "これからは、この語を伏せる候補にしません。"
        self.banner.say(
            f"「{word}」を自分の辞書に入れました。", f"{what}「設定」で取り消せます。", tone="green"
        )

    def _may_keep_word(self, item: ReviewItem) -> bool:
        kinds = (EntityType.MY_NUMBER, EntityType.VERBATIM)
        return item.origin is not Origin.LOOKALIKE and item.span.entity_type not in kinds

    def _decidable(self) -> Review | None:
        review = self._review
        if review is None or not self._is_final or not 0 <= self._current < len(review.items):
            return None
        return review

    def _decided(self) -> None:
        review = self._review
        if review is not None and self._current >= len(review.items):
            self._current = len(review.items) - 1
        self._refresh()
        self.decided.emit()

    def _choose_first(self) -> None:
        """What stops the way, else what is doubtful, else the first personal find."""
        review = self._review
        if review is None or not review.items:
            self._current = -1
            return
        items = list(enumerate(review.items))
        stops = [i for i, item in items if item.span.entity_type is EntityType.MY_NUMBER]
        doubtful = [i for i, item in items if item.span.is_low_confidence]
        personal = [i for i, item in items if item.origin is not Origin.VERBATIM]
        self.choose((stops or doubtful or personal or [0])[0])
        # Banner and chips change the list's height once the layout is done.
        QTimer.singleShot(0, self._show_current_row)

    def _show_current_row(self) -> None:
        self.find_view.scrollTo(self.find_view.currentIndex())

    def _choose_row(self, index: QModelIndex, _before: QModelIndex | None = None) -> None:
        if not index.isValid():
            return
        items = self.finds.row_at(index.row()).items
        if items and self._current not in items:
            self.choose(items[0])

    def _open_item(self, item: int) -> None:
        self.choose(item)
        self.toggle()

    def _confirm(self) -> None:
        if self._is_final:
            self.confirmed.emit()

    def eventFilter(self, watched: object, event: object, /) -> bool:
        """Keys of the review also work in the list."""
        if isinstance(event, QKeyEvent) and event.type() == QKeyEvent.Type.KeyPress:
            event.ignore()
            self._take_key(event)
            if event.isAccepted():
                return True
        return False

    def _take_key(self, event: QKeyEvent) -> None:
        control = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        if control:
            return
        match event.key():
            case Qt.Key.Key_Space:
                self.toggle()
            case Qt.Key.Key_A:
                self.toggle(all_mentions=True)
            case Qt.Key.Key_K:
                self._pop_kinds(self._buttons["kind"])
            case Qt.Key.Key_Plus | Qt.Key.Key_Semicolon:
                self._pop_kinds(self._buttons["select"])
            case Qt.Key.Key_N:
                backwards = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self.choose_next(backwards=backwards)
            case _:
                return
        event.accept()

    def _pop_kinds(self, anchor: QWidget) -> None:
        if not anchor.isEnabled():
            return
        is_selection = anchor is self._buttons["select"]
        menu = self._kind_menu(is_selection=is_selection)
        menu.popup(anchor.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def _kind_menu(self, *, is_selection: bool) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for kind in KINDS_TO_CHOOSE:
            if kind is EntityType.MY_NUMBER:
                continue
            action = QAction(NOUNS[kind], menu)
            slot = self.mask_selection if is_selection else self.change_kind
            action.triggered.connect(lambda _=False, k=kind, s=slot: s(k))
            menu.addAction(action)
        menu.setActiveAction(menu.actions()[0])
        return menu

    def _show_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in ("toggle", "all"):
            source = self._buttons[name]
            action = menu.addAction(source.text())
            action.setEnabled(source.isEnabled())
            action.triggered.connect(source.click)
        if self._buttons["kind"].isEnabled():
            kinds = self._kind_menu(is_selection=False)
            kinds.setTitle("種類を変える")
            menu.addMenu(kinds)
        if self._buttons["select"].isEnabled():
            kinds = self._kind_menu(is_selection=True)
            kinds.setTitle("選んだ文字を伏せる")
            menu.addMenu(kinds)
        menu.popup(place)


def _mark(review: Review, index: int, placeholder: str) -> Mark:
    item = review.items[index]
    span = item.span
    return Mark(
        index,
        span.start,
        span.end,
        placeholder or span.noun or NOUNS[span.entity_type],
        kind_group(span.entity_type),
        item.is_masked,
        span.is_low_confidence,
    )
