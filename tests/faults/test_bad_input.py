"""Bad input in the terminal: a Japanese sentence that says what happened and what to do, and no draft."""

import os
import re
import threading
import time

import psutil
import pytest

from tests.support.program import Program
from tests.support.random_gguf import write_random_gguf

JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]{3,}.*[。]")
PYTHON_TRACE = re.compile(r"Traceback|Error\b|Exception")


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    return Program(tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="module")
def notice(program):
    return next(t["id"] for t in program.templates() if t["title"].startswith("通知"))


@pytest.fixture(scope="module")
def summary(program):
    """A template with one long text and its id."""
    template = next(t for t in program.templates() if t["title"].startswith("議事録の要約"))
    names = {f["name"]: f for f in template["fields"]}
    long_text = next(name for name, f in names.items() if f["type"] == "long_text")
    return template["id"], long_text


def told(outcome, *words):
    assert outcome.code != 0
    assert outcome.stdout == ""
    assert JAPANESE.search(outcome.stderr), outcome.stderr
    assert not PYTHON_TRACE.search(outcome.stderr), outcome.stderr
    for word in words:
        assert word in outcome.stderr, outcome.stderr


def test_an_unknown_template(program):
    told(program.run("draft", "--template", "nothing", "--yes"), "ひな形")


def test_an_unknown_field(program, notice):
    told(program.run("draft", "--template", notice, "--example", "--set", "予算=3", "--yes"), "予算")


def test_an_empty_required_field(program, notice):
    told(program.run("draft", "--template", notice, "--example", "--set", "件名=", "--yes"), "件名")


def test_a_set_without_a_value(program, notice):
    told(program.run("draft", "--template", notice, "--set", "件名", "--yes"), "項目=値")


def test_a_model_that_is_not_there(program, notice, tmp_path):
    told(
        program.run(
            "draft", "--template", notice, "--example", "--yes", "--model", tmp_path / "無い 模型.gguf"
        )
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"GGUF", b"PK\x03\x04" * 999, b"GGUF" + b"\xff" * 400],
    ids=["empty", "header", "zip", "mad"],
)
def test_a_file_that_is_no_model(program, notice, tmp_path, content):
    path = tmp_path / "壊れた　模型.gguf"
    path.write_bytes(content)
    told(program.run("draft", "--template", notice, "--example", "--yes", "--model", path), "モデル")


def test_half_of_a_model(program, notice, tmp_path):
    whole = tmp_path / "whole.gguf"
    write_random_gguf(whole)
    half = tmp_path / "half.gguf"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    told(program.run("draft", "--template", notice, "--example", "--yes", "--model", half), "モデル")


def test_two_megabytes_of_pasted_text(program, summary, tmp_path):
    path = tmp_path / "long.txt"
    path.write_text("会議の記録です。" * 90_000, encoding="utf-8")
    template, field = summary
    told(program.run("draft", "--template", template, "--example", "--set-file", f"{field}={path}", "--yes"))


@pytest.mark.parametrize("value", ["制御\x1b[31m文字", "鐘\x07"], ids=["escape", "bell"])
def test_control_characters(program, notice, value):
    told(program.run("draft", "--template", notice, "--example", "--set", f"件名={value}", "--yes"), "文字")


def test_a_lone_surrogate(program, notice, tmp_path):
    told(
        program.run(
            "draft",
            "--template",
            notice,
            "--example",
            "--set",
            b"subject=\xff\xfe".decode("utf-8", "surrogateescape"),
            "--yes",
        )
    )


def test_a_binary_file_as_a_value(program, summary, tmp_path):
    path = tmp_path / "binary.txt"
    path.write_bytes(os.urandom(4096))
    template, field = summary
    told(program.run("draft", "--template", template, "--example", "--set-file", f"{field}={path}", "--yes"))


def test_a_data_folder_that_cannot_be_made(tmp_path, monkeypatch, notice):
    blocked = Program(tmp_path)
    (tmp_path / "data").write_text("a file stands where the folder should be")
    told(blocked.run("draft", "--template", notice, "--example", "--yes"), "フォルダー")


def test_a_transcript_of_3000_characters_is_refused_by_the_small_context_and_taken_by_a_larger_one(
    program, summary, tmp_path
):
    template, field = summary
    transcript = tmp_path / "transcript.txt"
    line = "委員長から資料の説明があり、各委員が予算の考え方について意見を述べた。"
    transcript.write_text((line + "\n") * (3000 // len(line) + 1), encoding="utf-8")
    call = [
        "draft",
        "--template",
        template,
        "--example",
        "--set-file",
        f"{field}={transcript}",
        "--yes",
        "--json",
    ]
    told(program.run(*call), "長")
    larger = tmp_path / "大きい 模型.gguf"
    write_random_gguf(larger)
    outcome = program.run(*call, "--model", larger)
    assert outcome.code == 0, outcome.stderr
    assert outcome.json["usage"]["prompt_tokens"] > 1024


@pytest.mark.parametrize("worker", ["masking", "engine"])
def test_a_worker_killed_in_the_middle(program, notice, tmp_path, worker):
    larger = tmp_path / "slow.gguf"
    write_random_gguf(larger)
    seen = []

    def kill_it():
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            for process in psutil.process_iter(["cmdline"]):
                line = process.info["cmdline"] or []
                if line[-1:] == [worker] and str(os.getpid()) in _ancestors(process):
                    seen.append(process.pid)
                    process.kill()
                    return
            time.sleep(0.02)

    killer = threading.Thread(target=kill_it)
    killer.start()
    outcome = program.run("draft", "--template", notice, "--example", "--yes", "--model", larger)
    killer.join()
    assert seen
    told(outcome)


def _ancestors(process):
    try:
        return [str(parent.pid) for parent in process.parents()]
    except psutil.Error:
        return []
