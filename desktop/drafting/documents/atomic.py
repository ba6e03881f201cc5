"""Writing a file so that a kill or a full disk leaves the old one or the new one, never half."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from desktop.drafting.errors import ExportFailedError, write_trouble


def write_atomically(path: Path, content: bytes) -> None:
    """Write beside the target, then replace it.

    Raises:
        ExportFailedError: Nothing was written; what stood there is untouched.
    """
    temporary: Path | None = None
    try:
        # Not `tempfile`: its mode 0600 would stay, and colleagues could not open a file on a share.
        temporary = path.parent / f".kian-{secrets.token_hex(8)}.tmp"
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except (OSError, ValueError) as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        raise ExportFailedError(_reason(path, error)) from error


def _reason(path: Path, error: OSError | ValueError) -> str:
    if isinstance(error, ValueError):  # a NUL in the name
        return "bad_name"
    if isinstance(error, FileNotFoundError):
        return "no_folder" if not path.parent.is_dir() else "bad_name"
    reason = write_trouble(error)
    # Windows refuses to replace a file that Word has open.
    if reason == "denied" and path.is_file() and os.access(path.parent, os.W_OK):
        return "in_use"
    if isinstance(error, IsADirectoryError) or reason == "not_a_folder":
        return "bad_name"
    return reason
