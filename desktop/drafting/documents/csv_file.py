"""Reading .csv and .tsv: UTF-8 with or without BOM, or cp932 as Excel writes it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from desktop.drafting.documents.document import TEXT_LIMIT_BYTES, Document, DocumentKind, TextCollector
from desktop.drafting.documents.text_file import decode_text
from desktop.drafting.errors import DocumentTooLargeError, DocumentUnreadableError


def table_row(cells: Iterable[str]) -> str:
    """One row as text: cells separated by tabs, line breaks inside a cell as blanks, no empty end."""
    return "\t".join(" ".join(cell.split()) for cell in cells).rstrip("\t")


def read_csv(content: bytes, suffix: str) -> Document:
    """Read a table of text.

    Raises:
        DocumentUnreadableError, DocumentTooLargeError: See `reading.read_document`.
    """
    text, notes = decode_text(content, suffix)
    if len(text) > TEXT_LIMIT_BYTES:
        raise DocumentTooLargeError(len(text.encode()), TEXT_LIMIT_BYTES)
    csv.field_size_limit(TEXT_LIMIT_BYTES)
    collector = TextCollector()
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)):
            line = table_row(row)
            if line:
                collector.add(line)
    except csv.Error as error:
        raise DocumentUnreadableError("broken", suffix) from error
    if not len(collector):
        raise DocumentUnreadableError("no_text", suffix)
    return collector.document(DocumentKind.CSV, len(collector), notes)


def _delimiter(text: str) -> str:
    """The separator that stands most often in the first line (csv.Sniffer is fooled by Japanese text)."""
    first = text.partition("\n")[0]
    return max(",\t;", key=first.count)
