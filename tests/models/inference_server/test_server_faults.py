"""Whatever a server does, it becomes an answer or an error of its own; every test is a real process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.engine.protocol import FinishReason
from models.errors import (
    ContextTooLongError,
    InferenceServerError,
    ModelNotLoadedError,
    ProtocolError,
    ServerFault,
)
from tests.models.inference_server.conftest import ServerWorker
from tests.support.conversations import user
from tests.support.inference_servers import server_at


@pytest.fixture(scope="module")
def worker() -> Iterator[ServerWorker]:
    """One process for all of these: it is loaded anew for each."""
    with ServerWorker.started() as worker:
        yield worker


def fault_of(worker: ServerWorker, **params: object) -> tuple[str, int]:
    with pytest.raises(InferenceServerError) as caught:
        worker.write(**params)
    return caught.value.reason, caught.value.status


def at(port: int, script: str, **changes: object):
    return server_at(port, url=f"http://127.0.0.1:{port}/{script}/v1", **changes)


FAULTS = [
    ("301", ServerFault.REDIRECTED, 301),
    ("401", ServerFault.UNAUTHORIZED, 401),
    ("403", ServerFault.UNAUTHORIZED, 403),
    ("404", ServerFault.MODEL_UNKNOWN, 404),
    ("429", ServerFault.BUSY, 429),
    ("500", ServerFault.SERVER_ERROR, 500),
    ("503", ServerFault.BUSY, 503),
    ("odd", ServerFault.REQUEST_REFUSED, 422),
    ("html", ServerFault.SERVER_ERROR, 502),
    ("broken", ServerFault.MALFORMED, 0),
    ("other_json", ServerFault.MALFORMED, 0),
    ("no_stream", ServerFault.MALFORMED, 200),
    ("not_http", ServerFault.MALFORMED, 0),
    ("flood", ServerFault.MALFORMED, 0),
    ("endless", ServerFault.MALFORMED, 0),
    ("cut", ServerFault.INTERRUPTED, 0),
    ("aside", ServerFault.INTERRUPTED, 0),
    ("late", ServerFault.SERVER_ERROR, 200),
]


@pytest.mark.parametrize(("script", "fault", "status"), FAULTS, ids=[script for script, *_ in FAULTS])
def test_each_way_to_fail_has_a_reason_of_its_own(
    worker: ServerWorker, scripted: int, script: str, fault: ServerFault, status: int
) -> None:
    worker.load(at(scripted, script))
    assert fault_of(worker) == (fault, status)


@pytest.mark.parametrize("script", ["silent", "pings"])
def test_a_server_that_says_nothing_of_use_is_given_up(
    worker: ServerWorker, scripted: int, script: str
) -> None:
    worker.load(at(scripted, script, timeout_s=1))
    assert fault_of(worker) == (ServerFault.SILENT, 0)


@pytest.mark.parametrize("script", ["silent", "slow"])
def test_a_stop_is_heard_while_the_server_reads_and_while_it_writes_and_closes_the_connection(
    worker: ServerWorker, scripted: int, log: Path, script: str
) -> None:
    worker.load(at(scripted, script))
    begun = time.monotonic()

    def is_enough() -> bool:
        return bool(worker.chunks) if script == "slow" else time.monotonic() - begun > 0.5

    completion = worker.write(is_cancelled=is_enough)
    assert completion.finish_reason is FinishReason.CANCELLED
    assert completion.text == "".join(worker.chunks)
    assert worker.client.restarts == 0, "it was stopped by its own process, not by force"
    for _ in range(100):
        if log.exists() and f"{script} closed" in log.read_text():
            return
        time.sleep(0.05)
    raise AssertionError("the server was left with an open connection")


def test_what_the_server_writes_comes_whole_with_its_counts(worker: ServerWorker, scripted: int) -> None:
    worker.load(at(scripted, "whole"))
    completion = worker.write()
    assert (completion.text, completion.finish_reason) == ("令和\u2028九年", FinishReason.STOP)
    assert worker.chunks == ["令和", "\u2028九年"]
    usage = completion.usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.reused_tokens) == (7, 3, 4)


def test_an_answer_that_comes_in_single_bytes_is_put_together(worker: ServerWorker, scripted: int) -> None:
    worker.load(at(scripted, "in_bits"))
    assert worker.write().text == "起案文書"
    assert worker.write().usage.completion_tokens == 2, "where nothing is counted, a piece counts"


def test_half_a_character_never_leaves_the_worker(worker: ServerWorker, scripted: int) -> None:
    worker.load(at(scripted, "half"))
    worker.write().text.encode("utf-8")


def test_an_answer_that_ended_for_another_reason_is_not_taken_for_a_whole_one(
    worker: ServerWorker, scripted: int
) -> None:
    worker.load(at(scripted, "filtered"))
    assert worker.write().finish_reason is FinishReason.LENGTH


@pytest.mark.parametrize(
    ("script", "prompt_tokens"), [("llama_cpp", 900), ("vllm_old", 900), ("stranger", 4096)]
)
def test_a_text_that_is_too_long_is_told_as_such(
    worker: ServerWorker, scripted: int, script: str, prompt_tokens: int
) -> None:
    worker.load(at(scripted, script))
    with pytest.raises(ContextTooLongError) as caught:
        worker.write()
    assert caught.value.prompt_tokens == prompt_tokens
    assert caught.value.n_ctx == (4096 if script == "stranger" else 512)


def test_where_only_the_answer_would_be_too_long_a_shorter_one_is_asked_for(
    worker: ServerWorker, scripted: int
) -> None:
    worker.load(at(scripted, "vllm_new"))
    assert worker.write(max_tokens=400).text == "312字まで"
    with pytest.raises(ContextTooLongError):
        worker.write(max_tokens=400, reserve_tokens=400)


def test_a_server_without_a_list_of_models_is_refused_at_once(worker: ServerWorker, scripted: int) -> None:
    with pytest.raises(InferenceServerError) as caught:
        worker.load(at(scripted, "no_list"))
    assert caught.value.reason == ServerFault.MALFORMED


def test_nothing_is_sent_before_it_is_confirmed(worker: ServerWorker, scripted: int) -> None:
    worker.load(at(scripted, "500"))
    fixed = {"messages": [{"role": "system", "masked": "決まった文"}]}
    assert worker.client.call("prepare_prefix", fixed) == {"tokens": 0}


def test_tokens_are_estimated_high(worker: ServerWorker, scripted: int) -> None:
    worker.load(at(scripted, "whole"))
    rows = [{"role": "user", "masked": "字" * 100}]
    assert worker.client.call("count_tokens", {"prompts": [rows]})["tokens"][0] >= 100


def test_without_a_server_nothing_is_written() -> None:
    with ServerWorker.started() as fresh:
        with pytest.raises(ModelNotLoadedError):
            fresh.write(user("件名"))
        with pytest.raises(ProtocolError):
            fresh.client.call("load", {"path": "x.gguf", "options": {}})


@pytest.mark.parametrize(("content", "is_there"), [(b"", True), ("鍵".encode(), True), (b"", False)])
def test_a_key_that_cannot_be_used_is_told_before_anything_is_sent(
    worker: ServerWorker, scripted: int, tmp_path: Path, content: bytes, is_there: bool
) -> None:
    key_file = tmp_path / "key"
    if is_there:
        key_file.write_bytes(content)
    with pytest.raises(InferenceServerError) as caught:
        worker.load(at(scripted, "whole", key_file=str(key_file)))
    assert caught.value.reason == ServerFault.KEY_FILE


def test_no_word_of_the_server_stands_in_an_error(worker: ServerWorker, scripted: int) -> None:
    worker.load(at(scripted, "500"))
    with pytest.raises(InferenceServerError) as caught:
        worker.write()
    assert "山田太郎" not in str(caught.value.fields())
