"""The state machine of one draft: what a person may do next, and what must have happened before.

No Qt, no process, no file: the window and the terminal drive the same machine. Where work for a
worker arises, the machine hands out a call (`AnalyzeCall`, `GenerateCall`) and waits to be told how
it went. It is the place where "no masking answer, no generation" is kept: a `GenerateCall` exists
only after a confirmed review of exactly the text that was analyzed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum

from desktop.drafting.checks import CheckReport, check_completion, find_repetitions
from desktop.drafting.errors import WrongStateError
from models.engine.protocol import Completion, FinishReason, GenerationParams, Message, Role, Usage
from models.masking.entities import EntityType, Span
from models.masking.masker import Masked, Masker
from models.masking.operators import Operator
from models.masking.review import Review, ValueRange
from models.masking.text import MaskedText
from models.masking.vault import Placeholder, StreamRestorer, Vault
from prompts.template import FieldType, PromptTemplate, RenderedPrompt, render

DEFAULT_MAX_TOKENS = 1024


class State(StrEnum):
    """Where a draft stands."""

    FORM = "form"
    MASKING = "masking"
    REVIEW = "review"
    GENERATING = "generating"
    CHECKING = "checking"
    CONFIRMED = "confirmed"
    FAILED = "failed"


@dataclass(frozen=True)
class SessionRules:
    """What policy and model demand of a session.

    Attributes:
        is_demo: Whether the demonstration model answers: every value of the form must stand in its
            answer, or it is asked again.
        max_attempts: How often one answer is asked for until nothing that must stand in it is missing.
        forbidden: Kinds that stop the text instead of being masked.
        mask_quasi: Quasi-identifiers that are masked, not just pointed out.
        max_tokens: Longest answer where the template does not say, tokens.
        operators: How kinds are replaced that do not just become a placeholder.
    """

    is_demo: bool = False
    max_attempts: int = 2
    forbidden: frozenset[EntityType] = frozenset()
    mask_quasi: frozenset[EntityType] = frozenset()
    max_tokens: int = DEFAULT_MAX_TOKENS
    operators: Mapping[EntityType, Operator] = field(default_factory=dict)


@dataclass(frozen=True)
class AnalyzeCall:
    """Text for the masking worker. Raw: it goes there and nowhere else."""

    text: str


@dataclass(frozen=True)
class GenerateCall:
    """Masked messages for the engine worker. `attempt` counts from 0."""

    messages: tuple[Message, ...]
    params: GenerationParams
    attempt: int = 0


@dataclass(frozen=True)
class Turn:
    """One request and its answer.

    Attributes:
        request: What the person confirmed, masked.
        spans: What was masked in it (offsets in the unmasked request).
        completion_masked: What the model wrote.
        completion: The same with the values back.
        report: What the checks found.
        usage: Tokens and times.
        finish_reason: Why the answer ended.
        attempts: How many answers were asked for.
    """

    request: MaskedText
    spans: Masked
    completion_masked: MaskedText
    completion: str
    report: CheckReport
    usage: Usage
    finish_reason: FinishReason
    attempts: int


@dataclass
class _Pending:
    """The request under way: its text, where values stand in it, and the answers so far."""

    text: str
    ranges: tuple[ValueRange, ...] | None
    loose: frozenset[int] = frozenset()
    masked: Masked | None = None
    attempt: int = 0
    best: tuple[int, Completion] | None = None
    sampled: bool = False
    required_values: tuple[str, ...] = ()
    replaces: Turn | None = None


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
        self.values: dict[str, str] = {f.name: f.default for f in template.fields}
        self.turns: list[Turn] = []
        self._asked: list[_Pending] = []
        self._regenerations = 0
        self.ticked: set[int] = set()
        self.review: Review | None = None
        self.error: Exception | None = None
        self.confirmed_by = ""
        self._state = State.FORM
        self._masker = Masker(rules.forbidden, operators=rules.operators)
        self._rendered: RenderedPrompt | None = None
        self._pending: _Pending | None = None
        self._restorer: StreamRestorer | None = None
        self._sources: list[str] = []

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
        self._rendered = rendered
        ranges = tuple(
            ValueRange(
                s.start,
                s.end,
                noun=s.field.noun,
                is_verbatim=s.field.verbatim,
            )
            for s in rendered.segments
        )
        loose = frozenset(s.start for s in rendered.segments if s.field.type is FieldType.LONG_TEXT)
        self._pending = _Pending(rendered.text, ranges, loose=loose)
        self._sources = [rendered.text, rendered.system]
        self._state = State.MASKING
        return AnalyzeCall(rendered.text)

    # --- masking and review -------------------------------------------------------------------

    def analysis_received(self, call: AnalyzeCall, finds: Sequence[Span]) -> Review:
        """Take the analyzer's answer for exactly the text that was asked about."""
        self._expect(State.MASKING)
        pending = self._request()
        if call.text != pending.text:
            raise WrongStateError(self._state.value, "analysis_of_another_text")
        self.review = Review.of(
            pending.text, finds, vault=self.vault, ranges=pending.ranges, mask_quasi=self.rules.mask_quasi
        )
        self._state = State.REVIEW
        return self.review

    def back(self) -> None:
        """One step back; nothing typed is lost. An answer leads back to the filled form."""
        if self._state in (State.MASKING, State.REVIEW, State.FAILED):
            self._take_back_replaced()
            self._state = State.CHECKING if self.turns else State.FORM
            self.review, self._pending, self.error = None, None, None
        elif self._state in (State.CHECKING, State.CONFIRMED):
            self._state = State.FORM
            self.turns.clear()
            self._asked.clear()
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
        pending.masked = self._masker.mask(self.review.confirm(), self.vault)
        pending.required_values = self._required_values(pending)
        return self._generate(pending)

    # --- generation ---------------------------------------------------------------------------

    def chunk_received(self, text: str) -> str:
        """Take a chunk of the completion; returns what may be shown of it, values restored."""
        self._expect(State.GENERATING)
        return self._restorer.feed(text) if self._restorer else ""

    def completion_received(self, completion: Completion) -> GenerateCall | None:
        """Take a whole completion. Returns another call when it has to be asked for again."""
        self._expect(State.GENERATING)
        pending = self._request()
        faults = self._faults(pending, completion)
        if pending.best is None or faults < pending.best[0]:
            pending.best = (faults, completion)
        stopped = completion.finish_reason is FinishReason.CANCELLED
        if stopped and not completion.text.strip():
            self._nothing_came(pending)
            return None
        if faults and not stopped and pending.attempt + 1 < self.rules.max_attempts:
            pending.attempt += 1
            pending.sampled = True
            return self._generate(pending)
        self._finish(pending, completion if stopped else pending.best[1])
        return None

    def failed(self, error: Exception) -> None:
        """A worker could not do what was asked. `back` leads to the last good place."""
        self.error = error
        self._state = State.FAILED

    def retry(self) -> GenerateCall:
        """After a failure of the engine: the same confirmed request again."""
        self._expect(State.FAILED)
        pending = self._request()
        if pending.masked is None:
            raise WrongStateError(self._state.value, "nothing_confirmed")
        self.error = None
        return self._generate(pending)

    def regenerate(self) -> GenerateCall:
        """Ask for another answer to the last confirmed request."""
        self._expect(State.CHECKING)
        last, asked = self.turns.pop(), self._asked.pop()
        self.ticked.clear()
        self._pending = replace(asked, attempt=0, best=None, sampled=True, replaces=last)
        self._regenerations += 1
        return self._generate(self._pending, seed=100 * self._regenerations)

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
        self._pending = _Pending(text, None)
        if is_fixed:
            self._pending.masked = Masked(self._masker.fixed(text), ())
            return self._generate(self._pending)
        self._sources.append(text if source is None else source)
        self._state = State.MASKING
        return AnalyzeCall(text)

    # --- checking -----------------------------------------------------------------------------

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

    # --- inside -------------------------------------------------------------------------------

    def _expect(self, *states: State) -> None:
        if self._state not in states:
            raise WrongStateError(self._state.value, "expected_" + "_or_".join(states))

    def _request(self) -> _Pending:
        if self._pending is None:
            raise WrongStateError(self._state.value, "no_request")
        return self._pending

    def _generate(self, pending: _Pending, *, seed: int = 0) -> GenerateCall:
        if pending.masked is None:
            raise WrongStateError(self._state.value, "nothing_confirmed")
        self._restorer = StreamRestorer(self.vault)
        self._state = State.GENERATING
        return GenerateCall(
            (*self._history(), Message(Role.USER, pending.masked.text)),
            self._params(pending, seed),
            pending.attempt,
        )

    def _history(self) -> list[Message]:
        system = self.template.system
        messages = [Message(Role.SYSTEM, self._masker.fixed(system))] if system else []
        for turn in self.turns:
            messages += [
                Message(Role.USER, turn.request),
                Message(Role.ASSISTANT, turn.completion_masked),
            ]
        return messages

    def _params(self, pending: _Pending, seed: int) -> GenerationParams:
        asked = {name: value for name, value in asdict(self.template.params).items() if value is not None}
        params = replace(GenerationParams(max_tokens=self.rules.max_tokens), **asked)
        if not pending.sampled:
            return params
        # Greedy decoding would give the same again. The values are those measured for the
        # demonstration model: each further attempt a little freer.
        freer = min(0.3 + 0.1 * pending.attempt, 1.0)
        return replace(params, temperature=max(params.temperature, freer), seed=seed + pending.attempt)

    def _required(self, pending: _Pending) -> tuple[Placeholder, ...]:
        """Placeholders that must come back: the verbatim fields', with the demonstration model all."""
        if pending.masked is None or self.turns:
            return ()
        if self.rules.is_demo:
            return tuple(dict.fromkeys(s.placeholder for s in pending.masked.spans if s.placeholder))
        verbatim = [r for r in pending.ranges or () if r.is_verbatim]
        return tuple(
            dict.fromkeys(
                span.placeholder
                for span in pending.masked.spans
                if span.placeholder
                and (
                    span.entity_type is EntityType.VERBATIM
                    or any(r.start <= span.start and span.end <= r.end for r in verbatim)
                )
            )
        )

    def _required_values(self, pending: _Pending) -> tuple[str, ...]:
        """What the demonstration model has to copy letter by letter, as masked.

        Values of one-line fields whole; of points it may bring into polite form, the beginning.
        """
        if not self.rules.is_demo or self.turns or pending.masked is None or not pending.ranges:
            return ()
        values = []
        for value in pending.ranges:
            piece = _mask_piece(value, pending)
            if "\n" in piece:
                continue
            values.append(piece[: max(2, min(5, len(piece) // 2))] if value.start in pending.loose else piece)
        return tuple(value for value in values if value)

    def _faults(self, pending: _Pending, completion: Completion) -> int:
        present = set(self.vault.placeholders_in(completion.text))
        faults = sum(p not in present for p in self._required(pending))
        faults += sum(value not in completion.text for value in pending.required_values)
        faults += len(self.vault.restore(completion.text).unknown)
        faults += completion.finish_reason is FinishReason.LENGTH
        faults += bool(find_repetitions(completion.text))
        return faults

    def _finish(self, pending: _Pending, completion: Completion) -> None:
        if pending.masked is None:
            raise WrongStateError(self._state.value, "nothing_confirmed")
        restored = self.vault.restore(completion.text)
        # What the form asked for has to stand in every later answer, too.
        requests = [turn.request.text for turn in self.turns] + [pending.masked.text.text]
        asked = self.vault.placeholders_in("\n".join(requests))
        report = check_completion(
            restored.text,
            self._sources,
            missing_placeholders=tuple(str(p) for p in asked if p not in restored.used),
            unknown_placeholders=restored.unknown,
            has_ended=completion.finish_reason is FinishReason.STOP,
        )
        self.turns.append(
            Turn(
                request=pending.masked.text,
                spans=pending.masked,
                completion_masked=self._masker.completion(completion.text),
                completion=restored.text,
                report=report,
                usage=completion.usage,
                finish_reason=completion.finish_reason,
                attempts=pending.attempt + 1,
            )
        )
        self._asked.append(replace(pending, replaces=None))
        self._pending, self.review = None, None
        self._state = State.CHECKING

    def _nothing_came(self, pending: _Pending) -> None:
        """Stopped before the first word: back to where the request was confirmed."""
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
            self._asked.append(replace(self._pending, replaces=None))


def _mask_piece(value: ValueRange, pending: _Pending) -> str:
    """The stretch of the masked text that came from one value of the form."""
    pieces, at = [], value.start
    for span in pending.masked.spans if pending.masked else ():
        if value.start <= span.start and span.end <= value.end:
            pieces += [pending.text[at : span.start], span.replacement]
            at = span.end
    pieces.append(pending.text[at : value.end])
    return "".join(pieces).strip()
