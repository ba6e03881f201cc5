"""A double click on a file of templates while the window is open: the second program hands the path over.

One small file per path in a folder of the account's own (mode 0700); the open window reads and removes
it. No port, no pipe: a folder works on every system, and after a crash the worst is a preview to close.
"""

from __future__ import annotations

import contextlib
import uuid
from pathlib import Path
from typing import Final

from desktop.drafting.errors import DataFolderUnwritableError, write_trouble

_SUFFIX: Final = ".path"
_LIMIT_CHARS: Final = 32_768
"""Windows' own longest path."""


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

    def leave(self, path: Path) -> None:
        """Hand a path over; it appears whole or not at all.

        Raises:
            DataFolderUnwritableError: It cannot be written.
        """
        made = self.folder / f"{uuid.uuid4().hex}{_SUFFIX}"
        temporary = made.with_suffix(".new")
        try:
            temporary.write_text(str(path), encoding="utf-8", errors="surrogateescape")
            temporary.replace(made)
        except OSError as error:
            raise DataFolderUnwritableError(write_trouble(error)) from error

    def take(self) -> tuple[Path, ...]:
        """The paths that were left, each once; those that are gone meanwhile are left out."""
        found: list[Path] = []
        for file in sorted(self.folder.glob(f"*{_SUFFIX}")):
            with contextlib.suppress(OSError, UnicodeDecodeError):
                with file.open(encoding="utf-8", errors="surrogateescape") as content:
                    path = Path(content.read(_LIMIT_CHARS))
                if path.is_absolute() and path.exists():
                    found.append(path)
            with contextlib.suppress(OSError):
                file.unlink()
        return tuple(dict.fromkeys(found))
