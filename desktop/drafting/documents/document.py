"""What reading a file gives, and how much of a file is read at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from desktop.drafting.documents.notes import Note
from desktop.drafting.errors import DocumentTooLargeError, InputTooLongError, InvalidTextError

FILE_LIMIT_BYTES = 50 * 1024 * 1024
UNPACKED_LIMIT_BYTES = 200 * 1024 * 1024
TEXT_LIMIT_BYTES = 2 * 1024 * 1024
"""Most text taken from one file, bytes of UTF-8. Larger files are refused, never cut."""

INPUT_LIMIT_CHARS = 500_000
"""Most text typed or pasted into one field, code points."""


class DocumentKind(StrEnum):
    """What kind of file it was."""

    DOCX = "docx"
    XLSX = "xlsx"
    CSV = "csv"
    PDF = "pdf"
    TEXT = "text"


@dataclass(frozen=True)
class Document:
    """The text of a file.

    Attributes:
        text: Plain text; paragraphs on lines, table cells separated by tabs.
        kind: What kind of file it was.
        parts: Number of pages (PDF), rows (tables) or paragraphs.
        notes: What was left out or guessed.
    """

    text: str
    kind: DocumentKind
    parts: int
    notes: tuple[Note, ...] = ()


class TextCollector:
    """Collects lines and refuses more than `TEXT_LIMIT_BYTES`.

    Raises:
        DocumentTooLargeError: From `add`, at the first line too much.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._size_bytes = 0

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, line: str) -> None:
        """Add one line (see the class docstring for errors)."""
        self._size_bytes += len(line.encode("utf-8", "surrogatepass")) + 1
        if self._size_bytes > TEXT_LIMIT_BYTES:
            raise DocumentTooLargeError(self._size_bytes, TEXT_LIMIT_BYTES)
        self._lines.append(line)

    def document(self, kind: DocumentKind, parts: int, notes: tuple[Note, ...] = ()) -> Document:
        """The collected text without characters that no document can hold."""
        text, removed = without_control_characters("\n".join(self._lines))
        extra = (Note.CONTROL_CHARACTERS,) if removed else ()
        return Document(text.strip("\n"), kind, parts, (*notes, *extra))


_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def without_control_characters(text: str) -> tuple[str, int]:
    """Text with plain line breaks only, and how many other control characters and surrogates were removed."""
    text, control = _CONTROL.subn("", _LINE_BREAKS.sub("\n", text))
    text, surrogates = _SURROGATE.subn("", text)
    return text, control + surrogates


def check_input(text: str) -> str:
    """Make sure that typed or pasted text can be used; returns it with plain line breaks.

    Raises:
        InputTooLongError: More than `INPUT_LIMIT_CHARS`.
        InvalidTextError: Lone surrogates or control characters; nothing is removed in silence.
    """
    if len(text) > INPUT_LIMIT_CHARS:
        raise InputTooLongError(len(text), INPUT_LIMIT_CHARS)
    for reason, pattern in (("surrogate", _SURROGATE), ("control", _CONTROL)):
        found = [match.start() for match in pattern.finditer(text)]
        if found:
            raise InvalidTextError(reason, found[0], len(found))
    return _LINE_BREAKS.sub("\n", text)
