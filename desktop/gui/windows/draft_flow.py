"""One draft after the other: form, review and draft, and what leads from one to the other."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from desktop.drafting.errors import DraftingError
from desktop.drafting.session import State
from desktop.gui.clients.engine_client import EngineClient, EngineState
from desktop.gui.clients.masking_client import MaskingClient, MaskingState
from desktop.gui.controllers.autosave import Autosave
from desktop.gui.controllers.draft_controller import DraftController
from desktop.gui.controllers.free_writing import free_template
from desktop.gui.controllers.parts import Content, Parts
from desktop.gui.controllers.template_edit import KIND
from desktop.gui.messages import Notice, Remedy, message_for
from desktop.gui.theme import Theme
from desktop.gui.widgets.screen import Screen
from desktop.gui.windows.draft_screen import DraftScreen
from desktop.gui.windows.form_screen import FormScreen
from desktop.gui.windows.review_screen import ReviewScreen
from models.errors import InferenceServerError, WorkerCrashedError
from prompts.errors import FieldValueError, MissingFieldError, PromptsError
from prompts.template import PromptTemplate


class DraftFlow(QObject):
    """Connects the screens of a draft with its controller, its autosave and the workers' troubles.

    Signals:
        models_asked: Another model is to be chosen.
        template_asked: (text) make a template of this draft.
        edit_found: (content) what was to be taken up is no draft but an edit of a template.
        changed: The list of unsent drafts is to be read anew.

    Args:
        parts: Everything from below.
        theme: The look.
        masking: The window's masking process.
        engine: The window's engine process.
        go_to: Brings a screen to the front.
        in_front: The screen that the person sees.
        parent: Qt's owner.
    """

    models_asked = Signal()
    template_asked = Signal(str)
    edit_found = Signal(dict)
    changed = Signal()

    def __init__(
        self,
        parts: Parts,
        theme: Theme,
        *,
        masking: MaskingClient,
        engine: EngineClient,
        go_to: Callable[[Screen], None],
        in_front: Callable[[], Screen],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._parts, self._masking, self._engine = parts, masking, engine
        self._go_to, self._in_front = go_to, in_front
        self.controller = DraftController(parts, masking, engine, parent=self)
        self.autosave = Autosave(parts.unsent, parent=self)
        self.form = FormScreen(theme, parts, self.controller)
        self.review = ReviewScreen(theme, parts, self.controller)
        self.draft = DraftScreen(theme, parts, self.controller)
        self._connect_screens()
        self._connect_controller()
        engine.state_changed.connect(self._follow_engine)
        masking.state_changed.connect(self._follow_masking)

    @property
    def screens(self) -> tuple[Screen, ...]:
        """All of them."""
        return (self.form, self.review, self.draft)

    @property
    def is_writing(self) -> bool:
        """Whether the engine writes a draft just now."""
        return self.controller.is_open and self.controller.state is State.GENERATING

    # --- beginning and ending -----------------------------------------------------------------

    def begin(self, template_id: str) -> None:
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
        self._go_to(self.form)

    def take_up(self, draft_id: str) -> None:
        """Take up an unsent draft where it was left; one that is at work just now is only shown again."""
        if self.controller.is_open and draft_id == self.controller.draft_id and self._show_at_work():
            return
        try:
            stored = self._parts.unsent.load(draft_id)
        except DraftingError as error:
            self.say(self._in_front(), message_for(error))
            stored = None
        if stored is None:
            self.changed.emit()
            return
        if stored.content.get("kind") == KIND:
            self.edit_found.emit(dict(stored.content))
            return
        template = self._template(str(stored.content.get("template_id", "")))
        if template is not None:
            self._resume(draft_id, template, dict(stored.content))

    def close(self) -> None:
        """Save what waits and end what is under way."""
        self.autosave.flush()
        self.controller.close()

    def forget(self, draft_id: str | None = None) -> None:
        """Close the open draft without keeping it; with an id only if it is this one.

        Raises:
            DraftingError: What autosave kept could not be deleted.
        """
        if self.controller.is_open and draft_id in (None, self.controller.draft_id):
            self.autosave.forget()
            self.controller.close()

    def _template(self, template_id: str) -> PromptTemplate | None:
        if template_id == free_template().id:
            return free_template()
        try:
            return self._parts.library.get(template_id)
        except PromptsError as error:
            self.say(self._in_front(), message_for(error))
            return None

    def _show_at_work(self) -> bool:
        """Show the screen of an open draft that is masked, reviewed or written; False where it is none of these."""
        match self.controller.state:
            case State.MASKING | State.REVIEW:
                self._go_to(self.review)
            case State.PLANNING | State.PLANNED | State.GENERATING:
                self._go_to(self.draft)
            case _:
                return False
        return True

    def _resume(self, draft_id: str, template: PromptTemplate, content: Content) -> None:
        self.autosave.flush()
        self.controller.resume(draft_id, template, content)
        self.autosave.follow(draft_id, self.controller.content)
        self.form.show_template(template)
        self.draft.follow_up.set_text(self.controller.follow_up_text)
        if self.controller.session.turns:
            self._go_to(self.draft)
            self.draft.refresh()
            return
        self._go_to(self.form)
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

    def _copy_kept_answer(self) -> None:
        QGuiApplication.clipboard().setText(self._parts.text_to_copy(self.controller.answer_text, False))

    def _finish(self) -> None:
        """Confirmed and taken out: the encrypted autosave has done its work."""
        try:
            self.autosave.forget()
        except DraftingError as error:
            self._show_unrecorded(error)

    # --- connections --------------------------------------------------------------------------

    def _connect_screens(self) -> None:
        controller = self.controller
        self.form.masking_asked.connect(controller.begin_masking)
        self.form.draft_asked.connect(lambda: self._go_to(self.draft))
        self.form.models_asked.connect(self.models_asked)
        self.review.back_requested.connect(self._back_from_review)
        self.review.confirmed.connect(controller.confirm_review)
        self.review.always_asked.connect(self._parts.own_words.always_mask)
        self.review.never_asked.connect(self._parts.own_words.never_mask)
        self._parts.own_words.failed.connect(self._show_save_failure)
        self.draft.back_requested.connect(lambda: self._go_to(self.form))
        self.draft.follow_up_asked.connect(
            lambda: controller.follow_up(controller.follow_up_text.strip(), is_fixed=False)
        )
        self.draft.finished.connect(self._finish)
        self.draft.template_asked.connect(self.template_asked)

    def _connect_controller(self) -> None:
        controller = self.controller
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

    # --- from screen to screen ----------------------------------------------------------------

    def _follow_state(self, state: State) -> None:
        match state:
            case State.MASKING:
                self.review.show_waiting(self.controller.text_under_way)
                self._go_to(self.review)
            case State.GENERATING:
                self._go_to(self.draft)
            case State.PLANNING | State.PLANNED:
                if self._in_front() is not self.draft:
                    self._go_to(self.draft)
                self.draft.show_plan()
            case State.REVIEW:
                if self._in_front() is self.draft:  # stopped before the first word
                    self._go_to(self.review)
            case State.CHECKING:
                if self._in_front() is self.review:
                    self._go_to(self.draft)
                if self._in_front() is self.draft:
                    self.draft.refresh()
            case State.FORM:
                if self._in_front() in (self.review, self.draft):
                    self._go_to(self.form)
            case State.CONFIRMED | State.FAILED:
                pass

    def _back_from_review(self) -> None:
        self.controller.back()
        self._go_to(self.draft if self.controller.session.turns else self.form)

    def _back_to_form(self) -> None:
        if self.controller.is_open and self.controller.state in (
            State.REVIEW,
            State.MASKING,
            State.PLANNED,
            State.FAILED,
        ):
            self.controller.back()
        self._go_to(self.form)

    # --- troubles -----------------------------------------------------------------------------

    def say(self, screen: Screen, notice: Notice) -> None:
        """Tell something on a screen, with the button that helps."""
        actions = {
            Remedy.NONE: None,
            Remedy.RETRY: self.controller.retry,
            Remedy.RELOAD_MODEL: self._engine.reload,
            Remedy.CHOOSE_MODEL: self.models_asked.emit,
            Remedy.RECONNECT: self._engine.reload,
            Remedy.RELOAD_MASKING: self._masking.load,
            Remedy.BACK_TO_FORM: self._back_to_form,
            Remedy.MASK_AGAIN: self._back_to_form,
        }
        screen.banner.say(
            notice.title, notice.what, action=notice.remedy.label, on_action=actions[notice.remedy]
        )

    def _show_refusal(self, error: Exception) -> None:
        if isinstance(error, FieldValueError | MissingFieldError):
            self._go_to(self.form)
            self.form.show_refusal(error)
        else:
            self.say(self._in_front(), message_for(error))

    def _show_failure(self, error: Exception) -> None:
        self.say(self._in_front(), message_for(error))
        self.draft.refresh()

    def _show_save_failure(self, error: Exception) -> None:
        self.form.say_saved("保存できていません")
        self._show_unrecorded(error)

    def _show_unrecorded(self, error: Exception) -> None:
        self.say(self._in_front(), replace(message_for(error), remedy=Remedy.NONE))

    def _follow_engine(self, state: EngineState) -> None:
        if state is EngineState.FAILED:
            error = self._engine.load_error or WorkerCrashedError("engine", None)
            notice = message_for(error)
            if isinstance(error, InferenceServerError):
                notice = replace(notice, remedy=Remedy.RECONNECT)
            elif notice.remedy is not Remedy.CHOOSE_MODEL:
                notice = replace(notice, remedy=Remedy.RELOAD_MODEL)
            self.say(self._in_front(), notice)

    def _follow_masking(self, state: MaskingState) -> None:
        if state is MaskingState.FAILED:
            error = self._masking.load_error or WorkerCrashedError("masking", None)
            self.say(self._in_front(), replace(message_for(error), remedy=Remedy.RELOAD_MASKING))
