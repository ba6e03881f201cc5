"""The engine that runs a real model: llama.cpp's low-level functions, one conversation in memory.

What was read before is kept: the next prompt is read from the first token that differs. Reading goes
in slices with progress, and both reading and writing stop at once when told to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jinja2
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from models.engine.chat import Piece, Render, prompt_pieces
from models.engine.decoding import Conversation, Stopwatch, TextStream
from models.engine.native import Context, Model, Sampler
from models.engine.protocol import (
    Completion,
    FinishReason,
    GenerationParams,
    IsCancelled,
    LoadOptions,
    Message,
    ModelInfo,
    OnChunk,
    OnProgress,
    Usage,
)
from models.errors import (
    ChatTemplateError,
    ContextTooLongError,
    ModelFileBrokenError,
    ModelNotLoadedError,
    NotEnoughMemoryError,
)
from models.gguf_file import BrokenReason, GgufFile, read_gguf
from models.hardware import Plan, make_plan, this_pc

_REMEMBERED_ANSWERS: Final = 32


@dataclass
class _Loaded:
    """A model in memory and the conversation read with it."""

    info: ModelInfo
    model: Model
    conversation: Conversation
    render: Render
    answers: dict[str, list[int]]
    """Tokens of the completions written here, so that a follow-up meets the very same ones."""


class LlamaEngine:
    """Runs one GGUF model at a time through llama.cpp. Implements `Engine`."""

    def __init__(self) -> None:
        self._current: _Loaded | None = None

    def load(self, path: Path, options: LoadOptions) -> ModelInfo:
        """See `Engine.load`. `read_gguf` checks the file before llama.cpp sees it."""
        self.unload()
        file = read_gguf(path)
        plan = _plan(file, options)
        model, context = _open(path, plan, options)
        info = _model_info(path, file, model, context)
        self._current = _Loaded(info, model, Conversation(context), _renderer(model), {})
        return info

    def unload(self) -> None:
        """See `Engine.unload`."""
        if self._current is not None:
            self._current.conversation.close()
            self._current.model.close()
            self._current = None

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """See `Engine.count_tokens`."""
        return len(self.prompt_tokens(messages))

    def prompt_tokens(self, messages: Sequence[Message]) -> list[int]:
        """The tokens of the prompt that these messages make; raises like `count_tokens`."""
        return _prompt_tokens(self._loaded(), messages)

    def is_control(self, token: int) -> bool:
        """Whether a token steers the model and has no text of its own."""
        return self._loaded().model.is_control(token)

    def generate(
        self,
        messages: Sequence[Message],
        params: GenerationParams,
        *,
        on_progress: OnProgress,
        on_chunk: OnChunk,
        is_cancelled: IsCancelled,
    ) -> Completion:
        """See `Engine.generate`."""
        loaded = self._loaded()
        prompt = _prompt_tokens(loaded, messages)
        room = loaded.info.n_ctx - len(prompt)
        if room < params.needed_tokens:
            raise ContextTooLongError(
                prompt_tokens=len(prompt), max_tokens=params.needed_tokens, n_ctx=loaded.info.n_ctx
            )
        watch = Stopwatch()
        reused = loaded.conversation.read(prompt, on_progress=on_progress, is_cancelled=is_cancelled)
        prompt_ms = watch.lap_ms()
        if reused is None:
            return Completion("", FinishReason.CANCELLED, Usage(len(prompt), 0, prompt_ms, 0))
        stream = TextStream(on_chunk)
        written, reason = self._write(
            loaded, stream, params=params, limit=min(room, params.max_tokens), is_cancelled=is_cancelled
        )
        text = stream.close()
        _remember(loaded.answers, text, written)
        usage = Usage(len(prompt), len(written), prompt_ms, watch.lap_ms(), reused)
        return Completion(text, reason, usage)

    def _write(
        self,
        loaded: _Loaded,
        stream: TextStream,
        *,
        params: GenerationParams,
        limit: int,
        is_cancelled: IsCancelled,
    ) -> tuple[list[int], FinishReason]:
        sampler = Sampler(
            temperature=params.temperature, top_k=params.top_k, top_p=params.top_p, seed=params.seed
        )
        written: list[int] = []
        try:
            while len(written) < limit:
                token = sampler.sample(loaded.conversation.context)
                if loaded.model.is_end(token):
                    return written, FinishReason.STOP
                written.append(token)
                stream.add(loaded.model.piece(token))
                if len(written) < limit and not loaded.conversation.append(token, is_cancelled):
                    return written, FinishReason.CANCELLED
        finally:
            sampler.close()
        return written, FinishReason.LENGTH

    def _loaded(self) -> _Loaded:
        if self._current is None:
            raise ModelNotLoadedError
        return self._current


def _plan(file: GgufFile, options: LoadOptions) -> Plan:
    hardware = this_pc()
    plan = make_plan(
        file,
        hardware,
        n_ctx=options.n_ctx,
        n_threads=options.n_threads,
        n_batch=options.n_batch,
        kv_type=options.kv_type,
    )
    if not plan.fits(hardware):
        raise NotEnoughMemoryError(needed_bytes=plan.needed_bytes, free_bytes=hardware.free_bytes)
    return plan


def _open(path: Path, plan: Plan, options: LoadOptions) -> tuple[Model, Context]:
    try:
        model = Model(path, n_gpu_layers=options.n_gpu_layers)
    except OSError:
        raise ModelFileBrokenError(file_name=path.name, reason=BrokenReason.REFUSED) from None
    if not model.can_generate:
        model.close()
        raise ModelFileBrokenError(file_name=path.name, reason=BrokenReason.ARCHITECTURE)
    try:
        context = Context(
            model, n_ctx=plan.n_ctx, n_batch=plan.n_batch, n_threads=plan.n_threads, kv_type=options.kv_type
        )
    except MemoryError:
        model.close()
        free = this_pc().free_bytes
        raise NotEnoughMemoryError(needed_bytes=plan.needed_bytes, free_bytes=free) from None
    return model, context


def _model_info(path: Path, file: GgufFile, model: Model, context: Context) -> ModelInfo:
    return ModelInfo(
        name=str(file.metadata.get("general.name", path.stem)),
        architecture=file.architecture,
        n_ctx=context.n_ctx,
        n_ctx_train=model.n_ctx_train,
        n_vocab=model.n_vocab,
        size_bytes=file.size_bytes,
        has_chat_template=model.chat_template() is not None,
        n_params=model.n_params,
    )


def _renderer(model: Model) -> Render:
    """Renders with the model's own template, in jinja's sandbox; every failure is a ValueError.

    A template that is missing or cannot be read is told when it is first needed: counting and
    generating fail, but the model can be looked at.
    """
    template = model.chat_template()
    if template is None:
        return _refuse("missing")
    try:
        formatter = Jinja2ChatFormatter(template, eos_token=model.eos_text, bos_token=model.bos_text)
    except (jinja2.TemplateError, RecursionError):
        return _refuse("syntax")

    def render(turns: list[dict[str, str]]) -> str:
        messages: Any = turns
        try:
            # Thinking aloud costs minutes on a CPU; templates without the switch ignore it.
            prompt: str = formatter(messages=messages, enable_thinking=False).prompt
        except (jinja2.TemplateError, TypeError, LookupError, ArithmeticError, AttributeError) as error:
            raise ValueError("the template refused the messages") from error
        return prompt

    return render


def _refuse(reason: str) -> Render:
    def render(_turns: list[dict[str, str]]) -> str:
        raise ChatTemplateError(reason=reason)

    return render


def _prompt_tokens(loaded: _Loaded, messages: Sequence[Message]) -> list[int]:
    tokens: list[int] = []
    for piece in prompt_pieces(messages, loaded.render):
        tokens.extend(_piece_tokens(loaded, piece))
    model = loaded.model
    if model.adds_bos and tokens[:1] != [model.bos]:
        tokens.insert(0, model.bos)
    return tokens


def _piece_tokens(loaded: _Loaded, piece: Piece) -> list[int]:
    if not piece.is_frame and piece.text in loaded.answers:
        return loaded.answers[piece.text]
    return loaded.model.tokenize(piece.text, parse_special=piece.is_frame)


def _remember(answers: dict[str, list[int]], text: str, tokens: list[int]) -> None:
    answers.pop(text, None)
    answers[text] = tokens
    while len(answers) > _REMEMBERED_ANSWERS:
        del answers[next(iter(answers))]
