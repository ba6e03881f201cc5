"""Reading .xlsx: visible sheets, values as shown, rows as tab-separated lines."""

from __future__ import annotations

import datetime
import io
import struct
import warnings
import zipfile
import zlib
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from desktop.drafting.documents.csv_file import table_row
from desktop.drafting.documents.document import (
    UNPACKED_LIMIT_BYTES,
    Document,
    DocumentKind,
    TextCollector,
)
from desktop.drafting.documents.notes import Note
from desktop.drafting.errors import DocumentTooLargeError, DocumentUnreadableError

_MAX_CELLS = 5_000_000
# What openpyxl raises on a broken workbook besides its own error.
_BROKEN = (
    InvalidFileException,
    zipfile.BadZipFile,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    OSError,
    SyntaxError,
    RecursionError,
    NotImplementedError,
    ArithmeticError,
    zlib.error,
    struct.error,
)


def read_xlsx(content: bytes, suffix: str) -> Document:
    """Read the visible sheets of a workbook.

    Raises:
        DocumentUnreadableError, DocumentTooLargeError: See `reading.read_document`.
    """
    collector = TextCollector()
    try:
        with warnings.catch_warnings():
            # Styles and extensions that openpyxl does not know concern no text.
            warnings.simplefilter("ignore")
            rows, has_hidden = _collect(content, collector)
    except _BROKEN as error:
        raise DocumentUnreadableError("broken", suffix) from error
    if not rows:
        raise DocumentUnreadableError("no_text", suffix)
    notes = (Note.HIDDEN_SHEETS,) if has_hidden else ()
    return collector.document(DocumentKind.XLSX, rows, notes)


def _collect(content: bytes, collector: TextCollector) -> tuple[int, bool]:
    workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    rows = cells = 0
    try:
        visible = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
        for sheet in visible:
            # The declared dimensions may be a lie of a million empty columns.
            sheet.reset_dimensions()
            if len(visible) > 1:
                collector.add(f"【シート: {sheet.title}】")
            for row in sheet.iter_rows(values_only=True):
                cells += max(len(row), 1)
                if cells > _MAX_CELLS:
                    raise DocumentTooLargeError(UNPACKED_LIMIT_BYTES, UNPACKED_LIMIT_BYTES)
                line = table_row(_shown(value) for value in row)
                if line:
                    rows += 1
                    collector.add(line)
        return rows, len(visible) < len(workbook.worksheets)
    finally:
        workbook.close()


def _shown(value: object) -> str:
    """A cell's value as a person reads it."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case datetime.datetime() if value.time() == datetime.time():
            return f"{value.year}年{value.month}月{value.day}日"
        case datetime.datetime():
            return f"{value.year}年{value.month}月{value.day}日 {value:%H:%M}"
        case datetime.date():
            return f"{value.year}年{value.month}月{value.day}日"
        case datetime.time():
            return f"{value:%H:%M}"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.10g}"
    return str(value)
