"""Where things lie, and the lock that keeps a second window away."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.drafting.errors import DataFolderUnwritableError, SecondInstanceError, write_trouble
from desktop.drafting.paths import Paths, SingleInstance


def paths_in(folder: Path) -> Paths:
    return Paths(folder, folder / "machine" / "policy.toml", (folder / "machine",))


def test_an_environment_variable_moves_the_persons_folder_but_not_the_policy(tmp_path: Path) -> None:
    usual = Paths.from_environment({})
    moved = Paths.from_environment(
        {"KIAN_DATA_DIR": str(tmp_path / "田中　太郎"), "XDG_CONFIG_DIRS": str(tmp_path)}
    )
    assert moved.data_dir == tmp_path / "田中　太郎"
    assert moved.drafts_db.parent == moved.data_dir
    assert moved.policy_file == usual.policy_file
    assert moved.machine_dirs == usual.machine_dirs


def test_folders_are_made_for_the_person_alone(tmp_path: Path) -> None:
    paths = paths_in(tmp_path / "田中　太郎" / "Kian").ensure()
    for folder in (paths.data_dir, paths.unsent_dir, paths.backups_dir, paths.logs_dir, paths.models_dir):
        assert folder.is_dir()
        if os.name == "posix":
            assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in paths.data_dir.iterdir() if path.is_file()] == []
    paths.ensure()


def test_a_file_in_the_way_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "Kian").write_text("")
    with pytest.raises(DataFolderUnwritableError) as caught:
        paths_in(tmp_path / "Kian").ensure()
    assert caught.value.reason == "not_a_folder"


@pytest.mark.skipif(not Path("/sys").is_dir(), reason="needs a folder nobody can write to")
def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_typed() -> None:
    with pytest.raises(DataFolderUnwritableError) as caught:
        paths_in(Path("/sys/kian-test")).ensure()
    assert caught.value.reason in ("read_only", "denied")


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.EROFS, "read_only"),
        (errno.ENOSPC, "full"),
        (errno.EDQUOT, "full"),
        (errno.EACCES, "denied"),
        (errno.EPERM, "denied"),
        (errno.ENOTDIR, "not_a_folder"),
        (errno.EIO, "other"),
    ],
)
def test_system_errors_become_reason_words(number: int, reason: str) -> None:
    assert write_trouble(OSError(number, "")) == reason
    assert reason in DataFolderUnwritableError.reasons


def test_a_second_instance_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    paths = paths_in(tmp_path).ensure()
    with SingleInstance(paths), pytest.raises(SecondInstanceError), SingleInstance(paths):
        pass
    with SingleInstance(paths):
        pass


HOLD = """
import sys
from pathlib import Path
from desktop.drafting.paths import Paths, SingleInstance
instance = SingleInstance(Paths(Path(sys.argv[1]), Path("policy.toml")))
instance.acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_killed_instance_gives_the_lock_back(tmp_path: Path) -> None:
    paths = paths_in(tmp_path).ensure()
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        assert process.stdout.readline().strip() == b"held"
        with pytest.raises(SecondInstanceError):
            SingleInstance(paths).acquire()
        process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
    with SingleInstance(paths):
        pass
