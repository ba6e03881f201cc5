"""What of a session outlives the program: plain data for the encrypted store of unsent drafts.

Answers, their checks and the points of parts come back as they were. What was masked is looked over again
before it counts as masked: data that do not fit are dropped, and the filled form remains.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from desktop.drafting.checks import CheckReport, Repetition, Unsupported
from desktop.drafting.facts.values import FactKind
from desktop.drafting.long_input.notes import Notes
from desktop.drafting.long_input.reading import PartStatus
from desktop.drafting.requests import PartNote, Request, Turn
from desktop.drafting.session import DraftSession, State
from models.engine.protocol import FinishReason, Usage
from models.errors import UnmaskedValueError
from models.masking.masker import Masked, Masker
from models.masking.vault import Placeholder, Vault

Json = dict[str, Any]


def snapshot(session: DraftSession) -> Json:
    """The answers and notes of a session. Holds values: for the encrypted store alone."""
    turns = [_turn_json(turn, request) for turn, request in session.answers]
    return {
        "turns": turns,
        "sources": list(session.evidence.texts) if turns else [],
        "ticked": sorted(session.ticked) if turns else [],
        "confirmed_by": session.confirmed_by if session.state is State.CONFIRMED else "",
        "notes": session.notes.to_json(),
    }


def restore(session: DraftSession, data: Mapping[str, Any]) -> bool:
    """Bring answers and notes back into a session whose form is filled. False where there is no answer.

    What cannot be read is left out; it is never a reason not to open the draft.
    """
    try:
        session.notes = Notes.from_json(data.get("notes", {}), session.masker)
        rows = list(data.get("turns", []))
        turns = [_turn(row, session.masker, session.vault) for row in rows]
        asked = [_request(row, turn) for row, turn in zip(rows, turns, strict=True)]
        sources = [str(text) for text in data.get("sources", [])]
        ticked = {int(index) for index in data.get("ticked", [])}
    except (KeyError, TypeError, ValueError, AttributeError, UnmaskedValueError):
        return False
    if turns:
        session.take_up(turns, asked, sources=sources, ticked=ticked)
        confirmed_by = str(data.get("confirmed_by", ""))
        if confirmed_by and session.can_confirm:
            session.confirm_draft(confirmed_by)
    return bool(turns)


def _turn_json(turn: Turn, request: Request) -> Json:
    return {
        "request": turn.request.text,
        "completion": turn.completion_masked.text,
        "usage": asdict(turn.usage),
        "finish_reason": turn.finish_reason.value,
        "attempts": turn.attempts,
        "report": asdict(turn.report),
        "parts": [asdict(part) for part in turn.parts],
        "required": [(p.noun, p.number) for p in request.required],
        "required_values": list(request.required_values),
        "frame": request.frame,
    }


def _turn(row: Mapping[str, Any], masker: Masker, vault: Vault) -> Turn:
    request = masker.kept(str(row["request"]), vault)
    completion = masker.completion(str(row["completion"]))
    return Turn(
        request=request,
        spans=Masked(request, ()),
        completion_masked=completion,
        completion=vault.restore(completion.text).text,
        report=_report(row["report"]),
        usage=Usage(**row["usage"]),
        finish_reason=FinishReason(row["finish_reason"]),
        attempts=int(row["attempts"]),
        parts=tuple(_part(part) for part in row["parts"]),
    )


def _request(row: Mapping[str, Any], turn: Turn) -> Request:
    """The request behind an answer, so that another one can be asked for."""
    frame = row["frame"]
    return Request(
        "",
        None,
        masked=turn.spans,
        required=tuple(Placeholder(str(noun), int(number)) for noun, number in row["required"]),
        required_values=tuple(str(value) for value in row["required_values"]),
        frame=None if frame is None else str(frame),
    )


def _report(row: Mapping[str, Any]) -> CheckReport:
    return CheckReport(
        unsupported=tuple(
            Unsupported(int(f["start"]), int(f["end"]), str(f["text"]), FactKind(f["kind"]))
            for f in row["unsupported"]
        ),
        missing_placeholders=tuple(str(name) for name in row["missing_placeholders"]),
        unknown_placeholders=tuple(str(name) for name in row["unknown_placeholders"]),
        repetitions=tuple(Repetition(int(r["start"]), int(r["end"])) for r in row["repetitions"]),
        has_ended=bool(row["has_ended"]),
        unread_parts=tuple(str(mark) for mark in row["unread_parts"]),
        cut_parts=tuple(str(mark) for mark in row["cut_parts"]),
    )


def _part(row: Mapping[str, Any]) -> PartNote:
    return PartNote(
        str(row["mark"]), int(row["chars"]), PartStatus(row["status"]), tuple(str(p) for p in row["points"])
    )
