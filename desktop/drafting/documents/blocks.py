"""The parts of an answer: headings, paragraphs, items, tables, code, as models write them.

Models mix Markdown with the numbering of 公用文 (１, (1), ア). A CommonMark parser would join lines and
take an indented line for code, so lines are read one by one. Numbers stay the text that was checked:
they are not counted anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    """A heading; `level` from 1 to 3."""

    text: str
    level: int


@dataclass(frozen=True)
class Paragraph:
    """One line of text. `is_indented` when it began with a full-width blank."""

    text: str
    is_indented: bool = False


@dataclass(frozen=True)
class Item:
    """An item of a list. `marker` is the number as written, or empty for a bullet; `level` from 0."""

    text: str
    marker: str = ""
    level: int = 0


@dataclass(frozen=True)
class Table:
    """A table; all rows have the same number of cells. `has_header` when the first row names columns."""

    rows: tuple[tuple[str, ...], ...]
    has_header: bool


@dataclass(frozen=True)
class Code:
    """Lines to be kept as they are."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Blank:
    """One empty line (several count as one)."""


Block = Heading | Paragraph | Item | Table | Code | Blank

_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+(.+?)\s*#*\s*$")
_RULE = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,}|={3,}|―{3,}|─{3,})\s*$")
_BULLET = re.compile(r"(?P<indent>[ \t　]*)(?:[-*+•]\s+|・\s*)(?P<text>\S.*)$")
_DIGITS = "[0-9０-９]{1,2}"
_ITEM = re.compile(
    rf"(?P<indent>[ \t　]*)(?P<marker>"
    rf"(?P<first>{_DIGITS}[.．、)）](?![0-9０-９])"
    # "１　日時" is an item, "10 月 24 日" is none.
    rf"|{_DIGITS}(?=　|[ ]+(?![0-9０-９]|[年月日時分円人名回件](?![一-龥]))))"
    rf"|(?P<second>[(（]{_DIGITS}[)）])"
    rf"|(?P<third>[①-⑳]|[ア-オカ-コ](?=[　 ])))[ \t　]*(?P<text>\S.*)$"
)
_SEPARATOR = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_FENCE = re.compile(r"\s*(```|~~~)")


def parse_blocks(text: str) -> tuple[Block, ...]:
    """The parts of a text in order."""
    lines = text.splitlines()
    blocks: list[Block] = []
    at = 0
    while at < len(lines):
        block, at = _next_block(lines, at)
        if not (isinstance(block, Blank) and (not blocks or isinstance(blocks[-1], Blank))):
            blocks.append(block)
    while blocks and isinstance(blocks[-1], Blank):
        blocks.pop()
    return tuple(blocks)


def split_bold(text: str) -> tuple[tuple[str, bool], ...]:
    """Text as runs of (characters, is bold), Markdown's `**` and `` ` `` taken away."""
    runs: list[tuple[str, bool]] = []
    for number, piece in enumerate(re.split(r"\*\*(\S(?:.*?\S)?)\*\*", text)):
        plain = re.sub(r"`([^`]+)`", r"\1", piece)
        if plain:
            runs.append((plain, number % 2 == 1))
    return tuple(runs)


def without_bold(text: str) -> str:
    """Text without Markdown's marks inside a line."""
    return "".join(piece for piece, _ in split_bold(text))


def _next_block(lines: list[str], at: int) -> tuple[Block, int]:
    line = lines[at]
    if not line.strip() or _RULE.match(line):
        return Blank(), at + 1
    if _FENCE.match(line):
        end = next((i for i in range(at + 1, len(lines)) if _FENCE.match(lines[i])), len(lines))
        return Code(tuple(lines[at + 1 : end])), end + 1
    if _is_table_at(lines, at):
        return _table(lines, at)
    if heading := _HEADING.match(line):
        return Heading(without_bold(heading[2]), min(len(heading[1]), 3)), at + 1
    if item := _ITEM.match(line):
        level = 0 if item["first"] else 1 if item["second"] else 2
        return Item(item["text"].rstrip(), item["marker"], level), at + 1
    if bullet := _BULLET.match(line):
        width = sum(2 if character in "　\t" else 1 for character in bullet["indent"])
        return Item(bullet["text"].rstrip(), "", min(width // 2, 2)), at + 1
    return Paragraph(line.strip(), line.startswith("　")), at + 1


def _is_table_at(lines: list[str], at: int) -> bool:
    def is_row(index: int) -> bool:
        return index < len(lines) and lines[index].lstrip().startswith("|") and lines[index].count("|") >= 2

    has_separator = at + 1 < len(lines) and "|" in lines[at] and _SEPARATOR.match(lines[at + 1]) is not None
    return (has_separator and "|" in lines[at + 1]) or (is_row(at) and is_row(at + 1))


def _table(lines: list[str], at: int) -> tuple[Table, int]:
    end = at
    while end < len(lines) and "|" in lines[end] and lines[end].strip():
        end += 1
    has_header = at + 1 < end and _SEPARATOR.match(lines[at + 1]) is not None
    rows = [_cells(line) for line in lines[at:end]]
    if has_header:
        del rows[1]
    width = max(len(row) for row in rows)
    full = tuple(tuple(row + [""] * (width - len(row))) for row in rows)
    return Table(full, has_header), end


def _cells(line: str) -> list[str]:
    inner = re.sub(r"^\||(?<!\\)\|$", "", line.strip())
    cells = (re.sub(r"<br\s*/?>", "\n", cell.strip()) for cell in re.split(r"(?<!\\)\|", inner))
    return [without_bold(cell.replace("\\|", "|")) for cell in cells]
