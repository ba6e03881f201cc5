"""端末診断 where a GPU takes part, or ends the process."""

import pytest

from desktop.drafting.doctor import GPU_WORDS, Diagnosis, diagnose, gpu_words
from desktop.drafting.model_choice import ModelChoice
from models.catalog import load_catalog
from models.demo import demo_model_path
from models.engine.protocol import GpuState
from models.errors import ModelQuarantinedError, WorkerCrashedError
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


class Worker:
    """An engine worker that dies at its first load, as one does whose driver is broken."""

    def __init__(self, *, is_the_model_at_fault):
        self.is_the_model_at_fault = is_the_model_at_fault
        self.loads = []

    def call(self, op, params=None):
        if op == "load":
            self.loads.append(params["options"])
            if len(self.loads) == 1:
                raise WorkerCrashedError("engine", -6)
            if self.is_the_model_at_fault:
                raise ModelQuarantinedError("kian-demo.gguf", None)
            return {}
        if op == "runtime":
            return {
                "library": "x",
                "cpu_features": [],
                "gpu": "resting",
                "gpu_name": "",
                "gpu_free_bytes": 0,
            }
        usage = {"prompt_tokens": 10, "completion_tokens": 10, "prompt_ms": 10, "completion_ms": 10}
        return {"text": "", "finish_reason": "stop", "usage": {**usage, "reused_tokens": 0}}


@pytest.fixture
def demo():
    return ModelChoice(load_catalog().card("kian-demo"), demo_model_path(), "")


def test_where_a_gpu_ends_the_process_the_rest_is_measured_without_it(demo, tmp_path):
    worker = Worker(is_the_model_at_fault=False)
    diagnosis = diagnose(worker, demo, (), data_dir=tmp_path, states_dir=tmp_path)
    assert diagnosis.gpu is GpuState.RESTING
    assert diagnosis.models[0].speed is not None
    assert [load["tries_gpu_again"] for load in worker.loads] == [True, False]
    assert {load["state_folder"] for load in worker.loads} == {str(tmp_path)}


def test_a_crash_that_was_not_the_gpu_s_is_told_as_a_crash(demo, tmp_path):
    with pytest.raises(WorkerCrashedError):
        diagnose(Worker(is_the_model_at_fault=True), demo, (), data_dir=tmp_path, states_dir=tmp_path)
