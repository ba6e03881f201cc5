"""From a file to plain text, bounded in size and time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from desktop.drafting.documents import csv_file, text_file
from desktop.drafting.documents.document import FILE_LIMIT_BYTES, UNPACKED_LIMIT_BYTES, Document
from desktop.drafting.errors import DocumentTooLargeError, DocumentUnreadableError


def _read_docx(content: bytes, suffix: str) -> Document:
    # Office formats are loaded with the first file of their kind: together their libraries cost the
    # window 40 MB and a quarter of a second.
    from desktop.drafting.documents.docx_reader import read_docx

    return read_docx(content, suffix)


def _read_xlsx(content: bytes, suffix: str) -> Document:
    from desktop.drafting.documents.xlsx_file import read_xlsx

    return read_xlsx(content, suffix)


def _read_pdf(content: bytes, suffix: str) -> Document:
    from desktop.drafting.documents.pdf_file import read_pdf

    return read_pdf(content, suffix)


_READERS: dict[str, Callable[[bytes, str], Document]] = {
    ".docx": _read_docx,
    ".xlsx": _read_xlsx,
    ".xlsm": _read_xlsx,
    ".csv": csv_file.read_csv,
    ".tsv": csv_file.read_csv,
    ".pdf": _read_pdf,
    ".txt": text_file.read_text,
    ".md": text_file.read_text,
}
SUFFIXES = tuple(_READERS)
"""What can be read, lower case with the dot."""

_ZIPPED = (".docx", ".xlsx", ".xlsm")
_OLD = (".doc", ".xls", ".ppt")
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAX_ENTRIES = 10_000
_MAX_RATIO = 200
_SMALL_ENTRY_BYTES = 1024 * 1024


def read_document(path: Path) -> Document:
    """Read a file a person chose.

    Raises:
        DocumentUnreadableError: Missing, not allowed, not supported, protected, broken, a bomb, without text.
        DocumentTooLargeError: The file or its text is larger than we take; nothing was cut.
    """
    suffix = path.suffix.lower()
    reader = _READERS.get(suffix)
    if not path.exists():
        raise DocumentUnreadableError("missing", suffix)
    if reader is None:
        raise DocumentUnreadableError("old_format" if suffix in _OLD else "unsupported", suffix)
    content = _content(path, suffix)
    if suffix in _ZIPPED:
        check_zip(content, suffix)
    return reader(content, suffix)


def _content(path: Path, suffix: str) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(FILE_LIMIT_BYTES + 1)
            if len(content) > FILE_LIMIT_BYTES:
                size_bytes = max(path.stat().st_size, len(content))
                raise DocumentTooLargeError(size_bytes, FILE_LIMIT_BYTES)
            return content
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise DocumentUnreadableError("missing", suffix) from error
    except OSError as error:
        raise DocumentUnreadableError("denied", suffix) from error


def check_zip(content: bytes, suffix: str) -> None:
    """Refuse an Office file that is encrypted, no zip, or unpacks to something enormous.

    The declared sizes bound what is unpacked: `zipfile` reads no more than an entry declares.

    Raises:
        DocumentUnreadableError: With the reason.
    """
    if content.startswith(_OLE_MAGIC):
        # Office keeps a document with a password in the old container.
        raise DocumentUnreadableError("encrypted", suffix)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise DocumentUnreadableError("broken", suffix) from error
    if any(entry.flag_bits & 1 for entry in entries):
        raise DocumentUnreadableError("encrypted", suffix)
    total_bytes = sum(entry.file_size for entry in entries)
    is_dense = any(
        entry.file_size > _SMALL_ENTRY_BYTES and entry.file_size > _MAX_RATIO * max(entry.compress_size, 1)
        for entry in entries
    )
    if len(entries) > _MAX_ENTRIES or total_bytes > UNPACKED_LIMIT_BYTES or is_dense:
        raise DocumentUnreadableError("bomb", suffix)
