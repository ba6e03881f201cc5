"""What this PC has, what a model needs, and the plan that follows: numbers and verdicts, no words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import psutil

from models.gguf_file import GgufFile

AUTO_N_CTX: Final = 8_192
"""Longest context that is chosen unasked: more costs memory that most drafts never use."""

COMFORTABLE_N_CTX: Final = 4_096
"""Context that a filled form with attachments and its answer need: kept before speed where memory is short."""

_MIN_N_CTX: Final = 2_048
_Q8_BLOCK: Final = 32
_KEEP_FREE_ON_GPU: Final = 0.9
_CTX_PAD: Final = 256
_N_BATCH: Final = 256
_SMALL_MODEL_BYTES: Final = 64 << 20
_FIXED_BYTES: Final = 48 << 20
_KV_BYTES_PER_ELEMENT: Final[Mapping[str, float]] = {"f16": 2.0, "q8_0": 34 / 32, "f32": 4.0}
_KEEP_FREE: Final = 0.95
_ROOMY: Final = 1.3
_MAPPED_SHARE: Final = 1 / 3


@dataclass(frozen=True)
class Hardware:
    """This PC, as far as a model cares.

    Attributes:
        physical_cores: Cores without hyper-threading.
        logical_cores: Cores the system shows.
        total_bytes: Memory built in.
        free_bytes: Memory that programs can still get.
        gpu_free_bytes: Free memory of the largest GPU that llama.cpp can use; 0 without one.
    """

    physical_cores: int
    logical_cores: int
    total_bytes: int
    free_bytes: int
    gpu_free_bytes: int = 0


def this_pc(*, gpu_free_bytes: int = 0) -> Hardware:
    """Measure now; free memory changes all the time. Of GPUs the engine alone knows."""
    memory = psutil.virtual_memory()
    logical = psutil.cpu_count(logical=True) or 1
    return Hardware(
        physical_cores=psutil.cpu_count(logical=False) or logical,
        logical_cores=logical,
        total_bytes=memory.total,
        free_bytes=memory.available,
        gpu_free_bytes=gpu_free_bytes,
    )


def kv_cache_bytes(file: GgufFile, n_ctx: int, kv_type: str = "f16") -> int:
    """Bytes of the KV cache: layers x context (padded) x KV heads x (key + value width) x bytes.

    Args:
        file: Header of the model.
        n_ctx: Context length, tokens.
        kv_type: A key of `LoadOptions.kv_type`.
    """
    layers = file.number("block_count")
    heads = max(file.number("attention.head_count"), 1)
    kv_heads = file.number("attention.head_count_kv", heads)
    width = file.number("embedding_length") // heads
    widths = file.number("attention.key_length", width) + file.number("attention.value_length", width)
    padded = (n_ctx + _CTX_PAD - 1) // _CTX_PAD * _CTX_PAD
    return int(layers * padded * kv_heads * widths * _KV_BYTES_PER_ELEMENT[kv_type])


class PlanReason(StrEnum):
    """Why a plan is not simply the most that the model can do."""

    TRAINED_FOR_LESS = "trained_for_less"
    SMALL_MODEL_ONE_THREAD = "small_model_one_thread"
    SHORT_OF_MEMORY_CONTEXT = "short_of_memory_context"
    SHORT_OF_MEMORY_KV = "short_of_memory_kv"
    SHORT_OF_MEMORY_LAYOUT = "short_of_memory_layout"
    GPU_HOLDS_ALL = "gpu_holds_all"
    GPU_HOLDS_PART = "gpu_holds_part"
    GPU_TOO_SMALL = "gpu_too_small"


@dataclass(frozen=True)
class Plan:
    """How a model is to be loaded on a PC.

    Attributes:
        n_ctx: Context length, tokens.
        n_batch: Tokens read in one slice at most.
        n_threads: Threads for reading and writing.
        kv_bytes: Size of the KV cache.
        needed_bytes: Memory of the PC for weights, KV cache and working space; not the GPU's.
        is_repacked: Whether weights may be copied into the layout this CPU likes. That reads 1.5 times and
            writes 1.25 times as fast, but the copies cannot be given back to the system as the mapped file can.
        n_mapped_layers: First layers that stay as the file has them all the same: a third of the weights. It
            costs 15 % of the reading and 8 % of the writing speed, and leaves that memory to other programs.
        kv_type: Number type of the KV cache.
        n_gpu_layers: Layers on the GPU, the output counted as one.
        reasons: Why it is not simply the most that the model can do.
    """

    n_ctx: int
    n_batch: int
    n_threads: int
    kv_bytes: int
    needed_bytes: int
    is_repacked: bool = True
    n_mapped_layers: int = 0
    kv_type: str = "f16"
    n_gpu_layers: int = 0
    reasons: tuple[PlanReason, ...] = ()

    def fits(self, hardware: Hardware) -> bool:
        """Whether free memory holds it, with a small rest."""
        return self.needed_bytes <= hardware.free_bytes * _KEEP_FREE


def make_plan(
    file: GgufFile,
    hardware: Hardware,
    *,
    n_ctx: int = 0,
    n_threads: int = 0,
    n_batch: int = 0,
    kv_type: str = "",
    n_gpu_layers: int = 0,
) -> Plan:
    """The plan for `file` on this PC, for everybody who loads a model or tells of it.

    What is 0 or empty is chosen here, the rest is obeyed (negative `n_gpu_layers` for all). An unasked
    context is what the model was trained for, at most `AUTO_N_CTX`. Where memory is short, the context is
    halved first, down to `COMFORTABLE_N_CTX`; then the KV cache is quantised, which costs speed; only then
    the context is halved again. A tiny model gets one thread: two spend their time waiting for each other.
    A GPU gets all layers with their KV cache where it holds them, else as many as it holds; the table of the
    vocabulary's words stays in the PC's memory.
    """
    trained = file.number("context_length", AUTO_N_CTX)
    most = n_ctx or min(trained, AUTO_N_CTX)
    lengths = [n_ctx] if n_ctx else _halves(most)
    plans = (
        _plan_of(
            file,
            hardware,
            n_ctx=length,
            kv_type=kind,
            n_threads=n_threads,
            n_batch=n_batch,
            n_gpu_layers=n_gpu_layers,
        )
        for length, kind in _kv_choices(file, lengths, kv_type)
    )
    plan = next(plans)
    while not plan.fits(hardware):
        smaller = next(plans, None)
        if smaller is None:
            break
        plan = smaller
    is_all_on_gpu = plan.n_gpu_layers > file.number("block_count")
    reasons = [
        (PlanReason.TRAINED_FOR_LESS, not n_ctx and trained < AUTO_N_CTX),
        (PlanReason.SMALL_MODEL_ONE_THREAD, not n_threads and file.tensor_bytes < _SMALL_MODEL_BYTES),
        (PlanReason.SHORT_OF_MEMORY_CONTEXT, plan.n_ctx < most),
        (PlanReason.SHORT_OF_MEMORY_KV, not kv_type and plan.kv_type != "f16"),
        (PlanReason.SHORT_OF_MEMORY_LAYOUT, not plan.is_repacked and not is_all_on_gpu),
        (PlanReason.GPU_HOLDS_ALL, is_all_on_gpu),
        (PlanReason.GPU_HOLDS_PART, 0 < plan.n_gpu_layers <= file.number("block_count")),
        (PlanReason.GPU_TOO_SMALL, hardware.gpu_free_bytes > 0 and plan.n_gpu_layers == 0),
    ]
    return replace(plan, reasons=tuple(reason for reason, holds in reasons if holds))


def _halves(most: int) -> list[int]:
    """Context lengths from the most down to `_MIN_N_CTX`."""
    lengths = [most]
    while lengths[-1] > _MIN_N_CTX:
        lengths.append(max(lengths[-1] // 2, _MIN_N_CTX))
    return lengths


def _kv_choices(file: GgufFile, lengths: Sequence[int], kv_type: str) -> list[tuple[int, str]]:
    """Context lengths and number types, the best first."""
    if kv_type:
        return [(length, kv_type) for length in lengths]
    types = ["f16", "q8_0"] if _can_quantise_kv(file) else ["f16"]
    long = [(length, "f16") for length in lengths if length > COMFORTABLE_N_CTX]
    short = [(length, kind) for length in lengths if length <= COMFORTABLE_N_CTX for kind in types]
    return long + short if short else [(length, kind) for length in lengths for kind in types]


def _can_quantise_kv(file: GgufFile) -> bool:
    """Whether keys and values come in whole blocks of `q8_0`."""
    heads = max(file.number("attention.head_count"), 1)
    width = file.number("embedding_length") // heads
    widths = (file.number("attention.key_length", width), file.number("attention.value_length", width))
    return all(each and each % _Q8_BLOCK == 0 for each in widths)


def _plan_of(
    file: GgufFile,
    hardware: Hardware,
    *,
    n_ctx: int,
    kv_type: str,
    n_threads: int,
    n_batch: int,
    n_gpu_layers: int,
) -> Plan:
    kv_bytes = kv_cache_bytes(file, n_ctx, kv_type)
    batch = min(n_batch or _N_BATCH, n_ctx)
    working = _working_bytes(file, batch)
    blocks = file.number("block_count") + 1  # the output counts as one
    held = file.tensor_bytes + kv_bytes
    room = int(hardware.gpu_free_bytes * _KEEP_FREE_ON_GPU) - working if hardware.gpu_free_bytes else 0
    fitting = max(0, min(int(room * blocks / max(held, 1)), blocks))
    on_gpu = fitting if not n_gpu_layers else blocks if n_gpu_layers < 0 else min(n_gpu_layers, blocks)
    needed = max(round(held * (blocks - on_gpu) / blocks), file.vocabulary_bytes) + working
    is_repacked = on_gpu < blocks and needed * _ROOMY <= hardware.free_bytes
    return Plan(
        n_ctx=n_ctx,
        n_batch=batch,
        n_threads=n_threads or (1 if file.tensor_bytes < _SMALL_MODEL_BYTES else hardware.physical_cores),
        kv_bytes=kv_bytes,
        needed_bytes=needed,
        is_repacked=is_repacked,
        n_mapped_layers=_mapped_layers(file) if is_repacked and not on_gpu else 0,
        kv_type=kv_type,
        n_gpu_layers=on_gpu,
    )


def _mapped_layers(file: GgufFile) -> int:
    """Layers that hold `_MAPPED_SHARE` of the weights; none of a model so small that speed alone counts.

    The header may tell of layers that the file does not hold; then none, too.
    """
    layers, layers_bytes = file.number("block_count"), file.tensor_bytes - file.vocabulary_bytes
    is_told_true = 0 < layers <= file.tensor_count and layers_bytes > 0
    if file.tensor_bytes < _SMALL_MODEL_BYTES or not is_told_true:
        return 0
    return min(layers, math.ceil(_MAPPED_SHARE * file.tensor_bytes * layers / layers_bytes))


def _working_bytes(file: GgufFile, n_batch: int) -> int:
    per_token = 12 * file.number("embedding_length") + 4 * file.number("feed_forward_length")
    return _FIXED_BYTES + 4 * n_batch * per_token


class Verdict(StrEnum):
    """How a model does on this PC."""

    COMFORTABLE = "comfortable"
    SLOW = "slow"
    IMPOSSIBLE = "impossible"


class VerdictReason(StrEnum):
    """What the verdict rests on."""

    FITS = "fits"
    READING_SLOW = "reading_slow"
    WRITING_SLOW = "writing_slow"
    NOT_ENOUGH_MEMORY = "not_enough_memory"


@dataclass(frozen=True)
class Speed:
    """Measured on this PC with one model.

    Attributes:
        reading_tps: Tokens read per second.
        writing_tps: Tokens written per second.
    """

    reading_tps: float
    writing_tps: float

    def scaled(self, from_bytes: int, to_bytes: int) -> Speed:
        """The speed expected of a model of another size: both kinds of work grow with the weights."""
        factor = from_bytes / max(to_bytes, 1)
        return Speed(self.reading_tps * factor, self.writing_tps * factor)


@dataclass(frozen=True)
class Judgement:
    """Verdict on one model and context length.

    Attributes:
        verdict: How it does.
        reason: Why.
        n_ctx: Context length judged, tokens.
        needed_bytes: Memory it needs.
        free_bytes: Memory there was.
        first_character_s: Expected wait for the first character of a typical draft, seconds.
        draft_s: Expected time for a whole typical draft, seconds.
    """

    verdict: Verdict
    reason: VerdictReason
    n_ctx: int
    needed_bytes: int
    free_bytes: int
    first_character_s: float
    draft_s: float


TYPICAL_PROMPT_TOKENS: Final = 800
"""A filled form with its instruction, tokens."""
TYPICAL_ANSWER_TOKENS: Final = 400
"""One page of a notice, tokens."""
_COMFORTABLE_FIRST_S: Final = 20.0
_COMFORTABLE_WRITING_TPS: Final = 5.0  # about the speed at which a person reads Japanese


def judge(plan: Plan, hardware: Hardware, speed: Speed) -> Judgement:
    """The verdict on a plan, given the speed measured or expected."""
    first_s = TYPICAL_PROMPT_TOKENS / max(speed.reading_tps, 0.001)
    draft_s = first_s + TYPICAL_ANSWER_TOKENS / max(speed.writing_tps, 0.001)
    if not plan.fits(hardware):
        verdict, reason = Verdict.IMPOSSIBLE, VerdictReason.NOT_ENOUGH_MEMORY
    elif speed.writing_tps < _COMFORTABLE_WRITING_TPS:
        verdict, reason = Verdict.SLOW, VerdictReason.WRITING_SLOW
    elif first_s > _COMFORTABLE_FIRST_S:
        verdict, reason = Verdict.SLOW, VerdictReason.READING_SLOW
    else:
        verdict, reason = Verdict.COMFORTABLE, VerdictReason.FITS
    return Judgement(
        verdict,
        reason,
        plan.n_ctx,
        plan.needed_bytes,
        hardware.free_bytes,
        round(first_s, 1),
        round(draft_s, 1),
    )


def judge_contexts(
    file: GgufFile, hardware: Hardware, speed: Speed, *, n_ctxs: Sequence[int] = (2_048, 4_096, 8_192, 16_384)
) -> tuple[Judgement, ...]:
    """The verdicts on one model for several context lengths, as far as it was trained for them."""
    trained = file.number("context_length", AUTO_N_CTX)
    lengths = [n_ctx for n_ctx in n_ctxs if n_ctx <= trained] or [trained]
    return tuple(judge(make_plan(file, hardware, n_ctx=n_ctx), hardware, speed) for n_ctx in lengths)


def longest_comfortable(judgements: Sequence[Judgement]) -> Judgement | None:
    """The longest context that runs at all, comfortable ones first; None where none does."""
    for verdict in (Verdict.COMFORTABLE, Verdict.SLOW):
        fitting = [j for j in judgements if j.verdict is verdict]
        if fitting:
            return max(fitting, key=lambda j: j.n_ctx)
    return None
