"""The templates' screens and what leads from one to the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.drafting.errors import DraftingError
from desktop.drafting.session import DraftSession
from desktop.drafting.template_proposal import propose_template
from desktop.gui.clients.masking_client import MaskingClient
from desktop.gui.controllers.jobs import Find, Job, JobPool, Listener, MaskingFinder
from desktop.gui.controllers.parts import Content, Parts
from desktop.gui.controllers.standard_shelf import StandardShelf
from desktop.gui.controllers.template_edit import (
    KIND,
    TemplateEdit,
    edit_from_content,
    empty_template,
)
from desktop.gui.messages import message_for
from desktop.gui.theme import Theme
from desktop.gui.widgets.screen import Screen
from desktop.gui.windows.builder_screen import BuilderScreen
from desktop.gui.windows.export_screen import ExportScreen
from desktop.gui.windows.import_screen import ImportScreen
from desktop.gui.windows.library_screen import LibraryScreen
from desktop.gui.windows.revisions_screen import RevisionsScreen
from prompts.errors import PromptsError
from prompts.sharing import ImportResult


class LibraryFlow(QObject):
    """Connects the screens for managing templates.

    Signals:
        home_asked: Back to Home.
        use_asked: (template id) begin a draft with it.
        shelf_shown: (words, is_reachable) where 庁内標準 stands.
        changed: Lists of templates are to be read anew.

    Args:
        theme: The look.
        parts: Everything from below.
        masking: The window's masking process.
        go_to: Brings a screen to the front.
        parent: Qt's owner.
    """

    home_asked = Signal()
    use_asked = Signal(str)
    shelf_shown = Signal(str, bool)
    changed = Signal()

    def __init__(
        self,
        theme: Theme,
        parts: Parts,
        masking: MaskingClient,
        *,
        go_to: Callable[[Screen], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._parts, self._go_to = parts, go_to
        self.jobs = JobPool(self)
        self._finder = finder = MaskingFinder(masking, parent=self)
        self.library = LibraryScreen(theme, parts)
        self.builder = BuilderScreen(theme, parts)
        self.revisions = RevisionsScreen(theme, parts)
        self.importing = ImportScreen(theme, parts, self.jobs, finder)
        self.exporting = ExportScreen(theme, parts, self.jobs, finder)
        self.shelf = StandardShelf(parts.refresh_shelf, parent=self)
        self._connect()

    @property
    def screens(self) -> tuple[Screen, ...]:
        """All of them."""
        return (self.library, self.builder, self.revisions, self.importing, self.exporting)

    def open(self) -> None:
        """The list of templates."""
        self.library.banner.clear()
        self._go_to(self.library)

    def edit(self, template_id: str) -> None:
        """Open a template in the form builder; an unsaved edit of it is taken up."""
        try:
            template = self._parts.library.get(template_id)
            found = self._parts.library.card(template_id)
        except PromptsError as error:
            self._say(error)
            return
        edit = TemplateEdit(template, shelf=found.shelf)
        kept = self._kept(edit.draft_id)
        if kept is not None and kept.template == template:
            kept = None
        self._show(kept or edit)
        if kept is not None:
            self.builder.banner.say(
                "前回の編集のつづきです。",
                "まだ保存していない変更があります。",
                tone="green",
                action="保存してある内容に戻す",
                on_action=lambda: self._start_over(TemplateEdit(template, shelf=found.shelf)),
            )

    def propose(self, text: str, session: DraftSession, *, from_screen: Screen) -> None:
        """Make a template from a draft and open it in the form builder.

        What the masker cannot look through makes no template.
        """
        finder = self._finder

        def work(job: Job) -> list[Find]:
            return finder.finder(job, with_quasi=True)(text)

        def take(finds: list[Find]) -> None:
            from_screen.banner.clear()
            self._show(TemplateEdit(propose_template(text, finds, session), is_new=True))
            self.builder.autosave.touch()
            self.builder.banner.say(
                "下書きからひな形の案を作りました。",
                "氏名や日付など、この件だけの値は項目に変えました。残っていないか、本文を読んで確かめてください。",
                tone="amber",
            )

        def fail(error: Exception) -> None:
            notice = message_for(error)
            from_screen.banner.say(notice.title, f"{notice.what} ひな形は作っていません。")

        from_screen.banner.say(
            "個人情報を探しています…", "終わると、ひな形の編集画面が開きます。", tone="amber"
        )
        self.jobs.start(work, Listener(take, fail))

    def take_up(self, content: Content) -> None:
        """Take up an unsaved edit from Home."""
        try:
            self._show(edit_from_content(content))
        except (KeyError, ValueError, TypeError):
            self.open()

    def forget(self, draft_id: str) -> None:
        """An unsaved edit was thrown away elsewhere: it is not saved again."""
        if draft_id == self.builder.edit.draft_id:
            self.builder.autosave.forget()

    def preview_import(self, paths: Sequence[Path]) -> None:
        """Preview what files would bring."""
        self._go_to(self.importing)
        self.importing.preview(paths)

    def close(self) -> None:
        """Save what waits, stop what runs."""
        self.builder.autosave.flush()
        self.shelf.stop()
        self.jobs.close()

    # --- inside -------------------------------------------------------------------------------

    def _connect(self) -> None:
        library = self.library
        library.back_requested.connect(self.home_asked)
        library.use_asked.connect(self.use_asked)
        library.edit_asked.connect(self.edit)
        library.new_asked.connect(lambda: self._show(TemplateEdit(empty_template(""), is_new=True)))
        library.history_asked.connect(self._show_revisions)
        library.import_asked.connect(self.preview_import)
        library.export_asked.connect(self._offer_export)
        for screen in (self.builder, self.revisions, self.importing, self.exporting):
            screen.back_requested.connect(self.open)
        self.builder.saved.connect(self._saved)
        self.importing.imported.connect(self._imported)
        self.exporting.exported.connect(self._exported)
        self.shelf.shown.connect(self.shelf_shown)
        self.shelf.shown.connect(
            lambda words, is_reachable: library.show_shelf_state(words, is_reachable=is_reachable)
        )
        self.shelf.changed.connect(self._shelf_changed)

    def _show(self, edit: TemplateEdit) -> None:
        self.builder.show_edit(edit)
        self._go_to(self.builder)

    def _start_over(self, edit: TemplateEdit) -> None:
        """Forget the unsaved edit and begin with what the library holds."""
        self.builder.drop()
        self._show(edit)

    def _kept(self, draft_id: str) -> TemplateEdit | None:
        """The unsaved edit: the one that is still open (all there is where nothing may be stored), else the stored."""
        here = self.builder.edit
        if here.draft_id == draft_id and not here.is_settled:
            return edit_from_content(here.content())
        try:
            stored = self._parts.unsent.load(draft_id)
            if stored is None or stored.content.get("kind") != KIND:
                return None
            return edit_from_content(dict(stored.content))
        except (DraftingError, KeyError, ValueError, TypeError):
            return None

    def _show_revisions(self, template_id: str) -> None:
        self.revisions.show_template(template_id)
        self._go_to(self.revisions)

    def _offer_export(self, template_ids: Sequence[str]) -> None:
        self._go_to(self.exporting)
        self.exporting.offer(template_ids)

    def _saved(self, template_id: str) -> None:
        self.open()
        self.library.show_template(template_id)
        self.library.banner.say("保存しました。", "前の版は「版と承認」に残っています。", tone="green")
        self.changed.emit()

    def _imported(self, result: ImportResult) -> None:
        self.open()
        left = f"食い違い {result.skipped:,}件は取り込みませんでした。" if result.skipped else ""
        self.library.banner.say(f"{result.stored:,}件を取り込みました。", left, tone="green")
        self.changed.emit()

    def _exported(self, number: int) -> None:
        self.open()
        self.library.banner.say(f"{number:,}件を書き出しました。", tone="green")

    def _shelf_changed(self) -> None:
        self.library.refresh()
        self.changed.emit()

    def _say(self, error: Exception) -> None:
        notice = message_for(error)
        self.library.banner.say(notice.title, notice.what)
