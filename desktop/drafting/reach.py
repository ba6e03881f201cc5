"""Folders that the installer was given (MODELDIR, SHELF) and that are not there now: a share that went away.

Windows may wait half a minute before it says that a share is gone, so each folder is asked in a thread of
its own, and one that has not answered after a few seconds is taken for gone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from desktop.drafting.errors import PlaceUnreachableError
from desktop.drafting.paths import Paths

WAIT_S: Final = 3.0
"""A working share answers in milliseconds."""


def is_folder(path: Path) -> bool:
    """Whether a folder is there; a share that went away is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def within_reach(
    paths: Paths, *, is_there: Callable[[Path], bool] = is_folder, wait_s: float = WAIT_S
) -> tuple[Paths, tuple[PlaceUnreachableError, ...]]:
    """The places without the given folders that are gone, and one error to tell for each of those.

    Args:
        paths: All places.
        is_there: Asks for one folder; may block.
        wait_s: The longest wait for all of them together, seconds.
    """
    named = [("models", folder) for folder in paths.given_models]
    named += [("shelf", folder) for folder in paths.given_shelves]
    answers = _ask([folder for _, folder in named], is_there, wait_s)
    lost = [given for given, there in zip(named, answers, strict=True) if not there]
    gone = {folder for _, folder in lost}
    kept = replace(
        paths,
        given_models=tuple(folder for folder in paths.given_models if folder not in gone),
        given_shelves=tuple(folder for folder in paths.given_shelves if folder not in gone),
    )
    return kept, tuple(PlaceUnreachableError(kind, str(folder)) for kind, folder in lost)


def _ask(folders: Sequence[Path], is_there: Callable[[Path], bool], wait_s: float) -> list[bool]:
    """Whether each folder is there; False for one that has not answered in time."""
    answers = [False] * len(folders)
    done = threading.Semaphore(0)

    def ask(index: int) -> None:
        answers[index] = is_there(folders[index])
        done.release()

    for index in range(len(folders)):
        threading.Thread(target=ask, args=(index,), name="reach", daemon=True).start()
    for _ in folders:
        if not done.acquire(timeout=wait_s):
            break
    return list(answers)
