"""The wire format between the window (or the terminal) and a worker process.

One JSON object a line, over the child's stdin and stdout; no port, no pickle. JSON is written in
ASCII, so lone surrogates and every control character travel unharmed and a newline ends a frame
for certain. Each frame names the protocol's version; another version is refused, not guessed at.

Frames to the worker: `Request`, `Cancel`. Frames from it: `Ready` once, then for every request any
number of `Event` and exactly one `Result` or `Failure`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from models.engine.protocol import Completion, FinishReason, GenerationParams, Message, Role, Usage
from models.errors import ERRORS_BY_CODE, ModelsError, ProtocolError, WorkerBugError
from models.masking.entities import EntityType, Span
from models.masking.text import seal

PROTOCOL_VERSION: Final = 1
MAX_FRAME_BYTES: Final = 64 * 1024 * 1024

Json = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """A call: `op` names a handler of the worker."""

    id: str
    op: str
    params: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Cancel:
    """Stop request `id`; it then fails with `cancelled` or finishes, whichever is first."""

    id: str


@dataclass(frozen=True)
class Ready:
    """The worker reads requests."""

    worker: str
    pid: int


@dataclass(frozen=True)
class Event:
    """Something on the way to the result: `progress`, `chunk`, `partial`."""

    id: str
    name: str
    payload: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """The request is done."""

    id: str
    payload: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """The request is over without a result: an error's code and typed fields."""

    id: str
    code: str
    fields: Json = field(default_factory=dict)

    def to_error(self) -> ModelsError:
        """The error this frame stands for."""
        error = ERRORS_BY_CODE.get(self.code)
        if error is None:
            return WorkerBugError("", self.code)
        try:
            return error(**self.fields)
        except TypeError:
            return ProtocolError("failure_fields")


Frame = Request | Cancel | Ready | Event | Result | Failure
_KINDS: Final[dict[str, type[Frame]]] = {
    "request": Request,
    "cancel": Cancel,
    "ready": Ready,
    "event": Event,
    "result": Result,
    "failure": Failure,
}
_NAMES: Final = {cls: name for name, cls in _KINDS.items()}


def encode(frame: Frame) -> bytes:
    """One frame as a line of ASCII, newline included.

    Raises:
        ProtocolError: The frame is larger than `MAX_FRAME_BYTES`.
    """
    body = {"v": PROTOCOL_VERSION, "kind": _NAMES[type(frame)], **vars(frame)}
    line = json.dumps(body, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"
    if len(line) > MAX_FRAME_BYTES:
        raise ProtocolError("frame_too_large")
    return line


def decode(line: bytes) -> Frame:
    """The frame of one line.

    Raises:
        ProtocolError: Not JSON, another version, an unknown kind or wrong fields.
    """
    try:
        body = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("not_json") from error
    if not isinstance(body, dict):
        raise ProtocolError("not_an_object")
    if body.pop("v", None) != PROTOCOL_VERSION:
        raise ProtocolError("version")
    kind = _KINDS.get(str(body.pop("kind", None)))
    if kind is None:
        raise ProtocolError("kind")
    try:
        frame = kind(**body)
    except TypeError as error:
        raise ProtocolError("fields") from error
    types: dict[str, type] = {"params": dict, "payload": dict, "fields": dict, "pid": int}
    if not all(isinstance(value, types.get(name, str)) for name, value in vars(frame).items()):
        raise ProtocolError("field_types")
    return frame


class FrameReader:
    """Cuts a stream of bytes into frames, however the pipe chops it."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, chunk: bytes) -> list[Frame]:
        """The frames completed by this chunk.

        Raises:
            ProtocolError: A line is not a frame, or never ends.
        """
        self._buffer += chunk
        if b"\n" not in chunk:
            if len(self._buffer) > MAX_FRAME_BYTES:
                raise ProtocolError("frame_too_large")
            return []
        *lines, rest = bytes(self._buffer).split(b"\n")
        self._buffer = bytearray(rest)
        return [decode(line) for line in lines if line.strip()]


def span_to_json(span: Span) -> Json:
    """A span as plain data."""
    return {
        "start": span.start,
        "end": span.end,
        "label": span.entity_type.value,
        "score": span.score,
        "sources": list(span.sources),
        "person": span.person,
    }


def span_from_json(row: Mapping[str, Any]) -> Span:
    """The span of `span_to_json`.

    Raises:
        ProtocolError: Not such a row.
    """
    try:
        return Span(
            int(row["start"]),
            int(row["end"]),
            EntityType(row["label"]),
            score=float(row["score"]),
            sources=tuple(row["sources"]),
            person=str(row["person"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ProtocolError("span") from error


def messages_to_json(messages: Sequence[Message]) -> list[Json]:
    """Masked messages as plain data: the only text that goes to the engine."""
    return [{"role": message.role.value, "masked": message.text.text} for message in messages]


def messages_from_json(rows: Sequence[Mapping[str, Any]]) -> list[Message]:
    """The messages of `messages_to_json`, on the engine's side of the pipe.

    Raises:
        ProtocolError: Not such rows.
    """
    try:
        return [Message(Role(row["role"]), seal(str(row["masked"]))) for row in rows]
    except (KeyError, TypeError, ValueError) as error:
        raise ProtocolError("messages") from error


def params_from_json(row: Mapping[str, Any]) -> GenerationParams:
    """Generation parameters from plain data.

    Raises:
        ProtocolError: Unknown names.
    """
    try:
        return GenerationParams(**row)
    except TypeError as error:
        raise ProtocolError("params") from error


def completion_to_json(completion: Completion) -> Json:
    """A completion as plain data."""
    return {
        "text": completion.text,
        "finish_reason": completion.finish_reason.value,
        "usage": vars(completion.usage),
    }


def completion_from_json(row: Mapping[str, Any]) -> Completion:
    """The completion of `completion_to_json`.

    Raises:
        ProtocolError: Not such a row.
    """
    try:
        return Completion(str(row["text"]), FinishReason(row["finish_reason"]), Usage(**row["usage"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ProtocolError("completion") from error
