"""What the window tells and writes down when something is wrong with the place it runs in."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.app import build_parts
from desktop.drafting.errors import RecordsUnreadableError
from desktop.drafting.operation_log import FILE_NAME, operation_log
from desktop.drafting.records.drafts import DraftStore, NewDraft
from desktop.gui.clients.worker_client import WorkerClient
from models.masking.text import seal
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


NO_DATABASE = b"this is no database, whatever its name says" * 50


@pytest.mark.parametrize("is_cut", [False, True])
def test_a_broken_history_is_kept_aside_and_a_new_one_begun(qapp, paths, theme, is_cut):
    whole = _some_history(paths)
    broken = whole[: len(whole) // 2] if is_cut else NO_DATABASE
    paths.drafts_db.write_bytes(broken)
    with ExitStack() as stack:
        window = opened(build_parts(paths, stack), theme)
        try:
            (aside,) = paths.backups_dir.glob("drafts-broken-*.sqlite3")
            assert aside.read_bytes() == broken
            assert aside.name in window.home.banner.text
        finally:
            close(window)
    with ExitStack() as stack:  # told once
        assert build_parts(paths, stack).start_problems == ()


def test_a_history_of_a_newer_program_is_not_touched(paths):
    with closing(sqlite3.connect(paths.drafts_db)) as newer:
        newer.execute("PRAGMA user_version = 999")
    with ExitStack() as stack, pytest.raises(RecordsUnreadableError) as caught:
        build_parts(paths, stack)
    assert caught.value.reason == "newer"
    assert not list(paths.backups_dir.glob("*broken*"))
    with closing(sqlite3.connect(paths.drafts_db)) as newer:
        assert newer.execute("PRAGMA user_version").fetchone() == (999,)


def _some_history(paths):
    with closing(DraftStore(paths.drafts_db, backups_dir=paths.backups_dir)) as drafts:
        for number in range(200):
            draft = NewDraft(template_id=f"t{number}", template_version="1", template_title="通知文")
            drafts.create(draft, seal(f"件名：試験{number}"), state="generating")
    return paths.drafts_db.read_bytes()
