"""The certificate tells what was seen, and proves nothing when nothing could be seen."""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from desktop.cli import certify
from desktop.drafting import certify as evidence
from desktop.drafting.certify import WatchedDraft, WatchedProcess, WatchedSocket
from desktop.drafting.errors import ExportFailedError
from desktop.drafting.paths import Paths
from tests.support.inference_servers import running, server_at

PROCESSES = (WatchedProcess(1, "draft"), WatchedProcess(2, "engine"))
SOCKET = WatchedSocket(2, "engine", "AF_INET", "10.0.0.1:5000", "192.0.2.1:443", "ESTABLISHED")
PERMITTED = replace(SOCKET, role="server", is_permitted=True)
WITH_SERVER = (WatchedProcess(1, "draft"), WatchedProcess(2, "server"))


def draft(**changes):
    values = {
        "exit_code": 0,
        "seconds": 3.0,
        "looks": 100,
        "processes": PROCESSES,
        "sockets": (),
        "unreadable": 0,
    }
    return WatchedDraft(**{**values, **changes})


@pytest.mark.parametrize(
    ("changes", "is_proof", "word"),
    [
        ({}, True, "1つも開かれませんでした"),
        ({"sockets": (SOCKET,)}, False, "1件見つかりました"),
        ({"exit_code": 1}, False, "終了コード 1"),
        ({"exit_code": None}, False, "時間内に終わらなかった"),
        ({"unreadable": 2}, False, "言い切れません"),
        ({"looks": 0}, False, "言い切れません"),
        ({"sockets": (PERMITTED,), "processes": WITH_SERVER}, True, "庁内サーバーとの通信は1件"),
        ({"sockets": (PERMITTED, SOCKET), "processes": WITH_SERVER}, False, "1件見つかりました"),
    ],
)
def test_only_a_finished_and_fully_watched_draft_without_sockets_is_proof(changes, is_proof, word):
    watched = draft(**changes)
    assert watched.is_proof is is_proof
    assert any(word in line for line in certify.findings(watched))


def watch(code):
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.DEVNULL)
    return evidence._watch(process)


def test_a_socket_of_a_child_process_is_seen():
    code = (
        "import subprocess, sys\n"
        "sys.exit(subprocess.call([sys.executable, '-c', "
        "'import socket, time; s=socket.socket(); s.bind((\"127.0.0.1\", 0)); s.listen(); time.sleep(.7)']))"
    )
    watched = watch(code)
    assert watched.exit_code == 0
    assert [row.family for row in watched.sockets] == ["AF_INET"]
    assert not watched.is_proof


TALK = """
import sys
from dataclasses import asdict
from models.engine.protocol import LoadOptions
from models.worker.client import BlockingClient
from tests.support.inference_servers import server_at
server = server_at(int(sys.argv[1]), url=f"http://127.0.0.1:{sys.argv[1]}/slow/v1")
seen = []
with BlockingClient("server") as client:
    client.call("load", {"path": "", "options": asdict(LoadOptions(server=server))})
    client.call("generate", {"messages": [{"role": "user", "masked": "件名"}]}, on_event=seen.append,
                is_cancelled=lambda: len(seen) > 5)
"""


@pytest.mark.parametrize(
    ("changes", "is_proof"),
    [
        ({}, True),
        ({"allowed_addresses": ("10.0.0.0/8",)}, False),
        ({"url": "http://127.0.0.1:9/v1"}, False),
        (None, False),
    ],
)
def test_only_the_connection_to_the_policy_s_server_is_permitted(tmp_path, changes, is_proof):
    with running("scripted_inference_server.py", tmp_path / "log") as port:
        process = subprocess.Popen(
            [sys.executable, "-c", TALK, str(port)], stdin=subprocess.DEVNULL, cwd=Path(__file__).parents[2]
        )
        server = None if changes is None else server_at(port, **changes)
        watched = evidence._watch(process, server)
    assert watched.exit_code == 0
    assert {row.role for row in watched.sockets} == {"server"}
    assert watched.is_proof is is_proof


def test_a_process_without_sockets_is_watched_more_than_once():
    watched = watch("import time; time.sleep(0.3)")
    assert watched.looks > 1
    assert watched.is_proof


def test_the_program_s_files_are_listed_with_one_digest_over_all():
    program = evidence.installed_program()
    names = [file.path for file in program.files]
    assert "desktop/drafting/certify.py" in names
    assert not any("__pycache__" in name for name in names)
    assert len(program.digest) == 64
    assert program.versions["cryptography"]


def test_places_tell_what_lies_where(tmp_path):
    paths = Paths(tmp_path / "data", tmp_path / "none.toml").ensure()
    paths.audit_db.write_bytes(b"12345")
    by_kind = {place.kind: place for place in evidence.places(paths)}
    assert (by_kind["audit_db"].files, by_kind["audit_db"].size_bytes) == (1, 5)
    assert not by_kind["policy_file"].exists
    assert set(by_kind) <= set(certify.PLACES)


@pytest.fixture
def report():
    return certify.gather(watch=lambda server: draft(sockets=(SOCKET,)))


def test_the_page_is_whole_html_that_escapes_what_it_shows(report):
    report["findings"] = ["<script>alert(1)</script>"]
    text = certify.page(report)
    assert "<script>" not in text
    assert "192.0.2.1:443" in text
    assert "確認できませんでした" in text
    assert "http" not in text.split("<h2>プログラムのファイル")[0]


def test_the_page_says_of_which_terminal_it_speaks_and_when(report):
    machine = report["machine"]
    assert set(machine) == set(certify.MACHINE)
    terminal = certify.page(report).split("<h2>端末</h2>")[1].split("<h2>")[0]
    for name, word in certify.MACHINE.items():
        assert f"<td>{word}</td><td>{machine[name]}</td>" in terminal


def test_the_report_is_json_and_the_summary_names_the_policy(report):
    again = json.loads(json.dumps(report, ensure_ascii=False))
    assert again["proven"] is False
    assert any("管理者設定" in line for line in certify.summary(report))


def test_a_place_that_cannot_be_written_is_told_before_anything_is_watched(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(certify, "gather", lambda: pytest.fail("watched in vain"))
    with pytest.raises(ExportFailedError):
        certify.run(argparse.Namespace(output=tmp_path / "file", json=False))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="POSIX")
def test_a_process_that_has_ended_but_for_its_number_is_told_from_one_that_hides():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    try:
        process = psutil.Process(pid)
        deadline = time.monotonic() + 10
        while process.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
            time.sleep(0.01)
        assert evidence._is_ending(process)
        assert not evidence._is_ending(psutil.Process())
    finally:
        os.waitpid(pid, 0)


def test_a_refusal_counts_only_where_the_process_still_has_its_memory(monkeypatch):
    def refused(*_, **__):
        raise psutil.AccessDenied

    real = psutil.Process.memory_info
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    gone = SimpleNamespace(rss=0)
    monkeypatch.setattr(psutil.Process, "net_connections", refused)
    monkeypatch.setattr(psutil.Process, "memory_info", lambda p: gone if p.pid == child.pid else real(p))
    try:
        seen = {watched.pid: held for watched, held in evidence._look(os.getpid(), None)}
    finally:
        child.communicate(b"\n")
    assert (seen[child.pid], seen[os.getpid()]) == ([], None)
