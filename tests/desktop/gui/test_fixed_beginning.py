"""The fixed beginning of a template is read ahead by the real engine worker, and read once."""

import pytest

from desktop.gui.clients.engine_client import EngineClient, EngineState
from desktop.gui.clients.worker_client import WorkerClient
from desktop.gui.controllers.fixed_beginning import fixed_beginning
from models.demo import demo_model_path
from models.engine.protocol import GenerationParams, LoadOptions, Message, Role
from models.masking.masker import Masker
from prompts.template import parse

TEXT = """---
schema: 1
id: 0d3c6f0e-6a53-5d0b-9d0c-6e5b8f5a2c99
version: '1.0'
title: 通知文
category: 文案作成
system: あなたは自治体の職員です。書かれていないことは書かないでください。
fields:
- name: subject
  label: 件名
---
次の内容で、住民に向けた通知文を書いてください。担当は山田太郎です。

件名：{{subject}}
"""


@pytest.fixture(scope="module")
def engine(qapp, tmp_path_factory):
    process = WorkerClient("engine")
    client = EngineClient(process)
    folder = tmp_path_factory.mktemp("states")
    client.load(demo_model_path(), LoadOptions(state_folder=str(folder)))
    yield client
    client.stop()


@pytest.fixture
def template():
    return parse(TEXT)


def test_only_what_stands_before_the_first_field_counts_as_fixed(template):
    messages = fixed_beginning(template, is_reviewed=True)
    assert [m.role for m in messages] == [Role.SYSTEM, Role.USER]
    assert messages[-1].text.text.endswith("件名：")


def test_the_body_of_a_template_of_ones_own_is_left_to_the_masking(template):
    messages = fixed_beginning(template, is_reviewed=False)
    assert messages[0].text.text == template.system
    assert "山田太郎" not in "".join(m.text.text for m in messages)


def test_the_draft_reads_only_what_was_not_read_ahead(qtbot, engine, template):
    beginning = fixed_beginning(template, is_reviewed=True)
    with qtbot.waitSignal(engine.prefix_prepared, timeout=30_000) as prepared:
        engine.prepare(beginning)  # before the model is there: it follows the load
    assert engine.state is EngineState.READY
    whole = Masker().fixed(f"{beginning[-1].text.text}防災訓練")
    with qtbot.waitSignal(engine.completion_received, timeout=30_000) as written:
        engine.generate((beginning[0], Message(Role.USER, whole)), GenerationParams(max_tokens=4))
    usage = written.args[1].usage
    assert prepared.args[0] - 2 <= usage.reused_tokens < usage.prompt_tokens
    assert usage.reused_tokens > 20


def test_a_generation_does_not_wait_for_what_is_read_ahead(qtbot, engine, template):
    ended = []
    engine.prefix_prepared.connect(ended.append)
    request = (Message(Role.USER, Masker().fixed("お知らせを書いてください。")),)
    with qtbot.waitSignal(engine.completion_received, timeout=30_000):
        engine.prepare(fixed_beginning(template, is_reviewed=True))
        engine.generate(request, GenerationParams(max_tokens=4))
    assert not ended
