"""What has to stand in an answer, and how far an answer is from it."""

from __future__ import annotations

import re

from desktop.drafting.checks import find_repetitions
from desktop.drafting.requests import Request, masked_piece
from models.engine.protocol import Completion, FinishReason
from models.masking.entities import EntityType
from models.masking.vault import Placeholder, Vault

_STEM = 0.6
"""The part of a point that stays as it is where its end becomes polite."""

_WHOLE_TEXT = "１　直した全文\n"
_CHANGES = "\n２　直した箇所"
_CHANGE = re.compile(r"^・(.+?) → (.+?)：", re.MULTILINE)


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
    if request.proofread:
        return ()
    values = []
    for value in request.ranges or ():
        piece = masked_piece(request, value.start, value.end)
        is_loose = value.start in request.loose
        for line in map(str.strip, piece.splitlines()):
            values.append(line[: max(2, round(len(line) * _STEM))] if is_loose else line)
    return tuple(value for value in values if value)


def text_to_proofread(request: Request) -> str:
    """The masked text of which the request wants the whole mended text and a list of the changes, else empty."""
    if request.masked is None or _WHOLE_TEXT.strip() + _CHANGES not in request.masked.text.text:
        return ""
    long = (value for value in request.ranges or () if value.start in request.loose)
    return next((masked_piece(request, value.start, value.end) for value in long), "")


def changes_amiss(source: str, answer: str) -> int:
    """How far a proof-read text and its list of changes are from telling the same.

    Args:
        source: The text that was to be proof-read.
        answer: The mended text under its heading, then the list under its own.

    Returns:
        0 where the listed changes lead from the source to the mended text and nothing else was changed.
    """
    whole, _, listed = answer.partition(_CHANGES + "\n")
    lines = _CHANGE.findall(listed)
    changes: dict[str, str] = dict(lines)
    amiss = len(lines) - len(changes)
    amiss += sum(wrong not in source or wrong == right for wrong, right in changes.items())
    if not changes:
        return int(whole != _WHOLE_TEXT + source)
    wrongs = sorted(map(re.escape, changes), key=len, reverse=True)
    mended = re.sub("|".join(wrongs), lambda match: changes[match[0]], source)
    return amiss + (whole != _WHOLE_TEXT + mended)


def count_faults(request: Request, completion: Completion, vault: Vault) -> int:
    """How many things are wrong with an answer; 0 where nothing is missing."""
    present = set(vault.placeholders_in(completion.text))
    faults = sum(p not in present for p in request.required)
    faults += sum(value not in completion.text for value in request.required_values)
    faults += len(vault.restore(completion.text).unknown)
    faults += completion.finish_reason is FinishReason.LENGTH
    faults += bool(find_repetitions(completion.text))
    if request.proofread:
        faults += changes_amiss(request.proofread, completion.text)
    return faults
