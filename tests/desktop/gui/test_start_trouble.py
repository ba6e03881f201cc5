"""What the window tells and writes down when something is wrong with the place it runs in."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.app import build_parts
from desktop.drafting.operation_log import FILE_NAME, operation_log
from desktop.gui.clients.worker_client import WorkerClient
from tests.desktop.gui.conftest import close, opened

GONE = Path("/no such share/kian/models")


@pytest.fixture
def log(paths):
    with operation_log(paths.logs_dir):
        yield lambda: (paths.logs_dir / FILE_NAME).read_text("ascii")


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ("", str(GONE)),
        ("schema = 1\nunknown_key = 1\n", "管理者の設定ファイル"),  # the graver one comes first
    ],
)
def test_a_models_share_that_is_gone_is_told_on_home(qapp, paths, theme, policy, told):
    if policy:
        paths.policy_file.write_text(policy, "utf-8")
    with ExitStack() as stack:
        parts = build_parts(replace(paths, given_models=(GONE,)), stack)
        assert parts.model.is_demo  # another place is used meanwhile
        window = opened(parts, theme)
        try:
            assert told in window.home.banner.text
        finally:
            close(window)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_the_end_of_a_worker_is_written_down_with_its_code(qtbot, log, own_window):
    engine = next(c for c in own_window.findChildren(WorkerClient) if c.worker == "engine")
    with qtbot.waitSignal(engine.crashed, timeout=10_000):
        os.kill(engine.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: "worker_crashed worker=engine exit_code=-9" in log(), timeout=5_000)
    assert "worker_ready worker=masking" in log()


def test_a_run_of_the_window_is_in_the_log_from_start_to_end(paths):
    program = (
        "from PySide6.QtCore import QTimer\n"
        "import desktop.app as app\n"
        "made = app.build_window\n"
        "def build(parts, **rest):\n"
        "    window = made(parts, **rest)\n"
        "    QTimer.singleShot(0, window.close)\n"
        "    return window\n"
        "app.build_window = build\n"
        "raise SystemExit(app.run_app(['kian']))\n"
    )
    environment = {**os.environ, "KIAN_DATA_DIR": str(paths.data_dir), "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, timeout=120)
    lines = (paths.logs_dir / FILE_NAME).read_text("ascii").splitlines()
    assert " INFO started version=" in lines[0]
    assert "packaged=no model=demo" in lines[0]
    assert lines[-1].endswith("INFO ended exit_code=0")
    assert str(paths.data_dir) not in "\n".join(lines)
