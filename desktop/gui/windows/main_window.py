"""The window: its screens, what leads from one to the other, and the keys that work everywhere."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from desktop.drafting.errors import DraftingError
from desktop.drafting.models_here import is_model
from desktop.drafting.session import State
from desktop.gui.clients.engine_client import EngineClient, EngineState
from desktop.gui.clients.masking_client import MaskingClient, MaskingState
from desktop.gui.controllers.autosave import Autosave
from desktop.gui.controllers.draft_controller import DraftController
from desktop.gui.controllers.engine_line import EngineLine
from desktop.gui.controllers.free_writing import free_template
from desktop.gui.controllers.parts import Parts
from desktop.gui.controllers.preferences import load_preferences, save_preferences
from desktop.gui.controllers.template_edit import KIND, PREFIX
from desktop.gui.messages import Notice, Remedy, message_for
from desktop.gui.theme import Theme
from desktop.gui.widgets.ime_watch import ImeWatch
from desktop.gui.widgets.screen import Screen
from desktop.gui.widgets.status_strip import StatusStrip
from desktop.gui.windows.draft_screen import DraftScreen
from desktop.gui.windows.form_screen import FormScreen
from desktop.gui.windows.help_panel import HelpPanel
from desktop.gui.windows.history_screen import HistoryScreen
from desktop.gui.windows.home_screen import HomeScreen
from desktop.gui.windows.library_flow import LibraryFlow
from desktop.gui.windows.review_screen import ReviewScreen
from desktop.gui.windows.rules_screen import RulesScreen, digest_of
from desktop.gui.windows.settings_flow import SettingsFlow
from models.errors import InferenceServerError, WorkerCrashedError
from prompts.errors import FieldValueError, MissingFieldError, PromptsError
from prompts.template import PromptTemplate


class MainWindow(QMainWindow):
    """One window, one draft at a time.

    Signals:
        reopen_asked: Close it and open it again, with the model that is the default now.
    """

    reopen_asked = Signal()

    def __init__(
        self, parts: Parts, theme: Theme, *, masking: MaskingClient, engine: EngineClient, line: EngineLine
    ) -> None:
        super().__init__()
        self.setWindowTitle("起案")
        self._parts, self._theme = parts, theme
        self._masking, self._engine = masking, engine
        self._preferences = load_preferences(parts.preferences_file)
        self._to_import: Sequence[Path] = ()
        self.ime = ImeWatch(self)
        self.controller = DraftController(parts, masking, engine, parent=self)
        self.autosave = Autosave(parts.unsent, parent=self)
        self.home = HomeScreen(theme, parts)
        self.form = FormScreen(theme, parts, self.controller)
        self.review = ReviewScreen(theme, parts, self.controller)
        self.draft = DraftScreen(theme, parts, self.controller)
        self.history = HistoryScreen(theme, parts)
        self.rules = RulesScreen(theme, parts.guideline)
        self.settings_flow = SettingsFlow(
            theme, parts, line, go_to=self.go_to, is_writing=self._is_writing, parent=self
        )
        self.settings = self.settings_flow.settings
        self.flow = LibraryFlow(theme, parts, masking, go_to=self.go_to, parent=self)
        server = parts.model.server.name if parts.model.server else ""
        self.status = StatusStrip(theme, model_title=parts.model.card.title, server=server)
        self.help = HelpPanel(theme, self)
        self.stack = QStackedWidget()
        for screen in self.screens:
            self.stack.addWidget(screen)
        center = QWidget()
        column = QVBoxLayout(center)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.stack, 1)
        column.addWidget(self.status)
        self.setCentralWidget(center)
        self.setAcceptDrops(True)
        self.setMinimumSize(880, 500)
        self.resize(1366, 768)
        self._connect_screens()
        self._connect_draft()
        self._connect_workers()
        self._make_shortcuts()
        self._open_first_screen()

    @property
    def screens(self) -> tuple[Screen, ...]:
        """All screens, Home first."""
        return (
            self.home,
            self.form,
            self.review,
            self.draft,
            self.history,
            self.rules,
            *self.settings_flow.screens,
            *self.flow.screens,
        )

    @property
    def screen_in_front(self) -> Screen:
        """The screen the person sees."""
        screen = self.stack.currentWidget()
        return next(s for s in self.screens if s is screen)

    def go_to(self, screen: Screen) -> None:
        """Bring a screen to the front."""
        self.help.hide()
        self.stack.setCurrentWidget(screen)
        screen.entered()

    # --- drafts -------------------------------------------------------------------------------

    def begin_draft(self, template_id: str) -> None:
        """A new draft with a template; what was open stays in 「つづきから」."""
        template = self._template(template_id)
        if template is None:
            return
        self.autosave.flush()
        self.controller.open(template)
        self.autosave.follow(self.controller.draft_id, self.controller.content)
        if template_id != free_template().id:
            with contextlib.suppress(PromptsError):  # a count less is no reason not to begin
                self._parts.library.record_use(template_id)
        self.form.show_template(template)
        self.go_to(self.form)

    def take_up(self, draft_id: str) -> None:
        """Take up an unsent draft where it was left; one that is at work just now is only shown again."""
        if self.controller.is_open and draft_id == self.controller.draft_id and self._is_at_work():
            return
        try:
            stored = self._parts.unsent.load(draft_id)
        except DraftingError as error:
            self._say(self.home, message_for(error))
            self.home.refresh()
            return
        if stored is None:
            self.home.refresh()
            return
        if stored.content.get("kind") == KIND:
            self.flow.take_up(dict(stored.content))
            return
        template = self._template(str(stored.content.get("template_id", "")))
        if template is None:
            return
        self.autosave.flush()
        self.controller.resume(draft_id, template, dict(stored.content))
        self.autosave.follow(draft_id, self.controller.content)
        self.form.show_template(template)
        self.draft.follow_up.set_text(self.controller.follow_up_text)
        if self.controller.session.turns:
            self.go_to(self.draft)
            self.draft.refresh()
            return
        self.go_to(self.form)
        if self.controller.answer_text.strip():
            self.form.banner.say(
                "前回作った下書きが残っています。",
                "入力はそのまま残っています。前回の下書きの文は、クリップボードに取り出せます。",
                tone="green",
                action="下書きの文をコピー",
                on_action=self._copy_kept_answer,
            )
        elif len(self.controller.session.notes):
            self.form.banner.say(
                "長い資料を、途中まで読んであります。",
                "このままマスキングを確かめて進むと、残りの部分だけを読みます。",
                tone="green",
            )

    def _is_at_work(self) -> bool:
        """Show the screen of an open draft that is masked, reviewed or written; False where it is none of these."""
        match self.controller.state:
            case State.MASKING | State.REVIEW:
                self.go_to(self.review)
            case State.PLANNING | State.PLANNED | State.GENERATING:
                self.go_to(self.draft)
            case _:
                return False
        return True

    def discard_unsent(self, draft_id: str) -> None:
        """Forget an unsent draft."""
        is_open = self.controller.is_open and self.controller.draft_id == draft_id
        try:
            if is_open:
                self.autosave.forget()
                self.controller.close()
            self.flow.forget(draft_id)
            self._parts.unsent.delete(draft_id)
        except DraftingError as error:
            self._say(self.home, message_for(error))
        self.home.refresh()

    def delete_all_drafts(self) -> None:
        """Delete every draft of this person for good: the history, its bin, and what was typed and not sent."""
        try:
            if self.controller.is_open:
                self.autosave.forget()
                self.controller.close()
            unsent = [name for name in self._parts.unsent.draft_ids() if not name.startswith(PREFIX)]
            for name in unsent:
                self._parts.unsent.delete(name)
            number = self._parts.archive.delete_all()
        except DraftingError as error:
            self._say(self.history, replace(message_for(error), remedy=Remedy.NONE))
            return
        self.history.show_deleted(number, unsent=len(unsent))

    def _is_writing(self) -> bool:
        return self.controller.is_open and self.controller.state is State.GENERATING

    def _template(self, template_id: str) -> PromptTemplate | None:
        if template_id == free_template().id:
            return free_template()
        try:
            return self._parts.library.get(template_id)
        except PromptsError as error:
            self._say(self.screen_in_front, message_for(error))
            return None

    def _copy_kept_answer(self) -> None:
        QGuiApplication.clipboard().setText(self._parts.text_to_copy(self.controller.answer_text, False))

    def preview_import(self, paths: Sequence[Path]) -> None:
        """Preview what files of templates would bring. The rules of use are read first."""
        if self.screen_in_front is self.rules and not self._has_agreed:
            self._to_import = tuple(paths)
        else:
            self.flow.preview_import(paths)

    def take_arrivals(self, paths: Sequence[Path]) -> None:
        """A second start: come to the front, and preview the files it brought."""
        if paths:
            self.autosave.flush()
            self.preview_import(paths)
        self.showNormal() if self.isMinimized() else self.show()
        self.raise_()
        self.activateWindow()

    # --- connections --------------------------------------------------------------------------

    def _connect_screens(self) -> None:
        self.home.template_chosen.connect(self.begin_draft)
        self.home.unsent_chosen.connect(self.take_up)
        self.home.unsent_discarded.connect(self.discard_unsent)
        self.home.history_asked.connect(lambda: self.go_to(self.history))
        self.home.rules_asked.connect(self._look_up_rules)
        self.home.settings_asked.connect(self.settings_flow.open)
        self.history.template_asked.connect(self.begin_draft)
        self.history.deletion_asked.connect(self.delete_all_drafts)
        for screen in (self.form, self.history, self.rules):
            screen.back_requested.connect(self.go_home)
        self.review.back_requested.connect(self._back_from_review)
        self.draft.back_requested.connect(lambda: self.go_to(self.form))
        self.form.draft_asked.connect(lambda: self.go_to(self.draft))
        self.form.models_asked.connect(self.settings_flow.open_models)
        self.rules.agreed.connect(self._agree)
        self.home.templates_asked.connect(self.flow.open)
        self.flow.home_asked.connect(self.go_home)
        self.flow.use_asked.connect(self.begin_draft)
        self.flow.shelf_shown.connect(self.home.show_shelf_state)
        self.flow.changed.connect(self.home.refresh)
        self.settings_flow.home_asked.connect(self.go_home)
        self.settings_flow.changed.connect(self._keep_preferences)
        self.settings_flow.reopen_asked.connect(self.reopen_asked)

    def _connect_draft(self) -> None:
        controller = self.controller
        self.form.masking_asked.connect(controller.begin_masking)
        self.review.confirmed.connect(controller.confirm_review)
        self.review.always_asked.connect(self._parts.own_words.always_mask)
        self.review.never_asked.connect(self._parts.own_words.never_mask)
        self._parts.own_words.failed.connect(self._show_save_failure)
        self.draft.follow_up_asked.connect(
            lambda: controller.follow_up(controller.follow_up_text.strip(), is_fixed=False)
        )
        self.draft.finished.connect(self._finish_draft)
        self.draft.template_asked.connect(
            lambda text: self.flow.propose(text, controller.session, from_screen=self.draft)
        )
        controller.state_changed.connect(self._follow_state)
        controller.review_shown.connect(
            lambda review, is_final: self.review.show_review(review, is_final=is_final)
        )
        controller.refused.connect(self._show_refusal)
        controller.failed.connect(self._show_failure)
        controller.unrecorded.connect(self._show_unrecorded)
        controller.content_changed.connect(self.autosave.touch)
        controller.parting.connect(self.autosave.flush)
        controller.parted.connect(lambda: self.autosave.follow(controller.draft_id, controller.content))
        self.autosave.saved.connect(lambda: self.form.say_saved("入力はこの端末に保存しました"))
        self.autosave.failed.connect(self._show_save_failure)

    def _connect_workers(self) -> None:
        self._engine.state_changed.connect(self._follow_engine)
        self._masking.state_changed.connect(self._follow_masking)
        self.status.show_engine(self._engine.state)
        self.status.show_masking(self._masking.state)

    def _make_shortcuts(self) -> None:
        for keys, slot in (
            ("Ctrl+Return", self._press_primary),
            ("Ctrl+Enter", self._press_primary),
            ("Esc", self._step_back),
            ("F6", lambda: self.screen_in_front.next_pane()),
            ("Shift+F6", lambda: self.screen_in_front.next_pane(backwards=True)),
            ("F1", lambda: self.help.toggle(self.screen_in_front)),
            ("Ctrl+F", self._focus_search),
            ("Ctrl+N", lambda: self.begin_draft(free_template().id)),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(slot)

    # --- what happens -------------------------------------------------------------------------

    def go_home(self) -> None:
        """Home; the open draft stays in 「つづきから」."""
        self.autosave.flush()
        self.go_to(self.home)

    def _follow_state(self, state: State) -> None:
        match state:
            case State.MASKING:
                self.review.show_waiting(self.controller.text_under_way)
                self.go_to(self.review)
            case State.GENERATING:
                self.go_to(self.draft)
            case State.PLANNING | State.PLANNED:
                if self.screen_in_front is not self.draft:
                    self.go_to(self.draft)
                self.draft.show_plan()
            case State.REVIEW:
                if self.screen_in_front is self.draft:  # stopped before the first word
                    self.go_to(self.review)
            case State.CHECKING:
                if self.screen_in_front is self.review:
                    self.go_to(self.draft)
                if self.screen_in_front is self.draft:
                    self.draft.refresh()
            case State.FORM:
                if self.screen_in_front in (self.review, self.draft):
                    self.go_to(self.form)
            case State.CONFIRMED | State.FAILED:
                pass

    def _back_from_review(self) -> None:
        self.controller.back()
        target = self.draft if self.controller.session.turns else self.form
        self.go_to(target)

    def _show_refusal(self, error: Exception) -> None:
        if isinstance(error, FieldValueError | MissingFieldError):
            self.go_to(self.form)
            self.form.show_refusal(error)
        else:
            self._say(self.screen_in_front, message_for(error))

    def _show_failure(self, error: Exception) -> None:
        self._say(self.screen_in_front, message_for(error))
        self.draft.refresh()

    def _show_save_failure(self, error: Exception) -> None:
        notice = message_for(error)
        self.form.say_saved("保存できていません")
        self._say(self.screen_in_front, replace(notice, remedy=Remedy.NONE))

    def _show_unrecorded(self, error: Exception) -> None:
        self._say(self.screen_in_front, replace(message_for(error), remedy=Remedy.NONE))

    def _say(self, screen: Screen, notice: Notice) -> None:
        actions = {
            Remedy.NONE: None,
            Remedy.RETRY: self.controller.retry,
            Remedy.RELOAD_MODEL: self._reload_model,
            Remedy.CHOOSE_MODEL: self.settings_flow.open_models,
            Remedy.RECONNECT: self._reload_model,
            Remedy.RELOAD_MASKING: self._masking.load,
            Remedy.BACK_TO_FORM: self._back_to_form,
            Remedy.MASK_AGAIN: self._back_to_form,
        }
        screen.banner.say(
            notice.title, notice.what, action=notice.remedy.label, on_action=actions[notice.remedy]
        )

    def _back_to_form(self) -> None:
        if self.controller.is_open and self.controller.state in (
            State.REVIEW,
            State.MASKING,
            State.PLANNED,
            State.FAILED,
        ):
            self.controller.back()
        self.go_to(self.form)

    def _reload_model(self) -> None:
        self._engine.reload()

    def _follow_engine(self, state: EngineState) -> None:
        self.status.show_engine(state)
        if state is EngineState.FAILED:
            error = self._engine.load_error or WorkerCrashedError("engine", None)
            notice = message_for(error)
            if isinstance(error, InferenceServerError):
                notice = replace(notice, remedy=Remedy.RECONNECT)
            elif notice.remedy is not Remedy.CHOOSE_MODEL:
                notice = replace(notice, remedy=Remedy.RELOAD_MODEL)
            self._say(self.screen_in_front, notice)

    def _follow_masking(self, state: MaskingState) -> None:
        self.status.show_masking(state)
        if state is MaskingState.FAILED:
            error = self._masking.load_error or WorkerCrashedError("masking", None)
            self._say(self.screen_in_front, replace(message_for(error), remedy=Remedy.RELOAD_MASKING))

    def _finish_draft(self) -> None:
        """Confirmed and taken out: the encrypted autosave has done its work."""
        try:
            self.autosave.forget()
        except DraftingError as error:
            self._show_unrecorded(error)

    # --- keys ---------------------------------------------------------------------------------

    def _press_primary(self) -> None:
        if not self.ime.is_composing:
            self.screen_in_front.press_primary()

    def _step_back(self) -> None:
        if self.ime.is_composing:
            return
        if self.help.isVisible():
            self.help.hide()
        else:
            self.screen_in_front.go_back()

    def _focus_search(self) -> None:
        if self.screen_in_front is self.history:
            self.history.focus_search()
        elif self.screen_in_front is self.flow.library:
            self.flow.library.focus_search()
        else:
            if self.screen_in_front is not self.home:
                self.go_home()
            self.home.focus_search()

    # --- rules, settings, closing -------------------------------------------------------------

    def _open_first_screen(self) -> None:
        self.rules.ask(is_read=self._has_agreed)
        self.go_to(self.home if self._has_agreed else self.rules)
        for problem in (self._parts.policy_problem, *self._parts.start_problems):
            if problem is not None:  # one banner: the gravest comes first
                self._say(self.home, message_for(problem))
                break

    @property
    def _has_agreed(self) -> bool:
        """Whether the person agreed to the rules as they stand now."""
        return self._preferences.guideline_read == digest_of(self._parts.guideline)

    def _look_up_rules(self) -> None:
        self.rules.ask(is_read=True)
        self.go_to(self.rules)

    def _agree(self) -> None:
        self._preferences = replace(self._preferences, guideline_read=digest_of(self._parts.guideline))
        save_preferences(self._parts.preferences_file, self._preferences)
        self.go_to(self.home)
        if self._to_import:
            to_import, self._to_import = self._to_import, ()
            self.flow.preview_import(to_import)

    def _keep_preferences(self) -> None:
        self._preferences = replace(
            self._preferences, text_size=self._theme.size.value, color_scheme=self._theme.scheme.value
        )
        save_preferences(self._parts.preferences_file, self._preferences)

    def dragEnterEvent(self, event: QDragEnterEvent, /) -> None:
        """Files of templates or models may be dropped onto Home, the templates and the models."""
        if self._takes_drops and _paths_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent, /) -> None:
        """Preview templates that were dropped; take models in."""
        paths = _paths_of(event.mimeData())
        if self._takes_drops and paths:
            event.acceptProposedAction()
            models = [path for path in paths if is_model(path)]
            if models or self.screen_in_front is self.settings_flow.models:
                self.settings_flow.take_in_models(models or paths)
            else:
                self.preview_import(paths)

    @property
    def _takes_drops(self) -> bool:
        return self.screen_in_front in (self.home, self.flow.library, self.settings_flow.models)

    def closeEvent(self, event: QCloseEvent, /) -> None:
        """Save what waits, end the workers."""
        self.autosave.flush()
        self.flow.close()
        self.settings_flow.close()
        self.controller.close()
        self._masking.stop()
        self._engine.stop()
        event.accept()


def _paths_of(dropped: QMimeData) -> tuple[Path, ...]:
    """The local files and folders of a drop."""
    return tuple(Path(url.toLocalFile()) for url in dropped.urls() if url.isLocalFile())
