"""A second start of the program: the open window comes to the front, with the file that was double-clicked.

One small file per start, empty or with a path, in a folder of the account's own (mode 0700); the open window reads and removes
it. No port, no pipe: a folder works on every system, and after a crash the worst is a preview to close.
"""

from __future__ import annotations

import contextlib
import time
import uuid
from pathlib import Path
from typing import Final

from desktop.drafting.errors import DataFolderUnwritableError, write_trouble

_SUFFIX: Final = ".path"
_LIMIT_CHARS: Final = 32_768
"""Windows' own longest path."""
_LOOK_S: Final = 0.05


class Handover:
    """The folder between the second program and the open window.

    Args:
        data_dir: The account's data folder, which exists.

    Raises:
        DataFolderUnwritableError: The folder cannot be made.
    """

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / "handover"
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise DataFolderUnwritableError(write_trouble(error)) from error

    def leave(self, path: Path | None = None) -> Path:
        """Ask the open window to come to the front, and hand a path over where there is one.

        Returns:
            The file left in the folder, whole or not at all; the open window removes it.

        Raises:
            DataFolderUnwritableError: It cannot be written.
        """
        made = self.folder / f"{uuid.uuid4().hex}{_SUFFIX}"
        temporary = made.with_suffix(".new")
        try:
            temporary.write_text(str(path or ""), encoding="utf-8", errors="surrogateescape")
            temporary.replace(made)
        except OSError as error:
            raise DataFolderUnwritableError(write_trouble(error)) from error
        return made

    def was_taken(self, left: Path, *, within_s: float) -> bool:
        """Whether the open window took what was left; what nobody took is removed."""
        end = time.monotonic() + within_s
        while left.exists() and time.monotonic() < end:
            time.sleep(_LOOK_S)
        is_here = left.exists()
        with contextlib.suppress(OSError):
            left.unlink(missing_ok=True)
        return not is_here

    def take(self) -> tuple[Path, ...] | None:
        """The paths that were left, each once; those that are gone meanwhile are left out.

        Returns:
            None where the program was not started a second time.
        """
        left = sorted(self.folder.glob(f"*{_SUFFIX}"))
        found: list[Path] = []
        for file in left:
            with contextlib.suppress(OSError, UnicodeDecodeError):
                with file.open(encoding="utf-8", errors="surrogateescape") as content:
                    path = Path(content.read(_LIMIT_CHARS))
                if path.is_absolute() and path.exists():
                    found.append(path)
            with contextlib.suppress(OSError):
                file.unlink()
        return tuple(dict.fromkeys(found)) if left else None
