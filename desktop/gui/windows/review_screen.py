"""The mask review: left what was typed with every find marked, right what the model will see."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QListView, QProgressBar, QSplitter, QVBoxLayout, QWidget

from desktop.gui.controllers.draft_controller import DraftController
from desktop.gui.controllers.mask_preview import MaskPreview
from desktop.gui.controllers.parts import Parts
from desktop.gui.controllers.review_words import caution_of, chips_of, summary_of, why_it_stays
from desktop.gui.item_models.find_list import FindListModel
from desktop.gui.theme import IconName, Space, Theme, kind_group
from desktop.gui.widgets.banner import Banner
from desktop.gui.widgets.find_row import FindRowDelegate
from desktop.gui.widgets.flow_layout import FlowLayout
from desktop.gui.widgets.review_actions import ReviewActions
from desktop.gui.widgets.screen import Screen
from desktop.gui.widgets.span_view import Mark, SpanView
from desktop.gui.widgets.text import button, label, measured, set_tone, wear_icon
from models.masking.entities import NOUNS, EntityType
from models.masking.review import Origin, Review, ReviewItem

ROOMY_PX = 1040
LIST_PX = 236
LIST_MOST_PX = 290
HELP_WITH_SERVER = (
    "左が入力した文、右が庁内サーバーに送る文です。伏せる場所が正しいか確かめ、"
    "「確認して送る」を押すと送ります。押すまで、何も送りません。\n\n"
)


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

    def __init__(self, theme: Theme, parts: Parts, controller: DraftController) -> None:
        super().__init__(theme, title="マスキングの確認", back="入力", primary="確認した")
        self._controller = controller
        self._server = parts.model.server.name if parts.model.server else ""
        self._confirm_words = "確認して送る" if self._server else "確認した"
        self._review: Review | None = None
        self._shown = MaskPreview("", ())
        self._current = -1
        self._is_final = False
        if self._server:
            self.help_text = HELP_WITH_SERVER + self.help_text.partition("\n\n")[2]
        self.primary.setText(f"{self._confirm_words}　Ctrl+Enter")
        self.primary.setAccessibleName(
            "マスキングを確認して、庁内サーバーに送る" if self._server else "マスキングを確認した"
        )
        self.primary.clicked.connect(self._confirm)
        self._summary = label("", "section")
        self.header_row.insertSpacing(2, Space.M)
        self.header_row.insertWidget(3, self._summary)
        self._build_history_buttons()
        self.stop_banner = Banner(theme)  # what stops the way is not covered by what is said later
        self.notices.insertWidget(0, self.stop_banner)
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
        self._build_actions()
        self._connect_views()
        self._build_body()
        back = QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self)
        back.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        back.activated.connect(self.undo)

    # --- what the window calls ----------------------------------------------------------------

    def show_waiting(self, text: str) -> None:
        """The finds are being looked for."""
        self._review, self._current, self._is_final = None, -1, False
        self._chips.clear()
        self.finds.clear()
        self.source_view.show_text(text, ())
        self.masked_view.show_text("", ())
        self._summary.setText("個人情報を探しています…")
        self._say_waiting("文の中の個人情報を探しています。見つかるまで、何も渡しません。")
        self.banner.clear()
        self.stop_banner.clear()
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
            self._say_what_to_mind(review)
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
            kind = review.items[self._current].span.entity_type
            if kind is EntityType.MY_NUMBER:
                return  # the stop above says so already
            self.banner.say("ここは、そのままにできません。", why_it_stays(kind), tone="amber")
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
        measured(view, self.theme, lambda: view.setFixedWidth(min(self.theme.px(LIST_PX), LIST_MOST_PX)))
        view.clicked.connect(self._choose_row)
        view.selectionModel().currentChanged.connect(self._choose_row)
        view.installEventFilter(self)
        return view

    def _connect_views(self) -> None:
        for view in (self.source_view, self.masked_view):
            view.item_chosen.connect(self.choose)
            view.item_opened.connect(self._open_item)
            view.key_typed.connect(self.actions_row.take_key)
            view.menu_asked.connect(self.actions_row.pop_menu)
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
        goes_to = f"庁内サーバー（{self._server}）に送る文" if self._server else "モデルに渡る文"
        for title, view in (("原文", self.source_view), (goes_to, self.masked_view)):
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
        self.actions_row = ReviewActions(self.theme)
        self.actions_row.toggle_asked.connect(lambda every: self.toggle(all_mentions=every))
        self.actions_row.kind_asked.connect(self.change_kind)
        self.actions_row.mask_asked.connect(self.mask_selection)
        self.actions_row.step_asked.connect(lambda backwards: self.choose_next(backwards=backwards))
        self.footer_row.insertWidget(0, self.actions_row)

    # --- showing ------------------------------------------------------------------------------

    def _refresh(self) -> None:
        review = self._review
        if review is None:
            return
        self._shown = self._controller.preview_of(review)
        labels = self._shown.labels
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
        self._summary.setText(summary_of(review, is_final=self._is_final))
        self._chips.clear()
        for words, tone in chips_of(review):
            chip = label(words, "badge")
            if tone:
                set_tone(chip, tone=tone)
            self._chips.addWidget(chip)

    def _say_what_to_mind(self, review: Review) -> None:
        self.banner.clear()
        self.stop_banner.clear()
        caution = caution_of(review, self._controller.template.personal_information)
        if caution is not None:
            (self.stop_banner if caution.is_stop else self.banner).say(
                caution.title,
                caution.what,
                tone=caution.tone,
                action="入力に戻る" if caution.leads_back else "",
                on_action=self.go_back if caution.leads_back else None,
                can_close=not caution.is_stop,
            )

    def _say_waiting(self, words: str) -> None:
        self._waiting.setText(words)
        self._waiting.show()
        self._progress.show()

    def _update_actions(self) -> None:
        review = self._review
        item = review.items[self._current] if review and 0 <= self._current < len(review.items) else None
        is_narrow = self.width() < self.theme.px(ROOMY_PX)
        has_selection = self._is_final and self.source_view.selected_range() is not None
        self.actions_row.show_item(
            item, can_decide=self._is_final, has_selection=has_selection, is_narrow=is_narrow
        )
        self.primary.setText(self._confirm_words + ("" if is_narrow else "　Ctrl+Enter"))
        self._from_now_on.setEnabled(self._is_final and item is not None and self._may_keep_word(item))
        self._from_now_on.setText(
            "この語は今後も伏せない" if item is not None and not item.is_masked else "この語は今後も伏せる"
        )
        self._undo_button.setEnabled(bool(review and review.can_undo))
        self._redo_button.setEnabled(bool(review and review.can_redo))
        is_stopped = bool(review and review.my_number_count)
        self.primary.setEnabled(self._is_final and not is_stopped)

    # --- inside -------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        """Shorter words on the buttons where the window is narrow."""
        super().resizeEvent(event)
        self._update_actions()

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
            self.actions_row.take_key(event)
            if event.isAccepted():
                return True
        return False


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
