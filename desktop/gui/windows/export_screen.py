"""Templates go out by file: which kind of file, a look for personal information, then the file."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.drafting.errors import DraftingError
from desktop.drafting.sharing import (
    EXPORT_FORMATS,
    ExportFormat,
    export_templates,
    find_words,
    finds_in,
)
from desktop.gui.controllers.jobs import Job, JobPool, Listener, MaskingFinder
from desktop.gui.controllers.parts import Parts
from desktop.gui.messages import message_for
from desktop.gui.theme import Space, Theme
from desktop.gui.widgets.flow_layout import FlowLayout
from desktop.gui.widgets.screen import Screen
from desktop.gui.widgets.text import button, card, label, titled_card
from prompts.errors import PromptsError, TemplateNotFoundError
from prompts.sharing import PersonalFind, file_name
from prompts.template import PromptTemplate

SEARCHING = "個人情報が含まれていないか調べています"


class ExportScreen(Screen):
    """Writes chosen templates to a file.

    Signals:
        exported: (number) so many were written.
    """

    exported = Signal(int)
    help_text = (
        "選んだひな形をファイルに書き出します。ほかの課や団体に渡す前に、個人情報が含まれていないか確かめます。\n\n"
        "Ctrl+Enter　書き出す先を選ぶ\nEsc　やめて戻る"
    )

    def __init__(self, theme: Theme, parts: Parts, jobs: JobPool, finder: MaskingFinder) -> None:
        super().__init__(theme, title="ひな形の書き出し", back="やめる", primary="書き出す")
        self._parts, self._jobs, self._finder = parts, jobs, finder
        self._job: Job | None = None
        self.templates: tuple[PromptTemplate, ...] = ()
        self.finds: tuple[PersonalFind, ...] | None = None
        self.formats: dict[str, QPushButton] = {}
        self._chosen = EXPORT_FORMATS[0]
        column = QVBoxLayout()
        column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(self._build_choice())
        column.addWidget(self._build_check(), 1)
        self.body.addLayout(column, 1)
        self.confirm = QCheckBox("個人情報の指摘を確かめました")
        self.confirm.toggled.connect(self._update)
        self.footer_row.insertWidget(0, self.confirm)
        self.primary.setText("書き出す　Ctrl+Enter")
        self.primary.clicked.connect(self.ask_where)

    # --- what the window calls ----------------------------------------------------------------

    def offer(self, template_ids: Sequence[str]) -> None:
        """Offer these templates, and look through them in the background."""
        self._drop_job()
        self.banner.clear()
        found = []
        for template_id in template_ids:
            with contextlib.suppress(TemplateNotFoundError):  # gone meanwhile
                found.append(self._parts.library.get(template_id))
        self.templates, self.finds = tuple(found), None
        titles = "、".join(template.title for template in self.templates[:6])
        more = " ほか" if len(self.templates) > 6 else ""
        self._what.setText(f"{len(self.templates):,}件: {titles}{more}")
        is_single = len(self.templates) == 1
        for entry in EXPORT_FORMATS:
            self.formats[entry.suffix].setEnabled(is_single or not entry.is_single)
        self._choose(EXPORT_FORMATS[1] if is_single else EXPORT_FORMATS[0])
        self.confirm.setChecked(False)
        templates, finder = self.templates, self._finder

        def work(job: Job) -> tuple[PersonalFind, ...]:
            return finds_in(
                templates,
                finder.finder(job),
                progress=job.telling(SEARCHING),
                is_cancelled=lambda: job.is_cancelled,
            )

        listener = Listener(self._take_finds, self._failed, self._show_progress)
        self._job = self._jobs.start(work, listener)
        self._progress.setRange(0, 0)
        self._result.setPlainText(f"{SEARCHING}…")
        self._update()

    def go_back(self) -> None:
        """Stops the look-through; nothing is written."""
        self._drop_job()
        self.back_requested.emit()

    def panes(self) -> Sequence[QWidget]:
        """Kinds of file, finds."""
        return (self.formats[self._chosen.suffix], self._result)

    def entered(self) -> None:
        """The keyboard on the kind of file."""
        self.formats[self._chosen.suffix].setFocus()

    def ask_where(self) -> None:
        """Ask where to, then write."""
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self, "書き出す先", documents)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(f"{self._chosen.words} (*{self._chosen.suffix})")
        name = file_name(self.templates[0]) if len(self.templates) == 1 else "ひな形.prompt.md"
        dialog.selectFile(name.removesuffix(".prompt.md") + self._chosen.suffix)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda chosen: self.write_to(Path(chosen)))
        dialog.open()

    def write_to(self, path: Path) -> None:
        """Write the file; the chosen kind's ending is added where it is missing."""
        if not path.name.lower().endswith(self._chosen.suffix):
            path = path.with_name(path.name + self._chosen.suffix)
        try:
            export_templates(
                self.templates,
                path,
                policy=self._parts.policy,
                title=self._title.text().strip(),
                issuer=self._issuer.text().strip(),
            )
        except (PromptsError, DraftingError) as error:
            notice = message_for(error)
            self.banner.say(notice.title, notice.what, action="別の場所を選ぶ", on_action=self.ask_where)
            return
        self.exported.emit(len(self.templates))

    # --- building -----------------------------------------------------------------------------

    def _build_choice(self) -> QWidget:
        sheet = card()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.S)
        self._what = label("", "section", wraps=True)
        column.addWidget(self._what)
        group = QButtonGroup(self)
        kinds = FlowLayout(spacing=Space.S)
        for entry in EXPORT_FORMATS:
            choice = button(entry.words, "chip", name=f"形式: {entry.words}")
            choice.setCheckable(True)
            choice.clicked.connect(lambda _=False, e=entry: self._choose(e))
            group.addButton(choice)
            self.formats[entry.suffix] = choice
            kinds.addWidget(choice)
        column.addLayout(kinds)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        self._title = QLineEdit()
        self._title.setAccessibleName("まとまりの名前")
        self._title.setPlaceholderText("まとまりの名前（任意。例: 広報課のひな形集）")
        self._issuer = QLineEdit()
        self._issuer.setAccessibleName("発行する課")
        self._issuer.setPlaceholderText("発行する課（任意）")
        row.addWidget(self._title, 1)
        row.addWidget(self._issuer, 1)
        self._pack = QWidget()
        row.setContentsMargins(0, 0, 0, 0)
        self._pack.setLayout(row)
        column.addWidget(self._pack)
        return sheet

    def _build_check(self) -> QWidget:
        sheet, column = titled_card("外に出す前の確認")
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName("調べる進み")
        self._result = QPlainTextEdit()
        self._result.setReadOnly(True)
        self._result.setAccessibleName("個人情報と思われる箇所")
        column.addWidget(self._progress)
        column.addWidget(self._result, 1)
        return sheet

    # --- inside -------------------------------------------------------------------------------

    def _choose(self, entry: ExportFormat) -> None:
        self._chosen = entry
        self.formats[entry.suffix].setChecked(True)
        self._pack.setVisible(entry.suffix in (".kianpack", ".docx"))
        self._issuer.setVisible(entry.suffix == ".kianpack")

    def _drop_job(self) -> None:
        if self._job is not None:
            self._job.drop()
            self._job = None

    def _show_progress(self, _stage: str, done: int, total: int) -> None:
        self._progress.setRange(0, max(1, total))
        self._progress.setValue(done)

    def _take_finds(self, finds: tuple[PersonalFind, ...]) -> None:
        self._job = None
        self.finds = finds
        by_id = {template.id: template for template in self.templates}
        lines = [f"・{find.path}　{find_words(find, by_id.get(find.template_id))}" for find in finds]
        self._result.setPlainText(
            "\n".join(["次の箇所は、個人情報かもしれません。残してよいか確かめてください。", *lines])
            if finds
            else "個人情報は見つかりませんでした。機械で探しているので、渡す前に一度は目でも確かめてください。"
        )
        self._update()

    def _failed(self, error: Exception) -> None:
        """Not looked through, not written."""
        self._job = None
        notice = message_for(error)
        self._result.setPlainText("")
        self.banner.say(
            notice.title,
            f"{notice.what} 調べ終わるまで書き出せません。",
            action="もう一度調べる",
            on_action=lambda: self.offer([template.id for template in self.templates]),
        )
        self._update()

    def _update(self) -> None:
        self._progress.setVisible(self._job is not None)
        self.confirm.setVisible(bool(self.finds))
        is_checked = self.finds is not None and (not self.finds or self.confirm.isChecked())
        self.primary.setEnabled(is_checked and bool(self.templates) and self._parts.policy.export_enabled)
