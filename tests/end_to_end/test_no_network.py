import os
import re
import shutil
import subprocess
import sys

import pytest

INTERNET = re.compile(r"\bsocket\((?:AF|PF)_INET6?\b|sa_family=AF_INET6?\b")


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("command", [["draft", "--example", "--yes", "--json"]])
def test_a_whole_draft_opens_no_internet_socket_in_any_process(tmp_path, command):
    trace = tmp_path / "trace"
    environment = {**os.environ, "KIAN_DATA_DIR": str(tmp_path / "data"), "HOME": str(tmp_path)}
    done = subprocess.run(
        [
            "strace",
            "-f",
            "-qq",
            "-e",
            "trace=network",
            "-o",
            str(trace),
            sys.executable,
            "-m",
            "desktop",
            *command,
        ],
        env=environment,
        capture_output=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr.decode()
    lines = trace.read_text(encoding="utf-8", errors="replace").splitlines()
    assert [line for line in lines if INTERNET.search(line)] == []


def test_the_search_for_internet_sockets_would_find_one():
    assert INTERNET.search("123 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3")
    assert INTERNET.search("9 connect(3, {sa_family=AF_INET6, sin6_port=htons(443)") is not None
    assert INTERNET.search("9 socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) = 3") is None
