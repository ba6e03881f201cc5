"""Plans and verdicts for made-up PCs."""

import pytest

from models.demo import demo_model_path
from models.gguf_file import GgufFile, read_gguf
from models.hardware import (
    AUTO_N_CTX,
    Hardware,
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


def pc(free_gib=8.0, cores=4):
    return Hardware(cores, cores * 2, int(16 * GIB), int(free_gib * GIB))


def qwen_1_5b():
    metadata = {
        "general.architecture": "qwen2",
        "qwen2.block_count": 28,
        "qwen2.embedding_length": 1536,
        "qwen2.attention.head_count": 12,
        "qwen2.attention.head_count_kv": 2,
        "qwen2.feed_forward_length": 8960,
        "qwen2.context_length": 32768,
    }
    size = 900_000_000
    return GgufFile(3, size, metadata, {}, {"tokenizer.ggml.tokens": 151_936}, 339, size, 151_936)


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
