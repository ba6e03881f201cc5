"""One template's past: every stored state, what changed, the way back, and who approved it when."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.gui.controllers.parts import Parts
from desktop.gui.messages import message_for
from desktop.gui.theme import IconName, Space, Theme
from desktop.gui.widgets.diff_view import DiffView
from desktop.gui.widgets.fields.choices import PickList
from desktop.gui.widgets.screen import Screen
from desktop.gui.widgets.text import button, card, label, measured, wear_icon
from desktop.gui.windows.library_screen import moment
from prompts.errors import PromptsError
from prompts.library import ReviewStatus, Revision, TemplateCard

LEFT_PX = 380


class RevisionsScreen(Screen):
    """Revisions with their differences, and the steps of approval.

    Signals:
        changed: (template id) an old state was made the newest, or a step of approval recorded.
    """

    changed = Signal(str)
    help_text = (
        "ひな形の、これまでの版です。版を選ぶと、いまの内容との違いが右に出ます。"
        "戻しても、あいだの版は消えません。\n\n"
        "F6　版・違い・承認のあいだを移る\nEsc　ひな形の管理に戻る"
    )

    def __init__(self, theme: Theme, parts: Parts) -> None:
        super().__init__(theme, title="版と承認", back="ひな形の管理", primary="この版に戻す")
        self._parts = parts
        self._card: TemplateCard | None = None
        self._revisions: tuple[Revision, ...] = ()
        self.list = QListWidget()
        self.list.setAccessibleName("版の一覧")
        self.list.currentRowChanged.connect(lambda _: self._show_difference())
        self.diff = DiffView(theme, name="いまの内容との違い")
        self.primary.clicked.connect(self._go_back_to)
        left = QVBoxLayout()
        left.setSpacing(Space.M)
        left.addWidget(self.list, 1)
        left.addWidget(self._build_review())
        holder = QWidget()
        holder.setLayout(left)
        left.setContentsMargins(0, 0, 0, 0)
        measured(holder, theme, lambda: holder.setFixedWidth(theme.px(LEFT_PX)))
        row = QHBoxLayout()
        row.setContentsMargins(Space.XL, Space.M, Space.XL, Space.M)
        row.setSpacing(Space.L)
        row.addWidget(holder)
        row.addWidget(self.diff, 1)
        self.body.addLayout(row, 1)

    def show_template(self, template_id: str) -> None:
        """Show a template's revisions and approval."""
        self.banner.clear()
        try:
            self._card = self._parts.library.card(template_id)
            self._revisions = self._parts.library.revisions(template_id)
            reviews = self._parts.library.reviews(template_id)
        except PromptsError as error:
            notice = message_for(error)
            self.banner.say(notice.title, notice.what)
            return
        self.title_label.setText(f"版と承認　{self._card.title}")
        self.list.clear()
        for place, found in enumerate(self._revisions):
            mark = "（いまの版）" if place == 0 else ""
            note = {"": "", "import": "　取り込み"}.get(found.note, "　前の版に戻した")
            who = f"　{found.saved_by}" if found.saved_by else ""
            self.list.addItem(f"版 {found.version}　{moment(found.saved_at)}{who}{note}{mark}")
        lines = [
            f"{step.status.value}　{step.reviewed_by}　{moment(step.reviewed_at)}"
            + (f"\n　{step.note}" if step.note else "")
            for step in reviews
        ]
        self._steps.setText("\n".join(lines) or "承認の記録はまだありません。")
        self._status.setCurrentIndex(self._status.findData(self._card.status))
        for widget in (self._status, self._note, self.record_button):
            widget.setEnabled(not self._card.is_read_only)
        self._why.setVisible(self._card.is_read_only)
        self.list.setCurrentRow(1 if len(self._revisions) > 1 else 0)
        self._show_difference()

    def entered(self) -> None:
        """The keyboard in the list."""
        self.list.setFocus()

    def panes(self) -> Sequence[QWidget]:
        """Revisions, difference, approval."""
        return (self.list, self.diff, self._status)

    def _build_review(self) -> QWidget:
        sheet = card()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(Space.L, Space.M, Space.L, Space.L)
        column.setSpacing(Space.S)
        column.addWidget(label("承認の状態", "section"))
        self._steps = label("", wraps=True)
        column.addWidget(self._steps)
        self._why = label("付属と庁内標準のひな形では変えられません。", "caption", wraps=True)
        column.addWidget(self._why)
        self._status = PickList()
        self._status.setAccessibleName("承認の状態")
        for status in ReviewStatus:
            self._status.addItem(status.value, status)
        self._note = QLineEdit()
        self._note.setPlaceholderText("ひとこと（任意）")
        self._note.setAccessibleName("ひとこと")
        self._note.setMaxLength(200)
        self.record_button = button("承認を記録する")
        wear_icon(self.record_button, self.theme, IconName.CHECK, tone="green")
        self.record_button.clicked.connect(self._record)
        column.addWidget(self._status)
        column.addWidget(self._note)
        column.addWidget(self.record_button)
        return sheet

    def _show_difference(self) -> None:
        row, found = self.list.currentRow(), self._card
        can_go_back = found is not None and row > 0 and not found.is_read_only
        self.primary.setEnabled(can_go_back)
        if found is None or not 0 <= row < len(self._revisions):
            self.diff.show_changes(())
            return
        if row == 0:
            self.diff.show_changes((), lead="いまの版です。前の版を選ぶと、違いが出ます。")
            return
        try:
            template = self._parts.library.get(found.id)
            changes = self._parts.library.diff(
                found.id, self._revisions[row].revision, self._revisions[0].revision
            )
        except PromptsError as error:
            notice = message_for(error)
            self.banner.say(notice.title, notice.what)
            return
        lead = "選んだ版から、いまの版までに変わったところ（－ 前、＋ いま）"
        self.diff.show_changes(
            changes, lead=lead if changes else "いまの版と同じ内容です。", template=template
        )

    def _go_back_to(self) -> None:
        row, found = self.list.currentRow(), self._card
        if found is None or row <= 0:
            return
        chosen = self._revisions[row]
        try:
            self._parts.library.restore_revision(found.id, chosen.revision, by=self._parts.person)
        except PromptsError as error:
            notice = message_for(error)
            self.banner.say(notice.title, notice.what)
            return
        self.show_template(found.id)
        words = f"{moment(chosen.saved_at)} の内容に戻しました。"
        self.banner.say(words, "あいだの版も一覧に残っています。", tone="green")
        self.changed.emit(found.id)

    def _record(self) -> None:
        if self._card is None:
            return
        status = ReviewStatus(self._status.currentData())
        try:
            self._parts.library.set_status(
                self._card.id, status, by=self._parts.person, note=self._note.text().strip()
            )
        except PromptsError as error:
            notice = message_for(error)
            self.banner.say(notice.title, notice.what)
            return
        self._note.clear()
        self.show_template(self._card.id)
        self.banner.say(f"「{status.value}」と記録しました。", tone="green")
        self.changed.emit(self._card.id)
