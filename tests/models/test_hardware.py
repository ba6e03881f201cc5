"""Plans and verdicts for made-up PCs."""

from dataclasses import replace

import pytest

from models.demo import demo_model_path
from models.gguf_file import GgufFile, read_gguf
from models.hardware import (
    AUTO_N_CTX,
    Hardware,
    PlanReason,
    Speed,
    Verdict,
    VerdictReason,
    judge,
    judge_contexts,
    kv_cache_bytes,
    longest_comfortable,
    make_plan,
    this_pc,
)

GIB = 1 << 30
WORDS = 131_000_000
"""Bytes of the table of the vocabulary's words in Q4_0."""


def pc(free_gib=8.0, cores=4, gpu_gib=0.0):
    return Hardware(cores, cores * 2, int(16 * GIB), int(free_gib * GIB), int(gpu_gib * GIB))


def qwen_1_5b(**more):
    metadata = {
        "general.architecture": "qwen2",
        "qwen2.block_count": 28,
        "qwen2.embedding_length": 1536,
        "qwen2.attention.head_count": 12,
        "qwen2.attention.head_count_kv": 2,
        "qwen2.feed_forward_length": 8960,
        "qwen2.context_length": 32768,
        **{f"qwen2.{name}": value for name, value in more.items()},
    }
    size = 900_000_000
    return GgufFile(3, size, metadata, {}, {"tokenizer.ggml.tokens": 151_936}, 339, size, WORDS)


def test_the_kv_cache_is_layers_times_context_times_heads_times_widths_times_bytes():
    assert kv_cache_bytes(qwen_1_5b(), 4096) == 28 * 4096 * 2 * (128 + 128) * 2


def test_the_context_is_padded_to_256():
    assert kv_cache_bytes(qwen_1_5b(), 4000) == kv_cache_bytes(qwen_1_5b(), 4096)


@pytest.mark.parametrize(("kv_type", "factor"), [("f32", 2.0), ("q8_0", 17 / 32)])
def test_other_number_types_scale_it(kv_type, factor):
    assert kv_cache_bytes(qwen_1_5b(), 4096, kv_type) == kv_cache_bytes(qwen_1_5b(), 4096) * factor


def test_an_unasked_context_is_the_trained_one_up_to_a_cap():
    assert make_plan(qwen_1_5b(), pc()).n_ctx == AUTO_N_CTX
    demo = read_gguf(demo_model_path())
    assert make_plan(demo, pc()).n_ctx == demo.number("context_length") < AUTO_N_CTX


def test_an_unasked_context_shrinks_until_it_fits():
    plan = make_plan(qwen_1_5b(), pc(free_gib=1.15))
    assert plan.n_ctx < AUTO_N_CTX
    assert plan.fits(pc(free_gib=1.15))


def test_an_asked_context_is_never_changed():
    plan = make_plan(qwen_1_5b(), pc(free_gib=0.5), n_ctx=16_384)
    assert plan.n_ctx == 16_384
    assert not plan.fits(pc(free_gib=0.5))


def test_a_tiny_model_gets_one_thread_and_others_the_physical_cores():
    assert make_plan(read_gguf(demo_model_path()), pc(cores=6)).n_threads == 1
    assert make_plan(qwen_1_5b(), pc(cores=6)).n_threads == 6
    assert make_plan(qwen_1_5b(), pc(cores=6), n_threads=3).n_threads == 3


def test_weights_are_repacked_only_where_memory_is_plenty():
    assert make_plan(qwen_1_5b(), pc(free_gib=4), n_ctx=4096).is_repacked
    assert not make_plan(qwen_1_5b(), pc(free_gib=1.2), n_ctx=4096).is_repacked


def test_a_third_of_the_weights_stays_mapped_unless_the_model_is_tiny_or_a_gpu_has_them():
    plan = make_plan(qwen_1_5b(), pc())
    layer = (qwen_1_5b().tensor_bytes - WORDS) / 28
    assert plan.n_mapped_layers * layer >= qwen_1_5b().tensor_bytes / 3 > (plan.n_mapped_layers - 1) * layer
    assert make_plan(read_gguf(demo_model_path()), pc()).n_mapped_layers == 0
    assert make_plan(qwen_1_5b(), pc(gpu_gib=1)).n_mapped_layers == 0
    words_only = qwen_1_5b(block_count=2)
    assert make_plan(words_only, pc()).n_mapped_layers <= 2


@pytest.mark.parametrize("layers", [-3, 0, 340, 4_000_000_000])
def test_layers_that_the_file_does_not_hold_are_not_mapped(layers):
    told = qwen_1_5b(block_count=layers, **{"attention.head_count_kv": 0})
    assert make_plan(told, pc(), n_ctx=4096).n_mapped_layers == 0


def test_a_file_of_words_alone_has_no_layers_to_map():
    words = replace(qwen_1_5b(), tensor_bytes=WORDS)
    assert make_plan(words, pc()).n_mapped_layers == 0


CONTEXT, KV, LAYOUT = (
    PlanReason.SHORT_OF_MEMORY_CONTEXT,
    PlanReason.SHORT_OF_MEMORY_KV,
    PlanReason.SHORT_OF_MEMORY_LAYOUT,
)


@pytest.mark.parametrize(
    ("free_gib", "n_ctx", "kv_type", "is_repacked", "reasons"),
    [
        (8.0, 8192, "f16", True, ()),
        (1.51, 8192, "f16", True, ()),
        (1.3, 8192, "f16", False, (LAYOUT,)),
        (1.15, 4096, "f16", False, (CONTEXT, LAYOUT)),
        (1.07, 4096, "q8_0", False, (CONTEXT, KV, LAYOUT)),
        (1.035, 2048, "q8_0", False, (CONTEXT, KV, LAYOUT)),
    ],
)
def test_a_pc_short_of_memory_gives_up_layout_then_context_then_the_exactness_of_the_cache(
    free_gib, n_ctx, kv_type, is_repacked, reasons
):
    plan = make_plan(qwen_1_5b(), pc(free_gib=free_gib))
    assert (plan.n_ctx, plan.kv_type, plan.is_repacked) == (n_ctx, kv_type, is_repacked)
    assert plan.reasons == reasons
    assert plan.fits(pc(free_gib=free_gib))


def test_a_context_asked_for_is_kept_and_its_cache_made_smaller():
    plan = make_plan(qwen_1_5b(), pc(free_gib=1.15), n_ctx=8192)
    assert (plan.n_ctx, plan.kv_type) == (8192, "q8_0")
    assert make_plan(qwen_1_5b(), pc(free_gib=1.15), n_ctx=8192, kv_type="f16").kv_type == "f16"


def test_heads_of_an_odd_width_keep_an_exact_cache():
    odd = qwen_1_5b(**{"attention.key_length": 72, "attention.value_length": 72})
    plan = make_plan(odd, pc(free_gib=0.9))
    assert (plan.n_ctx, plan.kv_type) == (2048, "f16")


@pytest.mark.parametrize(
    ("gpu_gib", "layers", "reason"),
    [
        (0.0, 0, None),
        (8.0, 29, PlanReason.GPU_HOLDS_ALL),
        (1.0, 21, PlanReason.GPU_HOLDS_PART),
        (0.1, 0, PlanReason.GPU_TOO_SMALL),
    ],
)
def test_a_gpu_gets_all_layers_with_their_cache_or_as_many_as_it_holds(gpu_gib, layers, reason):
    plan = make_plan(qwen_1_5b(), pc(gpu_gib=gpu_gib))
    assert plan.n_gpu_layers == layers
    assert plan.reasons == ((reason,) if reason else ())


def test_what_lies_on_the_gpu_needs_no_memory_of_the_pc():
    small = pc(free_gib=0.7)
    assert not make_plan(qwen_1_5b(), small).fits(small)
    with_gpu = pc(free_gib=0.7, gpu_gib=8)
    assert make_plan(qwen_1_5b(), with_gpu).fits(with_gpu)
    assert make_plan(qwen_1_5b(), with_gpu).n_ctx == AUTO_N_CTX


def test_the_words_of_the_vocabulary_stay_in_the_pc_s_memory_in_the_file_s_own_layout():
    with_gpu = make_plan(qwen_1_5b(), pc(gpu_gib=8))
    assert with_gpu.needed_bytes >= WORDS
    assert not with_gpu.is_repacked
    assert with_gpu.reasons == (PlanReason.GPU_HOLDS_ALL,)
    assert make_plan(qwen_1_5b(), pc(gpu_gib=1)).is_repacked


@pytest.mark.parametrize(("asked", "layers"), [(-1, 29), (7, 7), (99, 29)])
def test_layers_asked_for_are_obeyed(asked, layers):
    assert make_plan(qwen_1_5b(), pc(), n_gpu_layers=asked).n_gpu_layers == layers


def test_a_small_model_says_why_it_is_given_less():
    reasons = make_plan(read_gguf(demo_model_path()), pc()).reasons
    assert set(reasons) == {PlanReason.TRAINED_FOR_LESS, PlanReason.SMALL_MODEL_ONE_THREAD}


@pytest.mark.parametrize(
    ("free_gib", "speed", "verdict", "reason"),
    [
        (8.0, Speed(200, 20), Verdict.COMFORTABLE, VerdictReason.FITS),
        (8.0, Speed(20, 20), Verdict.SLOW, VerdictReason.READING_SLOW),
        (8.0, Speed(20, 2), Verdict.SLOW, VerdictReason.WRITING_SLOW),
        (0.5, Speed(200, 20), Verdict.IMPOSSIBLE, VerdictReason.NOT_ENOUGH_MEMORY),
    ],
)
def test_the_verdict_follows_memory_and_speed(free_gib, speed, verdict, reason):
    hardware = pc(free_gib=free_gib)
    judgement = judge(make_plan(qwen_1_5b(), hardware), hardware, speed)
    assert (judgement.verdict, judgement.reason) == (verdict, reason)


def test_the_waits_are_those_of_a_typical_draft():
    judgement = judge(make_plan(qwen_1_5b(), pc()), pc(), Speed(reading_tps=40, writing_tps=10))
    assert (judgement.first_character_s, judgement.draft_s) == (20.0, 60.0)


def test_speed_scales_with_the_weights():
    assert Speed(100, 20).scaled(1_000, 4_000) == Speed(25, 5)


def test_each_context_length_gets_its_verdict_up_to_the_trained_one():
    judgements = judge_contexts(qwen_1_5b(), pc(), Speed(200, 20), n_ctxs=(2048, 8192, 65_536))
    assert [j.n_ctx for j in judgements] == [2048, 8192]
    demo = read_gguf(demo_model_path())
    assert max(j.n_ctx for j in judge_contexts(demo, pc(), Speed(2000, 1000))) == demo.number(
        "context_length"
    )


def test_the_longest_context_that_fits_is_recommended():
    judgements = judge_contexts(qwen_1_5b(), pc(free_gib=1.2), Speed(200, 20))
    assert longest_comfortable(judgements).n_ctx < 16_384
    assert judgements[-1].verdict is Verdict.IMPOSSIBLE
    assert longest_comfortable(judge_contexts(qwen_1_5b(), pc(free_gib=0.1), Speed(200, 20))) is None


def test_this_pc_has_cores_and_memory():
    hardware = this_pc()
    assert 1 <= hardware.physical_cores <= hardware.logical_cores
    assert 0 < hardware.free_bytes <= hardware.total_bytes
