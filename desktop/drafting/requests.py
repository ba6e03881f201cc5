"""What a drafting session asks of the workers, and what came of it: values without behaviour of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from desktop.drafting.checks import CheckReport
from desktop.drafting.long_input.reading import LongReading, PartStatus, StepKind
from desktop.drafting.long_input.wording import Fixed, LongRequest
from models.engine.protocol import Completion, FinishReason, GenerationParams, Message, Usage
from models.masking.entities import EntityType
from models.masking.masker import Masked
from models.masking.operators import Operator
from models.masking.review import ValueRange
from models.masking.text import MaskedText
from models.masking.vault import Placeholder
from prompts.template import FieldType, RenderedPrompt

DEFAULT_MAX_TOKENS = 1024
NOTHING_SPENT = Usage(0, 0, 0, 0)
_LEAST_TASK_CHARS = 12
"""Where less than that stands around a long text, the task itself is part of it and would be cut with it."""


@dataclass(frozen=True)
class SessionRules:
    """What policy and model demand of a session.

    Attributes:
        is_demo: Whether the demonstration model answers: every value of the form must stand in its
            answer, or it is asked again; and it is not asked to read a long text in parts.
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
class PartProgress:
    """Where the reading of a long text stands.

    Attributes:
        kind: What the request is for.
        number: Which one of its kind, from 1.
        total: How many of its kind there are.
        mark: The place it is about, values restored.
    """

    kind: StepKind
    number: int
    total: int
    mark: str


@dataclass(frozen=True)
class GenerateCall:
    """Masked messages for the engine worker. `attempt` counts from 0; `part` is None for a whole text."""

    messages: tuple[Message, ...]
    params: GenerationParams
    attempt: int = 0
    part: PartProgress | None = None


@dataclass(frozen=True)
class CountCall:
    """Masked messages of several prompts; the engine worker is asked how many tokens each has."""

    prompts: tuple[tuple[Message, ...], ...]


EngineCall = GenerateCall | CountCall


@dataclass(frozen=True)
class PartNote:
    """A part of a long text as a person sees it.

    Attributes:
        mark: Its place, values restored.
        chars: Its length, code points.
        status: How far it got.
        points: What the model found in it, a line each, values restored.
    """

    mark: str
    chars: int
    status: PartStatus
    points: tuple[str, ...] = ()


@dataclass(frozen=True)
class Turn:
    """One request and its answer.

    Attributes:
        request: What the model was asked last, masked: what the person confirmed, or for a text that was
            read in parts the same with the parts' points in its place.
        spans: What the person confirmed, and what was masked in it (offsets in the unmasked request).
        completion_masked: What the model wrote.
        completion: The same with the values back.
        report: What the checks found.
        usage: Tokens and times, all parts together.
        finish_reason: Why the answer ended.
        attempts: How many answers were asked for.
        parts: The parts of a text that was too long to be read at once.
    """

    request: MaskedText
    spans: Masked
    completion_masked: MaskedText
    completion: str
    report: CheckReport
    usage: Usage
    finish_reason: FinishReason
    attempts: int
    parts: tuple[PartNote, ...] = ()


@dataclass
class Request:
    """The request under way: its text, where values stand in it, and the answers so far.

    Attributes:
        text: Unmasked.
        ranges: Where the form's values stand in it; None for a follow-up.
        loose: Beginnings of ranges whose value may be put into other words.
        long_ranges: Ranges of long texts, the only ones that may be read in parts.
        masked: What the person confirmed.
        required: Placeholders that must come back.
        required_values: What must come back letter by letter, as masked.
        proofread: The text that the demonstration model was given to proof-read, as masked; else empty.
        attempt: Which answer is being asked for, from 0.
        best: The best answer so far and its number of faults.
        sampled: Whether it is asked for with some freedom, because it was asked before.
        replaces: The answer that comes back when this request comes to nothing.
        reading: How the text is read in parts, where it is too long.
        frame: What of the masked text has to come back where it was read in parts: all but the long text.
        spent: What the parts cost so far.
    """

    text: str
    ranges: tuple[ValueRange, ...] | None
    loose: frozenset[int] = frozenset()
    long_ranges: tuple[tuple[int, int], ...] = ()
    masked: Masked | None = None
    required: tuple[Placeholder, ...] = ()
    required_values: tuple[str, ...] = ()
    proofread: str = ""
    attempt: int = 0
    best: tuple[int, Completion] | None = None
    sampled: bool = False
    replaces: Turn | None = None
    reading: LongReading | None = None
    frame: str | None = None
    spent: Usage = NOTHING_SPENT


_LONG_TYPES = frozenset({FieldType.LONG_TEXT, FieldType.TABLE, FieldType.ATTACHMENT})
_BETWEEN = re.compile(r"\n[ \t\u3000]*[・●○■◆*-][ \t\u3000]*")
_MARKER = re.compile(r"(?:^|\n)([ \t\u3000]*[・●○■◆*-][ \t\u3000]*)\Z")


def long_ranges(rendered: RenderedPrompt) -> tuple[tuple[int, int], ...]:
    """Where long texts stand in a filled template; the lines of a list, with their markers, as one."""
    found: list[tuple[int, int]] = []
    before = None
    for segment in rendered.segments:
        field = segment.field
        if field.type not in _LONG_TYPES or field.verbatim:
            before = None
            continue
        if before is field and _BETWEEN.fullmatch(rendered.text[found[-1][1] : segment.start]):
            start = found.pop()[0]
            marker = _MARKER.search(rendered.text[:start])
            found.append((marker.start(1) if marker else start, segment.end))
        else:
            found.append((segment.start, segment.end))
        before = field
    return tuple(found)


def masked_range(masked: Masked, start: int, end: int) -> tuple[int, int]:
    """Where `text[start:end]` of the original stands in the masked text; both must lie outside of its spans."""
    shift_start = shift_end = 0
    for span in masked.spans:
        change = len(span.replacement) - (span.end - span.start)
        if span.end <= start:
            shift_start += change
        if span.end <= end:
            shift_end += change
    return start + shift_start, end + shift_end


def masked_piece(request: Request, start: int, end: int) -> str:
    """The stretch of the masked text that came from `text[start:end]`, without space around it."""
    if request.masked is None:
        return ""
    a, b = masked_range(request.masked, start, end)
    return request.masked.text.text[a:b].strip()


def add_usage(one: Usage, other: Usage) -> Usage:
    """What two completions cost together."""
    return Usage(
        one.prompt_tokens + other.prompt_tokens,
        one.completion_tokens + other.completion_tokens,
        one.prompt_ms + other.prompt_ms,
        one.completion_ms + other.completion_ms,
        one.reused_tokens + other.reused_tokens,
    )


def long_request(
    request: Request, *, system: MaskedText | None, fixed: Fixed, tokens_per_char: float, room_tokens: float
) -> LongRequest | None:
    """The request cut at its long text; None where there is none, or nothing is said about it.

    Args:
        request: A confirmed request.
        system: The template's system text.
        fixed: Seals words of the program.
        tokens_per_char: Tokens of the request for each of its code points.
        room_tokens: What may stand around the long text; where the longest text leaves more than that, all
            long texts count as one, with what stands between them.
    """
    if request.masked is None or not request.long_ranges:
        return None
    text, whole = request.masked.text, len(request.masked.text)
    ranges = [masked_range(request.masked, *r) for r in request.long_ranges]
    start, end = max(ranges, key=lambda r: r[1] - r[0])
    if (whole - (end - start)) * tokens_per_char > room_tokens:
        start, end = ranges[0][0], ranges[-1][1]
    before, after = text.cut(0, start), text.cut(end, whole)
    if len(before.text.strip()) + len(after.text.strip()) < _LEAST_TASK_CHARS:
        return None
    return LongRequest(system, before, text.cut(start, end), after, fixed)
