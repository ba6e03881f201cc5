import os
import stat
from pathlib import Path

import pytest

from desktop.drafting.errors import DataFolderUnwritableError
from desktop.drafting.handover import Handover


@pytest.mark.parametrize("name", ["広報　課~1.kianpack", "ひな形.prompt.md"])
def test_a_path_that_was_left_is_taken_once(tmp_path, name):
    (tmp_path / name).touch()
    handover = Handover(tmp_path)
    handover.leave(tmp_path / name)
    handover.leave(tmp_path / name)
    assert handover.take() == (tmp_path / name,)
    assert handover.take() is None
    assert list(handover.folder.iterdir()) == []


def test_what_is_gone_or_no_path_is_left_out(tmp_path):
    handover = Handover(tmp_path)
    handover.leave(tmp_path / "gone.kianpack")
    handover.leave(Path("relative.kianpack"))
    (handover.folder / "junk.path").write_bytes(b"\xff\xfe\x00" * 50)
    assert handover.take() == ()
    assert list(handover.folder.iterdir()) == []


def test_a_start_without_a_file_asks_for_the_window_alone(tmp_path):
    handover = Handover(tmp_path)
    left = handover.leave()
    assert not handover.was_taken(left, within_s=0)
    assert handover.take() is None, "what nobody took is gone"
    left = handover.leave()
    assert handover.take() == ()
    assert handover.was_taken(left, within_s=0)


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_only_the_account_itself_reads_what_was_left(tmp_path):
    assert stat.S_IMODE(Handover(tmp_path).folder.stat().st_mode) == 0o700


def test_a_file_in_the_folders_place_is_an_error_that_can_be_told(tmp_path):
    (tmp_path / "handover").touch()
    with pytest.raises(DataFolderUnwritableError):
        Handover(tmp_path)
