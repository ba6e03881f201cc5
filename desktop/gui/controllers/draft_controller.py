"""One draft in the window: the drafting session on one side, the two workers on the other."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from desktop.drafting.checks import CheckReport
from desktop.drafting.documents.document import check_input
from desktop.drafting.errors import DraftingError
from desktop.drafting.long_input.reading import StepKind
from desktop.drafting.requests import AnalyzeCall, EngineCall, GenerateCall, PartNote
from desktop.drafting.session import DraftSession, State
from desktop.drafting.snapshot import restore, snapshot
from desktop.gui.clients.engine_client import EngineClient
from desktop.gui.clients.masking_client import MaskingClient
from desktop.gui.controllers.engine_talk import EngineTalk
from desktop.gui.controllers.fixed_beginning import fixed_beginning
from desktop.gui.controllers.mask_preview import MaskPreview, preview
from desktop.gui.controllers.pace import DraftPace
from desktop.gui.controllers.parts import Content, Parts
from models.engine.protocol import Completion, FinishReason
from models.errors import ForbiddenKindError, ModelsError, MyNumberFoundError, UnmaskedValueError
from models.masking.entities import Span
from models.masking.review import Review
from models.masking.vault import Vault
from prompts.errors import PromptsError
from prompts.library import READ_ONLY_SHELVES
from prompts.template import FieldType, PromptTemplate

CONTENT_VERSION = 1
HINT_CHARS = 14
CORRECTED_REQUEST = "{request}\n\n次の文は、職員が直したものです。この文をもとにしてください。\n\n{text}"
MASKER_REFUSALS = (MyNumberFoundError, ForbiddenKindError, UnmaskedValueError)


class DraftController(QObject):
    """Drives one `DraftSession` with the masking and the engine worker.

    Signals:
        state_changed: (State) after every step; a tick in the checklist is none.
        review_shown: (Review, is_final) finds to look at; not final while the slow layers work.
        reading_progressed: (read, total, seconds left or None).
        attempt_begun: (attempt) an answer begins; what was shown of the one before goes.
        part_begun: (PartProgress) a part of a long text is read; its points follow as text.
        text_appended: (text) more of the answer, values restored.
        pace_measured: (characters a second).
        answered: (Turn) an answer is complete.
        refused: (error) the form or the review stays open, for this reason.
        failed: (error) a worker could not; `retry` or `back`.
        unrecorded: (error) the step was done, but the archive could not keep it.
        content_changed: What autosave keeps is another now.
        parting: The confirmed draft is about to be left; what waits of it is to be saved now.
        parted: The form goes on as a draft of its own.
    """

    state_changed = Signal(object)
    review_shown = Signal(object, bool)
    reading_progressed = Signal(int, int, object)
    attempt_begun = Signal(int)
    part_begun = Signal(object)
    text_appended = Signal(str)
    pace_measured = Signal(float)
    answered = Signal(object)
    refused = Signal(object)
    failed = Signal(object)
    unrecorded = Signal(object)
    content_changed = Signal()
    parting = Signal()
    parted = Signal()

    def __init__(
        self, parts: Parts, masking: MaskingClient, engine: EngineClient, *, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._parts, self._masking, self._engine = parts, masking, engine
        self._session: DraftSession | None = None
        self._analyze: tuple[str, AnalyzeCall] | None = None
        self._talk = EngineTalk(engine, parent=self)
        self._pace = DraftPace()
        self._is_in_parts = False
        self.draft_id = ""
        self.confidentiality = 2
        self.values: dict[str, str] = {}
        self.follow_up_text = ""
        self.answer_text = ""
        masking.partial_received.connect(self._take_partial)
        masking.finds_received.connect(self._take_finds)
        masking.failed.connect(self._take_masking_failure)
        self._talk.progressed.connect(self.reading_progressed)
        self._talk.chunk_received.connect(self._take_chunk)
        self._talk.pace_measured.connect(self.pace_measured)
        self._talk.completed.connect(self._take_completion)
        self._talk.counted.connect(self._take_counts)
        self._talk.failed.connect(self._take_engine_failure)

    # --- what stands --------------------------------------------------------------------------

    @property
    def session(self) -> DraftSession:
        """The session of the open draft."""
        if self._session is None:
            raise RuntimeError("no draft is open")
        return self._session

    @property
    def is_open(self) -> bool:
        """Whether a draft is open."""
        return self._session is not None

    @property
    def state(self) -> State:
        """Where the open draft stands."""
        return self.session.state

    @property
    def template(self) -> PromptTemplate:
        """The open draft's template."""
        return self.session.template

    @property
    def report(self) -> CheckReport | None:
        """What the checks found in the newest answer."""
        return self.session.turns[-1].report if self.session.turns else None

    @property
    def is_confirmed(self) -> bool:
        """Whether the person vouched for the text."""
        return self.state is State.CONFIRMED

    @property
    def seconds_expected(self) -> float | None:
        """How long this form takes on this PC; None while no draft was written since the start."""
        return self._pace.seconds(self._characters)

    @property
    def _characters(self) -> int:
        return sum(map(len, self.values.values()))

    @property
    def parts(self) -> tuple[PartNote, ...]:
        """The parts of a text too long to be read at once."""
        return self.session.parts

    @property
    def seconds_for_parts(self) -> float | None:
        """How long the parts that were not read take on this PC; None while nothing was measured."""
        return self._pace.seconds_for(*self.session.tokens_left)

    @property
    def text_under_way(self) -> str:
        """The text that the masking process looks through just now; empty when none."""
        return self._analyze[1].text if self._analyze is not None else ""

    def is_ready_to_check(self) -> bool:
        """Whether a check is quick now; where it is not, a little more of the sources is read for it."""
        evidence = self.session.evidence
        if not evidence.is_read:
            evidence.read_some(0.02)
        return evidence.is_read

    def check(self, text: str) -> CheckReport:
        """Check the answer as the person corrected it against everything it may draw on."""
        return self.session.check(text)

    def value_of_placeholder(self, written: str) -> str:
        """The value behind a placeholder as it is written; empty when there is none."""
        restored = self.session.vault.restore(written)
        return restored.text if restored.used else ""

    def taken_out(self, way: str) -> bool:
        """The draft leaves as `docx`, `txt` or `clipboard`; False where the log could not be written."""
        return self._record(partial(self._parts.archive.taken_out, self.draft_id, self.session, way=way))

    def content(self) -> Content:
        """What autosave keeps; goes to the encrypted store alone."""
        return {
            "version": CONTENT_VERSION,
            "template_id": self.template.id,
            "title": self.template.title,
            "hint": self._hint(),
            "confidentiality": self.confidentiality,
            "values": dict(self.values),
            "follow_up": self.follow_up_text,
            "answer": self.answer_text,
            "vault": self.session.vault.to_json(),
            "session": snapshot(self.session),
            "kept": self._parts.archive.kept_of(self.draft_id),
        }

    def _hint(self) -> str:
        """A few characters by which the person knows the draft again; none of a personal field."""
        for field in self.template.fields:
            value = self.values.get(field.name, "").strip()
            if field.type is FieldType.TEXT and not field.pii and value:
                return value if len(value) <= HINT_CHARS else f"{value[:HINT_CHARS]}…"
        return ""

    def mask_preview(self) -> MaskPreview | None:
        """What the model would see if the review were confirmed now."""
        review = self.session.review
        return self.preview_of(review) if review is not None else None

    def preview_of(self, review: Review) -> MaskPreview:
        """What the masker would make of a review, with the policy's operators."""
        return preview(review, self.session.vault, self.session.masker)

    # --- opening ------------------------------------------------------------------------------

    def open(self, template: PromptTemplate, values: Mapping[str, str] | None = None) -> None:
        """Begin a new draft with a template."""
        self._begin(template, uuid.uuid4().hex, Vault())
        self.values = {f.name: f.default for f in template.fields} | dict(values or {})
        self.confidentiality = min(2, template.confidentiality)
        self.state_changed.emit(self.state)

    def resume(self, draft_id: str, template: PromptTemplate, content: Content) -> None:
        """Take up an unsent draft with its answers. Fields that the template no longer has are left out."""
        try:
            vault = Vault.from_json(content.get("vault", []))
        except (KeyError, ValueError, TypeError):
            vault = Vault()  # typed text counts more than the numbering of placeholders
        self._begin(template, draft_id, vault)
        names = {f.name for f in template.fields}
        stored = {str(k): str(v) for k, v in dict(content.get("values", {})).items() if k in names}
        self.values = {f.name: f.default for f in template.fields} | stored
        level = content.get("confidentiality", 2)
        self.confidentiality = level if level in (1, 2, 3) else 2
        self.follow_up_text = str(content.get("follow_up", ""))
        self.answer_text = str(content.get("answer", ""))
        self._take_up_answers(content)
        self.state_changed.emit(self.state)

    def _take_up_answers(self, content: Content) -> None:
        session, kept = self.session, content.get("session")
        session.set_values(self.values)
        if isinstance(kept, dict) and restore(session, kept):
            self._record(partial(self._parts.archive.go_on, self.draft_id, dict(content.get("kept") or {})))
            self.answer_text = self.answer_text or session.text

    def close(self) -> None:
        """Leave the draft; what runs is stopped."""
        self._drop_calls()
        self._session = None

    # --- form and review ----------------------------------------------------------------------

    def set_value(self, name: str, value: str) -> None:
        """Take over what was typed into a field."""
        if self.values.get(name) != value:
            self._part_from_confirmed()
            self.values[name] = value
            self.content_changed.emit()

    def set_confidentiality(self, level: int) -> None:
        """Take over the chosen 機密性."""
        if level != self.confidentiality:
            self._part_from_confirmed()
            self.confidentiality = level
            self.content_changed.emit()

    def set_follow_up_text(self, text: str) -> None:
        """Take over what was typed as a follow-up."""
        if text != self.follow_up_text:
            self.follow_up_text = text
            self.content_changed.emit()

    def set_answer_text(self, text: str) -> None:
        """Take over the answer as the person corrected it."""
        if text != self.answer_text:
            self.answer_text = text
            self.content_changed.emit()

    def begin_masking(self) -> None:
        """Leave the form. An answer made before from this form is given up now, not earlier."""
        self._part_from_confirmed()
        session = self.session
        while session.state is not State.FORM:
            session.back()
        session.set_values(self.values)
        try:
            call = session.begin_masking()
        except PromptsError as error:
            self.refused.emit(error)
            return
        self._ask_masking(call)

    def confirm_review(self) -> None:
        """「マスキングを確認した」."""
        session = self.session
        if session.state is not State.REVIEW or session.review is None:
            return
        try:
            self._parts.archive.check_review(self.draft_id, session.review)
            call = session.confirm_review()
            self._parts.archive.review_confirmed(self.draft_id, session, self.confidentiality)
        except MASKER_REFUSALS as error:
            self._record(partial(self._parts.archive.stopped, self.draft_id, session, outcome=error.code))
            self.refused.emit(error)
            return
        except DraftingError as error:
            # Nothing unrecorded is sent: a full disk stops here, with the review still open.
            if self.state is not State.REVIEW:
                session.failed(error)
                self.failed.emit(error)
            else:
                self.refused.emit(error)
            return
        self.content_changed.emit()
        self._ask_engine(call)

    def read_parts(self) -> None:
        """The person's yes: read a long text in parts, from the first one that was not read yet."""
        if self.state is State.PLANNED:
            self._ask_engine(self.session.read_parts())

    def back(self) -> None:
        """One step back from masking, review or a failure."""
        self._drop_calls()
        self.session.back()
        self.state_changed.emit(self.state)

    # --- answer -------------------------------------------------------------------------------

    def stop(self) -> None:
        """Stop what the workers do for this draft."""
        if self._analyze is not None or self.state is State.PLANNING:
            self.back()
        else:
            self._talk.stop()

    def regenerate(self) -> None:
        """Ask for another answer."""
        if self.state is State.CHECKING:
            self._ask_engine(self.session.regenerate())

    def retry(self) -> None:
        """After a failure: the same again."""
        session = self.session
        if session.state is not State.FAILED:
            return
        if session.confirmed_request is None:
            session.back()
            if self.state is State.FORM:
                self.begin_masking()
            elif self.follow_up_text:
                self.follow_up(self.follow_up_text, is_fixed=False)
            else:
                self.state_changed.emit(self.state)
            return
        self._ask_engine(session.retry())

    def follow_up(self, text: str, *, is_fixed: bool) -> None:
        """Ask for a change: one of the program's own requests, or a typed one that is reviewed first.

        Where the person corrected the answer, the corrected text goes along, and is reviewed with
        the request: what it says counts, not what the model wrote before.
        """
        if self.state is not State.CHECKING:
            return
        is_corrected = self.answer_text.strip() not in ("", self.session.text.strip())
        whole = CORRECTED_REQUEST.format(request=text, text=self.answer_text) if is_corrected else text
        try:
            whole = check_input(whole)
        except DraftingError as error:
            self.refused.emit(error)
            return
        call = self.session.begin_follow_up(
            whole, is_fixed=is_fixed and not is_corrected, source=text if is_corrected else None
        )
        if isinstance(call, AnalyzeCall):
            self._ask_masking(call)
        else:
            self._ask_engine(call)

    def tick(self, index: int, *, is_done: bool) -> None:
        """Tick one line of the checklist."""
        if self.state is State.CHECKING:
            self.session.tick(index, is_done=is_done)
            self.content_changed.emit()

    def confirm_draft(self) -> None:
        """「確認済みにする」."""
        if self.session.can_confirm:
            self.session.confirm_draft(self._parts.person)
            self.content_changed.emit()
            self._record(partial(self._parts.archive.confirmed, self.draft_id, self.session))
            self.state_changed.emit(self.state)

    def answer_effect(self, has_helped: bool, minutes_taken: float | None) -> bool:
        """Keep whether the draft helped; False where it could not be kept."""
        return self._record(
            partial(
                self._parts.archive.answer_effect,
                self.draft_id,
                has_helped=has_helped,
                minutes_taken=minutes_taken,
            )
        )

    # --- inside -------------------------------------------------------------------------------

    def _record(self, step: Callable[[], None]) -> bool:
        """Tell the archive; a full disk is said on the screen and does not undo the step."""
        try:
            step()
        except DraftingError as error:
            self.unrecorded.emit(error)
            return False
        return True

    def _begin(self, template: PromptTemplate, draft_id: str, vault: Vault) -> None:
        self._drop_calls()
        self.draft_id = draft_id
        self.follow_up_text = self.answer_text = ""
        self._session = DraftSession(template, self._parts.model.rules(self._parts.policy), vault=vault)
        self._engine.prepare(fixed_beginning(template, is_reviewed=self._is_reviewed(template)))

    def _part_from_confirmed(self) -> None:
        """What a person vouched for stays as it is: the form it was made from begins a draft of its own."""
        if self.is_open and self.is_confirmed:
            self.parting.emit()
            self._begin(self.template, uuid.uuid4().hex, Vault())
            self.parted.emit()
            self.state_changed.emit(self.state)

    def _is_reviewed(self, template: PromptTemplate) -> bool:
        try:
            return self._parts.library.card(template.id).shelf in READ_ONLY_SHELVES
        except PromptsError:  # 「自由に書く」 stands on no shelf
            return False

    def _drop_calls(self) -> None:
        if self._analyze is not None:
            call_id, self._analyze = self._analyze[0], None
            self._masking.cancel(call_id)
        self._talk.drop()

    def _ask_masking(self, call: AnalyzeCall) -> None:
        self._analyze = (self._masking.analyze(call.text), call)
        self.state_changed.emit(self.state)

    def _ask_engine(self, call: EngineCall | None) -> None:
        """Send what the session wants next; None: it waits for the person, or failed."""
        if call is not None:
            self._talk.ask(call)
        if isinstance(call, GenerateCall):
            self._is_in_parts = call.part is not None and call.part.kind is not StepKind.WHOLE
            if self._is_in_parts:
                self.part_begun.emit(call.part)
            else:
                self.attempt_begun.emit(call.attempt)
        self.state_changed.emit(self.state)
        if self.state is State.FAILED:
            self.failed.emit(self.session.error)

    def _take_partial(self, call_id: str, spans: Sequence[Span]) -> None:
        if self._analyze is None or self._analyze[0] != call_id:
            return
        self.review_shown.emit(self.session.review_of(self._analyze[1], spans), False)

    def _take_finds(self, call_id: str, spans: Sequence[Span], seconds: float) -> None:
        if self._analyze is None or self._analyze[0] != call_id:
            return
        call, self._analyze = self._analyze[1], None
        review = self.session.analysis_received(call, spans)
        self.state_changed.emit(self.state)
        self.review_shown.emit(review, True)

    def _take_masking_failure(self, call_id: str, error: ModelsError) -> None:
        if self._analyze is None or self._analyze[0] != call_id:
            return
        self._analyze = None
        self.session.failed(error)
        self.state_changed.emit(self.state)
        self.failed.emit(error)

    def _take_chunk(self, text: str) -> None:
        shown = self.session.chunk_received(text)
        if shown:
            self.text_appended.emit(shown)

    def _take_counts(self, tokens: Sequence[int]) -> None:
        self._ask_engine(self.session.counted(tokens))

    def _take_completion(self, completion: Completion) -> None:
        if completion.finish_reason is not FinishReason.CANCELLED:
            is_draft = not self._is_in_parts
            self._pace.add(completion.usage, is_draft=is_draft, characters=self._characters)
        before = len(self.session.notes)
        again = self.session.completion_received(completion)
        if len(self.session.notes) > before:
            self.content_changed.emit()
        if again is None and self.state is State.CHECKING and self.session.turns:
            self._finish_answer()
        else:
            self._ask_engine(again)

    def _finish_answer(self) -> None:
        self.follow_up_text = ""
        self.answer_text = self.session.text
        self.content_changed.emit()
        self.state_changed.emit(self.state)
        self.answered.emit(self.session.turns[-1])
        self._record(partial(self._parts.archive.answered, self.draft_id, self.session))

    def _take_engine_failure(self, error: ModelsError) -> None:
        self._ask_engine(self.session.engine_failed(error))
