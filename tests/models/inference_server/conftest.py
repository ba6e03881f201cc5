"""A worker `server` as the program starts it, and servers on loopback for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest

from models.engine.protocol import Completion, InferenceServer, LoadOptions, Message, ModelInfo
from models.worker.client import BlockingClient
from models.worker.protocol import completion_from_json, messages_to_json
from tests.support.conversations import user
from tests.support.inference_servers import running


@dataclass
class ServerWorker:
    """The worker process and what it said."""

    client: BlockingClient
    chunks: list[str] = field(default_factory=list)

    @classmethod
    @contextmanager
    def started(cls, command: Sequence[str] | None = None) -> Iterator[ServerWorker]:
        with BlockingClient("server", command=command) as client:
            yield cls(client)

    def load(self, server: InferenceServer) -> ModelInfo:
        options = asdict(LoadOptions(server=server))
        return ModelInfo(**self.client.call("load", {"path": "", "options": options}, timeout_ms=60_000))

    def write(
        self,
        *messages: Message,
        is_cancelled: Callable[[], bool] | None = None,
        **params: object,
    ) -> Completion:
        self.chunks.clear()
        answer = self.client.call(
            "generate",
            {"messages": messages_to_json(messages or (user("件名：試験"),)), "params": params},
            on_event=lambda event: self.chunks.append(event.payload.get("text", "")),
            is_cancelled=is_cancelled,
            timeout_ms=60_000,
        )
        return completion_from_json(answer)


@pytest.fixture
def worker() -> Iterator[ServerWorker]:
    with ServerWorker.started() as worker:
        yield worker


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server") / "log"


@pytest.fixture(scope="module")
def scripted(log: Path) -> Iterator[int]:
    with running("scripted_inference_server.py", log) as port:
        yield port
