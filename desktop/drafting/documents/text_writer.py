"""Drafts as plain text, for .txt files and the clipboard."""

from __future__ import annotations

from desktop.drafting.documents.document import without_control_characters
from desktop.drafting.documents.label import DraftLabel

_LINE = "―" * 20


def labelled_text(text: str, label: DraftLabel) -> str:
    """The draft with its mark above (until confirmed) and below, for the clipboard."""
    body, _ = without_control_characters(text)
    head = f"【{label.header}】\n\n" if label.header else ""
    foot = "\n".join(f"※ {line}" for line in label.footer)
    return f"{head}{body.strip(chr(10))}\n\n{_LINE}\n{foot}\n"


def text_bytes(text: str, label: DraftLabel) -> bytes:
    """The content of a .txt file: UTF-8 without BOM, CRLF."""
    return labelled_text(text, label).replace("\n", "\r\n").encode("utf-8")
