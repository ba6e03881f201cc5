"""What only a GPU can show. Without one, or without llama.cpp's part for GPUs, all of it is skipped.

With Mesa's software device: unpack the packages' wheel and, into `llama_cpp/lib/gpu`, what
`installer/llama/build_gpu_part.py linux` made; then run with PYTHONPATH on it and GGML_VK_VISIBLE_DEVICES=0.
"""

import numpy as np
import pytest

from models.demo import demo_model_path
from models.engine.gpus import find_gpu
from models.engine.llama import LlamaEngine
from models.engine.native.context import Context
from models.engine.native.model import Model
from models.engine.protocol import FinishReason, LoadOptions
from tests.support.conversations import Recorder, system, user

FIXED = "あなたは市役所の職員の文書作成を助けます。" * 6
REQUEST = "お知らせを作成してください。\n\n件名：避難訓練の実施について\n日時：<日付1>"
STEPS = (256, 64, 32, 16, 8, 7, 6, 5, 4, 3, 2, 1)


@pytest.fixture(scope="module")
def gpu():
    found = find_gpu()
    if found.device is None:
        pytest.skip(f"GPU: {found.state}")
    return found.device


def after_each_step(model, tokens):
    """What the model says after each of STEPS, vocabulary x steps."""
    context = Context(model, n_ctx=1024, n_batch=256, n_threads=2)
    rows, at = [], 0
    for count in STEPS:
        assert context.decode(tokens[at : at + count], at=at, n_logits=1) == 0
        rows.append(context.logits())
        at += count
    context.close()
    model.close()
    return np.array(rows)


def test_every_size_of_step_comes_to_the_processor_s_result(gpu, random_model):
    words = Model(random_model)
    tokens = (words.tokenize("災害時の避難について説明します。" * 100, parse_special=False))[: sum(STEPS)]
    expected = after_each_step(words, tokens)
    found = after_each_step(Model(random_model, gpu=gpu.handle, n_gpu_layers=-1), tokens)
    alike = [np.corrcoef(mine, theirs)[0, 1] for mine, theirs in zip(found, expected, strict=True)]
    assert min(alike) > 0.999


def test_a_form_is_written_stopped_and_written_again(gpu, tmp_path):
    engine = LlamaEngine()
    engine.load(demo_model_path(), LoadOptions(state_folder=str(tmp_path)))
    stopped = Recorder(stop_at_chunk=3)
    assert stopped.run(engine, user(REQUEST)).finish_reason is FinishReason.CANCELLED
    text = Recorder().run(engine, user(REQUEST)).text
    engine.unload()
    assert "避難訓練の実施について" in text and "<日付1>" in text


def test_what_was_read_ahead_is_there_after_a_restart(gpu, tmp_path):
    texts = []
    for _ in range(2):
        engine = LlamaEngine()
        engine.load(demo_model_path(), LoadOptions(state_folder=str(tmp_path)))
        prepared = engine.prepare_prefix(
            [system(FIXED), user("")], on_progress=lambda *_: None, is_cancelled=lambda: False
        )
        completion = Recorder().run(engine, system(FIXED), user(REQUEST), max_tokens=20)
        engine.unload()
        texts.append(completion.text)
        assert completion.usage.reused_tokens >= prepared - 1
    assert texts[0] == texts[1]
    assert len(list((tmp_path / "prefixes").glob("*.state"))) == 1
