import json

import pytest

from tests.support.program import Program


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    return Program(tmp_path_factory.mktemp("mask"))


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_every_line_is_answered_in_order_with_offsets_in_code_points(program, tmp_path):
    source = write(
        tmp_path / "in.jsonl",
        {"id": "\ud800", "text": "😀電話は090-1234-5678です"},
        {"id": 2, "text": ""},
    )
    done = program.run("mask", "--input", source, "--output", tmp_path / "out.jsonl")
    assert done.code == 0, done.stderr
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == ["\ud800", 2]
    assert rows[0]["spans"] == [{"start": 4, "end": 17, "label": "PHONE"}]
    assert all(row["seconds"] >= 0 for row in rows)


def test_the_input_is_never_its_own_output(program, tmp_path):
    source = write(tmp_path / "same.jsonl", {"id": 1, "text": "山田太郎"})
    done = program.run("mask", "--input", source, "--output", source)
    assert done.code == 1
    assert "同じファイル" in done.stderr
    assert json.loads(source.read_text(encoding="utf-8"))["text"] == "山田太郎"


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ('{"id": 1}', "text"),
        ('{"id": 1, "text": 5}', "text"),
        ("not json", "JSON"),
        ("[" * 100_000, "JSON"),
    ],
    ids=["no text", "number", "words", "deep"],
)
def test_a_line_that_cannot_be_read_is_named_and_an_older_output_stays(program, tmp_path, line, word):
    source = tmp_path / "in.jsonl"
    source.write_text('{"id": 0, "text": "x"}\n' + line + "\n", encoding="utf-8")
    out = tmp_path / "out.jsonl"
    out.write_text("older", encoding="utf-8")
    done = program.run("mask", "--input", source, "--output", out)
    assert done.code == 1
    assert "2 行目" in done.stderr and word in done.stderr
    assert "Traceback" not in done.stderr
    assert out.read_text(encoding="utf-8") == "older"
