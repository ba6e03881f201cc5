"""A model that killed the engine's process is not loaded again by itself."""

import subprocess
import sys

import pytest

from models.demo import demo_model_path
from models.engine.crash_marker import CrashMarker
from models.engine.llama import LlamaEngine
from models.engine.protocol import LoadOptions
from models.errors import ModelQuarantinedError
from tests.support.conversations import Recorder, user

DIE = """
import os, sys
from pathlib import Path
from models.engine.crash_marker import CrashMarker
with CrashMarker(Path(sys.argv[1])).working_on(Path(sys.argv[2])):
    os._exit(11)
"""


@pytest.fixture
def crashed(tmp_path):
    """The folder of notes after a process died while it worked on the demonstration model."""
    folder = tmp_path / "working"
    command = [sys.executable, "-c", DIE, str(folder), str(demo_model_path())]
    assert subprocess.run(command, check=False).returncode == 11
    return folder


def test_after_a_crash_the_model_is_refused_until_a_person_asks_again(crashed):
    engine, folder = LlamaEngine(), str(crashed.parent)
    with pytest.raises(ModelQuarantinedError):
        engine.load(demo_model_path(), LoadOptions(state_folder=folder))
    engine.load(demo_model_path(), LoadOptions(state_folder=folder, is_retry=True))
    engine.load(demo_model_path(), LoadOptions(state_folder=folder))
    engine.unload()


def test_another_file_is_not_refused(crashed, random_model):
    engine = LlamaEngine()
    engine.load(random_model, LoadOptions(state_folder=str(crashed.parent)))
    engine.unload()


def test_a_process_killed_on_purpose_can_be_forgiven(crashed):
    CrashMarker(crashed).forgive(demo_model_path())
    CrashMarker(crashed).check(demo_model_path())


def test_nothing_stays_behind_when_all_is_well(tmp_path):
    engine = LlamaEngine()
    engine.load(demo_model_path(), LoadOptions(state_folder=str(tmp_path)))
    Recorder().run(engine, user("件名"), max_tokens=3)
    engine.unload()
    assert list((tmp_path / "working").iterdir()) == []


def test_an_error_is_no_crash(tmp_path):
    marker = CrashMarker(tmp_path)
    with pytest.raises(KeyError), marker.working_on(demo_model_path()):
        raise KeyError
    marker.check(demo_model_path())


def test_a_process_that_still_works_with_the_model_is_no_crash(tmp_path):
    marker = CrashMarker(tmp_path)
    with marker.working_on(demo_model_path()):
        CrashMarker(tmp_path).check(demo_model_path())


def test_a_damaged_note_counts_as_a_crash(tmp_path):
    marker = CrashMarker(tmp_path)
    with marker.working_on(demo_model_path()):
        (note,) = tmp_path.iterdir()
    note.write_text("???")
    with pytest.raises(ModelQuarantinedError):
        marker.check(demo_model_path())


STOPPED = """
import os, sys
from pathlib import Path
from models.engine.crash_marker import CrashMarker
marker = CrashMarker(Path(sys.argv[1]))
with marker.working_on(Path(sys.argv[2])):
    marker.withdraw()
    os._exit(11)
"""


def test_a_process_that_was_told_to_end_leaves_no_note(tmp_path):
    command = [sys.executable, "-c", STOPPED, str(tmp_path), str(demo_model_path())]
    assert subprocess.run(command, check=False).returncode == 11
    assert list(tmp_path.iterdir()) == []
    CrashMarker(tmp_path).check(demo_model_path())
