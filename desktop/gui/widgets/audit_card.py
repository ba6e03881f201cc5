"""利用の記録（監査ログ） in the settings: held against its chain, and written out where IT allows that."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QVBoxLayout

from desktop.drafting.policy import Policy
from desktop.drafting.records.audit import AuditLog, AuditVerdict, verdict_words
from desktop.drafting.records.periods import Period
from desktop.gui.controllers.jobs import Job, Listener, start_detached
from desktop.gui.messages import message_for
from desktop.gui.theme import IconName, Space, Theme
from desktop.gui.widgets.fields.choices import PickList
from desktop.gui.widgets.text import button, label, set_tone, wear_icon

FIXED = "管理者により固定"
WHAT = (
    "いつ、だれが、どのひな形とモデルで、何件伏せ、確認したかの記録です。本文は入っていません。"
    "記録は一件ずつつながっていて、書き換えや抜き取りがあると分かります。"
)


class AuditCard(QFrame):
    """Two buttons and what came of them.

    Args:
        theme: The look.
        policy: Whether staff may write the log out.
        open_audit: Opens the log, for work in another thread.
    """

    def __init__(self, theme: Theme, policy: Policy, open_audit: Callable[[], AuditLog]) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._open_audit = open_audit
        self._job: Job | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.S)
        column.addWidget(label("利用の記録（監査ログ）", "section"))
        column.addWidget(label(WHAT, "caption", wraps=True))
        self.verify_button = button("改変がないか調べる")
        wear_icon(self.verify_button, theme, IconName.SHIELD)
        self.verify_button.clicked.connect(self.verify)
        self.period = PickList()
        self.period.setAccessibleName("書き出す期間")
        for period in Period:
            self.period.addItem(period.value, period)
        self.period.setCurrentIndex(self.period.findData(Period.ALL))
        self.export_button = button("CSVに書き出す")
        wear_icon(self.export_button, theme, IconName.SPREADSHEET)
        self.export_button.clicked.connect(self._ask_where)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self.verify_button)
        row.addStretch(1)
        row.addWidget(self.period)
        row.addWidget(self.export_button)
        self._fixed = label(f"書き出しはできません（{FIXED}）", "badge")
        row.addWidget(self._fixed)
        for widget in (self.period, self.export_button):
            widget.setVisible(policy.records_audit_export)
        self._fixed.setVisible(not policy.records_audit_export)
        column.addLayout(row)
        self.outcome = label("", wraps=True)
        self.outcome.hide()
        column.addWidget(self.outcome)

    def verify(self) -> None:
        """Recompute the chain, in the background."""

        def work(_job: Job) -> AuditVerdict:
            with closing(self._open_audit()) as log:
                return log.verify()

        def done(verdict: AuditVerdict) -> None:
            self._say(" ".join(verdict_words(verdict)), is_good=verdict.is_intact)

        self._begin(work, done, "調べています…")

    def write_to(self, path: Path) -> None:
        """Write the chosen period as CSV, in the background."""
        start, end = Period(self.period.currentData()).bounds(datetime.date.today())

        def work(_job: Job) -> int:
            with closing(self._open_audit()) as log:
                return log.export_csv(path, start, end)

        self._begin(
            work, lambda number: self._say(f"{number:,}件の記録を書き出しました。"), "書き出しています…"
        )

    def _begin(self, work: Callable[[Job], object], on_done: Callable[..., None], words: str) -> None:
        if self._job is not None:
            return

        def done(result: object) -> None:
            self._end()
            on_done(result)

        def failed(error: Exception) -> None:
            self._end()
            notice = message_for(error)
            self._say(notice.line, is_good=False)

        self._say(words)
        self.verify_button.setEnabled(False)
        self.export_button.setEnabled(False)
        self._job = start_detached(work, Listener(done, failed), name="audit", parent=self)

    def _end(self) -> None:
        self._job = None
        self.verify_button.setEnabled(True)
        self.export_button.setEnabled(True)

    def _say(self, words: str, *, is_good: bool = True) -> None:
        self.outcome.setText(words)
        set_tone(self.outcome, role="" if is_good else "problem")
        self.outcome.show()

    def _ask_where(self) -> None:
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self, "利用の記録の書き出し先", documents)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("表 (*.csv)")
        dialog.setDefaultSuffix("csv")
        dialog.selectFile(f"{datetime.date.today():%Y%m%d}_起案の利用記録.csv")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda chosen: self.write_to(Path(chosen)))
        dialog.open()
