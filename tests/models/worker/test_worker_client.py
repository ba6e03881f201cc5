import sys
import time
from pathlib import Path

import psutil
import pytest

from models.errors import (
    ContextTooLongError,
    ProtocolError,
    WorkerBugError,
    WorkerCrashedError,
    WorkerTimeoutError,
)
from models.worker.client import BlockingClient
from models.worker.silence import SilenceWatch

SCRIPT = Path(__file__).parents[2] / "support" / "scripted_worker.py"


@pytest.fixture
def client():
    with BlockingClient("scripted", command=[sys.executable, str(SCRIPT)]) as started:
        yield started


def test_a_call_comes_back_with_lone_surrogates_and_control_characters_intact(client):
    text = "㈱山田\x00\x1b\n\u2028\ud83d改行\r\n😀"
    assert client.call("echo", {"text": text}) == {"back": {"text": text}}


def test_two_megabytes_pass_through_the_pipe(client):
    text = "起案" * 1_000_000
    assert client.call("echo", {"text": text})["back"]["text"] == text


def test_what_libraries_print_does_not_disturb_the_protocol(client):
    assert client.call("pollute") == {"done": True}
    assert client.call("echo", {"n": 1}) == {"back": {"n": 1}}


def test_events_arrive_in_order_before_the_result(client):
    seen = []
    result = client.call("count", {"to": 5}, on_event=lambda event: seen.append(event.payload["number"]))
    assert (seen, result) == ([0, 1, 2, 3, 4], {"reached": 5})


def test_a_cancel_reaches_a_running_handler(client):
    seen = []
    result = client.call(
        "count",
        {"to": 10_000},
        on_event=lambda event: seen.append(event),
        is_cancelled=lambda: len(seen) > 3,
    )
    assert result["reached"] < 1_000


def test_a_handler_that_ignores_cancel_is_killed_and_the_next_call_starts_a_new_process(client):
    started, seen = time.monotonic(), []
    with pytest.raises(WorkerTimeoutError):
        client.call("hang", on_event=seen.append, is_cancelled=lambda: bool(seen))
    assert time.monotonic() - started < 6
    assert client.call("echo", {"n": 2}) == {"back": {"n": 2}}


def test_a_call_that_takes_too_long_is_given_up(client):
    with pytest.raises(WorkerTimeoutError) as caught:
        client.call("hang", timeout_ms=200)
    assert caught.value.timeout_ms == 200


def listening(floor_s):
    command = [sys.executable, str(SCRIPT)]
    return BlockingClient("scripted", command=command, silence=SilenceWatch(floor_s=floor_s))


def test_a_worker_that_says_nothing_while_it_writes_is_ended_and_the_next_call_starts_another():
    with listening(1.5) as client:
        with pytest.raises(WorkerTimeoutError) as caught:
            client.call("generate", {"alive_s": 0, "hangs": True})
        assert caught.value.timeout_ms > 1500
        assert client.call("echo", {"n": 2}) == {"back": {"n": 2}}


def test_one_that_works_on_gives_signs_of_life_that_are_no_events():
    seen = []
    with listening(2.5) as client:
        result = client.call("generate", {"alive_s": 4, "hangs": False}, on_event=seen.append)
    assert (result, seen) == ({"done": True}, [])


@pytest.mark.parametrize(("op", "code"), [("crash", -11), ("leave", 7)])
def test_a_crash_is_reported_with_its_exit_code_and_the_worker_restarts(client, op, code):
    with pytest.raises(WorkerCrashedError) as caught:
        client.call(op)
    assert caught.value.exit_code == code
    assert client.call("echo", {"n": 3}) == {"back": {"n": 3}}


def test_an_expected_failure_arrives_as_its_own_class_with_its_fields(client):
    with pytest.raises(ContextTooLongError) as caught:
        client.call("refuse")
    assert (caught.value.prompt_tokens, caught.value.n_ctx) == (9, 8)


def test_a_bug_in_a_handler_names_its_type_and_no_text(client):
    with pytest.raises(WorkerBugError) as caught:
        client.call("bug")
    assert caught.value.exception_type == "ZeroDivisionError"
    assert "山田" not in str(caught.value)


def test_an_unknown_op_is_refused(client):
    with pytest.raises(ProtocolError):
        client.call("no_such_op")


def test_a_worker_killed_between_two_calls_is_restarted_silently(client):
    client.call("echo")
    worker = psutil.Process(client.pid)
    worker.kill()
    worker.wait(5)
    assert client.call("echo", {"n": 4}) == {"back": {"n": 4}}
    assert client.restarts == 1


def test_a_worker_killed_during_a_call_is_reported(client):
    with pytest.raises(WorkerCrashedError) as caught:
        client.call("count", {"to": 10_000}, on_event=lambda event: psutil.Process(client.pid or 0).kill())
    assert caught.value.exit_code == -9


def test_closing_ends_the_process(client):
    client.call("echo")
    pid = client.pid
    client.close()
    assert not psutil.pid_exists(pid)


def test_a_program_that_is_no_worker_is_reported_as_crashed():
    with (
        BlockingClient("none", command=[sys.executable, "-c", "raise SystemExit(3)"]) as broken,
        pytest.raises(WorkerCrashedError) as caught,
    ):
        broken.call("echo")
    assert caught.value.exit_code == 3
