"""Which GPU is used, and when none is. Drivers are made up: the rest is for a PC that has one."""

import os
import subprocess
import sys
import time

import pytest

from models.demo import demo_model_path
from models.engine.crash_marker import CrashMarker
from models.engine.gpus import Device, choose
from models.engine.llama import LlamaEngine
from models.engine.protocol import GpuState, LoadOptions

GIB = 1 << 30
PROCESSOR = Device(0, "CPU", 8 * GIB, 1)
SMALL = Device(1, "small", 2 * GIB, 2)
LARGE = Device(1, "large", 6 * GIB, 3)
BUILT_IN = Device(2, "built in", 12 * GIB, 4)
SILENT = Device(1, "tells nothing", 0, 5)


@pytest.mark.parametrize(
    ("devices", "is_included", "state", "used"),
    [
        ([PROCESSOR], False, GpuState.NOT_INCLUDED, None),
        ([PROCESSOR], True, GpuState.NOT_FOUND, None),
        ([PROCESSOR, BUILT_IN], True, GpuState.SHARED_MEMORY, None),
        ([PROCESSOR, SILENT], True, GpuState.NOT_FOUND, None),
        ([PROCESSOR, SMALL, LARGE, BUILT_IN], True, GpuState.READY, LARGE),
        ([SMALL, PROCESSOR], False, GpuState.READY, SMALL),  # a build with the GPU's part built in
    ],
)
def test_the_roomiest_gpu_with_memory_of_its_own_is_used(devices, is_included, state, used):
    found = choose(devices, is_included=is_included)
    assert (found.state, found.device) == (state, used)
    assert found.free_bytes == (used.free_bytes if used else 0)


DIE = """
import os, sys
from pathlib import Path
from models.engine.crash_marker import CrashMarker
with CrashMarker(Path(sys.argv[1])).working_on_gpu():
    os._exit(11)
"""


@pytest.fixture
def died_on_gpu(tmp_path):
    """The folder of notes after a process died while a GPU was at work."""
    folder = tmp_path / "working"
    assert subprocess.run([sys.executable, "-c", DIE, str(folder)], check=False).returncode == 11
    return folder


def test_after_a_crash_with_a_gpu_the_model_is_loaded_without_it(died_on_gpu):
    engine = LlamaEngine()
    engine.load(demo_model_path(), LoadOptions(state_folder=str(died_on_gpu.parent)))
    runtime = engine.runtime()
    assert (runtime.gpu, runtime.gpu_free_bytes) == (GpuState.RESTING, 0)
    engine.unload()


def test_a_person_who_asks_for_the_model_again_does_not_get_the_gpu_with_it(died_on_gpu):
    engine = LlamaEngine()
    engine.load(demo_model_path(), LoadOptions(state_folder=str(died_on_gpu.parent), is_retry=True))
    assert engine.runtime().gpu is GpuState.RESTING
    engine.unload()


def test_after_a_week_the_gpu_is_tried_again(died_on_gpu):
    marker = CrashMarker(died_on_gpu)
    assert marker.lets_gpu_rest()
    (note,) = died_on_gpu.iterdir()
    week_ago = time.time() - 7 * 86_400 - 60
    os.utime(note, (week_ago, week_ago))
    assert not marker.lets_gpu_rest()
    assert not note.exists()


def test_a_gpu_at_work_in_another_window_is_no_crash(tmp_path):
    with CrashMarker(tmp_path).working_on_gpu():
        assert not CrashMarker(tmp_path).lets_gpu_rest()


def test_a_crash_with_a_gpu_is_not_held_against_the_model(died_on_gpu):
    CrashMarker(died_on_gpu).check(demo_model_path())


def test_without_a_folder_nothing_is_noted_and_nothing_rests():
    marker = CrashMarker(None)
    with marker.working_on_gpu():
        assert not marker.lets_gpu_rest()


HANG = """
import os, sys
from pathlib import Path
from models.engine.crash_marker import CrashMarker
marker = CrashMarker(Path(sys.argv[1]))
with marker.{at_work}():
    marker.withdraw()
    os._exit(11)
"""


@pytest.mark.parametrize(("at_work", "rests"), [("working_on_gpu", False), ("opening_gpu", True)])
def test_a_process_that_somebody_ends_is_no_crash_unless_a_driver_was_being_opened(tmp_path, at_work, rests):
    command = [sys.executable, "-c", HANG.format(at_work=at_work), str(tmp_path)]
    assert subprocess.run(command, check=False).returncode == 11
    assert CrashMarker(tmp_path).lets_gpu_rest() is rests


def test_who_asks_for_it_gets_the_gpu_tried_again(died_on_gpu):
    options = LoadOptions(state_folder=str(died_on_gpu.parent), tries_gpu_again=True)
    engine = LlamaEngine()
    engine.load(demo_model_path(), options)
    assert engine.runtime().gpu is not GpuState.RESTING
    engine.unload()
    assert not CrashMarker(died_on_gpu).lets_gpu_rest()
