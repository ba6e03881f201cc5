"""The window: its screens, what leads from one to the other, and the keys that work everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from desktop.drafting.errors import DraftingError
from desktop.drafting.models_here import is_model
from desktop.gui.clients.engine_client import EngineClient
from desktop.gui.clients.masking_client import MaskingClient
from desktop.gui.controllers.engine_line import EngineLine
from desktop.gui.controllers.free_writing import free_template
from desktop.gui.controllers.parts import Parts
from desktop.gui.controllers.preferences import load_preferences, save_preferences
from desktop.gui.controllers.template_edit import PREFIX
from desktop.gui.messages import Remedy, message_for
from desktop.gui.theme import Theme
from desktop.gui.widgets.ime_watch import ImeWatch
from desktop.gui.widgets.screen import Screen
from desktop.gui.widgets.status_strip import StatusStrip
from desktop.gui.windows.draft_flow import DraftFlow
from desktop.gui.windows.help_panel import HelpPanel
from desktop.gui.windows.history_screen import HistoryScreen
from desktop.gui.windows.home_screen import HomeScreen
from desktop.gui.windows.library_flow import LibraryFlow
from desktop.gui.windows.rules_screen import RulesScreen, digest_of
from desktop.gui.windows.settings_flow import SettingsFlow


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
        self.home = HomeScreen(theme, parts)
        self.draft_flow = DraftFlow(
            parts,
            theme,
            masking=masking,
            engine=engine,
            go_to=self.go_to,
            in_front=lambda: self.screen_in_front,
            parent=self,
        )
        self.history = HistoryScreen(theme, parts)
        self.rules = RulesScreen(theme, parts.guideline)
        self.settings_flow = SettingsFlow(
            theme,
            parts,
            line,
            go_to=self.go_to,
            is_writing=lambda: self.draft_flow.is_writing,
            parent=self,
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
        self._connect_flows()
        self._connect_workers()
        self._make_shortcuts()
        self._open_first_screen()

    @property
    def screens(self) -> tuple[Screen, ...]:
        """All screens, Home first."""
        return (
            self.home,
            *self.draft_flow.screens,
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

    def go_home(self) -> None:
        """Home; the open draft stays in 「つづきから」."""
        self.draft_flow.autosave.flush()
        self.go_to(self.home)

    # --- drafts -------------------------------------------------------------------------------

    def discard_unsent(self, draft_id: str) -> None:
        """Forget an unsent draft."""
        try:
            self.draft_flow.forget(draft_id)
            self.flow.forget(draft_id)
            self._parts.unsent.delete(draft_id)
        except DraftingError as error:
            self.draft_flow.say(self.home, message_for(error))
        self.home.refresh()

    def delete_all_drafts(self) -> None:
        """Delete every draft of this person for good: the history, its bin, and what was typed and not sent."""
        try:
            self.draft_flow.forget()
            unsent = [name for name in self._parts.unsent.draft_ids() if not name.startswith(PREFIX)]
            for name in unsent:
                self._parts.unsent.delete(name)
            number = self._parts.archive.delete_all()
        except DraftingError as error:
            self.draft_flow.say(self.history, replace(message_for(error), remedy=Remedy.NONE))
            return
        self.history.show_deleted(number, unsent=len(unsent))

    # --- files --------------------------------------------------------------------------------

    def preview_import(self, paths: Sequence[Path]) -> None:
        """Preview what files of templates would bring. The rules of use are read first."""
        if self.screen_in_front is self.rules and not self._has_agreed:
            self._to_import = tuple(paths)
        else:
            self.flow.preview_import(paths)

    def take_arrivals(self, paths: Sequence[Path]) -> None:
        """A second start: come to the front, and preview the files it brought."""
        if paths:
            self.draft_flow.autosave.flush()
            self.preview_import(paths)
        self.showNormal() if self.isMinimized() else self.show()
        self.raise_()
        self.activateWindow()

    # --- connections --------------------------------------------------------------------------

    def _connect_screens(self) -> None:
        self.home.template_chosen.connect(self.draft_flow.begin)
        self.home.unsent_chosen.connect(self.draft_flow.take_up)
        self.home.unsent_discarded.connect(self.discard_unsent)
        self.home.history_asked.connect(lambda: self.go_to(self.history))
        self.home.rules_asked.connect(self._look_up_rules)
        self.home.settings_asked.connect(self.settings_flow.open)
        self.home.templates_asked.connect(self.flow.open)
        self.history.template_asked.connect(self.draft_flow.begin)
        self.history.deletion_asked.connect(self.delete_all_drafts)
        for screen in (self.draft_flow.form, self.history, self.rules):
            screen.back_requested.connect(self.go_home)
        self.rules.agreed.connect(self._agree)

    def _connect_flows(self) -> None:
        drafts, templates, settings = self.draft_flow, self.flow, self.settings_flow
        drafts.models_asked.connect(settings.open_models)
        drafts.template_asked.connect(
            lambda text: templates.propose(text, drafts.controller.session, from_screen=drafts.draft)
        )
        drafts.edit_found.connect(templates.take_up)
        drafts.changed.connect(self.home.refresh)
        templates.home_asked.connect(self.go_home)
        templates.use_asked.connect(drafts.begin)
        templates.shelf_shown.connect(self.home.show_shelf_state)
        templates.changed.connect(self.home.refresh)
        settings.home_asked.connect(self.go_home)
        settings.changed.connect(self._keep_preferences)
        settings.reopen_asked.connect(self.reopen_asked)

    def _connect_workers(self) -> None:
        self._engine.state_changed.connect(self.status.show_engine)
        self._masking.state_changed.connect(self.status.show_masking)
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
            ("Ctrl+N", lambda: self.draft_flow.begin(free_template().id)),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(slot)

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
                self.draft_flow.say(self.home, message_for(problem))
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
        self.draft_flow.close()
        self.flow.close()
        self.settings_flow.close()
        self._masking.stop()
        self._engine.stop()
        event.accept()


def _paths_of(dropped: QMimeData) -> tuple[Path, ...]:
    """The local files and folders of a drop."""
    return tuple(Path(url.toLocalFile()) for url in dropped.urls() if url.isLocalFile())
