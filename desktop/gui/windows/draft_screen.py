"""The draft: it is read, written, checked by machine and person, and taken out."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from desktop.drafting.checks import CheckReport
from desktop.drafting.documents.export import suggest_file_name
from desktop.drafting.documents.label import UNCONFIRMED
from desktop.drafting.errors import DraftingError
from desktop.drafting.long_input.reading import StepKind
from desktop.drafting.model_choice import DEMO_NOTICE, DEMO_POINTER
from desktop.drafting.requests import PartProgress, Turn
from desktop.drafting.session import State
from desktop.gui.controllers.draft_controller import DraftController
from desktop.gui.controllers.follow_ups import follow_ups_for
from desktop.gui.controllers.part_words import count_done, plan_list, plan_title, plan_words, points_text
from desktop.gui.controllers.parts import Parts
from desktop.gui.messages import message_for
from desktop.gui.theme import IconName, Space, Theme
from desktop.gui.widgets.check_panel import CheckPanel, concerns_of
from desktop.gui.widgets.effect_box import EffectBox
from desktop.gui.widgets.follow_up_box import FollowUpBox
from desktop.gui.widgets.paper import Notable, Paper
from desktop.gui.widgets.part_list import PartList
from desktop.gui.widgets.reading_bar import ReadingBar
from desktop.gui.widgets.screen import Screen
from desktop.gui.widgets.text import button, label, measured, set_tone, wear_icon
from models.engine.protocol import FinishReason

CHECK_DELAY_MS = 400
PANEL_PX = 320
PANEL_MOST_PX = 390
FORBIDDEN_EXPORT = "管理者により固定: 下書きの持ち出しは許可されていません"


class DraftScreen(Screen):
    """The answer on paper and what to check beside it.

    Signals:
        follow_up_asked: A typed follow-up is to be masked and reviewed.
        template_asked: (text) make a template from the draft.
        finished: The draft was confirmed and taken out; its autosave is no longer needed.
    """

    follow_up_asked = Signal()
    template_asked = Signal(str)
    finished = Signal()
    help_text = (
        "左が下書きです。直接書き直せます。右の「確認すること」を見て、"
        "すべて確かめたら「確認済みにする」を押します。\n\n"
        "Ctrl+Enter　確認済みにする（直し方を書いているときは、それを頼む）\n"
        "Ctrl+S　Wordで保存\nCtrl+Shift+C　コピー\nF6　下書き・確認・直し方のあいだを移る\n"
        "Esc　入力に戻る（書いている途中なら止める）\n\n"
        "長い資料は、いくつかの部分に分けて読みます。「部分ごとの要点」で、どの部分から来た要点かを確かめられます。"
    )

    def __init__(self, theme: Theme, parts: Parts, controller: DraftController) -> None:
        super().__init__(theme, title="下書き", back="入力", primary="確認済みにする")
        self._parts, self._controller = parts, controller
        self.primary.clicked.connect(self._press)
        self.paper = Paper(theme)
        self.panel = CheckPanel(theme)
        self.reading = ReadingBar()
        self.part_list = PartList(theme)
        self.follow_up = FollowUpBox(theme, follow_ups_for(is_demo=parts.model.is_demo))
        self.effect = EffectBox()
        self._build_header()
        self._build_body()
        self._build_footer()
        self._check_timer = QTimer(self, singleShot=True, interval=CHECK_DELAY_MS)
        self._check_timer.timeout.connect(self._check_again)
        self.paper.corrected.connect(self._corrected)
        self.panel.place_chosen.connect(self.paper.go_to)
        self.panel.ticked.connect(self._tick)
        controller.attempt_begun.connect(self._begin)
        controller.part_begun.connect(self._begin_part)
        controller.reading_progressed.connect(self.reading.show_tokens)
        controller.text_appended.connect(self._append)
        controller.pace_measured.connect(lambda pace: self._pace.setText(f"{pace:.0f}字/秒"))
        controller.answered.connect(self._take_answer)

    # --- what the window calls ----------------------------------------------------------------

    def entered(self) -> None:
        """The cursor on the paper."""
        self.paper.setFocus()
        self._update()

    def go_back(self) -> None:
        """Esc stops what runs; otherwise it leads to the form, which keeps its values."""
        state = self._controller.state
        if state is State.GENERATING:
            self._controller.stop()
        elif state in (State.PLANNING, State.PLANNED):
            self._controller.back()
        else:
            self.back_requested.emit()

    def panes(self) -> Sequence[QWidget]:
        """Paper, checks, follow-up."""
        boxes = [box.box for box in self.panel.boxes[:1]]
        return (self.paper, *boxes, self.part_list.toggle, self.follow_up.edit)

    def press_primary(self) -> bool:
        """Ctrl+Enter in the follow-up's field asks for it; elsewhere it confirms."""
        return self.follow_up.press() or super().press_primary()

    def refresh(self) -> None:
        """Show the newest answer again, as the person corrected it (after a failed second attempt)."""
        controller = self._controller
        self.effect.hide()  # its question was about the draft that was confirmed here before
        if controller.session.turns:
            self._template_title.setText(controller.template.title)
            text = controller.answer_text
            if text == controller.session.text:
                self._show_report(controller.session.turns[-1].report, text)
            elif controller.is_ready_to_check():
                self._show_report(controller.check(text), text)
            else:
                self.paper.show_final(text, [], can_edit=not controller.is_confirmed)
                self.panel.show_nothing("資料と照らし合わせています…")
                self._check_timer.start()
            self.part_list.show_parts(controller.parts)
        self._update()

    def show_plan(self) -> None:
        """A long text is to be read in parts, or was stopped on the way: the person says whether to go on."""
        controller = self._controller
        if controller.state is State.PLANNED:
            parts = controller.parts
            self._template_title.setText(controller.template.title)
            self.paper.show_final(points_text(parts) or plan_list(parts), [], can_edit=False)
            seconds = controller.seconds_for_parts
            self.banner.say(
                plan_title(parts, seconds),
                plan_words(parts, is_time_known=seconds is not None),
                tone="amber",
                action="入力に戻る",
                on_action=controller.back,
                can_close=False,
            )
        elif controller.state is State.PLANNING:
            self.reading.begin("資料が長いため、分け方を調べています…")
        self._update()

    # --- building -----------------------------------------------------------------------------

    def _build_header(self) -> None:
        self._badge = label(UNCONFIRMED, "badge")
        self._template_title = label("", "caption")
        self._pace = label("", "caption")
        self.stop_button = button("止める", "stop", name="止める（Esc）")
        wear_icon(self.stop_button, self.theme, IconName.STOP, tone="vermilion")
        self.stop_button.clicked.connect(self._controller.stop)
        self.header_row.insertWidget(2, self._badge)
        self.header_row.insertWidget(3, self._template_title)
        self.header_row.addWidget(self._pace)
        self.header_row.addWidget(self.stop_button)

    def _build_body(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(Space.S)
        self._demo = label(f"{DEMO_NOTICE}。{DEMO_POINTER}", "badge", wraps=True)
        set_tone(self._demo, tone="amber")
        left.addWidget(self._demo)
        if not self._parts.model.is_demo:
            self._demo.hide()
        left.addWidget(self.reading)
        left.addWidget(self.paper, 1)
        self.follow_up.fixed_asked.connect(self._ask_fixed)
        self.follow_up.typed_asked.connect(self.follow_up_asked)
        self.follow_up.typed.connect(self._controller.set_follow_up_text)
        left.addWidget(self.follow_up)
        self.effect.answered.connect(self._keep_effect)
        self.effect.hide()
        left.addWidget(self.effect)
        row = QHBoxLayout()
        row.setContentsMargins(Space.XL, Space.M, Space.XL, Space.M)
        row.setSpacing(Space.L)
        row.addLayout(left, 1)
        right = QVBoxLayout()
        right.setSpacing(Space.S)
        right.addWidget(self.panel, 3)
        right.addWidget(self.part_list, 0)
        self.part_list.toggle.toggled.connect(lambda is_open: right.setStretch(1, 2 if is_open else 0))
        measured(self.panel, self.theme, self._set_panel_width)
        row.addLayout(right)
        self.body.addLayout(row)

    def _set_panel_width(self) -> None:
        width = min(self.theme.px(PANEL_PX), PANEL_MOST_PX)
        self.panel.setFixedWidth(width)
        self.part_list.setFixedWidth(width)

    def _build_footer(self) -> None:
        self.save_button = button("ファイルに保存", name="ファイルに保存（Ctrl+S）")
        wear_icon(self.save_button, self.theme, IconName.SAVE)
        menu = QMenu(self.save_button)
        for words, suffix, keys in (
            ("Word文書（.docx）", ".docx", "Ctrl+S"),
            ("テキスト（.txt）", ".txt", ""),
        ):
            action = QAction(words, self)
            action.setShortcut(keys)
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(lambda _=False, s=suffix: self.save_as(s))
            self.addAction(action)
            menu.addAction(action)
        self.save_button.setMenu(menu)
        self.copy_button = button("コピー", name="コピー（Ctrl+Shift+C）")
        self.copy_button.setShortcut("Ctrl+Shift+C")
        wear_icon(self.copy_button, self.theme, IconName.COPY)
        self.copy_button.clicked.connect(self.copy)
        self.again_button = button("もう一度作る")
        wear_icon(self.again_button, self.theme, IconName.AGAIN)
        self.again_button.clicked.connect(self._controller.regenerate)
        self.template_button = button("ひな形にする", name="この下書きをひな形にする")
        self.template_button.setToolTip("氏名などを抜いて、くり返し使えるひな形を作ります。")
        wear_icon(self.template_button, self.theme, IconName.DRAFTING)
        self.template_button.clicked.connect(lambda: self.template_asked.emit(self.paper.text))
        self._more = button("そのほか", name="そのほかの操作")
        self._more_menu = QMenu(self._more)
        for source in (self.again_button, self.template_button):
            self._more_menu.addAction(source.text()).triggered.connect(source.click)
        self._more_menu.aboutToShow.connect(self._follow_buttons)
        self._more.setMenu(self._more_menu)
        self._more.hide()
        self._done = label("", "caption", wraps=True)
        self._done.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        widgets = (
            self.save_button,
            self.copy_button,
            self.again_button,
            self.template_button,
            self._more,
            self._done,
        )
        for place, widget in enumerate(widgets):
            self.footer_row.insertWidget(place, widget)
        self.footer_row.setStretchFactor(self._done, 100)
        if not self._parts.policy.export_enabled:
            for widget in (self.save_button, self.copy_button):
                widget.setToolTip(FORBIDDEN_EXPORT)

    def _follow_buttons(self) -> None:
        for action, source in zip(
            self._more_menu.actions(), (self.again_button, self.template_button), strict=True
        ):
            action.setEnabled(source.isEnabled())

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        """Where the footer gets narrow, what is used seldom goes into a menu: the primary button stays whole."""
        super().resizeEvent(event)
        self._fit_footer()

    def _fit_footer(self) -> None:
        always = (self.save_button, self.copy_button, self.primary)
        seldom = (self.again_button, self.template_button)
        margins = 2 * Space.XL + 2 * Space.S
        needed = sum(widget.sizeHint().width() + Space.S for widget in (*always, *seldom)) + margins
        is_narrow = needed > self.width()
        for widget in seldom:
            widget.setVisible(not is_narrow)
        self._more.setVisible(is_narrow)

    # --- the answer ---------------------------------------------------------------------------

    def _begin(self, attempt: int) -> None:
        self.banner.clear()
        self._template_title.setText(self._controller.template.title)
        self._check_timer.stop()
        self.paper.begin()
        self._pace.setText("")
        self._done.setText("")
        in_parts = bool(self._controller.parts)
        words = "集めた要点から、下書きを書いています…" if in_parts else "資料を読み込んでいます…"
        self.reading.begin("書き直しています…" if attempt else words)
        self.part_list.show_parts(self._controller.parts)
        self.panel.show_nothing("下書きができると、資料と照らし合わせた結果がここに出ます。")
        self._update()

    def _begin_part(self, part: PartProgress) -> None:
        """A part begins: below the points that were found so far, its own are going to appear."""
        controller = self._controller
        if not self.reading.is_in_parts:
            self.banner.clear()
            self._check_timer.stop()
            self._done.setText("")
            self.part_list.show_parts(())
            self.panel.show_nothing("すべての部分を読み終えると、集めた要点から下書きを書きます。")
        self.paper.begin()
        points = points_text(controller.parts)
        head = f"【{part.mark}】\n" if part.kind is StepKind.PART else ""
        self.paper.append_text("\n\n".join(text for text in (points, head) if text))
        self._pace.setText("")
        self.reading.begin_part(part, controller.seconds_for_parts)
        self._update()

    def _append(self, text: str) -> None:
        if not self.reading.is_in_parts:
            self.reading.hide()
        elif self.reading.is_condensing:
            return
        self.paper.append_text(text)

    def _take_answer(self, turn: Turn) -> None:
        self.follow_up.set_text("")
        self._show_answer(turn)

    def _show_answer(self, turn: Turn) -> None:
        self._show_report(turn.report, turn.completion)
        self.part_list.show_parts(self._controller.parts)
        if turn.finish_reason is FinishReason.CANCELLED:
            self.banner.say(
                "途中で止めました。",
                "ここまでの文は残っています。「もう一度作る」で、はじめから作り直せます。",
                tone="amber",
            )
        self._update()

    def _show_report(self, report: CheckReport, text: str) -> None:
        self.paper.show_final(text, _notables(report), can_edit=not self._controller.is_confirmed)
        self._show_panel(report)

    def _show_panel(self, report: CheckReport) -> None:
        session = self._controller.session
        self.panel.show_concerns(
            concerns_of(report, self._controller.value_of_placeholder),
            checklist=session.template.checklist,
            ticked=session.ticked,
            cautions=session.template.cautions,
            is_open=session.state is State.CHECKING,
        )

    # --- checking and correcting --------------------------------------------------------------

    def _corrected(self) -> None:
        self._controller.set_answer_text(self.paper.text)
        self._check_timer.start()

    def _check_again(self) -> None:
        if self._controller.is_open and self._controller.state in (State.CHECKING, State.CONFIRMED):
            if not self._controller.is_ready_to_check():
                QTimer.singleShot(0, self._check_again)
                return
            report = self._controller.check(self.paper.text)
            self.paper.show_notables(_notables(report))
            self._show_panel(report)

    def _tick(self, index: int, is_done: bool) -> None:
        self._controller.tick(index, is_done=is_done)
        self._update()

    def _press(self) -> None:
        if self._controller.state is State.PLANNED:
            self._controller.read_parts()
        else:
            self._confirm()

    def _confirm(self) -> None:
        if self._controller.is_confirmed:
            self.save_as(".docx")
            return
        if not self._controller.session.can_confirm:
            self.banner.say(
                "まだ確かめていない項目があります。",
                "右の「人が確かめる」にすべて印を付けると、確認済みにできます。",
                tone="amber",
            )
            if self.panel.boxes:
                self.panel.boxes[0].box.setFocus()
            return
        self._check_timer.stop()
        self._controller.confirm_draft()
        self.paper.setReadOnly(True)
        self.effect.ask()
        self.paper.setFocus()
        self._show_panel(self._controller.check(self.paper.text))
        self.banner.say(
            "確認済みにしました。", "保存やコピーをすると、確認済みの文書として出ます。", tone="green"
        )
        self._update()

    def _keep_effect(self, has_helped: bool, minutes: float | None) -> None:
        if self._controller.answer_effect(has_helped, minutes):
            self.effect.thank()

    def _ask_fixed(self, request: str) -> None:
        self._controller.follow_up(request, is_fixed=True)

    # --- taking out ---------------------------------------------------------------------------

    def copy(self) -> None:
        """Copy the text with its mark and footer."""
        if not self._may_take_out():
            return
        confirmed = self._controller.is_confirmed
        if not self._controller.taken_out("clipboard"):
            return  # what is not in the log does not leave
        QGuiApplication.clipboard().setText(self._parts.text_to_copy(self.paper.text, confirmed))
        mark = "" if confirmed else "（「未確認」の表示を付けました）"
        self._done.setText(f"コピーしました{mark}")

    def save_as(self, suffix: str) -> None:
        """Ask where, then save."""
        if not self._may_take_out():
            return
        kind = "Word文書 (*.docx)" if suffix == ".docx" else "テキスト (*.txt)"
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self, "下書きを保存", documents)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(kind)
        dialog.setDefaultSuffix(suffix.removeprefix("."))
        dialog.selectFile(
            suggest_file_name(
                self.paper.text,
                title=self._controller.template.title,
                day=datetime.date.today(),
                suffix=suffix,
            )
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.save_to(Path(name)))
        dialog.open()

    def save_to(self, path: Path) -> None:
        """Save, by the name's ending."""
        confirmed = self._controller.is_confirmed
        try:
            self._parts.write_file(path, self.paper.text, is_confirmed=confirmed)
        except DraftingError as error:
            notice = message_for(error)
            self.banner.say(
                notice.title,
                notice.what,
                action="別の場所に保存する",
                on_action=lambda: self.save_as(path.suffix.lower() or ".docx"),
            )
            return
        self._controller.taken_out(path.suffix.lower().removeprefix("."))
        mark = "" if confirmed else "（「未確認」の表示を付けました）"
        self._done.setText(f"保存しました{mark}")
        if confirmed:
            self.finished.emit()

    def _may_take_out(self) -> bool:
        try:
            self._parts.policy.check_export()
        except DraftingError as error:
            notice = message_for(error)
            self.banner.say(notice.title, notice.what, tone="amber")
            return False
        return bool(self.paper.text.strip())

    # --- inside -------------------------------------------------------------------------------

    def _update(self) -> None:
        if not self._controller.is_open:
            return
        controller = self._controller
        state = controller.state
        is_planned = state is State.PLANNED
        is_writing = state in (State.GENERATING, State.PLANNING)
        is_checking, is_confirmed = state is State.CHECKING, state is State.CONFIRMED
        has_text = bool(controller.session.turns) and not is_writing
        may_export = self._parts.policy.export_enabled
        if not is_writing:
            self.reading.end()
        self._badge.setText("確認済み" if is_confirmed else UNCONFIRMED)
        set_tone(self._badge, tone="green" if is_confirmed else "amber")
        self._badge.setVisible(has_text or is_writing)
        self.stop_button.setVisible(is_writing)
        self._pace.setVisible(is_writing)
        self.back_button.setText("止めて戻る" if is_writing else "入力")
        for widget in (self.save_button, self.copy_button):
            widget.setEnabled(has_text and may_export)
        self.again_button.setEnabled(is_checking)
        self.template_button.setEnabled(has_text)
        self.follow_up.setVisible(not (is_confirmed or is_planned or self.reading.is_in_parts))
        if not is_confirmed:
            self.effect.hide()
        self.follow_up.set_open(is_checking)
        words = "Wordで保存" if is_confirmed else "確認済みにする"
        if is_planned:
            words = "続きから読む" if count_done(controller.parts) else "分けて読む"
        self.primary.setText(f"{words}　Ctrl+Enter")
        self.primary.setAccessibleName(words)
        self.primary.setEnabled((is_checking and has_text) or (is_confirmed and may_export) or is_planned)
        self._fit_footer()


def _notables(report: CheckReport) -> list[Notable]:
    """What the checks found, as places on the paper."""
    found = [Notable(u.start, u.end, "資料に無い: 入力した資料に見つかりません") for u in report.unsupported]
    return [*found, *(Notable(r.start, r.end, "同じ文の繰り返し") for r in report.repetitions)]
