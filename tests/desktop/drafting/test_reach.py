"""Shares that went away: named, left out, and never waited for longer than a few seconds."""

from __future__ import annotations

import threading
from pathlib import Path

from desktop.drafting.messages import message_for
from desktop.drafting.paths import Paths
from desktop.drafting.reach import within_reach


def given(tmp_path, *, models=(), shelves=()) -> Paths:
    return Paths(tmp_path / "data", tmp_path / "policy.toml", (), tuple(models), tuple(shelves))


def test_folders_that_are_there_stay_and_nothing_is_told(tmp_path):
    paths = given(tmp_path, models=[tmp_path], shelves=[tmp_path])
    assert within_reach(paths) == (paths, ())


def test_a_vanished_share_is_left_out_and_named(tmp_path):
    gone = Path("//fileserver/kian/models")
    kept, lost = within_reach(given(tmp_path, models=[gone], shelves=[tmp_path]))
    assert kept.given_models == ()
    assert kept.given_shelves == (tmp_path,)
    assert [(error.reason, error.folder) for error in lost] == [("models", str(gone))]
    assert str(gone) in message_for(lost[0]).what
    assert "MODELDIR" in message_for(lost[0]).what


def test_a_file_where_the_folder_should_be_is_no_folder(tmp_path):
    file = tmp_path / "models"
    file.write_text("", "utf-8")
    assert within_reach(given(tmp_path, shelves=[file]))[1][0].reason == "shelf"


def test_a_share_that_does_not_answer_is_not_waited_for(tmp_path):
    end = threading.Event()

    def ask(folder: Path) -> bool:
        return folder == tmp_path or end.wait(60)

    hanging = Path("//fileserver/hangs")
    try:
        kept, lost = within_reach(given(tmp_path, models=[hanging, tmp_path]), is_there=ask, wait_s=0.2)
    finally:
        end.set()
    assert kept.given_models == (tmp_path,)
    assert [error.folder for error in lost] == [str(hanging)]
