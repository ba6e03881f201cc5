"""The engine with a GPU. The processor plays its part: to llama.cpp it is a device like any other."""

import os
import struct

import gguf
import pytest

from models.demo import demo_model_path
from models.engine.gpus import Device, GpuFound, devices
from models.engine.llama import LlamaEngine
from models.engine.protocol import FinishReason, GenerationParams, GpuState, LoadOptions
from models.gguf_file import read_gguf
from models.hardware import make_plan, this_pc
from tests.support.conversations import Recorder, system, user

FREE = 4 << 30
FIXED = "あなたは市役所の職員の文書作成を助けます。" * 6
REQUEST = "お知らせを作成してください。\n\n件名：避難訓練の実施について"


def stand_in():
    return GpuFound(GpuState.READY, Device(1, "stand-in", FREE, devices()[0].handle))


def load(path=None, *, has_gpu=True, folder=""):
    engine = LlamaEngine(find=stand_in) if has_gpu else LlamaEngine()
    engine.load(path or demo_model_path(), LoadOptions(n_threads=1, state_folder=str(folder)))
    return engine


def test_a_gpu_that_holds_the_model_gets_it_whole_and_is_told():
    engine = load()
    runtime = engine.runtime()
    engine.unload()
    assert (runtime.gpu, runtime.gpu_name, runtime.gpu_free_bytes) == (GpuState.READY, "stand-in", FREE)
    file = read_gguf(demo_model_path())
    plan = make_plan(file, this_pc(gpu_free_bytes=runtime.gpu_free_bytes))
    assert plan.n_gpu_layers == file.number("block_count") + 1


def test_it_writes_reports_and_stops_as_without():
    engine = load()
    recorder = Recorder()
    completion = recorder.run(engine, user(REQUEST), max_tokens=60)
    assert "避難訓練の実施について" in completion.text
    assert recorder.progress[-1] == (completion.usage.prompt_tokens,) * 2
    stopped = Recorder(stop_at_chunk=3)
    assert stopped.run(engine, user(REQUEST)).finish_reason is FinishReason.CANCELLED
    assert len(stopped.chunks) == 3
    engine.unload()


def notes(folder):
    return [note.name for note in (folder / "working").iterdir()]


def test_while_it_works_the_note_is_of_the_gpu(tmp_path):
    engine = load(folder=tmp_path)
    names = set()
    engine.generate(
        [user(REQUEST)],
        GenerationParams(max_tokens=3),
        on_progress=lambda done, total: names.update(notes(tmp_path)),
        on_chunk=lambda text: None,
        is_cancelled=lambda: False,
    )
    engine.unload()
    assert names == {f"gpu-{os.getpid()}.working"}
    assert notes(tmp_path) == []


def reused(engine):
    usage = Recorder().run(engine, system(FIXED), user(REQUEST), max_tokens=2).usage
    engine.unload()
    return usage.reused_tokens


def test_what_a_gpu_has_read_is_kept_for_a_gpu_alone(tmp_path):
    engine = load(folder=tmp_path)
    prepared = engine.prepare_prefix(
        [system(FIXED), user("")], on_progress=lambda *_: None, is_cancelled=lambda: False
    )
    engine.unload()
    assert prepared > 32
    assert reused(load(has_gpu=False, folder=tmp_path)) == 0
    assert reused(load(folder=tmp_path)) >= prepared - 1


@pytest.fixture
def without_numbers(tmp_path):
    """A model whose results are no numbers, as those of a faulty driver."""
    tensors = {tensor.name: tensor for tensor in gguf.GGUFReader(demo_model_path()).tensors}
    start = tensors["token_embd.weight"].data_offset  # of its first block the scale, 16 bits
    content = bytearray(demo_model_path().read_bytes())
    content[start : start + 2] = struct.pack("<e", float("nan"))
    path = tmp_path / "nan.gguf"
    path.write_bytes(content)
    return path


def test_a_gpu_whose_results_are_no_numbers_is_refused_and_the_processor_does_the_work(without_numbers):
    engine = load(without_numbers)
    runtime = engine.runtime()
    engine.unload()
    assert (runtime.gpu, runtime.gpu_name, runtime.gpu_free_bytes) == (GpuState.REFUSED, "", 0)
