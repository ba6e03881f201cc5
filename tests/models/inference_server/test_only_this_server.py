"""The worker reaches the server that the policy names, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from models.errors import InferenceServerError, ProtocolError, ServerFault
from tests.models.inference_server.conftest import ServerWorker
from tests.support.inference_servers import running, server_at

ROOT = Path(__file__).parents[3]
ATTEMPTS = (
    "socket.create_connection(('127.0.0.1', other))",
    "socket.create_connection(('127.0.0.2', port))",
    "socket.socket().connect(('localhost', port))",
    "s = socket.socket(); s.setblocking(False); s.connect_ex(('127.0.0.1', other))",
    "_socket.socket(socket.AF_INET, socket.SOCK_STREAM).connect(('127.0.0.1', other))",
    "ssl._create_unverified_context().wrap_socket(socket.socket()).connect(('127.0.0.1', other))",
    "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
    "socket.socket().bind(('127.0.0.1', 0))",
    "socket.getaddrinfo('localhost', port)",
    "socket.gethostbyname('example.jp')",
    "urllib.request.urlopen(f'http://127.0.0.1:{other}/')",
    "open_door(Door('127.0.0.1', other, (ip_network('127.0.0.1/32'),)))",
)
TRY_THEM = """
import _socket, json, socket, ssl, sys, urllib.request
from ipaddress import ip_network
from models.worker.offline import Door, InternetForbiddenError, forbid_internet, open_door
attempts, port, other = json.loads(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
forbid_internet()
open_door(Door("127.0.0.1", port, (ip_network("127.0.0.1/32"),)))
outcomes = {}
for attempt in ["socket.create_connection(('127.0.0.1', port)).close()", *attempts]:
    try:
        exec(attempt)
        outcomes[attempt] = "reached"
    except BaseException as error:
        causes = (error, getattr(error, "reason", None))
        is_fence = any(isinstance(cause, InternetForbiddenError) for cause in causes)
        outcomes[attempt] = "refused" if is_fence else repr(error)
print(json.dumps(outcomes))
"""


def reason_of(worker: ServerWorker, port: int, **changes: object) -> str:
    with pytest.raises(InferenceServerError) as caught:
        worker.load(server_at(port, **changes))
    return caught.value.reason


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_an_address_outside_of_the_list_is_not_connected_to(
    worker: ServerWorker, scripted: int, host: str
) -> None:
    server = {"url": f"http://{host}:{scripted}/whole/v1", "allowed_addresses": ("10.0.0.0/8", "fd00::/8")}
    assert reason_of(worker, scripted, **server) == ServerFault.ADDRESS_NOT_ALLOWED


def test_a_name_is_looked_up_and_its_allowed_address_is_taken(worker: ServerWorker, scripted: int) -> None:
    worker.load(server_at(scripted, url=f"http://localhost:{scripted}/whole/v1"))
    assert worker.write().text


def test_a_server_that_does_not_run_and_a_name_that_nobody_knows_are_told(worker: ServerWorker) -> None:
    with running("scripted_inference_server.py", "nowhere") as port:
        pass
    assert reason_of(worker, port) == ServerFault.REFUSED


def test_a_name_that_cannot_be_is_told(worker: ServerWorker) -> None:
    host = "a" * 64 + ".example"
    assert reason_of(worker, 443, url=f"http://{host}:443/v1") == ServerFault.NAME_UNKNOWN


def test_the_worker_knows_one_server_for_its_life(worker: ServerWorker, scripted: int) -> None:
    worker.load(server_at(scripted, url=f"http://127.0.0.1:{scripted}/whole/v1"))
    with pytest.raises(ProtocolError):
        worker.load(server_at(scripted, url=f"http://127.0.0.1:{scripted + 1}/whole/v1"))
    with pytest.raises(ProtocolError):
        worker.load(server_at(scripted, allowed_addresses=("0.0.0.0/0",)))


@pytest.fixture(scope="module")
def outcomes(scripted: int, log: Path) -> dict[str, str]:
    """What became of the attempts of a process with a door to the one of two servers."""
    with running("scripted_inference_server.py", log) as other:
        done = subprocess.run(
            [sys.executable, "-c", TRY_THEM, json.dumps(ATTEMPTS), str(scripted), str(other)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=True,
        )
    return dict(json.loads(done.stdout))


def test_the_door_leads_to_its_server(outcomes: dict[str, str]) -> None:
    assert next(iter(outcomes.values())) == "reached"


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_the_door_leads_nowhere_else(outcomes: dict[str, str], attempt: str) -> None:
    assert outcomes[attempt] == "refused"


def test_no_other_part_of_the_program_opens_a_door() -> None:
    found = [
        path.relative_to(ROOT).as_posix()
        for folder in ("desktop", "models", "prompts", "installer")
        for path in (ROOT / folder).rglob("*.py")
        if "open_door" in path.read_text("utf-8")
    ]
    assert sorted(found) == ["models/worker/inference.py", "models/worker/offline.py"]


def test_without_the_room_the_worker_says_that_it_is_not_in_the_package(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['models.inference_server'] = None\n"
        "from models.worker.__main__ import main; main('server')"
    )
    with ServerWorker.started([sys.executable, "-c", code]) as worker:
        assert reason_of(worker, 1) == ServerFault.NOT_INSTALLED
