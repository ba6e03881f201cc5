"""Saving a draft as a file."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from desktop.drafting.documents.atomic import write_atomically
from desktop.drafting.documents.label import DraftLabel
from desktop.drafting.documents.official import parse_official
from desktop.drafting.documents.text_writer import text_bytes
from desktop.drafting.errors import ExportFailedError

SUFFIXES = (".docx", ".txt")
_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)$")
_LONGEST_NAME = 60


def export_draft(path: Path, text: str, *, label: DraftLabel, title: str = "") -> None:
    """Write a draft; the ending of the name decides the format.

    Args:
        path: `.docx` or `.txt`; a file of that name is replaced in one step.
        text: The answer, values restored.
        label: The mark it carries.
        title: For the document's properties; the letter's own subject comes first.

    Raises:
        ExportFailedError: Nothing was written.
    """
    match path.suffix.lower():
        case ".docx":
            # Loaded with the first export: the library is large and most starts never need it.
            from desktop.drafting.documents.docx_writer import docx_bytes

            content = docx_bytes(text, label=label, title=title)
        case ".txt":
            content = text_bytes(text, label)
        case _:
            raise ExportFailedError("unsupported")
    write_atomically(path, content)


def suggest_file_name(text: str, *, title: str, day: date, suffix: str) -> str:
    """A file name that Windows takes: the day, the letter's subject or the template's title."""
    official = parse_official(text)
    stem = _FORBIDDEN.sub("", official.title if official else title)
    stem = re.sub(r"\s+", "_", stem.strip())[:_LONGEST_NAME].strip("._ ")
    if not stem or _RESERVED.match(stem):
        stem = "下書き"
    return f"{day:%Y%m%d}_{stem}{suffix}"
