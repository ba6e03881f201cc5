"""The engine as the window sees it, with the real worker and the demonstration model: hanging, resting, dying."""

import os
import signal
import sys
from pathlib import Path

import pytest

from desktop.gui.clients.engine_client import EngineClient, EngineState
from desktop.gui.clients.worker_client import ProcessState, WorkerClient
from models.demo import demo_model_path
from models.engine.protocol import GenerationParams, LoadOptions, Message, Role
from models.errors import (
    CrashReason,
    ModelQuarantinedError,
    WorkerCrashedError,
    WorkerTimeoutError,
    crash_reason,
)
from models.masking.masker import Masker
from models.worker.silence import SilenceWatch

DYING = Path(__file__).parents[2] / "support" / "dying_engine.py"
WAIT_MS = 60_000
REQUEST = (Message(Role.USER, Masker().fixed("お知らせを書いてください。\n\n件名：防災訓練")),)


@pytest.fixture
def made(qtbot, tmp_path):
    """Makes engines whose model is loaded; they are stopped in the end."""
    engines = []

    def make(*, floor_s=30.0, idle_release_minutes=0.0, command=None):
        process = WorkerClient("engine", silence=SilenceWatch(floor_s=floor_s), command=command)
        client = EngineClient(process, idle_release_minutes=idle_release_minutes)
        engines.append(client)
        with qtbot.waitSignal(client.state_changed, check_params_cb=is_settled, timeout=WAIT_MS):
            client.load(demo_model_path(), LoadOptions(n_threads=1, state_folder=str(tmp_path)))
        return client, process

    yield make
    for engine in engines:
        engine.stop()


def is_settled(state):
    return state in (EngineState.READY, EngineState.FAILED)


def hang(qtbot, engine, process):
    """Have it write, and stop its process without a word as soon as it does; the error that is told."""
    with qtbot.waitSignal(engine.chunk_received, timeout=WAIT_MS):
        engine.generate(REQUEST, GenerationParams(max_tokens=400))
    with qtbot.waitSignal(engine.failed, timeout=WAIT_MS) as failed:
        os.kill(process.pid, signal.SIGSTOP)
    return failed.args[1]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGSTOP")
def test_a_model_that_hangs_comes_back_once_and_then_only_when_asked_for(qtbot, made):
    engine, process = made(floor_s=1.5)
    assert isinstance(hang(qtbot, engine, process), WorkerTimeoutError)
    qtbot.waitUntil(lambda: engine.state is EngineState.READY, timeout=WAIT_MS)
    assert isinstance(hang(qtbot, engine, process), WorkerTimeoutError)
    assert (engine.state, process.state) == (EngineState.FAILED, ProcessState.GIVEN_UP)
    assert isinstance(engine.load_error, WorkerTimeoutError)
    engine.reload()
    qtbot.waitUntil(lambda: engine.state is EngineState.READY, timeout=WAIT_MS)
    with qtbot.waitSignal(engine.completion_received, timeout=WAIT_MS):
        engine.generate(REQUEST, GenerationParams(max_tokens=4))


def test_a_model_that_nobody_uses_is_let_go_and_comes_back_with_the_next_template(qtbot, made):
    engine, process = made(idle_release_minutes=0.005)
    qtbot.waitUntil(lambda: engine.state is EngineState.RESTING, timeout=WAIT_MS)
    assert process.pid == 0
    with qtbot.waitSignal(engine.prefix_prepared, timeout=WAIT_MS) as prepared:
        engine.prepare(REQUEST)
        assert engine.state is EngineState.LOADING
    assert prepared.args[0] > 0


def test_what_is_asked_of_a_resting_model_is_answered(qtbot, made):
    engine, _process = made(idle_release_minutes=0.005)
    qtbot.waitUntil(lambda: engine.state is EngineState.RESTING, timeout=WAIT_MS)
    with qtbot.waitSignal(engine.completion_received, timeout=WAIT_MS):
        engine.generate(REQUEST, GenerationParams(max_tokens=4))


def test_it_never_rests_while_it_writes(qtbot, made):
    engine, process = made(idle_release_minutes=0.002)
    states = []
    engine.state_changed.connect(states.append)
    with qtbot.waitSignal(engine.completion_received, timeout=WAIT_MS):
        engine.generate(REQUEST, GenerationParams(max_tokens=600))
        engine._idle_timer.start()  # as if the minutes had passed while it writes
    assert EngineState.RESTING not in states
    assert process.pid


@pytest.mark.parametrize(
    ("way", "reason"),
    [
        ("illegal", CrashReason.ILLEGAL_INSTRUCTION),
        ("killed", CrashReason.KILLED),
        ("aborted", CrashReason.ABORTED),
        ("fault", CrashReason.OTHER),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_model_that_ends_the_process_while_it_is_loaded_is_not_loaded_again(qtbot, made, way, reason):
    engine, process = made(command=(sys.executable, str(DYING), way))
    assert engine.state is EngineState.FAILED
    assert isinstance(engine.load_error, WorkerCrashedError)
    assert crash_reason(engine.load_error.exit_code) is reason
    qtbot.waitUntil(lambda: process.state is ProcessState.READY, timeout=WAIT_MS)
    with qtbot.waitSignal(engine.failed, timeout=WAIT_MS) as failed:
        engine.generate(REQUEST, GenerationParams(max_tokens=4))
    assert failed.args[1].code == "model_not_loaded"
    later, _process = made()  # the program was started anew: the note on the disk speaks
    assert isinstance(later.load_error, ModelQuarantinedError)
