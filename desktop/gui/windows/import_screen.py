"""The preview of an import: what would come in, what differs, what cannot; then one step, or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QItemSelection, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop.drafting.sharing import find_words, plan_paths, refusal_words, searched
from desktop.gui.controllers.jobs import Job, JobPool, Listener, MaskingFinder
from desktop.gui.controllers.parts import Parts
from desktop.gui.item_models.import_table import (
    DECISION_WORDS,
    ImportRow,
    ImportTableModel,
    Outcome,
    rows_of,
)
from desktop.gui.messages import message_for
from desktop.gui.theme import Space, Theme
from desktop.gui.widgets.busy_row import BusyRow
from desktop.gui.widgets.diff_view import DiffView
from desktop.gui.widgets.fields.choices import PickList
from desktop.gui.widgets.hint import Hint
from desktop.gui.widgets.screen import Screen
from desktop.gui.widgets.table import table_of
from desktop.gui.widgets.text import button, label
from models.errors import CancelledError
from prompts.errors import ImportCancelledError
from prompts.library import Shelf
from prompts.sharing import Decision, ImportPlan, ImportResult, SignatureState, apply
from prompts.template import Change, PromptTemplate

READING, SEARCHING, STORING = "読み込んでいます", "個人情報が含まれていないか調べています", "取り込んでいます"
SIGNATURE_WORDS = {
    SignatureState.UNSIGNED: "署名なし",
    SignatureState.TRUSTED: "署名あり（情報政策の担当が認めた発行元）",
}


class ImportScreen(Screen):
    """Shows a plan and carries it out.

    Signals:
        imported: (ImportResult) the library changed.
    """

    imported = Signal(object)
    help_text = (
        "取り込む前の確認です。行を選ぶと、右に内容の違いが出ます。"
        "「食い違い」は、置き換えるか、別のひな形にするか、取り込まないかを選びます。\n\n"
        "取り込みは一度に行います。途中で止めると、何も取り込みません。\n\n"
        "Ctrl+Enter　取り込む\nF6　一覧・内容のあいだを移る\nEsc　やめて戻る"
    )

    def __init__(self, theme: Theme, parts: Parts, jobs: JobPool, finder: MaskingFinder) -> None:
        super().__init__(theme, title="取り込みの確認", back="やめる", primary="取り込む")
        self._parts, self._jobs, self._finder = parts, jobs, finder
        self._job: Job | None = None
        self.plan: ImportPlan | None = None
        self._is_searched = False
        self.model = ImportTableModel(self)
        self._rows: tuple[ImportRow, ...] = ()
        self.table = self._build_table()
        self.detail = DiffView(theme, name="選んだひな形の内容")
        self._build_body()
        self._build_footer()
        self.primary.setText("取り込む　Ctrl+Enter")
        self.primary.clicked.connect(self.store)

    # --- what the window calls ----------------------------------------------------------------

    def preview(self, paths: Sequence[Path]) -> None:
        """Read these files in the background and show what they would bring.

        The plan is shown at once; the look for personal information goes on behind it, and only
        when it is done can anything be taken in.
        """
        self._drop_job()
        self.banner.clear()
        self._show_plan(None)
        parts = self._parts

        def work(job: Job) -> ImportPlan:
            with parts.open_library() as library:
                return plan_paths(
                    paths,
                    library,
                    policy=parts.policy,
                    on_read=job.telling(READING),
                    is_cancelled=lambda: job.is_cancelled,
                )

        self._begin(work, self._take_plan, READING)

    def search(self) -> None:
        """Look for personal information in what the plan would bring."""
        plan, finder = self.plan, self._finder
        if plan is None:
            return

        def work(job: Job) -> ImportPlan:
            return searched(
                plan,
                finder.finder(job),
                progress=job.telling(SEARCHING),
                is_cancelled=lambda: job.is_cancelled,
            )

        self._begin(work, self._take_searched, SEARCHING)

    def store(self) -> None:
        """Carry the plan out in one transaction, in the background."""
        plan, parts = self.plan, self._parts
        if plan is None or self._job is not None or not self._is_searched:
            return
        decisions, shelf = dict(self.model.decisions), Shelf(self.shelf.currentData())

        def work(job: Job) -> ImportResult:
            with parts.open_library() as library:
                return apply(
                    plan,
                    library,
                    shelf=shelf,
                    decisions=decisions,
                    by=parts.person,
                    progress=job.telling(STORING),
                    is_cancelled=lambda: job.is_cancelled,
                )

        self._begin(work, self._stored, STORING)

    def go_back(self) -> None:
        """Stops what runs; nothing is taken in."""
        self._drop_job()
        self.back_requested.emit()

    def entered(self) -> None:
        """The keyboard in the list."""
        self.table.setFocus()

    def panes(self) -> Sequence[QWidget]:
        """List, content, shelf."""
        return (self.table, self.detail, self.shelf)

    @property
    def is_busy(self) -> bool:
        """Whether something runs."""
        return self._job is not None

    # --- building -----------------------------------------------------------------------------

    def _build_table(self) -> QTableView:
        table = table_of(self.model, self.theme, name="取り込むもの", widths={0: 150, 2: 120}, stretched=1)
        table.selectionModel().selectionChanged.connect(self._selection_changed)
        return table

    def _build_body(self) -> None:
        self._summary = label("", "section", wraps=True)
        self._header_words = label("", "caption", wraps=True)
        self._busy = BusyRow(self.theme)
        self._busy.stop_requested.connect(self._stop)
        left = QWidget()
        left_column = QVBoxLayout(left)
        left_column.setContentsMargins(0, 0, 0, 0)
        left_column.setSpacing(Space.S)
        left_column.addWidget(self.table, 1)
        left_column.addLayout(self._build_decision())
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setHandleWidth(Space.M)
        split.setChildrenCollapsible(False)
        split.addWidget(left)
        split.addWidget(self.detail)
        split.setSizes([720, 560])
        column = QVBoxLayout()
        column.setContentsMargins(Space.XL, Space.M, Space.XL, Space.M)
        column.setSpacing(Space.S)
        for widget in (self._summary, self._header_words, self._busy):
            column.addWidget(widget)
        column.addWidget(split, 1)
        self.body.addLayout(column, 1)

    def _build_decision(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        self._decision_label = label("食い違い:", "fieldlabel")
        row.addWidget(self._decision_label)
        self.decision_group = QButtonGroup(self)
        self.choices: dict[Decision, QPushButton] = {}
        for decision, words in DECISION_WORDS.items():
            choice = button(words, "chip", name=f"食い違い: {words}")
            choice.setCheckable(True)
            choice.clicked.connect(lambda _=False, d=decision: self._decide(d))
            self.decision_group.addButton(choice)
            self.choices[decision] = choice
            row.addWidget(choice)
        row.addStretch(1)
        return row

    def _build_footer(self) -> None:
        self.shelf = PickList()
        self.shelf.setAccessibleName("入れる棚")
        self.shelf.setMinimumContentsLength(10)
        self.shelf.addItem("個人の棚に入れる", Shelf.PERSONAL)
        self.shelf.addItem("課の棚に入れる", Shelf.SECTION)
        self.confirm = QCheckBox("個人情報の指摘を確認")
        self.confirm.setToolTip("個人情報の指摘を確かめ、残してよいと判断しました")
        self.confirm.toggled.connect(self._update)
        self._why_not = Hint()
        self.footer_row.insertWidget(0, self.shelf)
        self.footer_row.insertWidget(1, self.confirm)
        self.footer_row.insertWidget(self.footer_row.count() - 1, self._why_not)

    # --- the job ------------------------------------------------------------------------------

    def _begin(self, work: Callable[[Job], object], on_done: Callable[[Any], None], stage: str) -> None:
        listener = Listener(on_done, self._failed, self._show_progress)
        self._busy.say(f"{stage}…")
        self._job = self._jobs.start(work, listener)
        self._update()

    def _drop_job(self) -> None:
        if self._job is not None:
            self._job.drop()
            self._job = None

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _show_progress(self, stage: str, done: int, total: int) -> None:
        self._busy.show_progress(f"{stage}…　{done:,} / {total:,}件", done, total)

    def _failed(self, error: Exception) -> None:
        self._job = None
        if isinstance(error, CancelledError | ImportCancelledError):
            words = "止めたので、何も取り込んでいません。"
            self._say("取り込みを止めました。", words, tone="amber")
        else:
            notice = message_for(error)
            self._say(notice.title, f"{notice.what} 何も取り込んでいません。")
        self._update()

    def _say(self, title: str, what: str, *, tone: str = "vermilion") -> None:
        """Nothing that was not looked through comes in: the button looks again."""
        is_open = self.plan is not None and not self._is_searched
        action = "個人情報を調べる" if is_open else ""
        self.banner.say(title, what, tone=tone, action=action, on_action=self.search if is_open else None)

    def _take_plan(self, plan: ImportPlan) -> None:
        self._job = None
        self._show_plan(plan)
        if any((plan.new, plan.updated, plan.conflicts)):
            self.search()

    def _take_searched(self, plan: ImportPlan) -> None:
        self._job = None
        decisions, at = dict(self.model.decisions), self._selected()
        self._show_plan(plan, decisions)
        if at >= 0:
            self.table.selectRow(at)

    def _stored(self, result: ImportResult) -> None:
        self._job = None
        self.imported.emit(result)

    # --- showing ------------------------------------------------------------------------------

    def _show_plan(self, plan: ImportPlan | None, decisions: dict[str, Decision] | None = None) -> None:
        self.plan = plan
        self._is_searched = decisions is not None
        self._rows = rows_of(plan) if plan else ()
        self.model.show_plan(self._rows, decisions or {})
        counts = Counter(row.outcome for row in self._rows)
        order = (Outcome.NEW, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.CONFLICT, Outcome.REJECTED)
        words = [f"{outcome.value} {counts[outcome]:,}件" for outcome in order]
        finds = len(plan.personal_information) if plan else 0
        if finds:
            words.append(f"個人情報と思われる箇所 {finds:,}")
        self._summary.setText("　".join(words) if plan else "")
        header = plan.header if plan else None
        self._header_words.setVisible(header is not None)
        if header is not None:
            signature = SIGNATURE_WORDS.get(header.signature, "署名あり（発行元は確かめられません）")
            facts = (header.title, f"発行: {header.issuer or '記載なし'}", signature)
            self._header_words.setText("　".join(fact for fact in facts if fact))
        self.confirm.setChecked(False)
        self.confirm.setVisible(bool(finds))
        if self._rows:
            self.table.selectRow(0)
        else:
            self.detail.show_changes(())
        self._update()

    def _selection_changed(self, _now: QItemSelection, _before: QItemSelection) -> None:
        self._show_selected()

    def _selected(self) -> int:
        rows = self.table.selectionModel().selectedRows()
        return rows[0].row() if rows else -1

    def _show_selected(self) -> None:
        row = self._selected()
        is_conflict = row >= 0 and self.model.row_at(row).outcome is Outcome.CONFLICT
        for widget in (self._decision_label, *self.choices.values()):
            widget.setVisible(is_conflict)
        if row < 0:
            return
        found = self.model.row_at(row)
        if is_conflict:
            self.choices[self.model.decisions.get(found.path, Decision.SKIP)].setChecked(True)
        lead, changes = _described(found)
        template = found.entry.template if found.entry else None
        self.detail.show_changes(changes, lead=lead, template=template)

    def _decide(self, decision: Decision) -> None:
        row = self._selected()
        if row >= 0:
            self.model.decide(row, decision)
            self._update()

    def _update(self) -> None:
        is_busy = self._job is not None
        self._busy.setVisible(is_busy)
        counts = Counter(row.outcome for row in self._rows)
        taken = sum(
            self.model.decisions.get(row.path, Decision.SKIP) is not Decision.SKIP
            for row in self._rows
            if row.outcome is Outcome.CONFLICT
        )
        taken += counts[Outcome.NEW] + counts[Outcome.UPDATED]
        has_finds = bool(self.plan and self.plan.personal_information)
        why = ""
        if self.plan is not None:
            if not taken:
                why = "取り込むものはありません。"
            elif not self._is_searched:
                why = "個人情報を調べ終わると取り込めます。"
            elif has_finds and not self.confirm.isChecked():
                why = "個人情報の指摘を確かめると取り込めます。"
        self._why_not.setText(why)
        self.primary.setText(f"{taken:,}件を取り込む" if taken else "取り込む")
        self.primary.setEnabled(self.plan is not None and not is_busy and bool(taken) and not why)


def _described(row: ImportRow) -> tuple[str, Sequence[Change]]:
    """What the pane says about a line."""
    if row.rejected is not None:
        return refusal_words(row.rejected), ()
    if row.entry is None:
        return row.path, ()
    lead = f"{row.path}　版 {row.entry.template.version}"
    if row.entry.present_version:
        lead += f"（いまの版 {row.entry.present_version}）"
    if row.finds:
        lead += "\n個人情報と思われる箇所:\n" + "\n".join(
            f"・{find_words(find, row.entry.template)}" for find in row.finds
        )
    if row.outcome is Outcome.NEW:
        return lead, _content_of(row.entry.template)
    if row.outcome is Outcome.UNCHANGED:
        return f"{lead}\nいまの内容と同じです。", ()
    return f"{lead}\n－ いまの内容、＋ 取り込む内容", row.entry.changes


def _content_of(template: PromptTemplate) -> list[Change]:
    """A new template as if all of it were added."""
    texts = [
        ("title", template.title),
        ("description", template.description),
        ("issuer", template.issuer),
        ("system", template.system),
        *((f"fields.{found.name}", found.label) for found in template.fields),
        ("body", template.body),
        ("cautions", "\n".join(template.cautions)),
        ("checklist", "\n".join(template.checklist)),
    ]
    return [Change(key, "", text) for key, text in texts if text]
