"""The engine that runs a real model: llama.cpp's low-level functions, one conversation in memory.

What was read before is kept: the next prompt is read from the first token that differs. Reading goes
in slices with progress, and both reading and writing stop at once when told to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import jinja2
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from models.engine.chat import Piece, Render, prompt_pieces, up_to_last_text
from models.engine.crash_marker import CrashMarker
from models.engine.decoding import Conversation, Stopwatch, TextStream, common_prefix, stopping
from models.engine.gpus import GpuFound, find_gpu
from models.engine.lookup import GuessMeter, NgramIndex
from models.engine.native.context import Context
from models.engine.native.library import cpu_features, library_version, start_backend
from models.engine.native.model import Model
from models.engine.native.sampler import Sampler
from models.engine.prefixes import PrefixStore, prefix_key
from models.engine.protocol import (
    Completion,
    FinishReason,
    GenerationParams,
    GpuState,
    IsCancelled,
    LoadOptions,
    Message,
    ModelInfo,
    OnChunk,
    OnProgress,
    RuntimeInfo,
    Usage,
)
from models.engine.writing import Writer
from models.errors import (
    ChatTemplateError,
    ContextTooLongError,
    DecodeFailedError,
    ModelFileBrokenError,
    ModelNotLoadedError,
    NotEnoughMemoryError,
)
from models.gguf_file import BrokenReason, GgufFile, read_gguf
from models.hardware import Hardware, Plan, make_plan, this_pc

_REMEMBERED_ANSWERS: Final = 32
_MIN_KEPT_TOKENS: Final = 32
_PREFIXES: Final = "prefixes"
_MARKERS: Final = "working"


@dataclass
class _Loaded:
    """A model in memory and the conversation read with it."""

    path: Path
    identity: object
    info: ModelInfo
    model: Model
    conversation: Conversation
    render: Render
    prefixes: PrefixStore | None
    gpu: GpuFound
    """As it was before the model was loaded."""
    answers: dict[str, list[int]] = field(default_factory=dict)
    """Tokens of the completions written here, so that a follow-up meets the very same ones."""
    meter: GuessMeter = field(default_factory=GuessMeter)


class LlamaEngine:
    """Runs one GGUF model at a time through llama.cpp. Implements `Engine`."""

    def __init__(
        self, *, look: Callable[..., Hardware] = this_pc, find: Callable[[], GpuFound] = find_gpu
    ) -> None:
        """Make an engine without a model.

        Args:
            look: Measures the PC when a model is loaded; tests bring PCs of their own.
            find: Finds the GPU to use; tests bring one.
        """
        self._look = look
        self._find = find
        self._marker = CrashMarker(None)
        self._current: _Loaded | None = None

    def load(self, path: Path, options: LoadOptions) -> ModelInfo:
        """See `Engine.load`. `read_gguf` checks the file before llama.cpp sees it.

        What is loaded already, unchanged and with the same options, stays with all that was read.
        """
        identity = _identity(path, options)
        if identity is not None and self._current is not None and self._current.identity == identity:
            return self._current.info
        self.unload()
        folder = Path(options.state_folder) if options.state_folder else None
        self._marker = CrashMarker(folder / _MARKERS if folder else None)
        if options.is_retry:
            self._marker.forgive(path)
        if options.tries_gpu_again:
            self._marker.forgive_gpu()
        file = read_gguf(path)
        self._marker.check(path)
        gpu = self._find_gpu()
        try:
            model, context, plan = self._open(path, file, options, gpu)
        except (ModelFileBrokenError, NotEnoughMemoryError, DecodeFailedError):
            # A driver tells little: memory that another program took, or a fault of its own.
            if gpu.device is None or options.n_gpu_layers:
                raise
            gpu = GpuFound(GpuState.REFUSED)
            model, context, plan = self._open(path, file, options, gpu)
        info = _model_info(path, file, model, context, sha256=options.sha256)
        prefixes = _prefix_store(folder / _PREFIXES, path, info, plan) if folder else None
        conversation = Conversation(context)
        self._current = _Loaded(path, identity, info, model, conversation, _renderer(model), prefixes, gpu)
        return info

    def _find_gpu(self) -> GpuFound:
        if self._marker.lets_gpu_rest():
            return GpuFound(GpuState.RESTING)
        start_backend()  # the processor's part, whose faults are not the GPU's
        with self._marker.opening_gpu():
            return self._find()

    def _open(
        self, path: Path, file: GgufFile, options: LoadOptions, gpu: GpuFound
    ) -> tuple[Model, Context, Plan]:
        hardware = self._look(gpu_free_bytes=gpu.free_bytes)
        plan = _plan(file, options, hardware)
        with self._working_on(path, on_gpu=gpu.device is not None and plan.n_gpu_layers != 0):
            return *_open(path, plan, hardware, gpu), plan

    def unload(self) -> None:
        """See `Engine.unload`."""
        if self._current is not None:
            self._current.conversation.close()
            self._current.model.close()
            self._current = None

    def runtime(self) -> RuntimeInfo:
        """See `Engine.runtime`."""
        gpu = self._current.gpu if self._current is not None else self._find_gpu()
        return RuntimeInfo(
            library=f"llama.cpp {library_version()}",
            cpu_features=cpu_features(),
            gpu=gpu.state,
            gpu_name=gpu.device.name if gpu.device else "",
            gpu_free_bytes=gpu.free_bytes,
        )

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """See `Engine.count_tokens`."""
        return len(self.prompt_tokens(messages))

    def prompt_tokens(self, messages: Sequence[Message]) -> list[int]:
        """The tokens of the prompt that these messages make; raises like `count_tokens`."""
        loaded = self._loaded()
        return _tokens(loaded, prompt_pieces(messages, loaded.render))

    def is_control(self, token: int) -> bool:
        """Whether a token steers the model and has no text of its own."""
        return self._loaded().model.is_control(token)

    def prepare_prefix(
        self, messages: Sequence[Message], *, on_progress: OnProgress, is_cancelled: IsCancelled
    ) -> int:
        """See `Engine.prepare_prefix`."""
        loaded = self._loaded()
        tokens = _tokens(loaded, up_to_last_text(prompt_pieces(messages, loaded.render)))
        _check_room(loaded, tokens, 1)
        with self._working_on(loaded.path, on_gpu=loaded.model.is_on_gpu):
            self._bring_back(loaded, tokens)
            reused = loaded.conversation.read(tokens, on_progress=on_progress, is_cancelled=is_cancelled)
        if reused is None:
            return 0
        is_worth_it = len(tokens) >= _MIN_KEPT_TOKENS
        if loaded.prefixes is not None and is_worth_it and not loaded.prefixes.has(tokens):
            loaded.prefixes.save(tokens, lambda path: loaded.conversation.context.save(path, tokens))
        return len(tokens)

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
        prompt = self.prompt_tokens(messages)
        room = _check_room(loaded, prompt, params.needed_tokens)
        with self._working_on(loaded.path, on_gpu=loaded.model.is_on_gpu):
            watch = Stopwatch()
            self._bring_back(loaded, prompt)
            reused = loaded.conversation.read(prompt, on_progress=on_progress, is_cancelled=is_cancelled)
            prompt_ms = watch.lap_ms()
            if reused is None:
                return Completion("", FinishReason.CANCELLED, Usage(len(prompt), 0, prompt_ms, 0))
            stream = TextStream(on_chunk)
            written, reason = _write(
                loaded, stream, params, limit=min(room, params.max_tokens), is_cancelled=is_cancelled
            )
        text = stream.close()
        _remember(loaded.answers, text, written)
        usage = Usage(len(prompt), len(written), prompt_ms, watch.lap_ms(), reused)
        return Completion(text, reason, usage)

    def withdraw_note(self) -> None:
        """What ends the process from now on is no crash: somebody ends it. Called from another thread."""
        self._marker.withdraw()

    def _working_on(self, path: Path, *, on_gpu: bool) -> AbstractContextManager[None]:
        return self._marker.working_on_gpu() if on_gpu else self._marker.working_on(path)

    def _bring_back(self, loaded: _Loaded, prompt: Sequence[int]) -> None:
        """Load a kept state where it saves more reading than what is in memory."""
        found = loaded.prefixes.best(prompt) if loaded.prefixes is not None else None
        if loaded.prefixes is None or found is None:
            return
        saved, length = found
        in_memory = common_prefix(loaded.conversation.tokens, prompt)
        if length < in_memory + _MIN_KEPT_TOKENS or not loaded.prefixes.verified(saved):
            return
        context = loaded.conversation.context
        if not loaded.conversation.restore(lambda: context.restore(saved.path)):
            loaded.prefixes.forget(saved)

    def _loaded(self) -> _Loaded:
        if self._current is None:
            raise ModelNotLoadedError
        return self._current


def _write(
    loaded: _Loaded,
    stream: TextStream,
    params: GenerationParams,
    *,
    limit: int,
    is_cancelled: IsCancelled,
) -> tuple[list[int], FinishReason]:
    sampler = Sampler(
        temperature=params.temperature, top_k=params.top_k, top_p=params.top_p, seed=params.seed
    )
    index = None
    if params.is_lookup_allowed and loaded.model.can_rewind:
        index = NgramIndex()
        index.extend(loaded.conversation.tokens)
    writer = Writer(
        conversation=loaded.conversation,
        pick=lambda index: sampler.sample(loaded.conversation.context, index),
        is_end=loaded.model.is_end,
        piece=loaded.model.piece,
        stream=stream,
        is_cancelled=is_cancelled,
        index=index,
        meter=loaded.meter,
    )
    try:
        with stopping(loaded.conversation.context, is_cancelled):
            reason = writer.run(limit)
    finally:
        sampler.close()
    return writer.written, reason


def _check_room(loaded: _Loaded, prompt: Sequence[int], needed: int) -> int:
    """Tokens left for the answer."""
    room = loaded.info.n_ctx - len(prompt)
    if room < needed:
        raise ContextTooLongError(prompt_tokens=len(prompt), max_tokens=needed, n_ctx=loaded.info.n_ctx)
    return room


def _identity(path: Path, options: LoadOptions) -> object:
    """What tells one loaded model from another; None where the file cannot be looked at."""
    try:
        status = path.stat()
    except OSError:
        return None
    return (
        path.absolute(),
        status.st_size,
        status.st_mtime_ns,
        replace(options, is_retry=False, tries_gpu_again=False),
    )


def _prefix_store(folder: Path, path: Path, info: ModelInfo, plan: Plan) -> PrefixStore:
    status = path.stat()
    # Without a digest, size and time of change stand for the file; an edited file is another one.
    file = info.sha256 or f"{path.absolute()} {status.st_size} {status.st_mtime_ns}"
    # A GPU lays a state out in another way, and rounds in another way.
    where = ("gpu",) if plan.n_gpu_layers else ()
    return PrefixStore(folder, prefix_key(file, info.n_ctx, plan.kv_type, library_version(), *where))


def _plan(file: GgufFile, options: LoadOptions, hardware: Hardware) -> Plan:
    plan = make_plan(
        file,
        hardware,
        n_ctx=options.n_ctx,
        n_threads=options.n_threads,
        n_batch=options.n_batch,
        kv_type=options.kv_type,
        n_gpu_layers=options.n_gpu_layers,
    )
    if not plan.fits(hardware):
        raise NotEnoughMemoryError(needed_bytes=plan.needed_bytes, free_bytes=hardware.free_bytes)
    return plan


def _open(path: Path, plan: Plan, hardware: Hardware, gpu: GpuFound) -> tuple[Model, Context]:
    handle = gpu.device.handle if gpu.device else None
    try:
        model = Model(
            path,
            gpu=handle,
            n_gpu_layers=plan.n_gpu_layers,
            is_repacked=plan.is_repacked,
            n_mapped_layers=plan.n_mapped_layers,
        )
    except OSError:
        raise ModelFileBrokenError(file_name=path.name, reason=BrokenReason.REFUSED) from None
    except MemoryError:
        raise _no_memory(plan, hardware) from None
    if not model.can_generate:
        model.close()
        raise ModelFileBrokenError(file_name=path.name, reason=BrokenReason.ARCHITECTURE)
    try:
        context = Context(
            model, n_ctx=plan.n_ctx, n_batch=plan.n_batch, n_threads=plan.n_threads, kv_type=plan.kv_type
        )
    except MemoryError:
        model.close()
        raise _no_memory(plan, hardware) from None
    if model.is_on_gpu and not context.warm_up():
        context.close()
        model.close()
        raise DecodeFailedError(status=-1)
    return model, context


def _no_memory(plan: Plan, hardware: Hardware) -> NotEnoughMemoryError:
    """The system refused what it had told to be free: a limit on the process, or another was quicker."""
    free = min(hardware.free_bytes, this_pc().free_bytes, plan.needed_bytes)
    return NotEnoughMemoryError(needed_bytes=plan.needed_bytes, free_bytes=free)


def _model_info(path: Path, file: GgufFile, model: Model, context: Context, *, sha256: str) -> ModelInfo:
    return ModelInfo(
        name=str(file.metadata.get("general.name", path.stem)),
        architecture=file.architecture,
        n_ctx=context.n_ctx,
        n_ctx_train=model.n_ctx_train,
        n_vocab=model.n_vocab,
        size_bytes=file.size_bytes,
        has_chat_template=model.chat_template() is not None,
        sha256=sha256,
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


def _tokens(loaded: _Loaded, pieces: Sequence[Piece]) -> list[int]:
    tokens: list[int] = []
    for piece in pieces:
        tokens.extend(_piece_tokens(loaded, piece))
    model = loaded.model
    if model.adds_bos and tokens[:1] != [model.bos]:
        tokens.insert(0, model.bos)
    if not tokens:  # a template without a frame, and empty texts: there is nothing to go on from
        raise ChatTemplateError(reason="altered")
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
