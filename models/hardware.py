"""What this PC has, what a model needs, and the plan that follows: numbers and verdicts, no words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import psutil

from models.gguf_file import GgufFile

AUTO_N_CTX: Final = 8_192
"""Longest context that is chosen unasked: more costs memory that most drafts never use."""

_MIN_N_CTX: Final = 2_048
_CTX_PAD: Final = 256
_N_BATCH: Final = 256
_SMALL_MODEL_BYTES: Final = 64 << 20
_FIXED_BYTES: Final = 48 << 20
_KV_BYTES_PER_ELEMENT: Final[Mapping[str, float]] = {"f16": 2.0, "q8_0": 34 / 32, "f32": 4.0}
_KEEP_FREE: Final = 0.95
_ROOMY: Final = 1.3


@dataclass(frozen=True)
class Hardware:
    """This PC, as far as a model cares.

    Attributes:
        physical_cores: Cores without hyper-threading.
        logical_cores: Cores the system shows.
        total_bytes: Memory built in.
        free_bytes: Memory that programs can still get.
    """

    physical_cores: int
    logical_cores: int
    total_bytes: int
    free_bytes: int


def this_pc() -> Hardware:
    """Measure now; free memory changes all the time."""
    memory = psutil.virtual_memory()
    logical = psutil.cpu_count(logical=True) or 1
    return Hardware(
        physical_cores=psutil.cpu_count(logical=False) or logical,
        logical_cores=logical,
        total_bytes=memory.total,
        free_bytes=memory.available,
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


@dataclass(frozen=True)
class Plan:
    """How a model is to be loaded on a PC.

    Attributes:
        n_ctx: Context length, tokens.
        n_batch: Tokens read in one slice at most.
        n_threads: Threads for reading and writing.
        kv_bytes: Size of the KV cache.
        needed_bytes: Memory for weights, KV cache and working space.
        is_repacked: Whether weights may be copied into the layout this CPU likes. That is 1.4 times
            faster, but the copy cannot be given back to the system as the mapped file can.
    """

    n_ctx: int
    n_batch: int
    n_threads: int
    kv_bytes: int
    needed_bytes: int
    is_repacked: bool = True

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
    kv_type: str = "f16",
) -> Plan:
    """The plan for `file` on this PC; what is 0 is chosen here.

    An unasked context is what the model was trained for, at most `AUTO_N_CTX`, halved as long as it
    does not fit. A tiny model gets one thread: two spend their time waiting for each other.
    """
    threads = n_threads or (1 if file.tensor_bytes < _SMALL_MODEL_BYTES else hardware.physical_cores)
    batch = n_batch or _N_BATCH
    trained = file.number("context_length", AUTO_N_CTX)
    context = n_ctx or min(trained, AUTO_N_CTX)
    while True:
        kv_bytes = kv_cache_bytes(file, context, kv_type)
        needed = file.tensor_bytes + kv_bytes + _working_bytes(file, batch)
        roomy = needed * _ROOMY <= hardware.free_bytes
        plan = Plan(context, min(batch, context), threads, kv_bytes, needed, is_repacked=roomy)
        if n_ctx or plan.fits(hardware) or context <= _MIN_N_CTX:
            return plan
        context = max(context // 2, _MIN_N_CTX)


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
