"""The engine that is a server in the building: masked messages go there, a completion comes back."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, NoReturn

from models.engine.protocol import (
    Completion,
    FinishReason,
    GenerationParams,
    InferenceServer,
    IsCancelled,
    LoadOptions,
    Message,
    ModelInfo,
    OnChunk,
    OnProgress,
    RuntimeInfo,
    Usage,
)
from models.errors import ContextTooLongError, InferenceServerError, ModelNotLoadedError, ServerFault
from models.inference_server.answers import (
    MAX_REFUSAL_BYTES,
    MalformedAnswerError,
    Piece,
    TooLong,
    fault_of,
    model_names,
    pieces_of,
    refusal_in,
    too_long_in,
)
from models.inference_server.connection import Address, Connection

LOAD_LIMIT_S: Final = 30
"""Longest silence when the server is only asked what it has."""
MESSAGE_TOKENS: Final = 8
"""What a chat template adds to a message, at most, in the estimate of `count_tokens`."""


class ServerEngine:
    """Implements `Engine` with an OpenAI-compatible server. Each call is one connection.

    Nothing is kept between calls but where the server is. Where it cannot be reached, that is the error;
    the text goes nowhere else. Every method raises `InferenceServerError` where the server does not do what
    it should.
    """

    def __init__(self) -> None:
        self._server: InferenceServer | None = None

    def load(self, path: Path, options: LoadOptions) -> ModelInfo:
        """Ask the server whether it has the model. A later call may succeed although this one failed.

        Raises:
            ModelNotLoadedError: `options` name no server.
        """
        if options.server is None:
            raise ModelNotLoadedError
        self._server = server = options.server
        address = Address(server)
        patience = _Patience(address, min(LOAD_LIMIT_S, server.timeout_s), lambda: False)
        with Connection(address, watch=patience.check) as connection:
            answer = connection.ask("GET", "/models", key=_key(server))
            body = b"".join(connection.body())
        if answer.status_code != 200:
            raise address.fault(fault_of(answer.status_code), answer.status_code)
        try:
            names = model_names(body)
        except MalformedAnswerError as error:
            raise address.fault(ServerFault.MALFORMED) from error
        if server.model not in names:
            raise address.fault(ServerFault.MODEL_UNKNOWN)
        return ModelInfo(
            name=server.model,
            architecture="",
            n_ctx=server.n_ctx,
            n_ctx_train=server.n_ctx,
            n_vocab=0,
            size_bytes=0,
            has_chat_template=True,
        )

    def prepare_prefix(
        self, messages: Sequence[Message], *, on_progress: OnProgress, is_cancelled: IsCancelled
    ) -> int:
        """See `Engine.prepare_prefix`: nothing is sent before a person confirmed it, so nothing is known."""
        self._loaded()
        return 0

    def generate(
        self,
        messages: Sequence[Message],
        params: GenerationParams,
        *,
        on_progress: OnProgress,
        on_chunk: OnChunk,
        is_cancelled: IsCancelled,
    ) -> Completion:
        """See `Engine.generate`. The server reads unseen, so `on_progress` is not called."""
        server = self._loaded()
        call = _Call(server, messages, on_chunk, is_cancelled)
        try:
            return call.write(params)
        except _PromptTooLongError as error:
            limit = error.found.n_ctx or server.n_ctx
            prompt = error.found.prompt_tokens or max(self.count_tokens(messages), limit)
            room = limit - prompt
            if not error.found.prompt_tokens or not params.needed_tokens <= room < params.max_tokens:
                raise ContextTooLongError(prompt, params.needed_tokens, limit) from None
        # The prompt fits, only less may be written than was asked for: vLLM leaves that to its client.
        try:
            return call.write(replace(params, max_tokens=room))
        except _PromptTooLongError:
            raise ContextTooLongError(prompt, params.needed_tokens, limit) from None

    def runtime(self) -> RuntimeInfo:
        """What runs the model: the server."""
        return RuntimeInfo(library="OpenAI-compatible server", cpu_features=())

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """A cautious estimate, one token a character: the interface has no way to count."""
        self._loaded()
        return sum(len(message.text.text) + MESSAGE_TOKENS for message in messages)

    def unload(self) -> None:
        """Forget the server."""
        self._server = None

    def _loaded(self) -> InferenceServer:
        if self._server is None:
            raise ModelNotLoadedError
        return self._server


class _StoppedError(Exception):
    """The person stopped the call."""


class _PromptTooLongError(Exception):
    def __init__(self, found: TooLong) -> None:
        super().__init__()
        self.found = found


class _Patience:
    """Gives up where the person stops, or where nothing of use came for too long."""

    def __init__(self, address: Address, limit_s: float, is_cancelled: Callable[[], bool]) -> None:
        self._address, self._limit_s, self._is_cancelled = address, limit_s, is_cancelled
        self.renew()

    def renew(self) -> None:
        """Something came."""
        self._until = time.monotonic() + self._limit_s

    def check(self) -> None:
        """Raise where it is over."""
        if self._is_cancelled():
            raise _StoppedError
        if time.monotonic() > self._until:
            raise self._address.fault(ServerFault.SILENT)


@dataclass
class _Written:
    """What came so far, and when."""

    pieces: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    first: float = 0.0
    finish: FinishReason | None = None
    usage: dict[str, Any] = field(default_factory=dict)

    def take(self, piece: Piece) -> None:
        """Add what an event brought."""
        if piece.text:
            self.first = self.first or time.monotonic()
            self.pieces.append(piece.text)
        self.finish = piece.finish_reason or self.finish
        self.usage.update(piece.usage or {})

    def completion(self, finish: FinishReason) -> Completion:
        """All of it; servers that count no tokens have written about one a piece."""
        now = time.monotonic()
        first = self.first or now
        details = self.usage.get("prompt_tokens_details")
        usage = Usage(
            prompt_tokens=_count(self.usage.get("prompt_tokens")),
            completion_tokens=_count(self.usage.get("completion_tokens")) or len(self.pieces),
            prompt_ms=round((first - self.started) * 1000),
            completion_ms=round((now - first) * 1000),
            reused_tokens=_count(details.get("cached_tokens")) if isinstance(details, dict) else 0,
        )
        return Completion("".join(self.pieces), finish, usage)


class _Call:
    """One completion asked for."""

    def __init__(
        self,
        server: InferenceServer,
        messages: Sequence[Message],
        on_chunk: OnChunk,
        is_cancelled: IsCancelled,
    ) -> None:
        self._server, self._address = server, Address(server)
        self._messages = [{"role": message.role.value, "content": message.text.text} for message in messages]
        self._on_chunk, self._is_cancelled = on_chunk, is_cancelled

    def write(self, params: GenerationParams) -> Completion:
        """Have it written.

        Raises:
            _PromptTooLongError: The server says so.
        """
        written = _Written()
        try:
            finish = self._stream(params, written)
        except _StoppedError:
            return written.completion(FinishReason.CANCELLED)
        except InferenceServerError as error:
            if error.reason == ServerFault.INTERRUPTED and not written.pieces:
                self._ask_why(params)
            raise
        return written.completion(finish)

    def _stream(self, params: GenerationParams, written: _Written) -> FinishReason:
        patience = _Patience(self._address, self._server.timeout_s, self._is_cancelled)
        with Connection(self._address, watch=patience.check) as connection:
            self._ask(connection, self._request(params, is_stream=True))
            try:
                for piece in pieces_of(connection.body()):
                    patience.renew()
                    if piece.refusal is not None:
                        self._refuse(ServerFault.SERVER_ERROR, 200, piece.refusal)
                    written.take(piece)
                    if piece.text:
                        self._on_chunk(piece.text)
            except MalformedAnswerError as error:
                raise self._address.fault(ServerFault.MALFORMED) from error
        if written.finish is None:  # another person's request may have pushed this one aside
            raise self._address.fault(ServerFault.INTERRUPTED)
        return written.finish

    def _ask_why(self, params: GenerationParams) -> None:
        """Ask again for one token and without a stream.

        llama-cpp-python's server opens the stream before it reads the prompt, and where that is too long
        just drops the connection; without a stream it says so.
        """
        patience = _Patience(self._address, self._server.timeout_s, self._is_cancelled)
        try:
            with Connection(self._address, watch=patience.check) as connection:
                self._ask(connection, self._request(replace(params, max_tokens=1), is_stream=False))
        except _StoppedError:
            return

    def _ask(self, connection: Connection, request: dict[str, Any]) -> None:
        body = json.dumps(request, ensure_ascii=True).encode("ascii")
        answer = connection.ask("POST", "/chat/completions", body=body, key=_key(self._server))
        if answer.status_code == 200:
            kind = dict(answer.headers).get(b"content-type", b"")
            if request["stream"] and not kind.startswith(b"text/event-stream"):
                raise self._address.fault(ServerFault.MALFORMED, answer.status_code)
            return
        refusal = b""
        for chunk in connection.body():
            refusal += chunk
            if len(refusal) > MAX_REFUSAL_BYTES:
                break
        self._refuse(fault_of(answer.status_code), answer.status_code, refusal_in(refusal))

    def _refuse(self, fault: ServerFault, status: int, refusal: Any) -> NoReturn:
        if found := too_long_in(refusal):
            raise _PromptTooLongError(found)
        raise self._address.fault(fault, status)

    def _request(self, params: GenerationParams, *, is_stream: bool) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self._server.model,
            "messages": self._messages,
            "max_tokens": params.max_tokens,
            "temperature": params.temperature,
            "stream": is_stream,
        }
        if params.temperature > 0:
            request |= {"top_p": params.top_p, "top_k": params.top_k, "seed": params.seed}
        if is_stream:
            request["stream_options"] = {"include_usage": True}
        return request


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _key(server: InferenceServer) -> str:
    """The first line of the key file; read for each call, so that a new key needs no restart.

    Raises:
        InferenceServerError: It cannot be read, or holds no key.
    """
    if not server.key_file:
        return ""
    try:
        key = Path(server.key_file).read_text("utf-8-sig").splitlines()[0].strip()
    except (OSError, UnicodeDecodeError, IndexError) as error:
        raise Address(server).fault(ServerFault.KEY_FILE) from error
    if not key or not key.isascii() or not key.isprintable():
        raise Address(server).fault(ServerFault.KEY_FILE)
    return key
