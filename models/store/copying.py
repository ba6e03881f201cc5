"""Copying and hashing large files: with progress, stop, and nothing half left behind."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from models.errors import (
    CancelledError,
    ModelFileBrokenError,
    ModelFileMissingError,
    SourceLostError,
    StorageFullError,
    StorageUnusableError,
)
from models.gguf_file import BrokenReason

OnBytes = Callable[[int, int], None]
"""Called with (bytes done, bytes in all)."""

_CHUNK: Final = 4 << 20
_REPORT_EVERY_S: Final = 0.1
_SPARE_BYTES: Final = 64 << 20


def ignore_progress(_done: int, _total: int) -> None:
    """For callers that show no progress."""


def never_cancelled() -> bool:
    """For callers that cannot be stopped."""
    return False


def check_space(folder: Path, needed_bytes: int) -> None:
    """See that the disk has room, before anything is copied.

    Raises:
        StorageFullError: It has not.
        StorageUnusableError: The folder is not there.
    """
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        raise StorageUnusableError from None
    if free < needed_bytes + _SPARE_BYTES:
        raise StorageFullError(needed_bytes=needed_bytes, free_bytes=free)


def sha256_of(
    path: Path,
    *,
    on_progress: OnBytes = ignore_progress,
    is_cancelled: Callable[[], bool] = never_cancelled,
) -> str:
    """SHA-256 of a file, hex.

    Raises:
        ModelFileMissingError: There is no such file.
        ModelFileBrokenError: It cannot be read.
        CancelledError: It was stopped.
    """
    try:
        with path.open("rb") as file:
            total = os.fstat(file.fileno()).st_size
            return _pump(file, None, total, on_progress=on_progress, is_cancelled=is_cancelled)
    except FileNotFoundError:
        raise ModelFileMissingError(file_name=path.name) from None
    except OSError:
        raise ModelFileBrokenError(file_name=path.name, reason=BrokenReason.UNREADABLE) from None


def copy_hashing(
    source: Path, target: Path, *, on_progress: OnBytes, is_cancelled: Callable[[], bool]
) -> str:
    """Copy a file and return its SHA-256, hex. On any failure the target is removed.

    Raises:
        ModelFileMissingError: There is no such source.
        SourceLostError: The source went away in the middle.
        StorageFullError: The disk filled up.
        StorageUnusableError: The target cannot be written.
        CancelledError: It was stopped.
    """
    try:
        file = source.open("rb")
    except FileNotFoundError:
        raise ModelFileMissingError(file_name=source.name) from None
    except OSError:
        raise ModelFileBrokenError(file_name=source.name, reason=BrokenReason.UNREADABLE) from None
    with file:
        total = os.fstat(file.fileno()).st_size
        try:
            with target.open("xb") as sink:
                digest = _pump(file, sink, total, on_progress=on_progress, is_cancelled=is_cancelled)
                _settle(sink, total)
        except OSError as error:
            target.unlink(missing_ok=True)
            raise _writing_failed(error, total) from None
        except (CancelledError, SourceLostError, StorageFullError, StorageUnusableError):
            target.unlink(missing_ok=True)
            raise
    return digest


def _pump(
    source: BinaryIO,
    sink: BinaryIO | None,
    total: int,
    *,
    on_progress: OnBytes,
    is_cancelled: Callable[[], bool],
) -> str:
    digest, done, reported = hashlib.sha256(), 0, 0.0
    while True:
        if is_cancelled():
            raise CancelledError
        try:
            chunk = source.read(_CHUNK)
        except OSError:
            raise SourceLostError(copied_bytes=done, total_bytes=total) from None
        if not chunk:
            break
        digest.update(chunk)
        if sink is not None:
            _write(sink, chunk, total)
        done += len(chunk)
        if time.monotonic() - reported > _REPORT_EVERY_S:
            reported = time.monotonic()
            on_progress(done, total)
    if done < total:
        raise SourceLostError(copied_bytes=done, total_bytes=total)
    on_progress(done, total)
    return digest.hexdigest()


def _write(sink: BinaryIO, chunk: bytes, total: int) -> None:
    try:
        sink.write(chunk)
    except OSError as error:
        raise _writing_failed(error, total) from None


def _settle(sink: BinaryIO, total: int) -> None:
    """Onto the disk, not only into the cache: the digest speaks of what lies there."""
    try:
        sink.flush()
        os.fsync(sink.fileno())
    except OSError as error:
        raise _writing_failed(error, total) from None


def _writing_failed(error: OSError, total: int) -> StorageFullError | StorageUnusableError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):  # FAT32 ends at 4 GB
        return StorageFullError(needed_bytes=total, free_bytes=0)
    return StorageUnusableError()
