"""Reading .pdf: the text that lies in it; a scanned paper has none and is refused."""

from __future__ import annotations

import io
import logging
import re
import struct
import unicodedata
import zlib

import pypdf
from pypdf.errors import PyPdfError

from desktop.drafting.documents.document import Document, DocumentKind, TextCollector
from desktop.drafting.documents.notes import Note
from desktop.drafting.errors import DocumentTooLargeError, DocumentUnreadableError

_MAX_PAGES = 2_000
# pypdf's own errors, and what its parsers raise on broken files.
_BROKEN = (
    PyPdfError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    RecursionError,
    ArithmeticError,
    NotImplementedError,
    AssertionError,
    EOFError,
    OSError,
    struct.error,
    zlib.error,
)
# Fonts of PDFs often name the radical instead of the character: ⼭⽥ for 山田. No search, and no
# recognizer of names, would find it.
_RADICALS = re.compile("[\u2e80-\u2fdf]")

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings can hold text of the document


def read_pdf(content: bytes, suffix: str) -> Document:
    """Read the text of a PDF, page by page.

    Raises:
        DocumentUnreadableError, DocumentTooLargeError: See `reading.read_document`.
    """
    collector = TextCollector()
    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise DocumentUnreadableError("encrypted", suffix)
        pages = len(reader.pages)
        if pages > _MAX_PAGES:
            raise DocumentTooLargeError(len(content), len(content) * _MAX_PAGES // pages)
        blank = 0
        for page in reader.pages:
            text = _plain(page.extract_text())
            blank += not text.strip()
            for line in text.splitlines():
                collector.add(line.rstrip())
    except _BROKEN as error:
        raise DocumentUnreadableError("broken", suffix) from error
    if blank == pages:
        raise DocumentUnreadableError("no_text", suffix)
    return collector.document(DocumentKind.PDF, pages, (Note.PAGES_WITHOUT_TEXT,) if blank else ())


def _plain(text: str) -> str:
    return _RADICALS.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
