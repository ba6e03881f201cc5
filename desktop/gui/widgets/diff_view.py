"""What changed between two states of a template, entry by entry, in words and marks."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from PySide6.QtGui import QColor, QFont, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit, QWidget

from desktop.drafting.sharing import key_words
from desktop.gui.theme import Space, Theme
from prompts.template import Change, PromptTemplate

_ADDED, _REMOVED, _KEPT = "＋ ", "－ ", "　 "
_CONTEXT_LINES = 1


class DiffView(QTextEdit):
    """A read-only list of changes; each line says with a mark whether it came or went."""

    def __init__(self, theme: Theme, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._changes: Sequence[Change] = ()
        self._lead = ""
        self._template: PromptTemplate | None = None
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setProperty("role", "pane")
        self.setAccessibleName(name)
        self.document().setDocumentMargin(Space.L)
        theme.changed.connect(self._draw)

    def show_changes(
        self, changes: Sequence[Change], *, lead: str = "", template: PromptTemplate | None = None
    ) -> None:
        """Show changes.

        Args:
            changes: What differs.
            lead: A first line of explanation.
            template: Gives the fields their labels.
        """
        self._changes, self._lead, self._template = changes, lead, template
        self._draw()

    def _draw(self) -> None:
        tokens = self._theme.tokens
        self.clear()
        cursor = self.textCursor()
        if self._lead:
            _write(cursor, self._lead, _format(tokens.quiet))
        for change in self._changes:
            _write(cursor, f"\n{key_words(change.key, self._template)}", _format(tokens.ink, is_bold=True))
            for mark, line in changed_lines(change):
                color = {_ADDED: tokens.green, _REMOVED: tokens.vermilion}.get(mark, tokens.quiet)
                _write(cursor, mark + line, _format(color))
        self.moveCursor(QTextCursor.MoveOperation.Start)


def changed_lines(change: Change) -> list[tuple[str, str]]:
    """The lines of a change with their marks; of long unchanged stretches only the edges."""
    before, after = change.before.splitlines(), change.after.splitlines()
    lines: list[tuple[str, str]] = []
    matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
    for group in matcher.get_grouped_opcodes(_CONTEXT_LINES):
        for tag, left, left_end, right, right_end in group:
            if tag == "equal":
                lines += [(_KEPT, line) for line in before[left:left_end]]
                continue
            lines += [(_REMOVED, line) for line in before[left:left_end]]
            lines += [(_ADDED, line) for line in after[right:right_end]]
    return lines


def _format(color: str, *, is_bold: bool = False) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setForeground(QColor(color))
    made.setFontWeight(QFont.Weight.DemiBold if is_bold else QFont.Weight.Normal)
    return made


def _write(cursor: QTextCursor, text: str, look: QTextCharFormat) -> None:
    if cursor.position():
        cursor.insertBlock()
    cursor.insertText(text.removeprefix("\n") if not cursor.position() else text, look)
