"""Reading zip archives from strangers: nothing is unpacked to disk, everything is bounded."""

from __future__ import annotations

import io
import itertools
import stat
import struct
import unicodedata
import zipfile
import zlib
from pathlib import Path

from prompts.errors import ImportRefusedError
from prompts.sharing.sources import SourceFile
from prompts.template import MAX_BYTES

MAX_ARCHIVE_BYTES = 128 * 1024 * 1024
MAX_FILES = 20_000
MAX_TOTAL_BYTES = 256 * 1024 * 1024
MAX_FILE_BYTES = 8 * 1024 * 1024
"""Of one file that holds many templates (JSON, CSV); a template itself has `MAX_BYTES`."""
_MAX_NAME_CHARS = 240
_MAX_RATIO = 200
_RATIO_FROM_BYTES = 1024 * 1024
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    ValueError,
    RuntimeError,
    struct.error,
    IndexError,
    OverflowError,
)


def read_archive(content: bytes) -> list[SourceFile]:
    """The files of a zip archive, in its order.

    Raises:
        ImportRefusedError: the archive is broken, or holds something no honest one does: paths
            that lead elsewhere, links, encryption, the same name twice, or a bomb.
    """
    if len(content) > MAX_ARCHIVE_BYTES:
        raise ImportRefusedError("", "too_large")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = _checked_entries(archive)
            files, total = [], 0
            for entry in entries:
                data = _read_entry(archive, entry)
                total += len(data)
                if total > MAX_TOTAL_BYTES:
                    raise ImportRefusedError(entry.filename, "too_large")
                files.append(SourceFile(entry.filename, data))
            return files
    except _BROKEN as error:
        raise ImportRefusedError("", "bad_zip") from error


def _checked_entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    entries = archive.infolist()
    if len(entries) > MAX_FILES:
        raise ImportRefusedError("", "too_many_files")
    seen: set[str] = set()
    for entry in entries:
        if not is_safe_path(entry.filename):
            raise ImportRefusedError(ascii(entry.filename)[:200], "unsafe_path")
        # Windows and macOS take names for one that differ in case or composition only.
        key = unicodedata.normalize("NFC", entry.filename).casefold()
        if key in seen:
            raise ImportRefusedError(entry.filename, "duplicate_path")
        seen.add(key)
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise ImportRefusedError(entry.filename, "link_not_allowed")
        if entry.flag_bits & 0x1:
            raise ImportRefusedError(entry.filename, "encrypted")
    return [entry for entry in entries if not entry.is_dir()]


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    limit = MAX_BYTES if entry.filename.lower().endswith(".md") else MAX_FILE_BYTES
    # The sizes in the directory may lie, so the stream itself is bounded.
    with archive.open(entry) as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise ImportRefusedError(entry.filename, "too_large")
    if len(data) > _RATIO_FROM_BYTES and len(data) > _MAX_RATIO * max(1, entry.compress_size):
        raise ImportRefusedError(entry.filename, "suspicious_ratio")
    if len(data) != entry.file_size:
        raise ImportRefusedError(entry.filename, "truncated")
    return data


def is_safe_path(path: str) -> bool:
    """True for a relative path of plain names, as every system reads it."""
    if not path or len(path) > _MAX_NAME_CHARS or not path.isprintable():
        return False
    if path.startswith("/") or any(char in path for char in '\\:*?"<>|'):
        return False
    parts = path.rstrip("/").split("/")
    return len(parts) <= 8 and all(part.strip(" .") for part in parts)


def read_folder(folder: Path) -> list[SourceFile]:
    """The files of a folder and the folders below it, without hidden ones, in order of path.

    Links are not followed.

    Raises:
        ImportRefusedError: too many files, or one that cannot be read.
    """
    files: list[SourceFile] = []
    total = 0
    paths = list(itertools.islice(folder.rglob("*"), 5 * MAX_FILES + 1))
    if len(paths) > 5 * MAX_FILES:
        raise ImportRefusedError("", "too_many_files")
    for path in sorted(paths):
        relative = path.relative_to(folder).as_posix()
        if any(part.startswith(".") for part in relative.split("/")) or path.is_symlink() or path.is_dir():
            continue
        try:
            size_bytes = path.stat().st_size
            is_archive = relative.lower().endswith((".kianpack", ".zip"))
            if size_bytes > (MAX_ARCHIVE_BYTES if is_archive else MAX_FILE_BYTES):
                raise ImportRefusedError(relative, "too_large")
            files.append(SourceFile(relative, path.read_bytes()))
        except OSError as error:
            raise ImportRefusedError(relative, "unreadable") from error
        total += size_bytes
        if len(files) > MAX_FILES:
            raise ImportRefusedError("", "too_many_files")
        if total > MAX_TOTAL_BYTES:
            raise ImportRefusedError(relative, "too_large")
    return files
