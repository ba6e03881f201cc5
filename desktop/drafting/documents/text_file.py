"""Reading .txt and .md; guessing the encoding of text files of Japanese offices."""

from __future__ import annotations

from desktop.drafting.documents.document import Document, DocumentKind, TextCollector
from desktop.drafting.documents.notes import Note
from desktop.drafting.errors import DocumentUnreadableError

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def decode_text(content: bytes, suffix: str) -> tuple[str, tuple[Note, ...]]:
    """Decode by BOM, else as UTF-8, ISO-2022-JP (old mail) or cp932 (Windows, Excel's CSV).

    Raises:
        DocumentUnreadableError: `encoding`, or `broken` for something that is no text.
    """
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            candidates: tuple[str, ...] = (encoding,)
            break
    else:
        if b"\0" in content:
            raise DocumentUnreadableError("broken", suffix)
        escaped = b"\x1b$" in content
        candidates = ("iso2022_jp", "utf-8") if escaped else ("utf-8", "cp932")
    for encoding in candidates:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text, (Note.NOT_UTF8,) if encoding in ("cp932", "iso2022_jp") else ()
    raise DocumentUnreadableError("encoding", suffix)


def read_text(content: bytes, suffix: str) -> Document:
    """Read a text file.

    Raises:
        DocumentUnreadableError, DocumentTooLargeError: See `reading.read_document`.
    """
    text, notes = decode_text(content, suffix)
    collector = TextCollector()
    for line in text.splitlines():
        collector.add(line)
    document = collector.document(DocumentKind.TEXT, len(collector), notes)
    if not document.text.strip():
        raise DocumentUnreadableError("no_text", suffix)
    return document
