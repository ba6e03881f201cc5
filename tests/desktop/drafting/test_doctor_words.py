"""What 端末診断 says of the GPU."""

import pytest

from desktop.drafting.doctor import GPU_WORDS, Diagnosis, gpu_words
from models.engine.protocol import GpuState
from models.hardware import Hardware


def told(gpu, *, name="", free_bytes=0):
    pc = Hardware(4, 8, 16 << 30, 8 << 30, free_bytes)
    return gpu_words(Diagnosis(pc, "llama.cpp", (), gpu, name, 0, ()))


def test_every_state_of_the_gpu_has_words_of_its_own():
    assert set(GPU_WORDS) == set(GpuState)
    assert len(set(GPU_WORDS.values())) == len(GpuState)


def test_a_gpu_in_use_is_told_with_its_name_and_memory():
    assert told(GpuState.READY, name="Radeon", free_bytes=3 << 29) == "使えます（Radeon、空き 1.5 GB）"


@pytest.mark.parametrize("state", [state for state in GpuState if state is not GpuState.READY])
def test_a_gpu_that_is_not_used_is_told_with_the_reason(state):
    assert told(state) == GPU_WORDS[state]
