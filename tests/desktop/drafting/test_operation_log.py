"""The operation log: codes, versions, numbers and times, and never a word of a person."""

from __future__ import annotations

import logging
import re

import pytest

from desktop.drafting.errors import PlaceUnreachableError, PolicyUnreadableError
from desktop.drafting.operation_log import (
    FILE_NAME,
    LIMIT_BYTES,
    OLDER_FILES,
    Happening,
    note,
    note_bug,
    note_error,
    operation_log,
)
from models.errors import ModelFileBrokenError, WorkerBugError
from prompts.errors import TemplateSyntaxError

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} (INFO|ERROR) [a-z_]+( [a-z_]+=[\w.:,+?-]+)*")


@pytest.fixture
def lines(tmp_path):
    def read() -> list[str]:
        return (tmp_path / FILE_NAME).read_text("ascii").splitlines()

    with operation_log(tmp_path):
        yield read


def test_a_line_has_time_level_happening_and_plain_values(lines):
    note(Happening.STARTED, version="0.1.0", system="Windows-10-10.0.19045-SP0", model="demo")
    note(Happening.WORKER_CRASHED, is_trouble=True, worker="engine", exit_code=-11)
    assert all(LINE.fullmatch(line) for line in lines())
    assert lines()[0].endswith("INFO started version=0.1.0 system=Windows-10-10.0.19045-SP0 model=demo")
    assert lines()[1].endswith("ERROR worker_crashed worker=engine exit_code=-11")


@pytest.mark.parametrize(
    "value", ["山田太郎", "two words", "/home/tanaka/x", "C:\\Users\\x", "a\nb", "", "x" * 500]
)
def test_what_is_no_plain_word_is_not_written(lines, value):
    note(Happening.FAILED, reason=value)
    assert lines()[0].endswith("failed reason=?")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ModelFileBrokenError("住民の名簿.gguf", "magic"), "code=model_file_broken reason=magic"),
        (PolicyUnreadableError("unknown_key", 3, "masking.x"), "code=policy_unreadable reason=unknown_key"),
        (
            PlaceUnreachableError("models", "//server/田中"),
            "code=place_unreachable reason=models",
        ),
        (WorkerBugError("engine", "ValueError"), "code=worker_bug worker=engine"),
        (TemplateSyntaxError(1, "氏名", "bad_yaml"), "code=template_syntax reason=bad_yaml"),
        (ValueError("山田太郎の番号"), "type=ValueError"),
    ],
)
def test_of_an_error_only_its_code_and_words_of_ours_are_written(lines, error, told):
    note_error(Happening.FAILED, error)
    assert lines()[0].endswith(f"ERROR failed {told}")
    assert lines()[0].isascii()


def test_a_bug_is_one_line_of_types_and_places(lines):
    note_bug("Kian 0.1.0\nPython 3.11 linux\nValueError\n  desktop.app:33 main\n  <string>:1 <module>")
    assert len(lines()) == 1
    assert "ValueError,desktop.app:33:main" in lines()[0]
    assert LINE.fullmatch(lines()[0])


def test_old_lines_go_so_that_the_folder_never_grows_beyond_its_bound(tmp_path):
    with operation_log(tmp_path):
        for number in range(40_000):
            note(Happening.FAILED, code="worker_timeout", timeout_ms=number)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == [FILE_NAME, *(f"{FILE_NAME}.{age}" for age in range(1, OLDER_FILES + 1))]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= LIMIT_BYTES * (OLDER_FILES + 1)
    assert "timeout_ms=39999" in (tmp_path / FILE_NAME).read_text("ascii")


def test_a_log_that_cannot_be_written_disturbs_nobody(tmp_path, capfd):
    with operation_log(tmp_path / "not there"):
        note(Happening.STARTED, version="0.1.0")
    assert capfd.readouterr() == ("", "")


def test_after_the_block_nothing_is_written_any_more(tmp_path):
    with operation_log(tmp_path):
        note(Happening.STARTED)
    note(Happening.ENDED)
    assert len((tmp_path / FILE_NAME).read_text("ascii").splitlines()) == 1
    assert all(
        type(handler) is logging.NullHandler for handler in logging.getLogger("kian.operation").handlers
    )
