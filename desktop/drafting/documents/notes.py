"""What a reader left out or guessed, as words; `desktop.drafting.messages` has the sentences."""

from __future__ import annotations

from enum import StrEnum


class Note(StrEnum):
    """A remark about a document that was read."""

    HIDDEN_SHEETS = "hidden_sheets"
    PAGES_WITHOUT_TEXT = "pages_without_text"
    FOOTNOTES = "footnotes"
    CONTROL_CHARACTERS = "control_characters"
    NOT_UTF8 = "not_utf8"
