"""Inference servers on loopback for tests: each in a process of its own, since tests may open no socket."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.engine.protocol import InferenceServer

SUPPORT = Path(__file__).parent
KEY = "test-key"
MODEL = "kian-demo-server"


@contextmanager
def running(script: str, *arguments: object) -> Iterator[int]:
    """Run a server script of this folder; gives the port it listens on."""
    process = subprocess.Popen(
        [sys.executable, str(SUPPORT / script), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=SUPPORT.parents[1],
        env={"PYTHONPATH": str(SUPPORT.parents[1]), "PATH": "", "PYTHONUTF8": "1"},
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.stdout.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def server_at(port: int, **changes: object) -> InferenceServer:
    """A server on loopback without TLS, as the policy would name it."""
    values: dict[str, object] = {
        "url": f"http://127.0.0.1:{port}/v1",
        "model": MODEL,
        "allowed_addresses": ("127.0.0.1/32",),
        "timeout_s": 120,
    }
    return InferenceServer(**{**values, **changes})  # type: ignore[arg-type]
