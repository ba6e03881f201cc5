"""The state machine of one draft: what a person may do next, and what must have happened before.

No Qt, no process, no file: the window and the terminal drive the same machine. Where work for a
worker arises, the machine hands out a call (`AnalyzeCall`, `GenerateCall`, `CountCall`) and waits to be
told how it went. It is the place where "no masking answer, no generation" is kept: a `GenerateCall` exists
only after a confirmed review of exactly the text that was analyzed.

Where the engine finds a request too long, the machine has its long text measured and cut (`PLANNING`),
waits for the person's yes (`PLANNED`), and then asks for one part after the other: see `long_input`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from desktop.drafting.asking import answer_params, asked_text, conversation
from desktop.drafting.checks import CheckReport, check_completion
from desktop.drafting.demands import (
    count_faults,
    required_placeholders,
    required_values,
    text_to_proofread,
)
from desktop.drafting.errors import PartsUnreadableError, WrongStateError
from desktop.drafting.evidence import Evidence
from desktop.drafting.long_input.notes import Notes
from desktop.drafting.long_input.plan import PartPlan
from desktop.drafting.long_input.reading import LongReading, Step, StepKind
from desktop.drafting.parting import about_parts, next_refusal, part_notes, part_params, plan_for
from desktop.drafting.requests import (
    AnalyzeCall,
    CountCall,
    EngineCall,
    GenerateCall,
    PartNote,
    PartProgress,
    Request,
    SessionRules,
    Turn,
    add_usage,
    long_ranges,
)
from models.engine.protocol import Completion, FinishReason, GenerationParams, Message, Role
from models.errors import ContextTooLongError
from models.masking.entities import Span
from models.masking.masker import Masked, Masker
from models.masking.review import Review, ValueRange
from models.masking.vault import StreamRestorer, Vault
from prompts.template import FieldType, PromptTemplate, render

__all__ = [
    "AnalyzeCall",
    "CountCall",
    "DraftSession",
    "GenerateCall",
    "PartNote",
    "PartProgress",
    "SessionRules",
    "State",
    "Turn",
]


class State(StrEnum):
    """Where a draft stands."""

    FORM = "form"
    MASKING = "masking"
    REVIEW = "review"
    PLANNING = "planning"
    PLANNED = "planned"
    GENERATING = "generating"
    CHECKING = "checking"
    CONFIRMED = "confirmed"
    FAILED = "failed"


class DraftSession:
    """One draft from form to confirmed text.

    Args:
        template: The prompt template.
        rules: What policy and model demand.
        vault: An earlier vault, when an unsent draft is taken up again.
    """

    def __init__(self, template: PromptTemplate, rules: SessionRules, *, vault: Vault | None = None) -> None:
        self.template = template
        self.rules = rules
        self.vault = vault or Vault()
        self.masker = Masker(rules.forbidden, operators=rules.operators)
        self.values: dict[str, str] = {f.name: f.default for f in template.fields}
        self.turns: list[Turn] = []
        self.asked: list[Request] = []
        self.evidence = Evidence()
        self.notes = Notes()
        self.ticked: set[int] = set()
        self.review: Review | None = None
        self.error: Exception | None = None
        self.confirmed_by = ""
        self._state = State.FORM
        self._pending: Request | None = None
        self._plan: PartPlan | None = None
        self._step: Step | None = None
        self._tightenings = 0
        self._regenerations = 0
        self._restorer: StreamRestorer | None = None

    @property
    def state(self) -> State:
        """Where the draft stands."""
        return self._state

    @property
    def confirmed_request(self) -> Masked | None:
        """The request under way as it was confirmed; None before that."""
        return self._pending.masked if self._pending else None

    @property
    def text(self) -> str:
        """The newest answer with its values back; empty before the first."""
        return self.turns[-1].completion if self.turns else ""

    @property
    def can_confirm(self) -> bool:
        """Whether every line of the checklist is ticked."""
        return self._state is State.CHECKING and len(self.ticked) == len(self.template.checklist)

    @property
    def parts(self) -> tuple[PartNote, ...]:
        """The parts of the long text under way, else those of the first answer; empty for a text in one."""
        if self._pending is not None and self._pending.reading is not None:
            return part_notes(self._pending.reading, self.vault)
        return self.turns[0].parts if self.turns and self._pending is None else ()

    @property
    def answers(self) -> tuple[tuple[Turn, Request], ...]:
        """All answers with what was asked, also one that is just being replaced."""
        found = list(zip(self.turns, self.asked, strict=True))
        pending = self._pending
        if pending is not None and pending.replaces is not None:
            found.append((pending.replaces, replace(pending, replaces=None)))
        return tuple(found)

    @property
    def tokens_left(self) -> tuple[int, int]:
        """About how many tokens are still to be read and written, for a long text under way."""
        if self._pending is None or self._pending.reading is None:
            return (0, 0)
        return self._pending.reading.tokens_left

    # --- form ---------------------------------------------------------------------------------

    def set_values(self, values: Mapping[str, str]) -> None:
        """Take over what was typed. Allowed while the form is open."""
        self._expect(State.FORM)
        self.values.update(values)

    def begin_masking(self) -> AnalyzeCall:
        """Leave the form: fill the template and ask for an analysis.

        Raises:
            PromptsError: A field is missing or wrong; the form stays open.
        """
        self._expect(State.FORM)
        rendered = render(self.template, self.values)
        segments = rendered.segments
        self._pending = Request(
            rendered.text,
            tuple(
                ValueRange(s.start, s.end, noun=s.field.noun, is_verbatim=s.field.verbatim) for s in segments
            ),
            loose=frozenset(s.start for s in segments if s.field.type is FieldType.LONG_TEXT),
            long_ranges=long_ranges(rendered),
        )
        self.evidence = Evidence([rendered.text, rendered.system])
        self._state = State.MASKING
        return AnalyzeCall(rendered.text)

    # --- masking and review -------------------------------------------------------------------

    def analysis_received(self, call: AnalyzeCall, finds: Sequence[Span]) -> Review:
        """Take the analyzer's answer for exactly the text that was asked about."""
        self._expect(State.MASKING)
        self.review = self.review_of(call, finds)
        self._state = State.REVIEW
        return self.review

    def review_of(self, call: AnalyzeCall, finds: Sequence[Span]) -> Review:
        """The review that these finds make: for a look ahead, while the slow layers are at work."""
        pending = self._request()
        if call.text != pending.text:
            raise WrongStateError(self._state.value, "analysis_of_another_text")
        return Review.of(
            pending.text, finds, vault=self.vault, ranges=pending.ranges, mask_quasi=self.rules.mask_quasi
        )

    def back(self) -> None:
        """One step back; nothing typed is lost. An answer leads back to the filled form."""
        if self._state in (State.MASKING, State.REVIEW, State.PLANNING, State.PLANNED, State.FAILED):
            self._take_back_replaced()
            self._state = State.CHECKING if self.turns else State.FORM
            self.review, self._pending, self.error = None, None, None
        elif self._state in (State.CHECKING, State.CONFIRMED):
            self._state = State.FORM
            self.turns.clear()
            self.asked.clear()
            self.ticked.clear()

    def confirm_review(self) -> GenerateCall:
        """「マスキングを確認した」: mask as decided and hand out the call to the engine.

        Raises:
            MyNumberFoundError, ForbiddenKindError, UnmaskedValueError: The masker refuses; the
                review stays open.
        """
        self._expect(State.REVIEW)
        if self.review is None:
            raise WrongStateError(self._state.value, "no_review")
        pending = self._request()
        pending.masked = self.masker.mask(self.review.confirm(), self.vault)
        if not self.turns:
            is_demo = self.rules.is_demo
            pending.required = required_placeholders(pending, is_demo=is_demo)
            pending.proofread = text_to_proofread(pending) if is_demo else ""
            pending.required_values = required_values(pending) if is_demo else ()
        return self._ask(pending)

    # --- generation ---------------------------------------------------------------------------

    def chunk_received(self, text: str) -> str:
        """Take a chunk of the completion; returns what may be shown of it, values restored."""
        self._expect(State.GENERATING)
        return self._restorer.feed(text) if self._restorer else ""

    def completion_received(self, completion: Completion) -> GenerateCall | None:
        """Take a whole completion. Returns another call when it has to be asked for again, or for more."""
        self._expect(State.GENERATING)
        pending = self._request()
        stopped = completion.finish_reason is FinishReason.CANCELLED
        if pending.reading is not None and self._step is not None and self._step.kind is not StepKind.WHOLE:
            return self._part_received(pending, pending.reading, self._step, completion)
        faults = count_faults(pending, completion, self.vault)
        if pending.best is None or faults < pending.best[0]:
            pending.best = (faults, completion)
        if stopped and not completion.text.strip():
            self._nothing_came(pending)
            return None
        if faults and not stopped and pending.attempt + 1 < self.rules.max_attempts:
            pending.attempt += 1
            pending.sampled = True
            return self._ask(pending)
        self._finish(pending, completion if stopped else pending.best[1])
        return None

    def failed(self, error: Exception) -> None:
        """A worker could not do what was asked. `back` leads to the last good place."""
        self.error = error
        self._state = State.FAILED

    def engine_failed(self, error: Exception) -> EngineCall | None:
        """The engine could not answer. Returns what to ask it instead, where there is something.

        A text that is too long is measured for its parts; a part that fails for the second time is left out.
        Else the draft has failed, and `retry` goes on where it stood.
        """
        self._expect(State.GENERATING, State.PLANNING)
        pending = self._request()
        reading, step = pending.reading, self._step
        call: EngineCall | None = None
        if isinstance(error, ContextTooLongError):
            call = self._too_long(pending, error)
        elif reading is not None and step is not None and step.kind is StepKind.PART and reading.fail(step):
            return self._go_on(pending)
        if call is None:
            self.failed(error)
        return call

    def counted(self, tokens: Sequence[int]) -> CountCall | None:
        """Take the token counts of a `CountCall`. Returns a further one, or None: the plan stands, or failed."""
        self._expect(State.PLANNING)
        pending, plan = self._request(), self._plan
        if plan is None:
            raise WrongStateError(self._state.value, "no_plan")
        plan.counted(tokens)
        if not plan.is_possible:
            self.failed(plan.refusal)
        elif plan.to_count:
            return CountCall(plan.to_count)
        else:
            pending.reading = LongReading(plan, self.notes, self.masker)
            pending.frame = plan.request.before.text + plan.request.after.text
            self._state = State.PLANNED
        return None

    def read_parts(self) -> GenerateCall | None:
        """The person's yes, at first or after a stop: read what is not read yet. None: nothing can be read."""
        self._expect(State.PLANNED)
        return self._go_on(self._request())

    def retry(self) -> GenerateCall | None:
        """After a failure of the engine: the same confirmed request again, from where it stood."""
        self._expect(State.FAILED)
        pending = self._request()
        if pending.masked is None:
            raise WrongStateError(self._state.value, "nothing_confirmed")
        if isinstance(self.error, PartsUnreadableError) and pending.reading is not None:
            pending.reading.try_again()
        self.error = None
        return self._go_on(pending)

    def regenerate(self) -> GenerateCall | None:
        """Ask for another answer to the last confirmed request; parts that were read are not read again."""
        self._expect(State.CHECKING)
        last, asked = self.turns.pop(), self.asked.pop()
        self.ticked.clear()
        self._pending = replace(asked, attempt=0, best=None, sampled=True, replaces=last)
        self._regenerations += 1
        return self._go_on(self._pending)

    def begin_follow_up(
        self, text: str, *, is_fixed: bool, source: str | None = None
    ) -> AnalyzeCall | GenerateCall:
        """Ask for a change of the answer.

        Args:
            text: The request.
            is_fixed: Whether it is one of the program's own (a chip); typed text is analyzed and
                reviewed like everything else.
            source: What of the request the answer may draw on, where that is not all of it: an
                earlier answer that is sent along vouches for nothing.
        """
        self._expect(State.CHECKING)
        self.ticked.clear()
        self._pending = Request(text, None)
        if is_fixed:
            self._pending.masked = Masked(self.masker.fixed(text), ())
            if self.rules.is_demo:  # its changes keep every item of the form
                first = self.asked[0]
                self._pending.required = first.required
                self._pending.required_values = first.required_values
            return self._ask(self._pending)
        self.evidence.add(text if source is None else source)
        self._state = State.MASKING
        return AnalyzeCall(text)

    # --- checking -----------------------------------------------------------------------------

    def check(self, text: str) -> CheckReport:
        """Check the newest answer as the person corrected it against everything it may draw on."""
        before = self.turns[-1].report if self.turns else CheckReport()
        gone = [name for name in before.missing_placeholders if self.vault.restore(name).text not in text]
        report = check_completion(
            text,
            self.evidence.known,
            missing_placeholders=gone,
            unknown_placeholders=[name for name in before.unknown_placeholders if name in text],
            has_ended=before.has_ended,
        )
        return about_parts(report, text, self.parts)

    def tick(self, index: int, *, is_done: bool = True) -> None:
        """Tick (or clear) one line of the checklist."""
        self._expect(State.CHECKING)
        if not 0 <= index < len(self.template.checklist):
            raise IndexError(index)
        (self.ticked.add if is_done else self.ticked.discard)(index)

    def confirm_draft(self, person: str) -> None:
        """The person vouches for the text: from now on it is no longer 「未確認」."""
        if not self.can_confirm:
            raise WrongStateError(self._state.value, "checklist_open")
        self.confirmed_by = person
        self._state = State.CONFIRMED

    def take_up(
        self, turns: Sequence[Turn], asked: Sequence[Request], *, sources: Sequence[str], ticked: set[int]
    ) -> None:
        """Go on with answers that were kept: the form's values are those they were made from."""
        self._expect(State.FORM)
        self.turns, self.asked = list(turns), list(asked)
        self.evidence = Evidence(sources)
        self.ticked = {index for index in ticked if 0 <= index < len(self.template.checklist)}
        self._state = State.CHECKING if self.turns else State.FORM

    # --- parts of a long text -----------------------------------------------------------------

    def _too_long(self, pending: Request, error: ContextTooLongError) -> EngineCall | None:
        """Measure the request for its parts, or leave the one that was refused more room."""
        if self.turns or self.rules.is_demo:
            return None
        try:
            refusal = next_refusal(pending.reading, error, self._step, self._tightenings)
        except ContextTooLongError:
            return None
        self._tightenings += pending.reading is not None
        if refusal is None and pending.reading is not None:
            pending.reading.tighten()
            return self._go_on(pending)
        self._plan = plan_for(
            pending,
            refusal or error,
            template=self.template,
            masker=self.masker,
            max_tokens=self._params(pending).max_tokens,
        )
        if self._plan is None:
            return None
        pending.reading = None
        self._state = State.PLANNING
        return CountCall(self._plan.to_count)

    def _go_on(self, pending: Request) -> GenerateCall | None:
        """The next request; fails where no part of a long text could be read."""
        if pending.reading is not None and pending.reading.next_step() is None:
            parts = pending.reading.parts
            unread = sum(part.points is None for part in parts)
            self.failed(PartsUnreadableError(len(parts), unread))
            return None
        return self._ask(pending)

    def _part_received(
        self, pending: Request, reading: LongReading, step: Step, completion: Completion
    ) -> GenerateCall | None:
        if completion.finish_reason is FinishReason.CANCELLED:
            self._state = State.PLANNED
            return None
        pending.spent = add_usage(pending.spent, completion.usage)
        reading.take(step, completion)
        self.evidence.read_some(1 / step.total)
        return self._go_on(pending)

    # --- inside -------------------------------------------------------------------------------

    def _expect(self, *states: State) -> None:
        if self._state not in states:
            raise WrongStateError(self._state.value, "expected_" + "_or_".join(states))

    def _request(self) -> Request:
        if self._pending is None:
            raise WrongStateError(self._state.value, "no_request")
        return self._pending

    def _ask(self, pending: Request) -> GenerateCall:
        if pending.masked is None:
            raise WrongStateError(self._state.value, "nothing_confirmed")
        self._restorer = StreamRestorer(self.vault)
        self._step = step = pending.reading.next_step() if pending.reading is not None else None
        self._state = State.GENERATING
        if step is None:
            system = self.masker.fixed(self.template.system) if self.template.system else None
            messages = (*conversation(system, self.turns), Message(Role.USER, pending.masked.text))
            return GenerateCall(messages, self._params(pending), pending.attempt)
        progress = PartProgress(step.kind, step.number, step.total, self.vault.restore(step.mark.text).text)
        if step.kind is StepKind.WHOLE:
            return GenerateCall(step.messages, self._params(pending), pending.attempt, progress)
        return GenerateCall(step.messages, part_params(step), step.attempt, progress)

    def _params(self, pending: Request) -> GenerationParams:
        seed = 100 * self._regenerations if pending.replaces is not None else 0
        return answer_params(self.template, pending, max_tokens=self.rules.max_tokens, seed=seed)

    def _finish(self, pending: Request, completion: Completion) -> None:
        if pending.masked is None:
            raise WrongStateError(self._state.value, "nothing_confirmed")
        restored = self.vault.restore(completion.text)
        # What the form asked for has to stand in every later answer, too.
        requests = [asked_text(request) for request in (*self.asked, pending)]
        asked = self.vault.placeholders_in("\n".join(requests))
        parts = part_notes(pending.reading, self.vault)
        report = check_completion(
            restored.text,
            self.evidence.known,
            missing_placeholders=tuple(str(p) for p in asked if p not in restored.used),
            unknown_placeholders=restored.unknown,
            has_ended=completion.finish_reason is FinishReason.STOP,
        )
        self.turns.append(
            Turn(
                request=self._step.messages[-1].text if self._step else pending.masked.text,
                spans=pending.masked,
                completion_masked=self.masker.completion(completion.text),
                completion=restored.text,
                report=about_parts(report, restored.text, parts),
                usage=add_usage(pending.spent, completion.usage),
                finish_reason=completion.finish_reason,
                attempts=pending.attempt + 1,
                parts=parts,
            )
        )
        self.asked.append(replace(pending, replaces=None))
        self._pending, self.review = None, None
        self._state = State.CHECKING

    def _nothing_came(self, pending: Request) -> None:
        """Stopped before the first word: back to where the request was confirmed."""
        if pending.reading is not None and pending.replaces is None:
            self._state = State.PLANNED
            return
        self._take_back_replaced()
        if self.review is not None:
            self._state = State.REVIEW
        else:
            self._state = State.CHECKING if self.turns else State.FORM
            self._pending = None

    def _take_back_replaced(self) -> None:
        """Asking again came to nothing: the answer it was to replace stands again."""
        if self._pending is not None and self._pending.replaces is not None:
            self.turns.append(self._pending.replaces)
            self.asked.append(replace(self._pending, replaces=None))
