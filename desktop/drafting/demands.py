"""What has to stand in an answer, and how far an answer is from it."""

from __future__ import annotations

from desktop.drafting.checks import find_repetitions
from desktop.drafting.requests import Request, masked_piece
from models.engine.protocol import Completion, FinishReason
from models.masking.entities import EntityType
from models.masking.vault import Placeholder, Vault

_STEM = 0.6
"""The part of a point that stays as it is where its end becomes polite."""


def required_placeholders(request: Request, *, is_demo: bool) -> tuple[Placeholder, ...]:
    """Placeholders that must come back: the verbatim fields', with the demonstration model all."""
    if request.masked is None:
        return ()
    spans = [span for span in request.masked.spans if span.placeholder]
    if not is_demo:
        verbatim = [r for r in request.ranges or () if r.is_verbatim]
        spans = [
            span
            for span in spans
            if span.entity_type is EntityType.VERBATIM
            or any(r.start <= span.start and span.end <= r.end for r in verbatim)
        ]
    return tuple(dict.fromkeys(span.placeholder for span in spans if span.placeholder))


def required_values(request: Request) -> tuple[str, ...]:
    """What the demonstration model has to copy letter by letter, as masked.

    Lines of one-line fields whole; of points it may bring into polite form, the beginning.
    """
    values = []
    for value in request.ranges or ():
        piece = masked_piece(request, value.start, value.end)
        is_loose = value.start in request.loose
        for line in map(str.strip, piece.splitlines()):
            values.append(line[: max(2, round(len(line) * _STEM))] if is_loose else line)
    return tuple(value for value in values if value)


def count_faults(request: Request, completion: Completion, vault: Vault) -> int:
    """How many things are wrong with an answer; 0 where nothing is missing."""
    present = set(vault.placeholders_in(completion.text))
    faults = sum(p not in present for p in request.required)
    faults += sum(value not in completion.text for value in request.required_values)
    faults += len(vault.restore(completion.text).unknown)
    faults += completion.finish_reason is FinishReason.LENGTH
    faults += bool(find_repetitions(completion.text))
    return faults
