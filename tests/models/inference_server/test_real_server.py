"""The worker and the real server of llama-cpp-python, over TLS with an authority of our own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from models.engine.protocol import FinishReason, InferenceServer
from models.errors import ContextTooLongError, InferenceServerError, ServerFault
from tests.models.inference_server.conftest import ServerWorker
from tests.support.authority import Authority
from tests.support.conversations import user
from tests.support.inference_servers import KEY, running, server_at

FORM = "通知文を作成してください。\n\n件名：防災訓練\n日時：令和9年1月17日\n場所：市役所"


@dataclass(frozen=True)
class Office:
    """A server with TLS, its authority, and a file with the key to it."""

    port: int
    authority: Authority
    key_file: Path

    def server(self, **changes: object) -> InferenceServer:
        values = {
            "url": f"https://127.0.0.1:{self.port}/v1",
            "ca_file": str(self.authority.file),
            "key_file": str(self.key_file),
        }
        return server_at(self.port, **{**values, **changes})


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    authority = Authority.made_in(folder / "庁内　認証局")
    key_file = folder / "鍵.txt"
    key_file.write_text(f"{KEY}\r\n", "utf-8-sig")
    with running("real_inference_server.py", folder / "bodies", *authority.issue()) as port:
        yield Office(port, authority, key_file)


def fault_at_load(worker: ServerWorker, server: InferenceServer) -> str:
    with pytest.raises(InferenceServerError) as caught:
        worker.load(server)
    return caught.value.reason


def test_a_completion_is_written_over_tls_with_the_municipality_s_authority(
    worker: ServerWorker, office: Office
) -> None:
    server = office.server()
    assert worker.load(server).name == server.model
    completion = worker.write(user(FORM), max_tokens=60)
    assert "防災訓練" in completion.text
    assert completion.text == "".join(worker.chunks)
    assert len(worker.chunks) > 3
    assert completion.usage.completion_tokens > 3
    assert worker.write(user(FORM), max_tokens=2).finish_reason is FinishReason.LENGTH


def test_after_a_stop_the_next_request_is_answered(worker: ServerWorker, office: Office) -> None:
    worker.load(office.server(url=f"https://127.0.0.1:{office.port}/slow/v1"))
    stopped = worker.write(user(FORM), is_cancelled=lambda: bool(worker.chunks))
    assert stopped.finish_reason is FinishReason.CANCELLED
    assert worker.write(user(FORM), max_tokens=8).text
    assert worker.client.restarts == 0


def test_a_text_that_is_too_long_is_told_although_the_server_just_drops_the_stream(
    worker: ServerWorker, office: Office
) -> None:
    worker.load(office.server())
    with pytest.raises(ContextTooLongError) as caught:
        worker.write(user("件名：防災訓練\n" * 600))
    assert caught.value.prompt_tokens > caught.value.n_ctx == 2048


def test_a_server_of_another_authority_is_refused(
    worker: ServerWorker, office: Office, tmp_path: Path
) -> None:
    other = Authority.made_in(tmp_path)
    assert fault_at_load(worker, office.server(ca_file=str(other.file))) == ServerFault.CERTIFICATE


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_without_a_readable_authority_nothing_is_sent(
    worker: ServerWorker, office: Office, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    assert fault_at_load(worker, office.server(ca_file=str(file))) == ServerFault.CA_FILE


@pytest.mark.parametrize(
    ("address", "days", "fault"),
    [
        ("127.0.0.1", -5, ServerFault.CERTIFICATE_EXPIRED),
        ("127.0.0.9", 5, ServerFault.CERTIFICATE_NAME),
        ("llm.city.example", 5, ServerFault.CERTIFICATE_NAME),
    ],
)
def test_an_expired_certificate_and_one_for_another_name_are_refused(
    worker: ServerWorker, office: Office, tmp_path: Path, address: str, days: int, fault: ServerFault
) -> None:
    files = office.authority.issue(address, days=days)
    with running("scripted_inference_server.py", tmp_path / "log", *files) as port:
        server = office.server(url=f"https://127.0.0.1:{port}/whole/v1")
        assert fault_at_load(worker, server) == fault


def test_a_wrong_key_and_an_unknown_model_are_told(
    worker: ServerWorker, office: Office, tmp_path: Path
) -> None:
    wrong = tmp_path / "key"
    wrong.write_text("another key")
    for changes, fault in (
        ({"key_file": str(wrong)}, ServerFault.UNAUTHORIZED),
        ({"key_file": ""}, ServerFault.UNAUTHORIZED),
        ({"model": "gpt-4"}, ServerFault.MODEL_UNKNOWN),
    ):
        assert fault_at_load(worker, office.server(**changes)) == fault


def test_a_server_without_tls_where_tls_is_asked_for_gets_no_request(
    worker: ServerWorker, office: Office, scripted: int
) -> None:
    assert fault_at_load(worker, office.server(url=f"https://127.0.0.1:{scripted}/v1")) == ServerFault.TLS
