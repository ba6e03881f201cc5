"""The engine's ops as the worker process serves them: plain data in, plain data out."""

import json

import pytest

from models.demo import demo_model_path
from models.engine.fake import FakeEngine
from models.engine.llama import LlamaEngine
from models.errors import ProtocolError
from models.worker.engine import EngineOps
from models.worker.server import CallContext


def context(events):
    return CallContext(emit=lambda name, row: events.append((name, row)), is_cancelled=lambda: False)


def call(ops, op, params, events=None):
    """The result of an op, through JSON as over the pipe."""
    result = ops.handlers()[op](params, context(events if events is not None else []))
    return json.loads(json.dumps(result))


MESSAGES = [{"role": "system", "masked": "方針" * 30}]


@pytest.fixture(params=["fake", "llama"])
def ops(request):
    ops = EngineOps(FakeEngine() if request.param == "fake" else LlamaEngine())
    call(ops, "load", {"path": str(demo_model_path()), "options": {"n_threads": 1}})
    yield ops
    call(ops, "unload", {})


def test_fixed_text_is_prepared_with_progress(ops):
    events = []
    result = call(ops, "prepare_prefix", {"messages": MESSAGES}, events)
    assert result["tokens"] > 30
    assert events[-1] == ("progress", {"read": result["tokens"], "total": result["tokens"]})


def test_the_runtime_is_told(ops):
    result = call(ops, "runtime", {})
    assert set(result) == {"library", "cpu_features", "gpu", "gpu_name", "gpu_free_bytes"}


def test_a_load_option_that_does_not_exist_is_refused():
    with pytest.raises(ProtocolError):
        call(EngineOps(FakeEngine()), "load", {"path": "x", "options": {"colour": "red"}})
