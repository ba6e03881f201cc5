"""What servers answer: pieces of text as they are written, lists of models, refusals.

Written against llama.cpp's own server, llama-cpp-python's and vLLM, which all follow OpenAI's interface
(https://platform.openai.com/docs/api-reference/chat) and differ where a prompt is too long. Nothing of a
server's words goes into an error: it may repeat the prompt.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from models.engine.protocol import FinishReason
from models.errors import ServerFault

MAX_REFUSAL_BYTES: Final = 65_536
MAX_LINE_BYTES: Final = 1024 * 1024
_FAULTS: Final = {
    401: ServerFault.UNAUTHORIZED,
    403: ServerFault.UNAUTHORIZED,
    404: ServerFault.MODEL_UNKNOWN,
    408: ServerFault.BUSY,
    429: ServerFault.BUSY,
    503: ServerFault.BUSY,
}
_LIMIT: Final = re.compile(r"maximum context length is (\d+)|context window of (\d+)")
_PROMPT: Final = re.compile(r"(\d+) in the messages|has (\d+) input tokens|[Rr]equested tokens \((\d+)\)")
_TOO_LONG_CODES: Final = frozenset({"context_length_exceeded", "exceed_context_size_error"})


class MalformedAnswerError(Exception):
    """The server does not speak the interface that it should."""


@dataclass(frozen=True)
class Piece:
    """What one event of the stream brings.

    Attributes:
        text: Further text.
        finish_reason: Why the completion ended; None while it goes on.
        usage: OpenAI's usage object, where the server sends one.
        refusal: OpenAI's error object, where something went wrong after the beginning.
    """

    text: str = ""
    finish_reason: FinishReason | None = None
    usage: Mapping[str, Any] | None = None
    refusal: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class TooLong:
    """A prompt that the server says does not fit; 0 where it does not say how many tokens."""

    prompt_tokens: int
    n_ctx: int


def pieces_of(chunks: Iterable[bytes]) -> Iterator[Piece]:
    """The events of a stream (text/event-stream) until its `[DONE]`.

    Lines are cut at line feeds alone: JSON may hold any other separator as it is (U+2028 and the like).

    Raises:
        MalformedAnswerError: An event is no JSON of the interface.
    """
    for line in _lines(chunks):
        name, _, value = line.partition(b":")
        if name != b"data":
            continue  # comments that keep the connection open, names and numbers of events
        value = value.strip()
        if value == b"[DONE]":
            return
        yield _piece(_object(value))


def model_names(body: bytes) -> tuple[str, ...]:
    """The models that a server offers, by its answer to `/models`.

    Raises:
        MalformedAnswerError: It is no such list.
    """
    try:
        return tuple(str(model["id"]) for model in _object(body)["data"])
    except (KeyError, TypeError) as error:
        raise MalformedAnswerError from error


def fault_of(status: int) -> ServerFault:
    """What a status other than 200 says."""
    if status in _FAULTS:
        return _FAULTS[status]
    if status < 400:
        return ServerFault.REDIRECTED if status >= 300 else ServerFault.MALFORMED
    return ServerFault.SERVER_ERROR if status >= 500 else ServerFault.REQUEST_REFUSED


def refusal_in(body: bytes) -> Mapping[str, Any]:
    """OpenAI's error object in the body of a refusal; empty where there is none."""
    try:
        refusal = _object(body)
    except MalformedAnswerError:
        return {}
    inner = refusal.get("error")
    return inner if isinstance(inner, dict) else refusal


def too_long_in(refusal: Mapping[str, Any]) -> TooLong | None:
    """Whether a refusal means that the prompt does not fit."""
    message = str(refusal.get("message", ""))
    limit, prompt = _number(_LIMIT, message), _number(_PROMPT, message)
    if not limit and not _TOO_LONG_CODES & {str(refusal.get("code")), str(refusal.get("type"))}:
        return None
    told_prompt, told_limit = refusal.get("n_prompt_tokens"), refusal.get("n_ctx")
    return TooLong(
        told_prompt if isinstance(told_prompt, int) else prompt,
        told_limit if isinstance(told_limit, int) else limit,
    )


def _number(pattern: re.Pattern[str], message: str) -> int:
    found = pattern.search(message)
    return int(next(filter(None, found.groups()), 0)) if found else 0


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
        if len(rest) > MAX_LINE_BYTES:
            raise MalformedAnswerError
    yield rest


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedAnswerError from error
    if not isinstance(value, dict):
        raise MalformedAnswerError
    return value


def _piece(event: Mapping[str, Any]) -> Piece:
    if isinstance(refusal := event.get("error"), dict):
        return Piece(refusal=refusal)
    usage = event.get("usage")
    usage = usage if isinstance(usage, dict) else None
    choices = event.get("choices")
    if not isinstance(choices, list):
        raise MalformedAnswerError
    if not choices:
        return Piece(usage=usage)  # the last event of a server that counts tokens
    choice = choices[0]
    delta = choice.get("delta") if isinstance(choice, dict) else None
    text = delta.get("content") if isinstance(delta, dict) else None
    if not isinstance(delta, dict) or not isinstance(text, str | None):
        raise MalformedAnswerError
    reason = choice.get("finish_reason")
    finish = None if reason is None else FinishReason.STOP if reason == "stop" else FinishReason.LENGTH
    return Piece(_whole(text or ""), finish, usage)


def _whole(text: str) -> str:
    """The text without halves of surrogate pairs, which no document can hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
