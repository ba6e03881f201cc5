import sys
from pathlib import Path

import pytest

from desktop.gui.clients.worker_client import MAX_CRASHES_IN_A_ROW, ProcessState, WorkerClient
from models.errors import (
    CancelledError,
    ContextTooLongError,
    WorkerBugError,
    WorkerCrashedError,
    WorkerTimeoutError,
)
from models.worker.silence import SilenceWatch

SCRIPTED = Path(__file__).parents[2] / "support" / "scripted_worker.py"


@pytest.fixture
def client(qtbot):
    made = WorkerClient("scripted", command=(sys.executable, str(SCRIPTED)))
    yield made
    made.stop()


def result_of(qtbot, client, op, params=None, timeout=15_000):
    with qtbot.waitSignal(client.result_received, timeout=timeout) as waiting:
        request_id = client.request(op, params)
    assert waiting.args[0] == request_id
    return waiting.args[1]


def failure_of(qtbot, client, op, params=None, timeout=15_000):
    with qtbot.waitSignal(client.failed, timeout=timeout) as waiting:
        client.request(op, params)
    return waiting.args[1]


def test_a_request_made_before_the_process_is_ready_is_answered(qtbot, client):
    text = "山田　太郎 𠮷 \ud800 \x00"
    assert result_of(qtbot, client, "echo", {"text": text}) == {"back": {"text": text}}
    assert client.state is ProcessState.READY
    assert client.pid > 0


def test_what_a_library_prints_does_not_break_the_protocol(qtbot, client):
    assert result_of(qtbot, client, "pollute") == {"done": True}


def test_events_come_in_order_before_the_result(qtbot, client):
    seen = []
    client.event_received.connect(lambda _id, name, payload: seen.append((name, payload["number"])))
    result_of(qtbot, client, "count", {"to": 5})
    assert seen == [("counted", n) for n in range(5)]


def test_a_workers_error_arrives_as_its_own_class(qtbot, client):
    error = failure_of(qtbot, client, "refuse")
    assert isinstance(error, ContextTooLongError)
    assert error.n_ctx == 8


def test_a_bug_in_the_worker_travels_without_its_text(qtbot, client):
    error = failure_of(qtbot, client, "bug")
    assert isinstance(error, WorkerBugError)
    assert "山田" not in str(error)


def test_a_crash_fails_what_runs_and_the_next_request_finds_a_new_process(qtbot, client):
    result_of(qtbot, client, "echo")
    first = client.pid
    with qtbot.waitSignal(client.crashed, timeout=15_000) as crashed:
        error = failure_of(qtbot, client, "leave")
    assert isinstance(error, WorkerCrashedError)
    assert crashed.args == [7]
    assert result_of(qtbot, client, "echo", {"n": 1}) == {"back": {"n": 1}}
    assert client.pid != first


def test_a_crash_by_signal_is_told_with_a_negative_code(qtbot, client):
    error = failure_of(qtbot, client, "crash")
    assert isinstance(error, WorkerCrashedError)
    assert error.exit_code == -11


def test_a_cancelled_request_that_listens_ends_in_good_order(qtbot, client):
    with qtbot.waitSignal(client.event_received, timeout=15_000):
        request_id = client.request("count", {"to": 10_000})
    with qtbot.waitSignal(client.result_received, timeout=5_000) as waiting:
        client.cancel(request_id)
    assert waiting.args[1]["reached"] < 10_000


def test_a_cancelled_request_that_hangs_is_killed_and_the_process_comes_back(qtbot, client):
    with qtbot.waitSignal(client.event_received, timeout=15_000):
        request_id = client.request("hang")
    with qtbot.waitSignal(client.failed, timeout=6_000) as waiting:
        client.cancel(request_id)
    assert isinstance(waiting.args[1], CancelledError)
    qtbot.waitUntil(lambda: client.state is ProcessState.READY, timeout=15_000)


def test_a_request_cancelled_before_the_process_is_ready_never_runs(qtbot, client):
    request_id = client.request("hang")
    with qtbot.waitSignal(client.failed) as waiting:
        client.cancel(request_id)
        client.cancel(request_id)
    assert isinstance(waiting.args[1], CancelledError)


def test_a_process_that_dies_again_and_again_is_given_up(qtbot):
    client = WorkerClient("dying", command=(sys.executable, "-c", "import sys; sys.exit(5)"))
    crashes = []
    client.crashed.connect(crashes.append)
    client.start()
    qtbot.waitUntil(lambda: client.state is ProcessState.GIVEN_UP, timeout=15_000)
    assert crashes == [5] * MAX_CRASHES_IN_A_ROW
    client.stop()


def test_a_program_that_does_not_exist_is_given_up_too(qtbot):
    client = WorkerClient("missing", command=("/nonexistent/kian-worker",))
    client.start()
    qtbot.waitUntil(lambda: client.state is ProcessState.GIVEN_UP, timeout=60_000)
    client.stop()


def test_something_that_speaks_another_protocol_is_as_good_as_a_crash(qtbot):
    client = WorkerClient("babble", command=(sys.executable, "-c", "print('hello'); input()"))
    with qtbot.waitSignal(client.crashed, timeout=15_000):
        client.start()
    client.stop()


def test_stopping_ends_the_process(qtbot, client):
    result_of(qtbot, client, "echo")
    pid = client.pid
    client.stop()
    assert client.state is ProcessState.STOPPED
    assert not Path(f"/proc/{pid}").exists() or not Path("/proc/self").exists()


HANG = {"alive_s": 0, "hangs": True}


@pytest.fixture
def impatient(qtbot):
    silence = SilenceWatch(floor_s=0.5)
    made = WorkerClient("scripted", command=(sys.executable, str(SCRIPTED)), silence=silence)
    yield made
    made.stop()


def test_a_process_that_hangs_is_ended_and_another_one_started(qtbot, impatient):
    result_of(qtbot, impatient, "echo")
    first = impatient.pid
    error = failure_of(qtbot, impatient, "generate", HANG)
    assert isinstance(error, WorkerTimeoutError)
    assert error.timeout_ms > 500
    result_of(qtbot, impatient, "echo")
    assert impatient.pid != first


def test_one_that_hangs_again_is_given_up_until_somebody_asks(qtbot, impatient):
    failure_of(qtbot, impatient, "generate", HANG)
    result_of(qtbot, impatient, "echo")  # what is no reading or writing proves nothing
    failure_of(qtbot, impatient, "generate", HANG)
    assert impatient.state is ProcessState.GIVEN_UP
    assert result_of(qtbot, impatient, "echo", {"n": 1}) == {"back": {"n": 1}}


def test_one_that_wrote_in_between_has_not_hung_twice(qtbot, impatient):
    failure_of(qtbot, impatient, "generate", HANG)
    result_of(qtbot, impatient, "generate", {"alive_s": 0, "hangs": False})
    failure_of(qtbot, impatient, "generate", HANG)
    assert impatient.state is not ProcessState.GIVEN_UP


def test_a_process_that_works_is_busy_and_silent_ones_rest(qtbot, impatient):
    request = impatient.request("echo")
    assert impatient.is_busy
    with qtbot.waitSignal(impatient.result_received, timeout=15_000) as waiting:
        pass
    assert waiting.args[0] == request
    assert not impatient.is_busy
