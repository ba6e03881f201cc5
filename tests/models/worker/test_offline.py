import subprocess
import sys

import pytest

ASK = """
import socket, sys
from models.worker.offline import forbid_internet
forbid_internet(); forbid_internet()
{attempt}
"""


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.socket()",
        "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
        "socket.create_connection(('127.0.0.1', 9))",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')",
        "import http.client; http.client.HTTPConnection('127.0.0.1', 9).connect()",
    ],
)
def test_after_the_fence_is_up_no_way_leads_to_an_internet_socket(attempt):
    done = subprocess.run([sys.executable, "-c", ASK.format(attempt=attempt)], capture_output=True, text=True)
    assert done.returncode == 1
    assert "internet sockets are forbidden" in done.stderr


def test_local_sockets_still_work():
    attempt = "a, b = socket.socketpair(); a.sendall(b'x'); assert b.recv(1) == b'x'"
    subprocess.run([sys.executable, "-c", ASK.format(attempt=attempt)], check=True)
