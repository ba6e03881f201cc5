"""Reading .docx: body text and tables in order, insertions kept, deletions left out.

python-docx's `paragraph.text` leaves out tracked insertions, content controls and text boxes, of which the
forms of Japanese offices are full; so the body is walked here.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

import docx
from docx.opc.exceptions import OpcError
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from desktop.drafting.documents.csv_file import table_row
from desktop.drafting.documents.document import Document, DocumentKind, TextCollector
from desktop.drafting.documents.notes import Note
from desktop.drafting.errors import DocumentUnreadableError

_BROKEN = (
    OpcError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    OSError,
    EOFError,
    SyntaxError,
    RecursionError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
)
_LEFT_OUT = {
    qn(name) for name in ("w:del", "w:moveFrom", "w:rt", "w:pPr", "w:rPr", "w:sectPr", "w:instrText")
} | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}  # a second copy of a text box
_PARAGRAPH, _TABLE, _ROW, _CELL = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
_TEXT_BOX = qn("w:txbxContent")
_CHARACTERS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_NOTE_PARTS = ("footnotes.xml", "endnotes.xml", "comments.xml", "header", "footer")


def read_docx(content: bytes, suffix: str) -> Document:
    """Read the body of a Word document.

    Raises:
        DocumentUnreadableError, DocumentTooLargeError: See `reading.read_document`.
    """
    collector = TextCollector()
    try:
        package = docx.Document(io.BytesIO(content))
        for line in _blocks(package.element.body):
            collector.add(line)
    except _BROKEN as error:
        raise DocumentUnreadableError("broken", suffix) from error
    notes = (Note.FOOTNOTES,) if _has_notes(content) else ()
    document = collector.document(DocumentKind.DOCX, len(collector), notes)
    if not document.text.strip():
        raise DocumentUnreadableError("no_text", suffix)
    return document


def _blocks(parent: BaseOxmlElement) -> Iterator[str]:
    """Lines of all paragraphs and tables below an element, in order."""
    for child in parent:
        if child.tag == _PARAGRAPH:
            yield "".join(_run_text(child))
            for box in _text_boxes(child):
                yield from _blocks(box)
        elif child.tag == _TABLE:
            yield from _table(child)
        elif child.tag not in _LEFT_OUT and isinstance(child.tag, str):
            yield from _blocks(child)  # content controls, tracked insertions


def _table(table: BaseOxmlElement) -> Iterator[str]:
    for row in _descend(table, _ROW):
        line = table_row(" ".join(_blocks(cell)) for cell in _descend(row, _CELL))
        if line:
            yield line


def _descend(parent: BaseOxmlElement, tag: str) -> Iterator[BaseOxmlElement]:
    """Children of a tag, also inside content controls and insertions, not inside nested tables."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag not in _LEFT_OUT and child.tag not in (_CELL, _PARAGRAPH, _TABLE):
            yield from _descend(child, tag)


def _run_text(parent: BaseOxmlElement) -> Iterator[str]:
    for child in parent:
        if child.tag == qn("w:t"):
            yield child.text or ""
        elif child.tag in _CHARACTERS:
            yield _CHARACTERS[child.tag]
        elif child.tag not in _LEFT_OUT and child.tag != _TEXT_BOX:
            yield from _run_text(child)


def _text_boxes(parent: BaseOxmlElement) -> Iterator[BaseOxmlElement]:
    for child in parent:
        if child.tag == _TEXT_BOX:
            yield child
        elif child.tag not in _LEFT_OUT:
            yield from _text_boxes(child)


def _has_notes(content: bytes) -> bool:
    """Whether footnotes, comments, headers or footers with words in them were left out."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            part = name.removeprefix("word/")
            if part != name and part.startswith(_NOTE_PARTS):
                try:
                    tree = parse_xml(archive.read(name))
                except _BROKEN:  # it is left out in any case
                    continue
                if "".join(text.text or "" for text in tree.iter(qn("w:t"))).strip():
                    return True
    return False
